"""Rules for ``systems.toml`` guessed from what the files say, for a person to look over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from intermezzo.queries.harmless import harmless

from .output import counted
from .stores import reading

if TYPE_CHECKING:
    from intermezzo.queries.records import Found
    from intermezzo.queries.store.layout import Store

WANTED = ("base_model", "recipe")
"""What a rule has to say before a system is known."""


def suggested_toml(store: Store) -> tuple[str, int, int]:
    """Return rules for the names that are not known.

    Returns:
        The text in TOML, how many names there are, and of how many nothing could be guessed.
    """
    from intermezzo.queries.identity import suggest

    guesses: dict[str, list[dict[str, str | int]]] = {}
    about: dict[str, tuple[str, int, str]] = {}
    with reading(store) as reader:
        rows = reader.ask("unresolved").rows
    for identity, name, found_json, runs in rows:
        found = _found(name, found_json)
        guesses.setdefault(name, []).append(suggest(found))
        _, before, path = about.get(name, ("", 0, found.path))
        about[name] = (identity, before + runs, path)
    parts, blank = [], 0
    for name, several in guesses.items():
        agreed = _agreed(several)
        blank += not any(key in agreed for key in WANTED)
        parts.append(_entry(name, agreed, *about[name]))
    return "\n".join(parts), len(parts), blank


def _found(name: str, found_json: str | None) -> Found:
    from intermezzo.queries.records import Found

    said: Any = json.loads(found_json) if found_json else {}
    known = {key: said[key] for key in Found.__dataclass_fields__ if isinstance(said, dict) and key in said}
    return Found(**{"name": name, **known})


def _agreed(several: list[dict[str, str | int]]) -> dict[str, str | int]:
    """Keep what is guessed alike for every run of a name: a rule by name speaks for all of them."""
    first, *others = several
    return {key: value for key, value in first.items() if all(other.get(key) == value for other in others)}


def _entry(name: str, said: Mapping[str, str | int], identity: str, runs: int, path: str) -> str:
    import tomli_w

    where = f", e.g. {harmless(path)}" if path else ""
    lines = [tomli_w.dumps({key: value}).strip() for key, value in {"name": name, **said}.items()]
    lines += [f'# {key} = "?"' for key in WANTED if key not in said]
    text = "\n".join([f"# {identity}: {counted(runs, 'run')}{where}", "[[system]]", *lines]) + "\n"
    # the exact name in a harmless spelling: what a terminal could obey stands as \UXXXXXXXX
    return "".join(c if c == "\n" or c == harmless(c) else f"\\U{ord(c):08x}" for c in text)
