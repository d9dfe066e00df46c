"""Figures with two numeric axes, by plotext: the only module that knows it, so that it can be replaced.

plotext keeps its figure in module state: one lock around each figure. It is imported on first use.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from .axes import Ends, tick_labels, ticks

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


def figure_lines(traces: Sequence[Trace], width: int, height: int, *, x: Ends, y: Ends) -> list[str]:
    """Draw traces in a frame with round numbers at both axes; later traces cover earlier ones.

    Args:
        traces: What to draw; finite numbers.
        width: Cells, labels included.
        height: Lines, labels included.
        x: Ends of the horizontal axis.
        y: Ends of the vertical axis.

    Returns:
        ``height`` lines of at most ``width`` cells, without colour.
    """
    at_y = ticks(y, max((height - 3) // 3 + 1, 2))
    labels_y = tick_labels(at_y)
    inner = width - 2 - max(map(len, labels_y), default=0)
    at_x = ticks(x, max(inner // 9, 2))
    labels_x = tick_labels(at_x)
    with _LOCK:
        import plotext

        figure = cast(Any, plotext)
        figure.clear_figure()
        figure.limit_size(False, False)  # it would take the size of the terminal it thinks it is in
        figure.theme("clear")
        figure.plot_size(width, height)
        for trace in traces:
            draw = figure.plot if trace.joined else figure.scatter
            draw(list(trace.xs), list(trace.ys), marker=trace.mark)
        figure.xlim(*x)
        figure.ylim(*y)
        figure.xticks(at_x, labels_x)
        figure.yticks(at_y, labels_y)
        return str(figure.uncolorize(figure.build())).splitlines()
