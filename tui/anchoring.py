"""Holding columns in place where terminals do not agree how wide a text is, or turn it round.

Text of unsure width is sent so: save the cursor, blank the cells it is counted to have, write it, go back,
and move on by those cells. Whatever a terminal made of the text, what follows stands where it belongs. After
text that runs from right to left stands a left-to-right mark, so that a terminal that reorders lines does
not draw the neighbouring columns into it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from intermezzo.tui.bidi import isolated
from intermezzo.tui.text import SURE
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console
from textual.strip import Strip

_RUN = re.compile(f"[^ ]*[^{SURE}\u00a0](?:[^ ]| (?! ))* *")
"""From a word of unsure width to the end of the text that it is in (two spaces, or the end), and the blanks
behind: in these there is room for what a terminal draws beyond the cells that are counted."""


@lru_cache(2048)
def anchored(text: str) -> str:
    """Return a text with what holds everything behind it in place; its width is as Textual counts it."""
    return text if text.isascii() else _RUN.sub(_held, text)


def _held(found: re.Match[str]) -> str:
    run = found[0]
    cells = cell_len(run)
    shown = isolated(run.rstrip(" "))
    return f"\x1b7{' ' * cells}\x1b8\x1b7{shown}\x1b8\x1b[{cells}C" if cells else ""


def _render(self: Strip, console: Console) -> str:
    """Render a strip as Textual does, its texts anchored."""
    if self._render_cache is None:
        colours = console._color_system or ColorSystem.TRUECOLOR
        held = ((anchored(text), style) for text, style, _ in self._segments)
        self._render_cache = "".join(
            text if style is None else self.render_style(style, text, color_system=colours)
            for text, style in held
        )
    return self._render_cache


def install() -> None:
    """Let everything that Textual draws be anchored: where lines become bytes, behind all cropping.

    Textual has no place of its own for this; its version is pinned.
    """
    Strip.render = _render  # type: ignore[method-assign]
