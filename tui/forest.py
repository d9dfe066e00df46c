"""Forest plots as lines of text: differences with their intervals around zero, no colour needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .text import fit

LEAST = 11
"""Cells below which nothing readable can be drawn."""


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
    """Return where the axis begins and ends: all of the intervals, zero, and some room on both sides."""
    ends = [end for d in differences for end in (d.delta, d.low, d.high) if end is not None]
    low, high = min(0.0, *ends, 0.0), max(0.0, *ends, 0.0)
    room = (high - low) / 6
    return min(low, -room), max(high, room)


def bar(difference: Difference, ends: tuple[float, float], width: int) -> str:
    """Return a difference drawn on an axis: ``  │  ├──●──┤``."""
    low_end, high_end = ends
    if width < LEAST or high_end <= low_end:
        return ""

    def at(value: float) -> int:
        return min(max(round((value - low_end) / (high_end - low_end) * (width - 1)), 0), width - 1)

    cells = [" "] * width
    zero = at(0.0)
    cells[zero] = "│"
    if difference.delta is None:
        return "".join(cells)
    if difference.low is not None and difference.high is not None:
        left, right = at(difference.low), at(difference.high)
        for n in range(left, right + 1):
            cells[n] = "┼" if n == zero else "─"
        cells[left], cells[right] = "├", "┤"
    cells[at(difference.delta)] = "◆" if difference.over else "●" if difference.decided else "○"
    return "".join(cells)


def forest_lines(
    differences: Sequence[Difference], width: int, *, unit_interval: bool, better: tuple[str, str]
) -> list[str]:
    """Return a whole forest plot.

    Args:
        differences: From top to bottom.
        width: Cells.
        unit_interval: Whether the metric lives in 0..1; then x 100.
        better: Whom a difference to the left, and one to the right, favours.

    Returns:
        The lines; one sentence where nothing can be drawn.
    """
    ends = reach(differences)
    label = min(max((len(d.label) for d in differences), default=0), max(width // 4, 8))
    text = max((len(d.text) for d in differences), default=0)
    room = width - label - text - 4
    if ends[1] <= ends[0]:
        return ["There is no difference to draw."]
    if room < LEAST:
        return ["This pane is too small for a forest plot."]
    lines = []
    for d in differences:
        lines.append(f" {fit(d.label, label)} {bar(d, ends, room)} {fit(d.text, text, right=True)}")
    factor = 100 if unit_interval else 1
    zero = bar(Difference("", None), ends, room).index("│")
    left, right = f"{ends[0] * factor:+.1f}", f"{ends[1] * factor:+.1f}"
    axis = left.ljust(zero)[:zero] + "0" + right.rjust(room - zero - 1)
    indent = " " * (label + 2)
    favours = f"← {better[0]}".ljust(room - len(better[1]) - 2) + f"{better[1]} →"
    legend = " ● significant by adjusted p  ○ not  ◆ over languages  ├─┤ plain 95 %"
    return [*lines, indent + axis, indent + fit(favours, room), "", legend]
