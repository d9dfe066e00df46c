"""Families of base models: they group the rows of a matrix. Known: ``data/model_families.toml``."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files

_SIZE = re.compile(
    r"""^(?: \d+(?:\.\d+)?[bmk] | \d+[bm]\d* | tiny | mini | small | medium | base | large | x*l | x+large
          | huge | v\d+(?:\.\d+)* | (?:un)?cased | hf | it | instruct | chat | multilingual | \d+ )$""",
    re.VERBOSE,
)
"""A word of a name that says a size or a version."""

_WORD = re.compile(r"[^-_ ()]+")


@lru_cache(maxsize=1)
def _beginnings() -> tuple[tuple[str, str], ...]:
    """Return ``(beginning, family)``, the longest first."""
    text = files(__package__).joinpath("data/model_families.toml").read_text(encoding="utf-8")
    pairs = [(name, family) for family, names in tomllib.loads(text).items() for name in names]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def model_family(base_model: str | None) -> str | None:
    """Return the family of a base model.

    A name that is not known gives its words up to the first that is a size or a version.

    Args:
        base_model: As systems name it, e.g. ``google/mt5-large``.

    Returns:
        E.g. ``mT5``; ``None`` where the model is not known.
    """
    if not base_model:
        return None
    name = base_model.rpartition("/")[2].strip() or base_model
    folded = name.casefold()
    for beginning, family in _beginnings():
        if folded.startswith(beginning) and not folded[len(beginning) :][:1].isalpha():
            return family
    end = 0
    for word in _WORD.finditer(name):
        if _SIZE.match(word[0].casefold()):
            break
        end = word.end()
    return name[:end] or name
