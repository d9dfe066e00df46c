"""Forest plots as lines of text: differences with their intervals around zero, no colour needed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from intermezzo.tui.text import fit, wrapped
from rich.cells import cell_len

from .axes import axis_line, place
from .drawing import TOO_SMALL, Drawing

LEAST, ROOM = 11, 24
"""Cells of an axis below which nothing readable can be drawn, and below which labels are cut first."""


USUAL = 0.8
"""Share of the ends of intervals that are on the axis in any case."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of a forest plot.

    Attributes:
        label: What it is of.
        delta: The difference; ``None`` draws nothing.
        low: Lower end of its interval.
        high: Upper end.
        decided: Whether it is significant by its adjusted p: a full mark, else an open one.
        over: Whether it is one over languages: a diamond.
        text: What stands to the right of it.
    """

    label: str
    delta: float | None
    low: float | None = None
    high: float | None = None
    decided: bool = False
    over: bool = False
    text: str = ""


def reach(differences: Sequence[Difference]) -> tuple[float, float]:
    """Return where the axis begins and ends: all of the intervals, zero, and some room on both sides.

    A few intervals much wider than the others (two seeds that disagree) do not press these together: they
    reach beyond the axis, which is never shorter than half as much again as the largest difference.
    """
    ends = [end for d in differences for end in (d.delta, d.low, d.high) if end is not None]
    sizes = sorted(abs(end) for d in differences for end in (d.low, d.high) if end is not None)
    usual = sizes[math.ceil(USUAL * len(sizes)) - 1] if sizes else 0.0
    most = max(usual, *(1.5 * abs(d.delta) for d in differences if d.delta is not None), 0.0)
    low, high = (max(-most, min(0.0, *ends, 0.0)), min(most, max(0.0, *ends, 0.0)))
    room = (high - low) / 6
    return min(low, -room), max(high, room)


def bar(difference: Difference, ends: tuple[float, float], width: int) -> str:
    """Return a difference drawn on an axis: ``  │  ├──●──┤``."""
    if width < LEAST or ends[1] <= ends[0]:
        return ""

    def at(value: float) -> int:
        return place(value, ends, width)

    cells = [" "] * width
    zero = at(0.0)
    cells[zero] = "│"
    if difference.delta is None:
        return "".join(cells)
    if difference.low is not None and difference.high is not None:
        left, right = at(difference.low), at(difference.high)
        for n in range(left, right + 1):
            cells[n] = "┼" if n == zero else "─"
        cells[left] = "‹" if difference.low < ends[0] else "├"
        cells[right] = "›" if difference.high > ends[1] else "┤"
    cells[at(difference.delta)] = "◆" if difference.over else "●" if difference.decided else "○"
    return "".join(cells)


@dataclass(frozen=True, slots=True)
class Forest:
    """Differences with their intervals around zero.

    Attributes:
        rows: From top to bottom.
        unit_interval: Whether the metric lives in 0..1; then x 100.
        better: Whom a difference to the left, and one to the right, favours.
    """

    rows: tuple[Difference, ...]
    unit_interval: bool
    better: tuple[str, str]

    def draw(self, width: int, height: int) -> Drawing:
        """Draw it; longer than ``height`` where not all rows fit."""
        ends = reach(self.rows)
        if ends[1] <= ends[0]:
            return Drawing(sentence="There is no difference to draw.")
        text = max((cell_len(d.text) for d in self.rows), default=0)
        longest = max((cell_len(d.label) for d in self.rows), default=0)
        label = min(longest, max(width // 4, width - text - 4 - ROOM, 8))
        room = width - label - text - 4
        if room < LEAST:
            return TOO_SMALL
        indent = " " * (label + 2)
        left, right = f"← {self.better[0]}", f"{self.better[1]} →"
        favours = left + right.rjust(room - cell_len(left)) if len(left) + len(right) < room else ""
        factor = 100.0 if self.unit_interval else 1.0
        head = [indent + favours, indent + axis_line(ends, room, factor=factor, signed=True)]
        lines = [
            f" {fit(d.label, label)} {bar(d, ends, room)} {fit(d.text, text, right=True)}" for d in self.rows
        ]
        beyond = any("‹" in line or "›" in line for line in lines)
        legend = wrapped(_LEGEND + "  ‹\u00a0›\u00a0beyond\u00a0the\u00a0axis" * beyond, width - 1)
        said = [" " + line.replace("\u00a0", " ") for line in legend]
        if len(head) + len(lines) + len(legend) > height:
            # what must be scrolled has its legend above, where it is always seen
            head, said = [*said, *head], []
        lines += [""] * (height - len(head) - len(lines) - len(said))
        return Drawing(tuple(fit(line, width) for line in (*head, *lines, *said)), fixed=len(head))


_LEGEND = "  ".join(
    part.replace(" ", "\u00a0")
    for part in ("● significant by adjusted p", "○ not", "◆ over languages", "├─┤ plain 95 %")
)
