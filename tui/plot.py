"""Plots as plain lines of text, by plotext: the only module that knows it, so that it can be replaced.

plotext keeps its figure in module state: one lock around each figure. It is imported on first use.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from intermezzo.queries.harmless import harmless
from intermezzo.queries.language_rows import LanguageRow
from intermezzo.queries.matrix import Show

from .text import fit

LEAST_WIDTH, LEAST_HEIGHT = 24, 8
"""Cells below which nothing readable can be drawn."""

_LOCK = threading.Lock()


def plot_lines(
    rows: Sequence[LanguageRow], width: int, height: int, *, show: Show, unit_interval: bool
) -> tuple[str, ...]:
    """Draw the languages: values with intervals, or the system against its baseline.

    Args:
        rows: In the order in which they stand from left to right.
        width: Cells.
        height: Lines.
        show: Values, or deltas: then each language stands at (baseline, system), the diagonal meaning equal.
        unit_interval: Whether the metric lives in 0..1; then x 100.

    Returns:
        ``height`` lines of ``width`` cells, without colour; or one sentence where nothing can be drawn.
    """
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        return ("too small a pane for a plot",)
    factor = 100.0 if unit_interval else 1.0
    if show == "deltas":
        pairs = [(r.code, r.baseline_value, r.value) for r in rows]
        known = [(c, b * factor, v * factor) for c, b, v in pairs if b is not None and v is not None]
        if not known:
            return ("no language with both a value and a baseline",)
        text = _against(known, width, height - 1)
        above = sum(v > b for _, b, v in known)
        below = sum(v < b for _, b, v in known)
        last = f"→ baseline ↑ system: {above} above the diagonal, {below} below"
    else:
        values = [row for row in rows if row.value is not None]
        if not values:
            return ("no values to draw",)
        text = _values(values, width, height - 1, factor)
        whole = all(row.low is not None for row in values)
        last = "┼ value with its 95 % interval" if whole else "┼ value; 95 % interval where items are known"
    lines = [fit(line, width) for line in text.splitlines()]
    return (*lines, fit(last, width))


def _values(rows: Sequence[LanguageRow], width: int, height: int, factor: float) -> str:
    xs = list(range(len(rows)))
    ys = [(row.value or 0.0) * factor for row in rows]
    lows = [row.value if row.low is None else row.low for row in rows]
    highs = [row.value if row.high is None else row.high for row in rows]
    errors = [((high or 0.0) - (low or 0.0)) * factor for low, high in zip(lows, highs, strict=True)]
    codes = [harmless(row.code) for row in rows]
    step = _every(codes, width - 8)
    with _LOCK:
        import plotext

        _fresh(plotext, width, height)
        plotext.error(xs, ys, yerr=errors)
        plotext.xlim(-0.6, len(rows) - 0.4)
        plotext.xticks(xs[::step], codes[::step])
        return str(plotext.uncolorize(plotext.build()))


def _every(codes: Sequence[str], width: int) -> int:
    """Return which labels fit: every first, second, ... so that none touch."""
    longest = max(map(len, codes)) + 1
    return max(-(-longest * len(codes) // max(width, 1)), 1)


def _against(known: Sequence[tuple[str, float, float]], width: int, height: int) -> str:
    baseline = [b for _, b, _ in known]
    system = [v for _, _, v in known]
    low, high = min(baseline + system), max(baseline + system)
    margin = (high - low) * 0.05 or 1.0
    ends = [low - margin, high + margin]
    with _LOCK:
        import plotext

        _fresh(plotext, width, height)
        plotext.plot(ends, ends, marker="·")
        plotext.xlim(*ends)
        plotext.ylim(*ends)
        if len(known) <= width // 4:
            for code, b, v in known:
                plotext.text(harmless(code), b, v, alignment="left")
        else:
            plotext.scatter(baseline, system, marker="●")
        return str(plotext.uncolorize(plotext.build()))


def _fresh(plotext: object, width: int, height: int) -> None:
    from typing import Any, cast

    figure = cast(Any, plotext)
    figure.clear_figure()
    figure.limit_size(False, False)  # it would take the size of the terminal it thinks it is in
    figure.theme("clear")
    figure.plot_size(width, height)
