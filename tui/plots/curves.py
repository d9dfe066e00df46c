"""Learning curves: numbers over training steps, one line a series."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from intermezzo.tui.text import fit, wrapped

from .axes import ends_of
from .drawing import LEAST_HEIGHT, LEAST_WIDTH, TOO_SMALL, Drawing
from .figure import LINE, Trace, figure

MARKS = "●○×◆▲◇△▪abcdefghijklmnopqrstuvwxyz"
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


@dataclass(frozen=True, slots=True)
class Curves:
    """Learning curves: a panel a quantity, a line a training.

    Attributes:
        panels: ``(quantity, its curves)``, the one that matters most first.
    """

    panels: tuple[tuple[str, tuple[Series, ...]], ...]

    def draw(self, width: int, height: int) -> Drawing:
        """Draw as many panels as fit, one above the other or side by side."""
        if not self.panels:
            return Drawing(sentence=NO_CURVES)
        if width < LEAST_WIDTH or height < LEAST_HEIGHT + 1:
            return TOO_SMALL
        stacked = max(min(len(self.panels), height // (LEAST_HEIGHT + 2)), 1)
        beside = (
            1 if stacked == len(self.panels) else max(min(len(self.panels) // stacked, width // _BESIDE), 1)
        )
        shown = self.panels[: stacked * beside]
        left = [name for name, _ in self.panels[len(shown) :]]
        high, wide = (height - bool(left)) // stacked, (width - beside + 1) // beside
        drawn = [self._panel(name, series, wide, high) for name, series in shown]
        lines: list[str] = []
        for start in range(0, len(drawn), beside):
            lines += [" ".join(parts) for parts in zip(*drawn[start : start + beside], strict=True)]
        if left:
            lines.append(f"{len(left)} more where there is more room: {', '.join(left)}")
        return Drawing(tuple(fit(line, width) for line in lines))

    def _panel(self, name: str, series: Sequence[Series], width: int, height: int) -> list[str]:
        lines = curve_lines(series, width, height - 1)
        body = lines if len(lines) == height - 1 else (*lines, *[""] * (height - 1 - len(lines)))
        return [fit(name, width), *(fit(line, width) for line in body)]


NO_CURVES = (
    "No learning curve is kept with these runs. Trainings by intermezzo keep one, and so do imports of the "
    "Hugging Face Trainer's trainer_state.json and of jiant's logs."
)
"""What is said where there are none."""

_BESIDE = 48
"""Cells of a panel that stands beside another."""


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
        return ("There are no points of a learning curve to draw.",)
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        return (TOO_SMALL.sentence,)
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
    made = figure(traces[::-1], width, height - len(legend), x=xs, y=ys)
    return tuple(fit(line, width) for line in (*made.lines, *legend))


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
