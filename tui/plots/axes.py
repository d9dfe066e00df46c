"""Axes: where ticks stand and how numbers are written at them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

Ends = tuple[float, float]
"""Lower and upper end of an axis."""


def ends_of(values: Sequence[float], *, room: float = 0.0) -> Ends:
    """Return the ends of an axis that holds all values, never of no length.

    Args:
        values: Finite numbers, at least one.
        room: Share of the length left free on both sides.
    """
    low, high = min(values), max(values)
    length = high - low
    if length <= abs(high) * 1e-9:
        length = abs(high) / 10 or 1.0
        low, high = low - length / 2, high + length / 2
    return low - length * room, high + length * room


def ticks(ends: Ends, most: int) -> list[float]:
    """Return at most ``most`` round numbers (1, 2 or 5 times a power of ten apart) inside an axis."""
    low, high = ends
    if most < 1 or not high > low:
        return []
    power: float = 10.0 ** math.floor(math.log10((high - low) / most))
    for step in (power, 2 * power, 5 * power, 10 * power, 20 * power):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 <= most:
            return [n * step for n in range(first, last + 1)]
    return []


def tick_labels(values: Sequence[float]) -> list[str]:
    """Write the numbers at ticks with as many digits as tell them apart: ``0.05``, ``1,500``, ``20k``."""
    if not values:
        return []
    largest = max(map(abs, values))
    for unit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if largest >= (10 if letter == "k" else 1) * unit:
            return [f"{_short(value / unit)}{letter}" if value else "0" for value in values]
    step = min((b - a for a, b in pairwise(values)), default=largest or 1.0)
    if step < 1e-6:
        return [f"{value:.0e}" for value in values]
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    return [f"{value + 0.0:,.{digits}f}" for value in values]


def _short(value: float) -> str:
    return f"{value:,.3f}".rstrip("0").rstrip(".")


def place(value: float, ends: Ends, cells: int) -> int:
    """Return the cell of a value on an axis of ``cells`` cells; values beyond its ends stand at them."""
    low, high = ends
    # rounded as plotext does, so that a mark is found where it draws it
    return min(max(math.floor(round((value - low) / (high - low) * (cells - 1) + 0.5, 8)), 0), cells - 1)


def axis_line(ends: Ends, cells: int, *, factor: float = 1.0, signed: bool = False) -> str:
    """Return round numbers above where they stand on an axis of ``cells`` cells.

    Args:
        ends: Of the axis, in the unit of the values.
        cells: Its length.
        factor: What the numbers are multiplied by: 100 for metrics of the unit interval.
        signed: Whether numbers above zero have their sign: differences.
    """
    shown = (ends[0] * factor, ends[1] * factor)
    at = ticks(shown, max(cells // 9, 2))
    line = [" "] * cells
    taken = -1
    for value, label in zip(at, tick_labels(at), strict=True):
        label = f"+{label}" if signed and value > 0 else label
        start = min(max(place(value, shown, cells) - len(label) // 2, 0), cells - len(label))
        if start > taken and start >= 0:
            line[start : start + len(label)] = label
            taken = start + len(label)
    return "".join(line)[:cells]
