"""The forest plot of a comparison, drawn for the width there is."""

from __future__ import annotations

from collections.abc import Sequence

from intermezzo.tui.forest import Difference, forest_lines
from intermezzo.tui.text import fit

from .lines import BOLD, DIM, LinesPane, message_strips, strip_of


class ForestPane(LinesPane):
    """Differences with their intervals around zero."""

    DEFAULT_CSS = "ForestPane { width: 1fr; height: 1fr; }"
    pane = "compare.forest"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.differences: Sequence[Difference] = ()
        self.title = self.sentence = ""
        self._unit_interval = True
        self._better = ("B", "A")

    def present(
        self,
        differences: Sequence[Difference],
        *,
        title: str,
        sentence: str,
        unit_interval: bool,
        better: tuple[str, str],
    ) -> None:
        """Show differences, or a sentence where there are none."""
        self.differences, self.title, self.sentence = differences, title, sentence
        self._unit_interval, self._better = unit_interval, better
        self._lay_out()

    def _lay_out(self) -> None:
        width = self.size.width
        if width <= 0:
            return
        strips = [strip_of([(" " + fit(self.title, width - 1), BOLD if self.lit else DIM)], width)]
        lines = forest_lines(self.differences, width, unit_interval=self._unit_interval, better=self._better)
        if not self.differences or len(lines) == 1:
            strips += message_strips(self.sentence if not self.differences else lines[0], width)
        else:
            strips += [strip_of([(fit(line, width), None)], width) for line in lines]
        self.show_strips(strips, fixed=1)

    def on_resize(self) -> None:
        """Draw for the new width."""
        self._lay_out()

    def on_focus(self) -> None:
        """Show the title with focus."""
        super().on_focus()
        self._lay_out()

    def on_blur(self) -> None:
        """Show it without."""
        self.lit = False
        self._lay_out()
