"""The languages of the cell as a picture, drawn in a thread and remembered, never in a repaint."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from intermezzo.queries.language_rows import LanguageRow, sorted_languages
from intermezzo.tui.messages import PlotDrawn
from intermezzo.tui.state import MatrixState
from intermezzo.tui.text import fit
from textual.strip import Strip

from .lines import BOLD, DIM, LinesPane, message_strips, strip_of

REMEMBERED = 32
"""Pictures kept."""


class PlotPane(LinesPane):
    """A picture by plotext, cached by what is drawn and the size."""

    DEFAULT_CSS = "PlotPane { width: 1fr; height: 1fr; }"
    pane = "matrix.plot"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.title = ""
        self._rows: tuple[LanguageRow, ...] = ()
        self._state = MatrixState()
        self._unit_interval = True
        self._sentence = ""
        self._wanted: tuple[object, ...] = ()
        self._drawn: OrderedDict[tuple[object, ...], tuple[str, ...]] = OrderedDict()

    def show(
        self,
        rows: Sequence[LanguageRow],
        state: MatrixState,
        *,
        title: str,
        sentence: str = "",
        unit_interval: bool = True,
    ) -> None:
        """Show the languages of a cell; arguments as for the languages pane."""
        deltas = state.show == "deltas"
        by, descending = state.language_sort, state.language_descending
        self._rows = sorted_languages(rows, by, descending=descending, deltas=deltas)
        self._state, self.title, self._sentence, self._unit_interval = state, title, sentence, unit_interval
        self._draw()

    def _draw(self) -> None:
        """Show the picture if it is known, else have it drawn; a hidden pane draws nothing."""
        width, height = self.size.width, self.size.height - 1
        if width <= 0 or height <= 0:
            return
        if not self._rows:
            self._wanted = ()
            self._show(None)
            return
        show, unit_interval, rows = self._state.show, self._unit_interval, self._rows
        key = self._wanted = (rows, show, unit_interval, width, height)
        known = self._drawn.get(key)
        if known is not None:
            self._show(known)
            return

        def draw() -> None:
            from intermezzo.tui.plot import plot_lines

            try:
                lines = plot_lines(rows, width, height, show=show, unit_interval=unit_interval)
            except Exception as error:
                # a plot that cannot be drawn must not end the app
                lines = (f"this cannot be drawn: {error}",)
            self.post_message(PlotDrawn(key, lines))

        self.run_worker(draw, thread=True, group="plot", exclusive=True, exit_on_error=False)

    def on_plot_drawn(self, message: PlotDrawn) -> None:
        """Keep the picture, and show it if it is still wanted."""
        message.stop()
        self._drawn[message.key] = message.lines
        while len(self._drawn) > REMEMBERED:
            self._drawn.popitem(last=False)
        if message.key == self._wanted:
            self._show(message.lines)

    def _show(self, lines: Sequence[str] | None) -> None:
        width = self.size.width
        title = strip_of([(fit(self.title, width), BOLD if self.lit else DIM)], width)
        body: list[Strip]
        if lines is None:
            body = message_strips(self._sentence, width)
        elif len(lines) == 1:
            body = message_strips(lines[0], width)
        else:
            body = [strip_of([(line, None)], width) for line in lines]
        self.show_strips([title, *body], fixed=1)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._draw()

    def on_focus(self) -> None:
        """Show the title with focus."""
        super().on_focus()
        self._draw()

    def on_blur(self) -> None:
        """Show it without."""
        self.lit = False
        self._draw()
