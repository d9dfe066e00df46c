"""One cell of the matrix in a line: its number, what it is against, how well it is founded, what is not."""

from __future__ import annotations

from intermezzo.queries.harmless import harmless
from intermezzo.queries.matrix import Cell, Yardstick, number_of, number_text, reason_for_gap

from .grid import Grid
from .state import MatrixState
from .text import count


def cell_sentence(grid: Grid, row: int, column: int) -> str:
    """Say everything about a cell in one line, the gap's reason first where there is one."""
    if not grid.rows or not grid.columns or grid.rows[row].heading:
        return ""
    state, cell = grid.state, grid.cell(row, column)
    yardstick = grid.matrix.yardstick(cell.yardstick)
    reason = reason_for_gap(cell, state.show, state.aggregate)
    mean = cell.of_tasks is not None
    if (number_of(cell, state.show, state.aggregate) if mean else cell.value) is None:
        return f"gap: {harmless(reason)}"
    if mean:
        parts = _mean_parts(cell, state)
    else:
        unit = yardstick.unit_interval if yardstick else True
        parts = [
            *_value_parts(cell, yardstick, state, unit=unit),
            *_delta_parts(cell, state, unit=unit),
            *_basis_parts(cell, state),
        ]
    if reason:
        parts.insert(1, reason)
    return harmless(" · ".join(parts))


def _value_parts(cell: Cell, yardstick: Yardstick | None, state: MatrixState, *, unit: bool) -> list[str]:
    metric = (yardstick.metric if yardstick else None) or "value"
    parts = [f"{metric} {number_text(cell.value, unit_interval=unit)} {cell.evidence or 'evidence unknown'}"]
    if state.aggregate == "transfer-gap" and cell.transfer_gap is not None:
        gap = number_text(cell.transfer_gap, unit_interval=unit, signed=True)
        parts.insert(0, f"transfer gap {gap}: train language minus the others")
    return parts


def _delta_parts(cell: Cell, state: MatrixState, *, unit: bool) -> list[str]:
    if state.show != "deltas" or cell.delta is None:
        return []
    delta = number_text(cell.delta, unit_interval=unit, signed=True)
    if cell.low is not None and cell.high is not None:
        ends = [number_text(end, unit_interval=unit, signed=True) for end in (cell.low, cell.high)]
        delta += f" [{ends[0]}, {ends[1]}]"
    matched = f" on {count(cell.matched_languages, 'language')}" if cell.matched_languages else ""
    parts = [f"{delta} against {cell.baseline}{matched}"]
    if cell.p_adjusted is not None:
        parts.append(f"adjusted p {cell.p_adjusted:.3g}")
    elif cell.no_interval:
        parts.append(f"not judged: {cell.no_interval}")
    return parts


def _basis_parts(cell: Cell, state: MatrixState) -> list[str]:
    parts = []
    if cell.stated_only:
        parts.append("macro only")
    elif cell.languages and not (state.show == "deltas" and cell.matched_languages == cell.languages):
        parts.append(count(cell.languages, "language"))
    if cell.seeds is None:
        parts.append("seeds unknown")
    else:
        parts.append(count(cell.seeds, "seed") + (": training variance unknown" if cell.seeds == 1 else ""))
    if cell.mismatch:
        parts.append("≠ differs from what was logged")
    return parts


def _mean_parts(cell: Cell, state: MatrixState) -> list[str]:
    """A mean over tasks: of how many, and that it is none of one yardstick."""
    deltas = state.show == "deltas"
    number = cell.delta if deltas else cell.value if cell.transfer_gap is None else cell.transfer_gap
    have = (cell.matched_tasks if deltas else cell.tasks) or 0
    text = number_text(number, unit_interval=True, signed=deltas or cell.transfer_gap is not None)
    of = f"{have} of {count(cell.of_tasks or 0, 'task')}"
    parts = [f"mean of {'deltas' if deltas else state.aggregate} over {of} shown: {text}"]
    if deltas and cell.baseline:
        parts[0] += f" against {cell.baseline}"
    return [*parts, f"{cell.evidence or 'evidence unknown'} at the weakest", "yardsticks differ: no interval"]
