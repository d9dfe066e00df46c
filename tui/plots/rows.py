"""Plots of one row a language: label, number, and marks on an axis that all rows share.

Rows that are too many for the height stand in two or three columns where there is width for it; else the
plot is longer than the pane, and scrolls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from intermezzo.tui.text import fit
from rich.cells import cell_len

from .axes import Ends, axis_line, place
from .drawing import LEAST_HEIGHT, LEAST_WIDTH, TOO_SMALL, Drawing

LEAST_AXIS = 10
"""Cells of an axis that is of use."""

LEAST_COLUMN = 34
"""Cells of one of several columns."""

LEADER, MEAN, BOTH = "·", "┃", "◉"
"""What leads the eye from the label to the first mark; a mean; two different marks in one cell."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row.

    Attributes:
        label: Its name, short: a language's code.
        detail: A longer name, shown where there is room.
        text: What stands before the axis, e.g. the value.
        marks: ``(value, glyph)``; a later one covers an earlier one.
        spans: ``(from, to, glyph)`` drawn under the marks, each from end to end.
        mean: Where a mean is marked, under the marks.
        gap: Said instead of the axis where there is nothing to draw.
    """

    label: str
    detail: str = ""
    text: str = ""
    marks: tuple[tuple[float, str], ...] = ()
    spans: tuple[tuple[float, float, str], ...] = ()
    mean: float | None = None
    gap: str = ""


def row_drawing(
    rows: Sequence[Row], width: int, height: int, *, ends: Ends, factor: float, legend: Sequence[str]
) -> Drawing:
    """Lay rows out under an axis.

    Args:
        rows: From top to bottom; in several columns, the first column first.
        width: Cells.
        height: Lines there are; the drawing is longer where not all rows fit.
        ends: Of the axis.
        factor: What the numbers at the axis are multiplied by.
        legend: Lines below, or above what is too long for the height; cut where they are too wide.
    """
    label = min(max((cell_len(row.label) for row in rows), default=2), max(12, width // 4))
    text = max((cell_len(row.text) for row in rows), default=0)
    if width < max(LEAST_WIDTH, label + text + 3 + LEAST_AXIS) or height < LEAST_HEIGHT:
        return TOO_SMALL
    room = height - 1 - len(legend)
    many = min(-(-len(rows) // max(room, 1)), max(width // LEAST_COLUMN, 1), 4)
    long = -(-len(rows) // many)
    gap = 3 if many > 1 else 0
    column = (width - gap * (many - 1)) // many
    detail = min(max((cell_len(row.detail) for row in rows), default=0), 18)
    axis = column - label - text - 2
    if detail and axis - detail - 1 >= 30:
        axis -= detail + 1
    else:
        detail = 0
    blocks = [rows[start : start + long] for start in range(0, len(rows), long)]
    before = column - axis
    head = " " * before + axis_line(ends, axis, factor=factor)
    lines = [(" " * gap).join(head for _ in blocks)]
    for n in range(long):
        parts = [_row(block[n], label, detail, text, axis, ends) for block in blocks if n < len(block)]
        lines.append((" " * gap).join(parts))
    if len(lines) + len(legend) > height:
        # what must be scrolled has its legend above, where it is always seen
        return Drawing(tuple(fit(line, width) for line in (*legend, *lines)), fixed=len(legend) + 1)
    lines += [""] * (height - len(lines) - len(legend))
    return Drawing(tuple(fit(line, width) for line in (*lines, *legend)), fixed=1)


def _row(row: Row, label: int, detail: int, text: int, axis: int, ends: Ends) -> str:
    said = fit(row.label, label) + " "
    if detail:
        said += fit(row.detail, detail) + " "
    said += fit(row.text, text, right=True) + " "
    if row.gap:
        return said + fit(row.gap, axis)
    cells = [" "] * axis
    for low, high, glyph in row.spans:
        start, end = place(low, ends, axis), place(high, ends, axis)
        for n in range(start, end + 1):
            cells[n] = glyph
        if glyph == "─" and end > start:
            cells[start], cells[end] = "├", "┤"
    if row.mean is not None:
        cells[place(row.mean, ends, axis)] = MEAN
    for value, glyph in row.marks:
        at = place(value, ends, axis)
        cells[at] = _joined(cells[at], glyph)
    first = next((n for n, cell in enumerate(cells) if cell != " "), 0)
    for n in range(first % 2, first - 1, 2):
        cells[n] = LEADER
    return said + "".join(cells)


def _joined(there: str, glyph: str) -> str:
    """Return what stands where a mark falls on what is there already: of equal marks their number."""
    if there == glyph or there.isdigit():
        return str(min(int(there) + 1 if there.isdigit() else 2, 9))
    return BOTH if there in _MARKS else glyph


_MARKS = frozenset(f"●○{MEAN}{BOTH}")
