"""Learning curves: numbers over training steps, one line a series."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from intermezzo.tui.text import fit, wrapped

from .axes import ends_of
from .figure import LINE, Trace, figure_lines

LEAST_WIDTH, LEAST_HEIGHT = 24, 7
"""Cells and lines below which nothing readable can be drawn."""

MARKS = "●○×+◆◇▲△abcdefghijklmnopqrstuvwxyz"
"""What each series is drawn with where there are several; more series than these are not drawn."""


@dataclass(frozen=True, slots=True)
class Series:
    """A curve.

    Attributes:
        name: What it is of, for the legend.
        points: ``(step, value)``; those that are not finite are left out.
    """

    name: str
    points: tuple[tuple[float, float], ...]


def series_of(points: Iterable[Mapping[str, Any]], *, x: str = "step") -> dict[str, Series]:
    """Return the curves in points as a training writes them: ``{"step": 10, "loss": 0.7}``, by name.

    Args:
        points: Each with its step and one or more numbers; what is no number is left out.
        x: What the points are ordered by.
    """
    found: dict[str, list[tuple[float, float]]] = {}
    for point in points:
        at = point.get(x)
        if not _is_number(at):
            continue
        for name, value in point.items():
            if name != x and _is_number(value):
                found.setdefault(name, []).append((float(at), float(value)))
    return {name: Series(name, tuple(sorted(pairs))) for name, pairs in found.items()}


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def curve_lines(series: Sequence[Series], width: int, height: int, *, x: str = "step") -> tuple[str, ...]:
    """Draw curves on common axes: one alone as a thin line, several each with a mark of its own.

    Args:
        series: Curves of one quantity, e.g. the losses of five seeds.
        width: Cells.
        height: Lines, legend included.
        x: Name of the horizontal axis.

    Returns:
        ``height`` lines of ``width`` cells, without colour; or one sentence where nothing can be drawn.
    """
    kept = [(s.name, points) for s in series if (points := _finite(s.points))]
    if not kept:
        return ("there are no points of a learning curve to draw",)
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        return ("too small a pane for a plot",)
    drawn = kept[: len(MARKS)]
    legend = _legend(drawn, len(kept) - len(drawn), width, max(height // 4, 1), x)
    xs = ends_of([at for _, points in drawn for at, _ in points])
    ys = ends_of([value for _, points in drawn for _, value in points], room=0.03)
    traces = []
    for mark, (_, points) in zip(MARKS, drawn, strict=False):
        thin = thinned(points, width)
        alone = len(drawn) == 1 and len(thin) > 1
        traces.append(Trace([at for at, _ in thin], [value for _, value in thin], LINE if alone else mark))
    # the first series is the one that is asked for: it covers the others
    lines = figure_lines(traces[::-1], width, height - len(legend), x=xs, y=ys)
    return tuple(fit(line, width) for line in (*lines, *legend))


def _finite(points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    return sorted(p for p in points if math.isfinite(p[0]) and math.isfinite(p[1]))


def thinned(points: Sequence[tuple[float, float]], columns: int) -> list[tuple[float, float]]:
    """Return the least and the greatest value of each column where there are more points than can be seen.

    Args:
        points: Sorted by step.
        columns: Cells of the axis.
    """
    if len(points) <= 2 * columns:
        return list(points)
    low, high = points[0][0], points[-1][0]
    length = (high - low) or 1.0
    columned: dict[int, list[tuple[float, float]]] = {}
    for point in points:
        columned.setdefault(int((point[0] - low) / length * columns), []).append(point)
    kept = []
    for here in columned.values():
        extremes = {min(here, key=lambda p: p[1]), max(here, key=lambda p: p[1])}
        kept += sorted(extremes)
    return kept


def _legend(
    drawn: Sequence[tuple[str, Sequence[tuple[float, float]]]], more: int, width: int, lines: int, x: str
) -> list[str]:
    """Name the series, with the last value of each, in at most ``lines`` lines."""
    alone = len(drawn) == 1
    names = [
        f"{'' if alone else mark + ' '}{name} {points[-1][1]:.3g}".replace(" ", "\u00a0")
        for mark, (name, points) in zip(MARKS, drawn, strict=False)
    ]
    axis = f"{x}\u00a0→"
    left = len(drawn) + more
    while True:
        said = [f"and\u00a0{left - len(names)}\u00a0more"] if left > len(names) else []
        found = wrapped("  ".join([axis, *names, *said]), width)
        if len(found) <= lines or len(names) <= 1:
            return [line.replace("\u00a0", " ") for line in found[:lines]]
        names.pop()
