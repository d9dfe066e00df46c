"""Seed strips: one row a language or task, a dot a train seed, the mean marked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from intermezzo.queries.matrix import number_text

from .axes import ends_of
from .drawing import Drawing
from .rows import BOTH, MEAN, Row, row_drawing

ONE, OTHER = "●", "○"
"""Marks of a seed of the system, and of the baseline."""

ONE_SEED = (
    "One run each stands behind this: training variance unknown. Runs with other train seeds make strips."
)
"""What is said where nothing was trained twice."""


@dataclass(frozen=True, slots=True)
class Strip:
    """A row.

    Attributes:
        label: The language's code, or the task.
        detail: A longer name.
        values: The value of each train seed.
        baseline: Those of the baseline, where it is drawn too.
    """

    label: str
    detail: str = ""
    values: tuple[float, ...] = ()
    baseline: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Strips:
    """Seeds of languages or tasks, under each the baseline's seeds where there are any.

    Attributes:
        rows: From top to bottom.
        unit_interval: Whether the metric lives in 0..1; then x 100.
        names: What the baseline and the system are called.
    """

    rows: tuple[Strip, ...]
    unit_interval: bool
    names: tuple[str, str] = ("baseline", "system")

    def draw(self, width: int, height: int) -> Drawing:
        """Draw it; longer than ``height`` where not all strips fit."""
        found = [value for strip in self.rows for value in (*strip.values, *strip.baseline)]
        if not found:
            return Drawing(sentence="No run behind this cell has a value of its own.")
        others = any(strip.baseline for strip in self.rows)
        if max(len(values) for strip in self.rows for values in (strip.values, strip.baseline)) < 2:
            return Drawing(sentence=ONE_SEED)
        drawn = []
        for strip in self.rows:
            drawn.append(_row(strip.label, strip.detail, strip.values, ONE, unit_interval=self.unit_interval))
            if others:
                drawn.append(_row("", "", strip.baseline, OTHER, unit_interval=self.unit_interval))
        seeds = f"{ONE} seed of {self.names[1]}  {OTHER} of {self.names[0]}" if others else f"{ONE} seed"
        legend = f"{seeds}  {MEAN} mean  {BOTH} both  2 two  ± standard deviation"
        factor = 100.0 if self.unit_interval else 1.0
        ends = ends_of(found, room=0.03)
        return row_drawing(drawn, width, height, ends=ends, factor=factor, legend=[legend])


def _row(label: str, detail: str, values: Sequence[float], glyph: str, *, unit_interval: bool) -> Row:
    if not values:
        return Row(label, detail, gap="no value")
    mean = sum(values) / len(values)
    text = number_text(mean, unit_interval=unit_interval)
    if len(values) > 1:
        deviation = math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))
        text += f" ±{number_text(deviation, unit_interval=unit_interval)}"
    return Row(label, detail, text, tuple((value, glyph) for value in values), mean=mean)
