"""Histograms of credits: how many items earn how much, or gain and lose how much against another system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from intermezzo.tui.text import fit, wrapped

from .drawing import LEAST_HEIGHT, LEAST_WIDTH, TOO_SMALL, Drawing

BINS = 10
"""Bins of credits that take many values; of differences one more, so that one of them is around zero."""

_EIGHTHS = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True, slots=True)
class Bin:
    """A line of a histogram."""

    label: str
    items: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many items have which credit.

    Attributes:
        counts: ``(credit, items)``: credits in 0..1, or differences of credits in -1..1.
        differences: Whether these are differences of two systems.
        note: What must be said of them.
    """

    counts: tuple[tuple[float, int], ...]
    differences: bool
    note: str = ""

    def draw(self, width: int, height: int) -> Drawing:
        """Draw it."""
        items = sum(number for _, number in self.counts)
        if not items:
            return Drawing(sentence="No item of this cell has a credit.")
        if width < LEAST_WIDTH or height < LEAST_HEIGHT:
            return TOO_SMALL
        below = [*wrapped(self._said(items), width), *(wrapped(self.note, width) if self.note else ())]
        bins = bins_of(dict(self.counts), min(BINS, height - len(below) - 1), differences=self.differences)
        label = max(len(b.label) for b in bins)
        number = max(len(f"{b.items:,}") for b in bins)
        room = width - label - number - 12
        most = max(b.items for b in bins)
        lines = []
        for b in bins:
            bar = _bar(b.items / most, room)
            lines.append(f"{b.label.rjust(label)} ▕{bar} {b.items:>{number},} {100 * b.items / items:5.1f} %")
        lines += [""] * (height - len(below) - len(lines))
        return Drawing(tuple(fit(line, width) for line in (*lines, *below)))

    def _said(self, items: int) -> str:
        mean = sum(value * number for value, number in self.counts) / items
        if self.differences:
            gained = sum(number for value, number in self.counts if value > 0)
            lost = sum(number for value, number in self.counts if value < 0)
            stay = items - gained - lost
            return f"{items:,} items: {gained:,} gain, {lost:,} lose, {stay:,} stay; mean {mean:+.4f}"
        right = sum(number for value, number in self.counts if value >= 1)
        return f"{items:,} items: {right:,} with full credit; mean {mean:.4f}"


def _bar(share: float, room: int) -> str:
    eighths = round(share * room * 8)
    if share > 0:
        eighths = max(eighths, 1)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (_EIGHTHS[rest] if rest else "")).ljust(room)


def bins_of(counts: Mapping[float, int], most: int, *, differences: bool) -> list[Bin]:
    """Return one bin a value where there are few, else equal bins; the best first."""
    values = sorted(counts, reverse=True)
    if len(values) <= most:
        return [Bin(_number(value, differences=differences), counts[value]) for value in values]
    low, high = (-1.0, 1.0) if differences else (0.0, 1.0)
    bins = max(most - 1 + most % 2 if differences else most, 1)
    step = (high - low) / bins
    found = [0] * bins
    for value, number in counts.items():
        found[min(max(int((value - low) / step), 0), bins - 1)] += number
    labels = [
        f"{_number(low + n * step, differences=differences)} to "
        f"{_number(low + (n + 1) * step, differences=differences)}"
        for n in range(bins)
    ]
    return [Bin(label, number) for label, number in zip(labels[::-1], found[::-1], strict=True)]


def _number(value: float, *, differences: bool) -> str:
    if abs(value) < 5e-4:
        return "0"
    text = f"{value:+.2f}" if differences else f"{value:.2f}"
    return text.rstrip("0").rstrip(".")
