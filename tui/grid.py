"""The matrix as it is laid out: which rows and columns, and what each cell says. No widget."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from intermezzo.queries.arranging import arranged
from intermezzo.queries.harmless import harmless
from intermezzo.queries.matrix import (
    Cell,
    Matrix,
    System,
    Yardstick,
    number_of,
    number_text,
)
from intermezzo.queries.task_means import coverage, is_mean
from rich.cells import cell_len

from .colours import Depth, delta_glyph, delta_level, glyph, levels, value_level
from .output import BETTER, WORSE
from .state import MatrixState, arrangement_of

NARROWEST, WIDEST, ROOMY = 7, 12, 18
"""Cells of a column: ``+12.3p▲`` fits the narrowest; heads may have the roomy one where there is room."""

ROOM = 44
"""Cells for columns from which long names of yardsticks are shown: four columns remain."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A row or a column: its key (system name or yardstick id) and its labels, harmless.

    A heading is a row that holds no cells: the name of the group that follows. Its key is empty.
    """

    key: str
    label: str
    detail: str = ""
    heading: bool = False


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


def _system_row(system: System) -> Axis:
    return Axis(system.name, harmless(system.name))


def _system_column(system: System) -> Axis:
    """A system in a narrow column: what it is called above, its recipe below."""
    name, _, rest = system.name.partition(" + ")
    return Axis(system.name, harmless(name), harmless(rest or system.recipe or ""))


def _yardstick_row(yardstick: Yardstick) -> Axis:
    return Axis(yardstick.id, harmless(f"{yardstick.label} {yardstick.detail}".strip()))


def _yardstick_column(yardstick: Yardstick) -> Axis:
    return Axis(yardstick.id, harmless(yardstick.label), harmless(yardstick.detail))


def _with_headings(axes: Iterable[Axis], groups: Sequence[tuple[str, int]]) -> tuple[Axis, ...]:
    """Put the name of each group before its rows."""
    left, found = list(axes), list[Axis]()
    for label, size in groups:
        found += [Axis("", harmless(label), heading=True), *left[:size]]
        del left[:size]
    return (*found, *left)


def _names(groups: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    """Return of each column the name of its group."""
    return tuple(harmless(label) for label, size in groups for _ in range(size))


class Grid:
    """Rows x columns of a state's view, with what each cell shows, worked out on demand.

    Attributes:
        rows: Systems, or yardsticks where transposed, and the headings of their groups.
        columns: The others.
        groups: Of each column the name of its group; empty where columns are not grouped.
        widths: Cells of each column.
    """

    def __init__(self, matrix: Matrix, state: MatrixState, depth: Depth = "256") -> None:
        found = arranged(matrix, arrangement_of(state))
        self.matrix = found.matrix
        self.state = state
        self.depth = depth
        self.kind = state.show
        self._ranges: dict[str, tuple[float, float]] = {}
        self._faces: dict[tuple[int, int], Face] = {}
        self._yardsticks = {yardstick.id: yardstick for yardstick in self.matrix.yardsticks}
        if state.transposed:
            rows, groups = map(_yardstick_row, self.matrix.yardsticks), found.yardstick_groups
            self.columns = tuple(map(_system_column, self.matrix.systems))
            self.groups = _names(found.system_groups)
        else:
            rows, groups = map(_system_row, self.matrix.systems), found.system_groups
            self.columns = tuple(map(_yardstick_column, self.matrix.yardsticks))
            self.groups = _names(found.yardstick_groups)
        self.rows = _with_headings(rows, groups)
        self.widths = tuple(self._width(column, WIDEST) for column in self.columns)
        self.details = any(column.detail for column in self.columns)
        self.row_index = {axis.key: n for n, axis in enumerate(self.rows) if not axis.heading}
        self.column_index = {axis.key: n for n, axis in enumerate(self.columns)}

    def fit_to(self, room: int) -> None:
        """Give heads the width they need where ``room`` cells allow.

        That is where all columns fit; many systems as columns stay narrow, the few yardsticks with long names
        need not.
        """
        roomy = tuple(self._width(column, ROOMY) for column in self.columns)
        if sum(roomy) <= room or (room >= ROOM and not self.state.transposed):
            self.widths = roomy
        else:
            self.widths = tuple(self._width(column, WIDEST) for column in self.columns)

    def _width(self, column: Axis, widest: int) -> int:
        narrowest = NARROWEST + (1 if self.depth in {"none", "16"} else 0)
        means = [y for y in self.matrix.yardsticks if is_mean(y)]
        if means and (self.state.transposed or column.key in {y.id for y in means}):
            # 72.3p~ 7/9
            tasks = len({y.task for y in self.matrix.yardsticks})
            narrowest += 2 + 2 * len(str(tasks))
        needed = max(narrowest, cell_len(column.label) + 1, cell_len(column.detail) + 1)
        return min(needed, max(widest, narrowest))

    def pair(self, row: int, column: int) -> tuple[str, str]:
        """Return the system's name and the yardstick's id of a cell."""
        r, c = self.rows[row].key, self.columns[column].key
        return (c, r) if self.state.transposed else (r, c)

    def position(self, system: str | None, yardstick: str | None) -> tuple[int, int]:
        """Return row and column of a pair.

        Where a name is not on screen, the first row; in it, the first column that has a number.
        """
        row, column = (yardstick, system) if self.state.transposed else (system, yardstick)
        first = next((n for n, axis in enumerate(self.rows) if not axis.heading), 0)
        at = self.row_index.get(row or "", first)
        known = self.column_index.get(column or "")
        return at, self.first_number(at) if known is None else known

    def first_number(self, row: int) -> int:
        """Return the first column in which a row has a number; the first of all where it has none."""
        if not self.rows or self.rows[row].heading:
            return 0
        return next((c for c in range(len(self.columns)) if self.has_number(row, c)), 0)

    def has_number(self, row: int, column: int) -> bool:
        """Say whether a cell shows a number."""
        return number_of(self.cell(row, column), self.state.show, self.state.aggregate) is not None

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
        if self.rows[row].heading:
            return Face("")
        cell = self.cell(row, column)
        number = number_of(cell, self.state.show, self.state.aggregate)
        if number is None:
            # a baseline's own cell has no delta, but it is no gap
            return Face("· " if cell.value is None else "– ")
        yardstick = self._yardsticks[self.pair(row, column)[1]]
        deltas = self.state.show == "deltas"
        signed = deltas or self.state.aggregate == "transfer-gap"
        text = number_text(number, unit_interval=yardstick.unit_interval, signed=signed) + cell.letter
        bold = deltas and cell.significant
        text += _sign(number, yardstick) if bold else "≠" if cell.mismatch else _partial(cell, self.state)
        level = self._level(number, yardstick)
        if self.depth in {"none", "16"}:
            shown = delta_glyph if deltas else glyph
            text = shown(level, levels(self.depth, self.kind)) + text
        covered = coverage(cell, self.state.show)
        return Face(f"{text} {covered}" if covered else text, level, bold)

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


def _sign(delta: float, yardstick: Yardstick) -> str:
    return BETTER if (delta > 0) == yardstick.higher_is_better else WORSE


def _partial(cell: Cell, state: MatrixState) -> str:
    """Mark a mean over fewer tasks than are shown."""
    have = cell.matched_tasks if state.show == "deltas" else cell.tasks
    return "~" if (have or 0) < (cell.of_tasks or 0) else " "
