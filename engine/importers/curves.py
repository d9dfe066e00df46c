"""Learning curves, compact: columns of numbers, thinned evenly where they are long."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from intermezzo.engine.importing.reading import number

MOST_POINTS = 400
"""Points kept of a curve; first and last are always among them."""


def curve(points: Iterable[Mapping[str, Any]], x: str = "step") -> dict[str, list[float | None]]:
    """Return the numbers of ``points`` by name, in the order of ``x``.

    Points without a finite ``x`` are left out, and so are names that never have a finite number. A number
    that is not finite becomes ``None``. Of points with the same ``x``, the last counts.
    """
    by_x: dict[float, dict[str, float | None]] = {}
    for point in points:
        at = number(point.get(x))
        if at is None or not math.isfinite(at):
            continue
        kept = by_x.setdefault(at, {})
        for name, value in point.items():
            found = number(value)
            if name != x and found is not None:
                kept[name] = found if math.isfinite(found) else None
    order = thinned(sorted(by_x))
    names = sorted({name for at in order for name, value in by_x[at].items() if value is not None})
    if not order or not names:
        return {}
    columns: dict[str, list[float | None]] = {x: [_short(at) for at in order]}
    columns |= {name: [by_x[at].get(name) for at in order] for name in names}
    return columns


def thinned(values: list[float]) -> list[float]:
    """Return at most ``MOST_POINTS`` of ``values``, evenly spread, with the first and the last."""
    if len(values) <= MOST_POINTS:
        return values
    last = len(values) - 1
    return [values[round(i * last / (MOST_POINTS - 1))] for i in range(MOST_POINTS)]


def _short(value: float) -> float:
    return int(value) if value.is_integer() else value
