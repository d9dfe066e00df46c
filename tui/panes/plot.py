"""A plot, drawn in a thread and remembered, never in a repaint."""

from __future__ import annotations

from collections import OrderedDict
from itertools import groupby

from intermezzo.tui.colours import Depth, mark_colour
from intermezzo.tui.messages import PlotDrawn
from intermezzo.tui.plots.drawing import Drawing
from intermezzo.tui.plots.kinds import Plot
from intermezzo.tui.text import fit
from rich.color import Color
from rich.style import Style
from textual.strip import Strip

from .lines import BOLD, DIM, LinesPane, message_strips, strip_of

REMEMBERED = 32
"""Drawings kept."""


class PlotPane(LinesPane):
    """A title, and below it a plot; drawings are kept by what is drawn and by the size.

    Args:
        pane: The pane's scope.
        depth: Colours of the terminal: marks are coloured, and differ in shape all the same.
    """

    DEFAULT_CSS = "PlotPane { width: 1fr; height: 1fr; }"

    def __init__(self, pane: str, depth: Depth, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.pane = pane
        self.title = self.sentence = ""
        self.plot: Plot | None = None
        self._depth = depth
        self._wanted: tuple[object, ...] = ()
        self._drawn: OrderedDict[tuple[object, ...], Drawing] = OrderedDict()

    def present(self, plot: Plot | None, *, title: str, sentence: str = "") -> None:
        """Show a plot, or a sentence where there is none."""
        self.plot, self.title, self.sentence = plot, title, sentence
        self._draw()

    def _draw(self) -> None:
        """Show the drawing if it is known, else have it made; a hidden pane draws nothing."""
        width, height, plot = self.size.width, self.size.height - 1, self.plot
        if width <= 0 or height <= 0:
            return
        if plot is None:
            self._wanted = ()
            self._show(Drawing(sentence=self.sentence))
            return
        key = self._wanted = (plot, width, height)
        known = self._drawn.get(key)
        if known is not None:
            self._show(known)
            return

        def draw() -> None:
            try:
                drawing = plot.draw(width, height)
            except Exception as error:
                # a plot that cannot be drawn must not end the app
                drawing = Drawing(sentence=f"This cannot be drawn: {error}")
            self.post_message(PlotDrawn(key, drawing))

        self.run_worker(draw, thread=True, group="plot", exclusive=True, exit_on_error=False)

    def on_plot_drawn(self, message: PlotDrawn) -> None:
        """Keep the drawing, and show it if it is still wanted."""
        message.stop()
        self._drawn[message.key] = message.drawing
        while len(self._drawn) > REMEMBERED:
            self._drawn.popitem(last=False)
        if message.key == self._wanted:
            self._show(message.drawing)

    def _show(self, drawing: Drawing) -> None:
        width = self.size.width
        title = strip_of([(fit(self.title, width), BOLD if self.lit else DIM)], width)
        if drawing.sentence:
            self.show_strips([title, *message_strips(drawing.sentence, width)], fixed=1)
            return
        body = [self._strip(line, width) for line in drawing.lines]
        self.show_strips([title, *body], fixed=1 + drawing.fixed)

    def _strip(self, line: str, width: int) -> Strip:
        """Colour the marks of a line."""
        pieces = [
            ("".join(run), colour) for colour, run in groupby(line, lambda c: mark_colour(c, self._depth))
        ]
        styled = [(text, None if c is None else Style(color=Color.from_ansi(c))) for text, c in pieces]
        return strip_of(styled, width)

    def text_lines(self) -> list[str]:
        """Return title and drawing as text without colour, also what is scrolled out of sight."""
        drawing = self._drawn.get(self._wanted)
        if drawing is None or drawing.sentence:
            return []
        # empty lines fill the pane: the command leaves them out, too
        return [self.title.strip(), *(line.rstrip() for line in drawing.lines if line.strip())]

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
