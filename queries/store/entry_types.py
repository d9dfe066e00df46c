"""The types that values of a run have in a manifest: those that the index has columns for."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields
from typing import Any

from intermezzo.queries.records import Found, Run

RUN_FIELDS = tuple(f.name for f in fields(Run) if f.name not in ("found", "scores", "sources"))
"""What a run has in a manifest beside its identity, its files and its items."""

_RUN_NUMBERS = (("limit", 2**31), ("importer_version", 2**31), ("eval_seed", 2**63))
_RUN_TEXTS = tuple(set(RUN_FIELDS) - {n for n, _ in _RUN_NUMBERS} - {"config", "supersedes"})
_FOUND_NUMBERS = (("shots", 2**31), ("train_seed", 2**63), ("step", 2**63))
_FOUND_TEXTS = tuple({f.name for f in fields(Found)} - {n for n, _ in _FOUND_NUMBERS})
_SOURCE_NUMBERS = (("size", 2**63), ("mtime_ns", 2**63), ("importer_version", 2**31), ("runs", 2**31))
_SOURCE_TEXTS = ("path", "sha256", "importer")
_RUN_NEEDED = ("task", "run_id", "importer", "importer_version", "key")
_FOUND_NEEDED = ("name", "path")
_SOURCE_NEEDED = (*_SOURCE_TEXTS, "size", "mtime_ns", "importer_version", "runs")
_ITEM_TEXTS = ("partial", "texts")
_ITEM_NUMBERS = (("rows", 2**63),)
_ITEM_NEEDED = ("rows",)
_TEXT_OR_NONE = {str, type(None)}
_LISTS = {list, tuple}


def check_entries(raws: Sequence[dict[str, Any]]) -> None:
    """Raise ``TypeError`` or ``KeyError`` where a value has not the type that the index has a column for."""
    # Column by column first, since this is done for every run of every manifest; one by one says which it is.
    with suppress(KeyError, TypeError, AttributeError):
        if _are_sound(raws):
            return
    for raw in raws:
        _check_entry(raw)


def _are_sound(raws: Sequence[dict[str, Any]]) -> bool:
    sources = [source for raw in raws for source in raw["sources"]]
    return (
        _have_types(raws, _RUN_TEXTS, _RUN_NUMBERS, _RUN_NEEDED)
        and _have_types([raw["found"] for raw in raws], _FOUND_TEXTS, _FOUND_NUMBERS, _FOUND_NEEDED)
        and _have_types(sources, _SOURCE_TEXTS, _SOURCE_NUMBERS, _SOURCE_NEEDED)
        and _have_types([raw["items"] for raw in raws], _ITEM_TEXTS, _ITEM_NUMBERS, _ITEM_NEEDED)
        and {type(source.get("guessed", ())) for source in sources} <= _LISTS
        and {type(raw["supersedes"]) for raw in raws} <= _LISTS
        and {type(raw["config"]) for raw in raws} <= {dict}
    )


def _have_types(
    rows: Sequence[dict[str, Any]],
    texts: Sequence[str],
    numbers: Sequence[tuple[str, int]],
    needed: Sequence[str],
) -> bool:
    for name in texts:
        if not set(map(type, [row.get(name) for row in rows])) <= _TEXT_OR_NONE:
            return False
    for name, bound in numbers:
        known = [value for row in rows if (value := row.get(name)) is not None]
        if known and (set(map(type, known)) != {int} or min(known) < -bound or max(known) >= bound):
            return False
    return all(None not in [row[name] for row in rows] for name in needed)


def _check_entry(raw: dict[str, Any]) -> None:
    """Raise ``TypeError`` or ``KeyError`` where a value has not the type that the index has a column for."""
    _check(raw, _RUN_TEXTS, _RUN_NUMBERS, _RUN_NEEDED)
    _check(raw["found"], _FOUND_TEXTS, _FOUND_NUMBERS, _FOUND_NEEDED)
    for source in raw["sources"]:
        _check(source, _SOURCE_TEXTS, _SOURCE_NUMBERS, _SOURCE_NEEDED)
        if not isinstance(source.get("guessed", ()), list | tuple):
            raise TypeError("guessed is no list")
    items = raw["items"]
    _check(items, _ITEM_TEXTS, _ITEM_NUMBERS, _ITEM_NEEDED)
    if not isinstance(raw.get("config"), dict) or not isinstance(raw.get("supersedes"), list | tuple):
        raise TypeError("config or supersedes is missing")


def _check(
    raw: dict[str, Any],
    texts: Sequence[str],
    numbers: Sequence[tuple[str, int]],
    needed: Sequence[str],
) -> None:
    if not set(map(type, map(raw.get, texts))) <= _TEXT_OR_NONE:
        name = next(n for n in texts if type(raw.get(n)) not in _TEXT_OR_NONE)
        raise TypeError(f"{name} is {str(raw[name])[:40]!r}, not a text")
    for name, bound in numbers:
        value = raw.get(name)
        if value is not None and (type(value) is not int or not -bound <= value < bound):
            raise TypeError(f"{name} is {str(value)[:40]!r}, not a whole number that fits")
    for name in needed:
        if raw[name] is None:
            raise TypeError(f"{name} is missing")
