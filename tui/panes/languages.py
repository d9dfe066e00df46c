"""The languages of the cell under the matrix's cursor."""

from __future__ import annotations

from collections.abc import Sequence

from intermezzo.queries.language_rows import LanguageRow, sorted_languages
from intermezzo.tui.language_lines import TextLine, language_lines
from intermezzo.tui.messages import LanguageMoved
from intermezzo.tui.state import MatrixState
from intermezzo.tui.text import fit
from rich.style import Style
from textual import events
from textual.strip import Strip

from .lines import BOLD, CURSOR, DIM, LinesPane, message_strips, strip_of
from .telling import tell


class LanguagesPane(LinesPane):
    """Bars with intervals, one language a line, with a cursor kept by the language's code."""

    DEFAULT_CSS = "LanguagesPane { width: 1fr; height: 1fr; }"
    pane = "matrix.languages"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.title = ""
        self.sentence = ""
        self.rows: tuple[LanguageRow, ...] = ()
        self.state = MatrixState()
        self.unit_interval = True
        self.lines: list[TextLine] = []
        self.cursor = 0

    def show(
        self,
        rows: Sequence[LanguageRow],
        state: MatrixState,
        *,
        title: str,
        sentence: str = "",
        unit_interval: bool = True,
    ) -> None:
        """Show the languages of a cell.

        Args:
            rows: In any order.
            state: How to sort and what to show.
            title: What cell this is, harmless.
            sentence: Said where there are no rows.
            unit_interval: Whether the metric lives in 0..1.
        """
        deltas = state.show == "deltas"
        self.rows = sorted_languages(
            rows, state.language_sort, descending=state.language_descending, deltas=deltas
        )
        self.state, self.title, self.sentence, self.unit_interval = state, title, sentence, unit_interval
        self._lay_out()

    def _lay_out(self) -> None:
        width = self.size.width
        if width <= 0:
            return
        title = strip_of([(fit(self.title, width), BOLD if self.lit else DIM)], width)
        if not self.rows:
            self.lines = []
            self.show_strips([title, *message_strips(self.sentence, width)], fixed=1)
            return
        self.lines = language_lines(
            self.rows,
            width,
            show=self.state.show,
            by=self.state.language_sort,
            unit_interval=self.unit_interval,
        )
        wanted = self.state.language
        found = (
            n for n, line in enumerate(self.lines) if line.language is not None and line.language == wanted
        )
        self.cursor = next(found, self._next_row(0, 1))
        self._keep_in_view()
        strips = [title, *(self._strip(n) for n in range(len(self.lines)))]
        self.show_strips(strips, fixed=2)

    def _strip(self, n: int) -> Strip:
        line = self.lines[n]
        style: Style | None = DIM if n == 0 else BOLD if line.heading else None
        if n == self.cursor and self.lit:
            style = CURSOR
        return strip_of([(line.text, style)], self.size.width)

    def _next_row(self, start: int, step: int) -> int:
        n = start + step
        while 0 <= n < len(self.lines):
            if self.lines[n].language is not None:
                return n
            n += step
        return start

    def _keep_in_view(self) -> None:
        """Scroll by half screens so that the cursor is seen."""
        # line n of ``lines`` is strip n + 1, and the first two strips are fixed
        place = self.cursor - 1
        if not self.top <= place < self.top + self.room:
            self.top = place - self.room // 2
        last = max(len(self.lines) + 1 - self.fixed - self.room, 0) if self.fixed else self.top
        self.top = min(max(self.top, 0), last)

    @property
    def language(self) -> LanguageRow | None:
        """The row under the cursor."""
        if not self.lines or self.cursor >= len(self.lines):
            return None
        code = self.lines[self.cursor].language
        return next((row for row in self.rows if row.code == code), None)

    def move_to(self, n: int) -> None:
        """Put the cursor on a line that is a language, the nearest in the direction of the move."""
        if not self.lines:
            return
        n = min(max(n, 0), len(self.lines) - 1)
        if self.lines[n].language is None:
            step = 1 if n >= self.cursor else -1
            near = self._next_row(n, step)
            n = near if near != n else self._next_row(n, -step)
        if n == self.cursor:
            return
        old, self.cursor = self.cursor, n
        strips = list(self.strips)
        for changed in (old, n):
            strips[changed + 1] = self._strip(changed)
        self.strips = strips
        self._keep_in_view()
        self.repaint()
        language = self.lines[n].language
        if language is not None:
            tell(self, LanguageMoved(language))

    def on_resize(self) -> None:
        """Lay out anew for the width."""
        self._lay_out()

    def on_focus(self) -> None:
        """Show title and cursor with focus."""
        super().on_focus()
        self._lay_out()

    def on_blur(self) -> None:
        """Show them without."""
        self.lit = False
        self._lay_out()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse clicked."""
        self.move_to(self.line_at(event.y) - 1)

    def action_up(self) -> None:
        """One language up."""
        self.move_to(self.cursor - 1)

    def action_down(self) -> None:
        """One language down."""
        self.move_to(self.cursor + 1)

    def action_top(self) -> None:
        """To the first language."""
        self.move_to(1)

    def action_bottom(self) -> None:
        """To the last language."""
        self.move_to(len(self.lines) - 1)

    def action_half_down(self) -> None:
        """Half a page down."""
        self.move_to(self.cursor + max(self.room // 2, 1))

    def action_half_up(self) -> None:
        """Half a page up."""
        self.move_to(self.cursor - max(self.room // 2, 1))
