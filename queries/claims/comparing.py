"""A comparison item by item as the rows of a claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intermezzo.queries.records import RUNGS, Evidence

from .claim import Comparing
from .rows import MACRO, CannotEvaluate, Row

if TYPE_CHECKING:
    from intermezzo.queries.comparison.model import LanguageDelta, Measure, OverLanguages
    from intermezzo.queries.store.reader import Reader


def rows_of_comparison(reader: Reader, asked: Comparing) -> tuple[list[Row], tuple[str, ...]]:
    """Return the rows of a comparison, and what it says of collapsed and identical runs.

    On one task a unit is a language, and the row ``macro`` their mean under the estimand that is asked for.
    On several a unit is a task. Above 0 always means that A is better, whichever way the metric goes.

    Raises:
        CannotEvaluate: The two are not comparable: an attribute is known to differ.
        Problem: They share no yardstick, or several and it was not said which.
    """
    from intermezzo.queries.compare import Request, compare

    rows: list[Row] = []
    flags: list[str] = []
    for task in asked.tasks:
        request = Request((asked.a, asked.b), task=task, metric=asked.metric, split=asked.split)
        found = compare(reader, request)
        [pair] = found.pairs
        if pair.refused:
            raise CannotEvaluate(pair.refused)
        flags += pair.flags
        macro = pair.macro(asked.over)
        if len(asked.tasks) == 1:
            rows += [_row(x, asked, found.measure, x.label, x.language) for x in pair.languages]
            if macro is not None and macro.delta is not None:
                rows.append(_row(macro, asked, found.measure, MACRO))
        elif macro is not None:
            rows.append(_row(macro, asked, found.measure, task))
    return rows, tuple(flags)


def _row(
    x: LanguageDelta | OverLanguages,
    asked: Comparing,
    measure: Measure,
    unit: str,
    language: str | None = None,
) -> Row:
    delta, low, high = _better(x.delta, x.low, x.high, measure)
    return Row(
        unit=unit,
        delta=delta,
        low=low,
        high=high,
        n=x.n,
        rung=_rung(x.evidence),
        p=x.p,
        task=measure.task,
        language=language,
        system=asked.a,
        baseline=asked.b,
        yardstick=measure.id,
    )


def _better(
    delta: float | None, low: float | None, high: float | None, measure: Measure
) -> tuple[float | None, float | None, float | None]:
    """Return a difference and its interval with A being better above 0."""
    if delta is None or low is None or high is None:
        low = high = None
    if measure.higher_is_better:
        return delta, low, high
    return (
        None if delta is None else -delta,
        None if high is None else -high,
        None if low is None else -low,
    )


def _rung(evidence: str | None) -> Evidence:
    """Return a rung; the weakest where none is known, for nothing shows a better one."""
    return next((rung for rung in RUNGS if rung == evidence), RUNGS[0])
