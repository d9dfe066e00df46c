"""A pane of text to read: a title, lines wrapped to the width, scrolled by the usual keys."""

from __future__ import annotations

from collections.abc import Sequence

from intermezzo.tui.text import fit, wrapped
from rich.style import Style
from textual.strip import Strip

from .lines import BOLD, DIM, LinesPane, message_strips, strip_of

LOOKS: dict[str, Style | None] = {"bold": BOLD, "dim": DIM}
"""How a line looks by its word; any other word is plain."""


class ReadingPane(LinesPane):
    """Lines of text, each with a look; long ones go on below, indented like themselves."""

    DEFAULT_CSS = "ReadingPane { width: 1fr; height: 1fr; }"

    def __init__(self, scope: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.pane = scope
        self.title = self.sentence = ""
        self.lines: Sequence[tuple[str, str]] = ()

    def present(self, lines: Sequence[tuple[str, str]], *, title: str = "", sentence: str = "") -> None:
        """Show lines; ``sentence`` is said where there are none. Another title starts at the top."""
        if title != self.title:
            self.top = 0
        self.lines, self.title, self.sentence = lines, title, sentence
        self._lay_out()

    def _lay_out(self) -> None:
        width = self.size.width
        if width <= 0:
            return
        strips: list[Strip] = [
            strip_of([(" " + fit(self.title, width - 1), BOLD if self.lit else DIM)], width)
        ]
        for look, text in self.lines:
            indent = " " * (len(text) - len(text.lstrip(" ")) + 1)
            style = LOOKS.get(look)
            for n, part in enumerate(wrapped(text.strip(" "), max(width - len(indent) - 3, 10))):
                strips.append(strip_of([(indent + ("  " if n else "") + part, style)], width))
        if not self.lines:
            strips += message_strips(self.sentence, width)
        self.show_strips(strips, fixed=1)

    def on_resize(self) -> None:
        """Lay out anew for the width."""
        self._lay_out()

    def on_focus(self) -> None:
        """Show the title with focus."""
        super().on_focus()
        self._lay_out()

    def on_blur(self) -> None:
        """Show it without."""
        self.lit = False
        self._lay_out()
