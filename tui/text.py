"""Text for a grid of character cells: foreign strings made harmless and cut to a width in cells."""

from __future__ import annotations

from intermezzo.queries.harmless import harmless
from rich.cells import cell_len, set_cell_size


def fit(text: str, width: int, *, right: bool = False, middle: bool = False) -> str:
    """Return ``text`` made harmless and exactly ``width`` cells wide, cut with ``…`` where too long.

    Wide characters count two cells, combining ones none.

    Args:
        text: A string from anywhere.
        width: Cells.
        right: Align to the right.
        middle: Cut in the middle, so that the end of a name (its recipe) stays.
    """
    if width <= 0:
        return ""
    text = harmless(text)
    length = cell_len(text)
    if length > width:
        if middle and width > 4:
            tail = _last_cells(text, (width - 1) * 2 // 5)
            return set_cell_size(text, width - 1 - cell_len(tail)) + "…" + tail
        return set_cell_size(set_cell_size(text, width - 1) + "…", width)
    padding = " " * (width - length)
    return padding + text if right else text + padding


def _last_cells(text: str, width: int) -> str:
    start = len(text)
    while start and cell_len(text[start - 1 :]) <= width:
        start -= 1
    return text[start:]


def wrapped(text: str, width: int) -> list[str]:
    """Break ``text`` at spaces into lines of at most ``width`` cells; longer words are cut across lines."""
    lines: list[str] = []
    line = ""
    for word in harmless(text).split(" "):
        rest = word
        while cell_len(rest) > width > 0:
            piece = set_cell_size(rest, width).rstrip(" ")
            if not piece:
                break
            if line:
                lines.append(line)
                line = ""
            lines.append(piece)
            rest = rest[len(piece) :]
        if line and cell_len(line) + 1 + cell_len(rest) > width:
            lines.append(line)
            line = rest
        else:
            line = f"{line} {rest}" if line else rest
    return [*lines, line] if line or not lines else lines


def count(number: int, one: str, many: str | None = None) -> str:
    """Return ``1 language``, ``2,000 languages``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
