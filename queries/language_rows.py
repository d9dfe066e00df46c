"""The languages of one cell as frozen rows, built from the rows of the ``languages`` question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .matrix import LETTERS

LanguageSort = Literal["value", "n", "family", "script", "language"]
"""What the languages of a cell are sorted by."""

LANGUAGE_SORTS: tuple[LanguageSort, ...] = ("value", "n", "family", "script", "language")
"""The sorts in the order in which ``s`` goes through them."""

MACRO_ONLY = "macro only: no per-language scores were published"
"""What is said where a macro is known and its languages are not."""


@dataclass(frozen=True, slots=True)
class LanguageRow:
    """One language of a cell; values in the metric's natural unit, unknown is ``None``.

    Attributes:
        language: Canonical code, or what the file called it.
        low: Lower end of the value's 95 % interval.
        high: Upper end of it.
        baseline_value: The baseline's value in this language.
        delta: Value minus the baseline's.
        logged: What the tool's file said, where the value was recomputed.
        refused: Why there is no delta though both have a value.
        gap: Why there is no value.
    """

    language: str
    language_2: str | None = None
    language_name: str | None = None
    iso639_3: str | None = None
    script: str | None = None
    family: str | None = None
    value: float | None = None
    n: int | None = None
    stderr: float | None = None
    low: float | None = None
    high: float | None = None
    seeds: int | None = None
    evidence: str | None = None
    mismatch: bool = False
    logged: float | None = None
    baseline_value: float | None = None
    delta: float | None = None
    refused: str | None = None
    source: str | None = None
    gap: str | None = None
    is_train_language: bool = False

    @property
    def letter(self) -> str:
        """The rung's letter, or a space where it is unknown."""
        return LETTERS.get(self.evidence or "", " ")

    @property
    def code(self) -> str:
        """The language, with the other one of a pair: ``sw`` or ``sw>en``."""
        return f"{self.language}>{self.language_2}" if self.language_2 else self.language


def language_rows(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> tuple[LanguageRow, ...]:
    """Build the rows of the ``languages`` question (columns by name; absent ones are unknown).

    Rows without a language (a published macro) are left out: they are the cell, not a part of it.
    """
    fields = [name for name in LanguageRow.__dataclass_fields__ if name in columns]
    found = []
    for row in rows:
        record = dict(zip(columns, row, strict=True))
        if record.get("language") is None:
            continue
        values = {name: record[name] for name in fields}
        for flag in ("mismatch", "is_train_language"):
            values[flag] = bool(record.get(flag))
        found.append(LanguageRow(**values))
    return tuple(found)


def sorted_languages(
    rows: Iterable[LanguageRow], by: LanguageSort, *, descending: bool, deltas: bool = False
) -> tuple[LanguageRow, ...]:
    """Sort languages; gaps come last, ties by code, ascending.

    Args:
        rows: What to sort.
        by: ``value`` (the delta where ``deltas``), ``n``, ``family``, ``script`` or ``language``.
        descending: Largest, or last in the alphabet, first.
        deltas: Whether deltas are shown.
    """
    by_code = sorted(rows, key=lambda r: r.code)

    def key(row: LanguageRow) -> Any:
        if by == "value":
            return row.delta if deltas else row.value
        return row.code if by == "language" else getattr(row, by)

    known = [row for row in by_code if key(row) is not None]
    unknown = [row for row in by_code if key(row) is None]
    return (*sorted(known, key=key, reverse=descending), *unknown)


def heading_of(row: LanguageRow, by: LanguageSort) -> str | None:
    """Return the heading a row stands under when sorted by family or script, else ``None``."""
    if by == "family":
        return row.family or "family unknown"
    if by == "script":
        return row.script or "script unknown"
    return None
