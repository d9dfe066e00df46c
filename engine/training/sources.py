"""What can be trained on, as ``sources.toml`` declares it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

from intermezzo.engine.data.errors import listed, nearest
from intermezzo.queries.errors import Problem

MLM = "mlm"
"""The name of masked language modelling in recipes."""

PAPER = ("anli-plus", "mnli", "qqp", "squad-v1", "squad-v2", "hellaswag", "ccg", "cosmosqa", "commonsenseqa")
"""The intermediate tasks of Phang et al. 2020."""

TRAINED_ON: Mapping[str, str] = {
    "xnli": "mnli",
    "xquad": "squad-v1",
    "mlqa": "squad-v1",
    **{name: name for name in ("pawsx", "udpos", "panx", "tydiqa", "pocket_intents", "pocket_slots")},
}
"""Target task -> the training data it is fine-tuned on, as in XTREME; a target without any is not trained."""


@dataclass(frozen=True, slots=True)
class TrainingSource:
    """A training set.

    Attributes:
        name: Its name in recipes.
        title: Its name for people.
        kind: Task kind, or ``masked lm``.
        labels: Every label, in the order of the numbers that columns hold; found in the data where empty.
        reader: How files of XTREME's layout are read, for tab-separated ones.
        files: Split -> path below XTREME's download folder.
        columns: Role of a column (``first``, ``second``, ``gold``, ``choices``, ``words``) -> its name.
        hub: ``id``, ``config``, and the names of its splits where they are others.
        parts: Other sources that it is made of.
        pocket: Which part of the pocket suite it is.
        examples: Size of its training split by its own card; ``None`` unknown.
        max_tokens: Most tokens of an input.
        language: Language of the data.
    """

    name: str
    title: str
    kind: str
    labels: tuple[str, ...] = ()
    reader: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Any] = field(default_factory=dict)
    hub: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    pocket: str = ""
    examples: int | None = None
    max_tokens: int = 128
    language: str = "en"


@lru_cache(maxsize=1)
def sources() -> Mapping[str, TrainingSource]:
    """Return every declared training set by name."""
    table = tomllib.loads(files(__package__).joinpath("sources.toml").read_text(encoding="utf-8"))
    found = {}
    for name, row in table.items():
        row["labels"], row["parts"] = tuple(row.get("labels", ())), tuple(row.get("parts", ()))
        found[name] = TrainingSource(name=name, **row)
    return found


def source(name: str, where: str = "") -> TrainingSource:
    """Return a training set by name.

    Raises:
        Problem: There is none; the sentence starts with ``where``.
    """
    if name not in sources():
        start = f"{where}: there" if where else "There"
        raise Problem(
            f"{start} is no training data {name!r}.{nearest(name, sources())} Known: {listed(sources())}."
        )
    return sources()[name]
