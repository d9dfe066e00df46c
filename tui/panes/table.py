"""A table of any length: frozen header and first columns, a cursor, only visible rows are made."""

from __future__ import annotations

from collections.abc import Sequence

from intermezzo.tui.keys import bindings
from intermezzo.tui.messages import PaneFocused, RowMoved
from intermezzo.tui.table import GAP, Rows, seen, widths
from intermezzo.tui.text import fit, fit_apart, fit_names
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from .lines import BOLD, CURSOR, DIM, message_strips, strip_of
from .telling import tell

_LOOKS: dict[str, Style | None] = {"bold": BOLD, "dim": DIM}
_HEAD_HERE = Style(bold=True, underline=True)


class TablePane(Widget, can_focus=True):
    """Rows with a cursor; the place that owns it keeps the cursor by name.

    Attributes:
        rows: What is shown.
        row: Row under the cursor.
        column: Column under the cursor.
        sentence: Said where there are no rows.
        title: A line above the header, with ``{}`` for each of ``names``; none where empty.
        names: What the title names, told apart where it is cut.
    """

    BINDINGS = bindings("move")
    DEFAULT_CSS = "TablePane { width: 1fr; height: 1fr; }"

    def __init__(self, scope: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.scope = scope
        self.rows = Rows()
        self.row = self.column = 0
        self.top = self.first = 0
        self.sentence = self.title = ""
        self.names: Sequence[str] = ()
        # by column and row, the texts of columns that are cut in their middle
        self._apart: dict[tuple[int, int], str] = {}
        self.lit = False
        self._sizes: tuple[int, ...] = ()

    def present(
        self,
        rows: Rows,
        row: int = 0,
        column: int | None = None,
        *,
        sentence: str = "",
        title: str = "",
        names: Sequence[str] = (),
    ) -> None:
        """Show rows with the cursor on one of them."""
        self.rows, self.sentence, self.title, self.names = rows, sentence, title, names
        self.row = min(max(row, 0), max(rows.count - 1, 0))
        if column is not None:
            self.column = column
        self.column = min(max(self.column, 0), max(len(rows.columns) - 1, 0))
        self._measure()
        self._show_cursor()
        self.refresh()

    def _measure(self) -> None:
        self._sizes = widths(self.rows, self.size.width - 2, self.top) if self.size.width else ()
        self._apart = {}

    @property
    def head(self) -> int:
        """Lines above the rows."""
        return 1 + bool(self.title)

    @property
    def room(self) -> int:
        """Rows on screen."""
        return max(self.size.height - self.head, 1)

    # drawing

    def render_line(self, y: int) -> Strip:
        """Render a row of the pane."""
        width = self.size.width
        if self.title and y == 0:
            title = fit_names(self.title, self.names, width - 1) if self.names else fit(self.title, width - 1)
            return strip_of([(" " + title, BOLD if self.lit else DIM)], width)
        if not self.rows.count:
            lines = message_strips(self.sentence, width)
            y -= bool(self.title)
            return lines[y] if 0 <= y < len(lines) else Strip.blank(width)
        row = y - self.head + self.top
        if y >= self.head and row >= self.rows.count:
            return Strip.blank(width)
        return self._header(width) if y < self.head else self._row(row, width)

    def _shown(self) -> tuple[int, ...]:
        return seen(self.rows, self._sizes, self.first, self.size.width - 2)

    def _header(self, width: int) -> Strip:
        segments = [Segment(" ")]
        for n in self._shown():
            column = self.rows.columns[n]
            here = self.rows.cells and n == self.column
            text = fit(column.title, self._sizes[n], right=column.right)
            segments += [Segment(text, _HEAD_HERE if here else BOLD if self.lit else DIM), Segment(" " * GAP)]
        more = self._shown()[-1] < len(self.rows.columns) - 1 if self._sizes else False
        strip = Strip(segments).simplify().crop_extend(0, width, None)
        return Strip([*strip.crop(0, width - 1), Segment("›", BOLD)]) if more else strip

    def _row(self, row: int, width: int) -> Strip:
        here = row == self.row
        look = _LOOKS.get(self.rows.look(row))
        if here and not self.rows.cells:
            look = CURSOR if self.lit else BOLD
        elif here:
            look = BOLD
        segments = [Segment("*" if row in self.rows.marks else " ", look)]
        for n in self._shown():
            column = self.rows.columns[n]
            text = (
                self._told_apart(row, n)
                if column.middle
                else fit(self.rows.cell(row, n), self._sizes[n], right=column.right)
            )
            on = here and self.rows.cells and n == self.column and self.lit
            segments += [
                Segment(text, CURSOR if on else look),
                Segment(" " * GAP, None if self.rows.cells else look),
            ]
        strip = Strip(segments).simplify()
        if here and self.lit and not self.rows.cells:
            return strip.crop_extend(0, width, CURSOR)
        return strip.crop_extend(0, width, None)

    def _told_apart(self, row: int, n: int) -> str:
        """Return a cell that is cut in its middle so that no other name on screen looks like it."""
        if (n, row) not in self._apart:
            seen = range(self.top, min(self.top + self.room, self.rows.count))
            cut = fit_apart([self.rows.cell(one, n) for one in seen], self._sizes[n])
            self._apart |= {(n, one): text for one, text in zip(seen, cut, strict=True)}
        return self._apart[n, row]

    # moving

    def _show_cursor(self) -> bool:
        """Bring the cursor into view by half screens; say whether anything scrolled."""
        before = (self.top, self.first)
        if not self.top <= self.row < self.top + self.room:
            self.top = self.row - self.room // 2
        self.top = min(max(self.top, 0), max(self.rows.count - self.room, 0))
        if self.rows.cells and self._sizes:
            if self.column < self.first:
                self.first = max(self.column, self.rows.frozen)
            while self.column not in self._shown() and self.first < self.column:
                self.first = max(self.first, self.rows.frozen) + 1
            if self.column < self.rows.frozen:
                self.first = 0
        else:
            self.first = min(self.first, max(len(self.rows.columns) - 1, 0))
        if self.top != before[0]:
            self._apart = {}
        return before != (self.top, self.first)

    def move_to(self, row: int, column: int | None = None) -> None:
        """Put the cursor on a row (and column), or the nearest there is."""
        if not self.rows.count:
            return
        row = min(max(row, 0), self.rows.count - 1)
        column = self.column if column is None else min(max(column, 0), len(self.rows.columns) - 1)
        if (row, column) == (self.row, self.column):
            return
        old, turned = self.row, column != self.column
        self.row, self.column = row, column
        before = self.top
        if self._show_cursor() or turned:
            if self.top != before and self.rows.count > 200:
                self._measure()
            self.refresh()
        else:
            for n in (old, row):
                self.refresh(Region(0, self.head + n - self.top, self.size.width, 1))
        tell(self, RowMoved(self.scope, row, column))

    def _sideways(self, step: int) -> None:
        if self.rows.cells:
            self.move_to(self.row, self.column + step)
            return
        last = len(self.rows.columns) - 1
        shown = self._shown()
        if step > 0 and (not shown or shown[-1] >= last):
            return
        first = max(max(self.first, self.rows.frozen) + step, self.rows.frozen)
        if first != self.first:
            self.first = first
            self.refresh()

    def on_resize(self) -> None:
        """Lay out anew for the width."""
        self._measure()
        self._show_cursor()
        self.refresh()

    def on_focus(self) -> None:
        """Draw the cursor, and say that this pane has the focus."""
        self.lit = True
        self.refresh()
        self.post_message(PaneFocused(self.scope))

    def on_blur(self) -> None:
        """Draw without the cursor."""
        self.lit = False
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse clicked."""
        if event.y < self.head:
            return
        column, x = self.column, 1
        for n in self._shown():
            if x <= event.x < x + self._sizes[n] + GAP:
                column = n
            x += self._sizes[n] + GAP
        self.move_to(self.top + event.y - self.head, column)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move by the wheel."""
        event.stop()
        self.move_to(self.row + 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move by the wheel."""
        event.stop()
        self.move_to(self.row - 3)

    def action_up(self) -> None:
        """One row up."""
        self.move_to(self.row - 1)

    def action_down(self) -> None:
        """One row down."""
        self.move_to(self.row + 1)

    def action_left(self) -> None:
        """One column left."""
        self._sideways(-1)

    def action_right(self) -> None:
        """One column right."""
        self._sideways(1)

    def action_top(self) -> None:
        """To the first row."""
        self.move_to(0)

    def action_bottom(self) -> None:
        """To the last row."""
        self.move_to(self.rows.count - 1)

    def action_first_column(self) -> None:
        """To the first column."""
        self._sideways(-len(self.rows.columns))

    def action_last_column(self) -> None:
        """To the last column."""
        if self.rows.cells:
            self._sideways(len(self.rows.columns))
            return
        for _ in self.rows.columns:
            self._sideways(1)

    def action_half_down(self) -> None:
        """Half a page down."""
        self.move_to(self.row + max(self.room // 2, 1))

    def action_half_up(self) -> None:
        """Half a page up."""
        self.move_to(self.row - max(self.room // 2, 1))
