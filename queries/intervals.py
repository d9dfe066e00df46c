"""Intervals of a matrix's deltas: every cell against its baseline, by items, judged as one family.

This reads the items of every cell that has a delta, which no view of the index can; it takes tens of
milliseconds a cell, so faces ask for it only when told to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from intermezzo.queries.compare import NoYardstick, Pair, Request, compare
from intermezzo.queries.comparison.model import THESE, OverLanguages, RowKind
from intermezzo.queries.matrix import Aggregate, Cell, Matrix
from intermezzo.queries.statistics.decisions import METHOD_NAMES, Method, adjust
from intermezzo.queries.statistics.results import plural
from intermezzo.queries.store.layout import StoreError
from intermezzo.queries.store.reader import Reader

KINDS: dict[Aggregate, RowKind] = {"macro": "macro", "without-train": "without-train", "micro": "micro"}
"""The aggregates whose delta has an interval, and the row of a comparison that it is in."""

_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class CellInterval:
    """What items say of one cell's delta.

    Attributes:
        low: Lower end of the plain 95 % interval, under the estimand *these languages*.
        high: Upper end.
        p: p from the same model.
        p_adjusted: p adjusted over the family.
        reason: Why there is no interval.
        training: What the interval says of training variance.
        reference: The model and reference distribution, in words.
    """

    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    reason: str | None = None
    training: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Intervals:
    """The family of a matrix, judged.

    Attributes:
        cells: By system and yardstick: every cell with a delta.
        family: The family in words.
        stopped: Whether it was stopped before all cells were read: then there is no adjusted p.
    """

    cells: Mapping[tuple[str, str], CellInterval]
    family: str
    stopped: bool = False


def matrix_intervals(
    reader: Reader,
    matrix: Matrix,
    aggregate: Aggregate = "macro",
    *,
    method: Method = "holm",
    progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Intervals:
    """Return the interval of every delta of a matrix.

    Args:
        reader: An open store.
        matrix: The whole matrix, before any filter: it declares the family.
        aggregate: What its cells show.
        method: ``holm`` or ``bh``.
        progress: Told after every cell that was read: how many of how many.
        should_stop: Asked before every cell.
    """
    members = [cell for cell in matrix.cells.values() if cell.delta is not None and cell.baseline]
    family = f"the {plural(len(members), 'cell')} against their baseline, {METHOD_NAMES[method]}"
    kept = {(system, yardstick) for system, yardstick in reader.ask("cells_with_items").rows}
    found: list[CellInterval] = []
    for at, cell in enumerate(members):
        if should_stop is not None and should_stop():
            return Intervals({}, family, stopped=True)
        found.append(_of_cell(reader, cell, aggregate, kept))
        if progress is not None:
            progress(at + 1, len(members))
    adjusted = adjust([x.p for x in found], method)
    return Intervals(
        {
            (cell.system, cell.yardstick): replace(x, p_adjusted=p)
            for cell, x, p in zip(members, found, adjusted, strict=True)
        },
        family,
    )


def _of_cell(reader: Reader, cell: Cell, aggregate: Aggregate, kept: set[tuple[str, str]]) -> CellInterval:
    kind = KINDS.get(aggregate)
    if kind is None:
        return CellInterval(reason=f"The delta of the {aggregate} has no interval.")
    baseline = cell.baseline or ""
    for system in (cell.system, baseline):
        if (system, cell.yardstick) not in kept:
            return CellInterval(reason=f"Not all items of {system} are kept.")
    try:
        request = Request((cell.system, baseline), yardstick=cell.yardstick)
        (pair,) = compare(reader, request).pairs
    except (NoYardstick, StoreError) as error:
        return CellInterval(reason=str(error))
    return _of_pair(pair, cell, kind)


def _of_pair(pair: Pair, cell: Cell, kind: RowKind) -> CellInterval:
    if pair.refused:
        return CellInterval(reason=pair.refused)
    rows: list[OverLanguages] = [r for r in pair.over if r.kind == kind and r.estimand in (THESE, None)]
    if not rows or rows[0].low is None:
        return CellInterval(reason=(rows[0].reason if rows else None) or "No language to compare.")
    row = rows[0]
    if row.delta is None or cell.delta is None or abs(row.delta - cell.delta) > _SAME:
        return CellInterval(
            reason="The delta on matched items is another than that of the scores: `show compare` has it."
        )
    return CellInterval(row.low, row.high, row.p, training=row.training, reference=row.reference)
