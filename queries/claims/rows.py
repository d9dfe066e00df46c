"""The rows that bear on a claim: ``unit, delta, low, high, n, rung``, checked before anything is judged."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from intermezzo.queries.errors import Problem
from intermezzo.queries.harmless import harmless
from intermezzo.queries.records import RUNGS, Evidence

NEEDED = ("unit", "delta", "low", "high", "n", "rung")
"""Columns that a claim's rows must have."""

OPTIONAL = ("p", "task", "language", "system", "baseline", "yardstick")
"""Columns that rows may have besides: with system, baseline and yardstick the audits find the runs."""

MACRO = "macro"
"""Unit of a row that is itself the mean over the others, with an interval of its own."""

MOST = 10_000


class CannotEvaluate(Problem):
    """A claim's rows cannot be had or make no sense: an error of that claim alone."""


@dataclass(frozen=True, slots=True)
class Row:
    """One unit of a claim.

    Attributes:
        unit: What the difference is about: a language, a task, ...
        delta: The difference, natural unit; ``None`` for a gap.
        low: Lower end of its 95 % interval; ``None`` where there is none.
        high: Upper end of it.
        n: Items behind it; ``None`` unknown.
        rung: Its evidence.
        p: Two-sided p of no difference, where one was worked out.
        task: Target task.
        language: Language.
        system: The system that the difference is about.
        baseline: What it is taken against.
        yardstick: The yardstick of both.
    """

    unit: str
    delta: float | None
    low: float | None
    high: float | None
    n: int | None
    rung: Evidence
    p: float | None = None
    task: str | None = None
    language: str | None = None
    system: str | None = None
    baseline: str | None = None
    yardstick: str | None = None

    @property
    def named(self) -> bool:
        """Whether the scores behind it can be looked up."""
        return self.system is not None and self.baseline is not None and self.yardstick is not None


def rows_of(columns: Sequence[str], values: Sequence[Sequence[Any]]) -> list[Row]:
    """Return the rows of an answer, checked.

    Raises:
        CannotEvaluate: A column is missing, or a row makes no sense.
    """
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise CannotEvaluate(
            f"Its rows lack {', '.join(missing)}: a claim is judged by the columns {', '.join(NEEDED)}."
        )
    if len(values) > MOST:
        raise CannotEvaluate(f"It gives more than {MOST:,} rows: nobody can read that as one claim.")
    found: dict[str, Row] = {}
    for record in values:
        row = _row(dict(zip(columns, record, strict=True)))
        if row.unit in found:
            raise CannotEvaluate(f"The unit {harmless(row.unit)!r} comes twice: each is judged once.")
        found[row.unit] = row
    return list(found.values())


def _row(record: Mapping[str, Any]) -> Row:
    if record["unit"] is None:
        raise CannotEvaluate("A row has no unit: it cannot be told what it is about.")
    unit = str(record["unit"])
    delta, low, high = (_number(record[name], name, unit) for name in ("delta", "low", "high"))
    n = _number(record["n"], "n", unit)
    if n is not None and (n < 0 or n != int(n)):
        raise CannotEvaluate(f"n of {harmless(unit)!r} is {n:g}: a whole number of items is needed.")
    if record["rung"] not in RUNGS:
        raise CannotEvaluate(
            f"The rung of {harmless(unit)!r} is {harmless(str(record['rung']))!r}; "
            f"there are: {', '.join(RUNGS)}."
        )
    if low is None or high is None or delta is None:
        low = high = None
    elif not low <= delta <= high:
        raise CannotEvaluate(
            f"The difference of {harmless(unit)!r} ({delta:g}) is not inside its own interval "
            f"({low:g} to {high:g})."
        )
    p = _number(record.get("p"), "p", unit)
    texts = {name: _text(record.get(name)) for name in OPTIONAL if name != "p"}
    return Row(
        unit, delta, low, high, None if n is None else int(n), cast(Evidence, record["rung"]), p, **texts
    )


def _number(value: Any, name: str, unit: str) -> float | None:
    """Return a number; NaN and infinities are no number, and no number is a gap."""
    if value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise CannotEvaluate(
            f"{name} of {harmless(unit)!r} is {harmless(str(value))!r}: no number."
        ) from None
    return number if math.isfinite(number) else None


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
