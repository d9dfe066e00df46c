"""The matrix as it is laid out: which rows and columns, and what each cell says. No widget."""

from __future__ import annotations

from dataclasses import dataclass

from intermezzo.queries.harmless import harmless
from intermezzo.queries.matrix import (
    Cell,
    Matrix,
    System,
    Yardstick,
    filtered,
    number_of,
    number_text,
    only,
    reason_for_gap,
    sorted_by,
    without,
)
from rich.cells import cell_len

from .colours import Depth, delta_level, glyph, levels, value_level
from .state import MatrixState
from .text import count

NARROWEST, WIDEST = 7, 12
"""Cells of a column: ``+12.3p!`` fits the narrowest."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A row or a column: its key (system name or yardstick id) and its labels, harmless."""

    key: str
    label: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Face:
    """What a cell shows.

    Attributes:
        text: Number, rung and sign, without padding.
        level: Colour level, ``None`` for none.
        bold: Whether the delta is significant.
    """

    text: str
    level: int | None = None
    bold: bool = False


def arranged(matrix: Matrix, state: MatrixState) -> Matrix:
    """Narrow and sort the matrix as the state says."""
    shown = filtered(without(only(matrix, state.tasks), state.hidden), state.filter)
    if state.sort is None:
        return shown
    return sorted_by(
        shown,
        state.sort,
        descending=state.descending,
        number=lambda cell: number_of(cell, state.show, state.aggregate),
    )


def _system_row(system: System) -> Axis:
    return Axis(system.name, harmless(system.name))


def _system_column(system: System) -> Axis:
    """A system in a narrow column: base model above, recipe below."""
    if system.base_model and system.recipe:
        return Axis(system.name, harmless(system.base_model.rpartition("/")[2]), harmless(system.recipe))
    return Axis(system.name, harmless(system.name))


def _yardstick_row(yardstick: Yardstick) -> Axis:
    return Axis(yardstick.id, harmless(f"{yardstick.label} {yardstick.detail}".strip()))


def _yardstick_column(yardstick: Yardstick) -> Axis:
    return Axis(yardstick.id, harmless(yardstick.label), harmless(yardstick.detail))


class Grid:
    """Rows x columns of a state's view, with what each cell shows, worked out on demand."""

    def __init__(self, matrix: Matrix, state: MatrixState, depth: Depth = "256") -> None:
        self.matrix = arranged(matrix, state)
        self.state = state
        self.depth = depth
        self.kind = state.show
        self._ranges: dict[str, tuple[float, float]] = {}
        self._faces: dict[tuple[int, int], Face] = {}
        if state.transposed:
            self.rows = tuple(map(_yardstick_row, self.matrix.yardsticks))
            self.columns = tuple(map(_system_column, self.matrix.systems))
        else:
            self.rows = tuple(map(_system_row, self.matrix.systems))
            self.columns = tuple(map(_yardstick_column, self.matrix.yardsticks))
        narrowest = NARROWEST + (1 if depth in {"none", "16"} else 0)
        self.widths = tuple(
            min(max(narrowest, cell_len(c.label) + 1, cell_len(c.detail) + 1), WIDEST) for c in self.columns
        )
        self.details = any(column.detail for column in self.columns)
        self.row_index = {axis.key: n for n, axis in enumerate(self.rows)}
        self.column_index = {axis.key: n for n, axis in enumerate(self.columns)}

    def pair(self, row: int, column: int) -> tuple[str, str]:
        """Return the system's name and the yardstick's id of a cell."""
        r, c = self.rows[row].key, self.columns[column].key
        return (c, r) if self.state.transposed else (r, c)

    def position(self, system: str | None, yardstick: str | None) -> tuple[int, int]:
        """Return row and column of a pair; 0 where the name is not on screen."""
        row, column = (yardstick, system) if self.state.transposed else (system, yardstick)
        return self.row_index.get(row or "", 0), self.column_index.get(column or "", 0)

    def cell(self, row: int, column: int) -> Cell:
        """Return the cell of a row and column."""
        return self.matrix.cell(*self.pair(row, column))

    def face(self, row: int, column: int) -> Face:
        """Return what the cell shows."""
        face = self._faces.get((row, column))
        if face is None:
            face = self._faces[row, column] = self._face(row, column)
        return face

    def _face(self, row: int, column: int) -> Face:
        cell = self.cell(row, column)
        number = number_of(cell, self.state.show, self.state.aggregate)
        if number is None:
            # a baseline's own cell has no delta, but it is no gap
            return Face("· " if cell.value is None else "– ")
        index = row if self.state.transposed else column
        yardstick = self.matrix.yardsticks[index]
        deltas = self.state.show == "deltas"
        signed = deltas or self.state.aggregate == "transfer-gap"
        text = number_text(number, unit_interval=yardstick.unit_interval, signed=signed) + cell.letter
        bold = deltas and cell.significant
        text += "≠" if cell.mismatch else "!" if bold else " "
        level = self._level(number, yardstick)
        if level is not None and self.depth in {"none", "16"} and not deltas:
            text = glyph(level, levels(self.depth, self.kind)) + text
        return Face(text, level, bold)

    def _level(self, number: float, yardstick: Yardstick) -> int:
        steps = levels(self.depth, self.kind)
        low, high = self._range(yardstick)
        if self.state.show == "deltas":
            unit = 1.0 if yardstick.unit_interval else max(abs(low), abs(high)) * 10
            return delta_level(number, count=steps, unit=unit, higher_is_better=yardstick.higher_is_better)
        return value_level(number, low, high, count=steps, higher_is_better=yardstick.higher_is_better)

    def _range(self, yardstick: Yardstick) -> tuple[float, float]:
        known = self._ranges.get(yardstick.id)
        if known is None:
            cells = (self.matrix.cell(s.name, yardstick.id) for s in self.matrix.systems)
            numbers = [number_of(cell, self.state.show, self.state.aggregate) for cell in cells]
            found = [number for number in numbers if number is not None]
            known = self._ranges[yardstick.id] = (min(found), max(found)) if found else (0.0, 1.0)
        return known


def cell_sentence(grid: Grid, row: int, column: int) -> str:
    """Say everything about a cell in one line, the gap's reason first where there is one."""
    if not grid.rows or not grid.columns:
        return ""
    state, cell = grid.state, grid.cell(row, column)
    yardstick = grid.matrix.yardstick(cell.yardstick)
    unit = yardstick.unit_interval if yardstick else True
    reason = reason_for_gap(cell, state.show, state.aggregate)
    if cell.value is None:
        return f"gap: {harmless(reason)}"
    metric = (yardstick.metric if yardstick else None) or "value"
    parts = [f"{metric} {number_text(cell.value, unit_interval=unit)} {cell.evidence or 'evidence unknown'}"]
    if state.show == "deltas" and cell.delta is not None:
        delta = number_text(cell.delta, unit_interval=unit, signed=True)
        if cell.low is not None and cell.high is not None:
            ends = [number_text(end, unit_interval=unit, signed=True) for end in (cell.low, cell.high)]
            delta += f" [{ends[0]}, {ends[1]}]"
        matched = f" on {count(cell.matched_languages, 'language')}" if cell.matched_languages else ""
        parts.append(f"{delta} against {cell.baseline}{matched}")
    if cell.p_adjusted is not None and state.show == "deltas":
        parts.append(f"adjusted p {cell.p_adjusted:.3g}")
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
    if reason:
        parts.insert(1, reason)
    return harmless(" · ".join(parts))
