"""A table for a grid of character cells: columns with widths, rows made only when they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from intermezzo.queries.harmless import harmless
from rich.cells import cell_len

SAMPLED = 200
"""Rows looked at to find how wide a column has to be."""

LEAST = 18
"""Columns that stretch are not cut below this: what does not fit then is to the right."""

GAP = 2
"""Cells between two columns."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        title: Its heading.
        right: Whether it is aligned right.
        most: Widest it gets where others need the room.
        stretch: Whether it takes the room that is left.
        middle: Whether long text is cut in its middle.
    """

    title: str
    right: bool = False
    most: int = 40
    stretch: bool = False
    middle: bool = False


def _plain(_row: int) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Rows:
    """What a table pane shows.

    Attributes:
        columns: The columns.
        count: Rows there are.
        cell: The text of a cell; foreign text is made harmless where it is drawn.
        marks: Rows that are marked with ``*``.
        look: How a row is drawn: ``bold``, ``dim``, or as usual.
        frozen: Leading columns that stay when one goes to the right.
        cells: Whether the cursor is on a cell; else it is on a whole row.
    """

    columns: tuple[Column, ...] = ()
    count: int = 0
    cell: Callable[[int, int], str] = lambda _row, _column: ""
    marks: frozenset[int] = field(default_factory=frozenset)
    look: Callable[[int], str] = _plain
    frozen: int = 1
    cells: bool = False


def of_texts(columns: Sequence[Column], texts: Sequence[Sequence[str]], **more: object) -> Rows:
    """Return rows whose texts are all at hand."""
    return Rows(tuple(columns), len(texts), lambda r, c: texts[r][c], **more)  # type: ignore[arg-type]


def widths(rows: Rows, room: int, first: int = 0) -> tuple[int, ...]:
    """Return the width of each column for a pane of ``room`` cells.

    Columns are as wide as what they hold, as far as they may be; what is missing is taken from the widest
    that stretch, and what is left over is given to them.

    Args:
        rows: The table.
        room: Cells there are.
        first: Row at the top of what is seen: widths are found from the rows there.
    """
    found: list[int] = []
    whole: list[int] = []
    start = max(min(first, rows.count - SAMPLED), 0)
    for n, column in enumerate(rows.columns):
        longest = cell_len(harmless(column.title))
        for row in range(start, min(start + SAMPLED, rows.count)):
            longest = max(longest, cell_len(harmless(rows.cell(row, n))))
        whole.append(longest)
        found.append(min(longest, column.most))
    stretching = [n for n, column in enumerate(rows.columns) if column.stretch]
    left = room - sum(found) - GAP * max(len(found) - 1, 0)
    for n in stretching:
        if left > 0:
            more = min(left, whole[n] - found[n])
            found[n] += more
            left -= more
    while left < 0 and (able := [n for n in stretching if found[n] > LEAST]):
        widest = max(able, key=lambda n: found[n])
        found[widest] -= 1
        left += 1
    return tuple(found)


def seen(rows: Rows, sizes: Sequence[int], first: int, room: int) -> tuple[int, ...]:
    """Return the columns on screen: those that stay, then from ``first`` on what fits, at least one."""
    shown = list(range(min(rows.frozen, len(sizes))))
    used = sum(sizes[n] + GAP for n in shown)
    for n in range(max(first, rows.frozen), len(sizes)):
        if used + sizes[n] > room and n > max(first, rows.frozen):
            break
        shown.append(n)
        used += sizes[n] + GAP
    return tuple(shown)
