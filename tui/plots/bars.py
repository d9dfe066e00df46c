"""Languages as rows: each value with its interval, or the way from the baseline's value to the system's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from intermezzo.queries.language_rows import LanguageRow
from intermezzo.queries.matrix import number_text
from intermezzo.tui.output import TRAIN

from .axes import ends_of
from .drawing import Drawing
from .rows import BOTH, Row, row_drawing

NO_LANGUAGE = "No language of this cell has a value: only means over languages are stated."
"""What is said of a cell without languages."""

NO_PAIR = "No language has both a value and a baseline's: b in the matrix pins a baseline."
"""What is said where two systems are needed and there is one."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Values of languages with their 95 % intervals.

    Attributes:
        rows: From top to bottom.
        unit_interval: Whether the metric lives in 0..1; then x 100.
    """

    rows: tuple[LanguageRow, ...]
    unit_interval: bool

    def draw(self, width: int, height: int) -> Drawing:
        """Draw it; longer than ``height`` where not all languages fit."""
        found = [v for row in self.rows for v in (row.value, row.low, row.high) if v is not None]
        if not found:
            return Drawing(sentence=NO_LANGUAGE)
        legend = f"{_WHOLE} value  ├─┤ its 95 % interval"
        if any(row.low is None for row in self.rows if row.value is not None):
            legend += f"  {_BARE} interval unknown"
        ends = ends_of(found, room=0.02)
        return row_drawing(
            [self._row(row) for row in self.rows],
            width,
            height,
            ends=ends,
            factor=_factor(self),
            legend=[legend],
        )

    def _row(self, row: LanguageRow) -> Row:
        if row.value is None:
            return Row(label_of(row), row.language_name or "", "· ", gap=row.gap or "no value")
        text = number_text(row.value, unit_interval=self.unit_interval) + row.letter
        if row.low is None or row.high is None:
            return Row(label_of(row), row.language_name or "", text, ((row.value, _BARE),))
        marks, spans = ((row.value, _WHOLE),), ((row.low, row.high, "─"),)
        return Row(label_of(row), row.language_name or "", text, marks, spans)


_WHOLE, _BARE = "●", "○"


@dataclass(frozen=True, slots=True)
class Way:
    """A language of two systems; values in the metric's natural unit, ``gap`` said where one is missing."""

    label: str
    name: str
    baseline: float | None
    system: float | None
    gap: str = ""


@dataclass(frozen=True, slots=True)
class Ways:
    """Two systems language by language: how far it is from the one to the other.

    Attributes:
        rows: From top to bottom.
        unit_interval: Whether the metric lives in 0..1; then x 100.
        names: What the two are called: the one that is held against, and the system.
    """

    rows: tuple[Way, ...]
    unit_interval: bool
    names: tuple[str, str] = ("baseline", "system")

    def draw(self, width: int, height: int) -> Drawing:
        """Draw it; longer than ``height`` where not all languages fit."""
        pairs = [(r.baseline, r.system) for r in self.rows if not r.gap]
        found = [value for pair in pairs for value in pair if value is not None]
        if not found:
            return Drawing(sentence=NO_PAIR)
        legend = [f"○ {self.names[0]}  ● {self.names[1]}  {BOTH} both  ━ the difference"]
        ends = ends_of(found, room=0.02)
        return row_drawing(
            [self._row(row) for row in self.rows],
            width,
            height,
            ends=ends,
            factor=_factor(self),
            legend=legend,
        )

    def _row(self, row: Way) -> Row:
        if row.gap or row.system is None or row.baseline is None:
            return Row(row.label, row.name, "·", gap=row.gap or "no value")
        low, high = sorted((row.system, row.baseline))
        text = number_text(row.system - row.baseline, unit_interval=self.unit_interval, signed=True)
        marks = ((row.baseline, "○"), (row.system, "●"))
        return Row(row.label, row.name, text, marks, ((low, high, "━"),))


def ways_of(rows: Iterable[LanguageRow]) -> tuple[Way, ...]:
    """Return the languages of a cell with their baseline."""
    return tuple(
        Way(
            label_of(r),
            r.language_name or "",
            r.baseline_value,
            r.value,
            "" if r.delta is not None else _why(r),
        )
        for r in rows
    )


def _why(row: LanguageRow) -> str:
    return row.refused or ("no value of the baseline" if row.value is not None else row.gap or "no value")


def label_of(row: LanguageRow) -> str:
    """Return a language's code; the train language's with †."""
    return row.code + (TRAIN if row.is_train_language else "")


def _factor(plot: Bars | Ways) -> float:
    return 100.0 if plot.unit_interval else 1.0
