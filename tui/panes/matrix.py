"""The matrix: frozen header and row labels, cells by the Line API, only changed cells repainted."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby

from intermezzo.queries.matrix import Matrix
from intermezzo.tui.colours import Depth, background, text_on, xterm_rgb
from intermezzo.tui.grid import Face, Grid
from intermezzo.tui.keys import bindings
from intermezzo.tui.messages import CellMoved, PaneFocused
from intermezzo.tui.state import MatrixState
from intermezzo.tui.text import fit, fit_apart
from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from .lines import BOLD, CURSOR, DIM, message_strips
from .telling import tell

LEAST_LABEL = 14
"""Row labels are at least this wide, and otherwise as wide as the longest, up to a third of the pane."""

_HEAD = Style(bold=True)
_HEAD_HERE = Style(bold=True, underline=True)


@lru_cache(maxsize=256)
def cell_style(depth: Depth, kind: str, level: int | None, bold: bool) -> Style | None:
    """Return the style of a cell by its level; ``None`` is plain text."""
    number = None if level is None else background(depth, "deltas" if kind == "deltas" else "values", level)
    if number is None:
        return BOLD if bold else None
    # the numbers are those of the 256 cube, whatever the terminal: fewer bytes than truecolor, same look
    front = Color.from_ansi(231 if text_on(xterm_rgb(number)) else 16)
    if depth == "16":
        front = Color.from_ansi(15 if text_on(xterm_rgb(number)) else 0)
    return Style(color=front, bgcolor=Color.from_ansi(number), bold=bold or None)


class MatrixPane(Widget, can_focus=True):
    """Rows x columns with a cursor that is kept by name."""

    BINDINGS = bindings("move")
    DEFAULT_CSS = "MatrixPane { width: 1fr; height: 1fr; }"
    pane = "matrix.grid"

    def __init__(self, *, depth: Depth, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.depth = depth
        self.grid = Grid(Matrix(), MatrixState(), depth)
        self.row = self.column = 0
        self.top = self.first = 0
        self.sentence = ""
        self._labels: tuple[str, ...] = ()

    # what is shown

    def show(self, matrix: Matrix, state: MatrixState, sentence: str = "") -> None:
        """Show a matrix as the state says; ``sentence`` stands in its place where there is nothing."""
        old = self.grid
        self.grid = Grid(matrix, state, self.depth)
        self.sentence = sentence
        self._fit()
        row, column = self._place_of(state)
        same_cells = old.rows == self.grid.rows and old.columns == self.grid.columns
        if not same_cells or old.state.transposed != state.transposed:
            keep = row - (self.row - self.top) if self.grid.rows else 0
            self.top = max(keep, 0)
        self.row, self.column = row, column
        self._show_cursor()
        self.refresh()

    def _place_of(self, state: MatrixState) -> tuple[int, int]:
        """Return the cell under the cursor by name; where a name is gone, the cell that has its place now."""
        names = (state.yardstick, state.system) if state.transposed else (state.system, state.yardstick)
        row, column = self.grid.position(state.system, state.yardstick)
        if self.grid.rows and names[0] is not None and names[0] not in self.grid.row_index:
            row = self._no_heading(min(self.row, len(self.grid.rows) - 1))
        if self.grid.columns and names[1] is not None and names[1] not in self.grid.column_index:
            column = min(self.column, len(self.grid.columns) - 1)
        return row, column

    def _fit(self) -> None:
        self.grid.fit_to(self.size.width - self.label_width)
        self._labels = fit_apart([axis.label for axis in self.grid.rows], self.label_width - 2)

    @property
    def label_width(self) -> int:
        """Cells of the row labels, with the mark before and a space behind."""
        longest = max((cell_len(axis.label) for axis in self.grid.rows), default=0) + 2
        return min(max(longest, LEAST_LABEL), max(self.size.width * 2 // 5, LEAST_LABEL))

    @property
    def head(self) -> int:
        """Header lines: groups of columns, labels, details."""
        return 1 + self.grouped + self.grid.details

    @property
    def grouped(self) -> bool:
        """Whether the first header line names groups of columns."""
        return any(self.grid.groups)

    @property
    def room(self) -> int:
        """Rows on screen."""
        return max(self.size.height - self.head, 1)

    @property
    def shown_columns(self) -> range:
        """Columns on screen as a whole; at least one."""
        left = self.size.width - self.label_width
        end = self.first
        for width in self.grid.widths[self.first :]:
            if left < width and end > self.first:
                break
            left -= width
            end += 1
        return range(self.first, end)

    def _x(self, column: int) -> int:
        return self.label_width + sum(self.grid.widths[self.first : column])

    # drawing

    def render_line(self, y: int) -> Strip:
        """Render a row: header, or labels and cells."""
        width = self.size.width
        if not self.grid.rows or not self.grid.columns:
            lines = message_strips(self.sentence, width)
            return lines[y] if y < len(lines) else Strip.blank(width)
        if y < self.head:
            return self._header(y, width)
        row = y - self.head + self.top
        if row >= len(self.grid.rows):
            return Strip.blank(width)
        if self.grid.rows[row].heading:
            label = self.grid.rows[row].label
            text = f"── {label} ".ljust(width, "─") if label else "─" * width
            return Strip([Segment(fit(text, width), DIM)])
        segments = [self._label(row)]
        for column in self.shown_columns:
            segments.append(self._cell(row, column))
        return Strip(segments).simplify().crop_extend(0, width, None)

    def _header(self, y: int, width: int) -> Strip:
        state, label = self.grid.state, self.label_width
        corner = f"{state.aggregate} {state.show}" if y == self.head - 1 else ""
        left = "‹" if self.first and y == 0 else " "
        segments = [Segment(" " + fit(corner, label - 2) + left, _HEAD if self.has_focus else DIM)]
        columns = self.shown_columns
        line = y - self.grouped
        segments += self._group_names(columns) if line < 0 else []
        for column in columns if line >= 0 else ():
            axis, cells = self.grid.columns[column], self.grid.widths[column]
            text = axis.detail if line else axis.label
            arrow = ("↓" if state.descending else "↑") if not line and axis.key == state.sort else " "
            style = DIM if line else _HEAD_HERE if column == self.column else _HEAD
            segments.append(Segment(fit(text, cells - 1, right=True, middle=True), style))
            segments.append(Segment(arrow, _HEAD if arrow != " " else None))
        used = sum(segment.cell_length for segment in segments)
        if y == 0 and columns.stop < len(self.grid.columns) and used < width:
            segments.append(Segment("›", _HEAD))
        return Strip(segments).simplify().crop_extend(0, width, None)

    def _group_names(self, columns: range) -> list[Segment]:
        """Name each group over its columns on screen: ``  reasoning ─────``."""
        segments = []
        for name, of in groupby(columns, key=lambda column: self.grid.groups[column]):
            cells = sum(self.grid.widths[column] for column in of)
            text = f" {name} ".ljust(cells - 1, "─") if name else ""
            segments.append(Segment(fit(fit(text, cells - 1), cells), DIM))
        return segments

    def _label(self, row: int) -> Segment:
        axis, state = self.grid.rows[row], self.grid.state
        mark = "*" if axis.key in state.marks else "◂" if axis.key == state.baseline else " "
        sort = ("↓" if state.descending else "↑") if axis.key == state.sort else " "
        text = mark + self._labels[row] + sort
        return Segment(text, BOLD if row == self.row else None)

    def _cell(self, row: int, column: int) -> Segment:
        face: Face = self.grid.face(row, column)
        text = face.text.rjust(self.grid.widths[column])
        if row == self.row and column == self.column:
            return Segment(text, CURSOR)
        return Segment(text, cell_style(self.depth, self.grid.kind, face.level, face.bold))

    # moving

    def _show_cursor(self) -> bool:
        """Bring the cursor into view by half screens; say whether anything scrolled."""
        before = (self.top, self.first)
        last_top = max(len(self.grid.rows) - self.room, 0)
        if not self.top <= self.row < self.top + self.room:
            self.top = self.row - self.room // 2
        self.top = min(max(self.top, 0), last_top)
        if self.column < self.first:
            self.first = max(self.column - max(len(self.shown_columns) // 2, 1), 0)
        while self.column not in self.shown_columns and self.first < self.column:
            ahead = self.column - self.shown_columns.stop
            self.first += max(len(self.shown_columns) // 2, 1) if ahead >= 0 else 1
        while self.first > 0 and self.shown_columns.stop == len(self.grid.columns):
            self.first -= 1
            if self.shown_columns.stop < len(self.grid.columns):
                self.first += 1
                break
        return before != (self.top, self.first)

    def move_to(self, row: int, column: int) -> None:
        """Put the cursor on a cell, or the nearest there is."""
        if not self.grid.rows or not self.grid.columns:
            return
        row = self._no_heading(min(max(row, 0), len(self.grid.rows) - 1))
        column = min(max(column, 0), len(self.grid.columns) - 1)
        old = (self.row, self.column)
        if (row, column) == old:
            return
        self.row, self.column = row, column
        if self._show_cursor():
            self.refresh()
        else:
            self._refresh_cells(old)
        tell(self, CellMoved(*self.grid.pair(row, column)))

    def show_from(self, row: int, column: int) -> None:
        """Put the cursor on a cell, its column first on screen: what follows is seen, too."""
        self.first = column
        self.refresh()
        self.move_to(row, column)

    def _no_heading(self, row: int) -> int:
        """Return the row, or the nearest beyond a heading in the direction of the move."""
        rows = self.grid.rows
        step = 1 if row >= self.row else -1
        ahead = range(row, len(rows) if step > 0 else -1, step)
        behind = range(row, -1 if step > 0 else len(rows), -step)
        return next((n for n in (*ahead, *behind) if not rows[n].heading), row)

    def _refresh_cells(self, old: tuple[int, int]) -> None:
        """Repaint the two cells, and labels and headers where the cursor left or came."""
        for row, column in (old, (self.row, self.column)):
            y = self.head + row - self.top
            if column in self.shown_columns:
                width = self.grid.widths[column]
                self.refresh(Region(self._x(column), y, width, 1))
                if old[1] != self.column:
                    self.refresh(Region(self._x(column), int(self.grouped), width, 1))
            if old[0] != self.row:
                self.refresh(Region(0, y, self.label_width, 1))

    def on_resize(self) -> None:
        """Fit the columns to the width; keep the cursor in view."""
        self._fit()
        self._show_cursor()
        self.refresh()

    def on_focus(self) -> None:
        """Say that this pane has the focus."""
        self.refresh(Region(0, 0, self.label_width, self.head))
        self.post_message(PaneFocused(self.pane))

    def on_blur(self) -> None:
        """Draw the corner without focus."""
        self.refresh(Region(0, 0, self.label_width, self.head))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse clicked."""
        row = event.y - self.head + self.top
        if event.y < self.head or row >= len(self.grid.rows):
            return
        for column in self.shown_columns:
            if self._x(column) <= event.x < self._x(column) + self.grid.widths[column]:
                self.move_to(row, column)
                return
        if event.x < self.label_width:
            self.move_to(row, self.column)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move by the wheel."""
        event.stop()
        self.move_to(self.row + 3, self.column)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move by the wheel."""
        event.stop()
        self.move_to(self.row - 3, self.column)

    def action_up(self) -> None:
        """One row up."""
        self.move_to(self.row - 1, self.column)

    def action_down(self) -> None:
        """One row down."""
        self.move_to(self.row + 1, self.column)

    def action_left(self) -> None:
        """One column left."""
        self.move_to(self.row, self.column - 1)

    def action_right(self) -> None:
        """One column right."""
        self.move_to(self.row, self.column + 1)

    def action_top(self) -> None:
        """To the first row."""
        self.move_to(0, self.column)

    def action_bottom(self) -> None:
        """To the last row."""
        self.move_to(len(self.grid.rows) - 1, self.column)

    def action_first_column(self) -> None:
        """To the first column."""
        self.move_to(self.row, 0)

    def action_last_column(self) -> None:
        """To the last column."""
        self.move_to(self.row, len(self.grid.columns) - 1)

    def action_half_down(self) -> None:
        """Half a page down."""
        self.move_to(self.row + max(self.room // 2, 1), self.column)

    def action_half_up(self) -> None:
        """Half a page up."""
        self.move_to(self.row - max(self.room // 2, 1), self.column)
