"""Figures with two numeric axes, by plotext: the only module that knows it, so that it can be replaced.

plotext keeps its figure in module state: one lock around each figure. It is imported on first use.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from .axes import Ends, place, tick_labels, ticks

_LOCK = threading.Lock()

LINE = "braille"
"""A thin line of dots, two by four in a cell."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Points of a figure.

    Attributes:
        xs: Where they stand from left to right.
        ys: Where they stand from bottom to top; as many.
        mark: A character of one cell, or ``LINE``.
        joined: Whether a line is drawn through them.
    """

    xs: Sequence[float]
    ys: Sequence[float]
    mark: str
    joined: bool = True


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawn figure, and where its points stand in it.

    Attributes:
        lines: Its lines, without colour.
        left: Column of the first cell inside the frame; its first line is the second of all.
        columns: Cells inside the frame.
        rows: Lines inside the frame.
        x: Ends of the horizontal axis.
        y: Ends of the vertical axis.
    """

    lines: tuple[str, ...]
    left: int
    columns: int
    rows: int
    x: Ends
    y: Ends

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """Return line and column of a point."""
        return self.rows - place(y, self.y, self.rows), self.left + place(x, self.x, self.columns)


def figure(
    traces: Sequence[Trace], width: int, height: int, *, x: Ends, y: Ends, factor: float = 1.0
) -> Figure:
    """Draw traces in a frame with round numbers at both axes; later traces cover earlier ones.

    Args:
        traces: What to draw; finite numbers.
        width: Cells, labels included.
        height: Lines, labels included.
        x: Ends of the horizontal axis.
        y: Ends of the vertical axis.
        factor: What the numbers at both axes are multiplied by.

    Returns:
        The figure, of ``height`` lines and at most ``width`` columns.
    """
    at_y, labels_y = _ticks(y, max((height - 3) // 3 + 1, 2), factor)
    beside = max(map(len, labels_y), default=0)
    at_x, labels_x = _ticks(x, max((width - 2 - beside) // 9, 2), factor)
    with _LOCK:
        import plotext

        drawn = cast(Any, plotext)
        drawn.clear_figure()
        drawn.limit_size(False, False)  # it would take the size of the terminal it thinks it is in
        drawn.theme("clear")
        drawn.plot_size(width, height)
        for trace in traces:
            draw = drawn.plot if trace.joined else drawn.scatter
            draw(list(trace.xs), list(trace.ys), marker=trace.mark)
        drawn.xlim(*x)
        drawn.ylim(*y)
        drawn.xticks(at_x, labels_x)
        drawn.yticks(at_y, labels_y)
        lines = tuple(str(drawn.uncolorize(drawn.build())).splitlines())
    return Figure(lines, beside + 1, width - 2 - beside, height - 2 - bool(at_x), x, y)


def _ticks(ends: Ends, most: int, factor: float) -> tuple[list[float], list[str]]:
    shown = ticks((ends[0] * factor, ends[1] * factor), most)
    return [value / factor for value in shown], tick_labels(shown)
