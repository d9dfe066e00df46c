"""Reading what a plot is drawn from: of the languages at hand, or in a thread by questions to the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from intermezzo.queries.language_rows import LanguageRow, sorted_languages
from intermezzo.queries.matrix import Show

from .bars import Bars, Ways, ways_of
from .kinds import Plot, PlotKind
from .scatter import Point, Scatter

if TYPE_CHECKING:
    from intermezzo.queries.seed_values import SeedValues
    from intermezzo.queries.store.reader import Reader


@dataclass(frozen=True, slots=True)
class PlotRequest:
    """What is to be drawn of a cell.

    Attributes:
        kind: Which plot.
        system: The system.
        yardstick: The yardstick, by id.
        baseline: The system it is held against, if any.
        show: Values of the one, or both.
        unit_interval: Whether the metric lives in 0..1.
        higher_is_better: Direction of the metric.
        language: Only the items of this language; all where not given.
        insist: Whether what is known to differ is compared all the same.
        names: What baseline and system are called.
    """

    kind: PlotKind
    system: str
    yardstick: str
    baseline: str | None = None
    show: Show = "values"
    unit_interval: bool = True
    higher_is_better: bool = True
    language: str | None = None
    insist: bool = False
    names: tuple[str, str] = ("baseline", "system")

    @property
    def two(self) -> bool:
        """Whether two systems are drawn."""
        return self.show == "deltas" and self.baseline is not None


OF_ROWS = frozenset({"bars", "scatter"})
"""Kinds that are drawn from the languages of the cell alone."""


def plot_of_rows(request: PlotRequest, rows: Sequence[LanguageRow]) -> Plot:
    """Return a plot of the languages that are at hand."""
    if request.kind == "scatter":
        points = [
            Point(row.code, row.baseline_value, row.value)
            for row in rows
            if row.delta is not None and row.value is not None and row.baseline_value is not None
        ]
        return Scatter(tuple(points), request.unit_interval, request.higher_is_better)
    if request.show == "deltas":
        return Ways(ways_of(rows), request.unit_interval)
    return Bars(tuple(rows), request.unit_interval)


def read_plot(reader: Reader, request: PlotRequest) -> Plot:
    """Ask the store for what a plot is drawn from.

    Raises:
        Problem: Something is missing; the sentence says what.
    """
    if request.kind in OF_ROWS:
        return plot_of_rows(request, _languages(reader, request))
    if request.kind == "forest":
        return _forest(reader, request)
    if request.kind == "seeds":
        return _seeds(reader, request)
    if request.kind == "task-seeds":
        return _task_seeds(reader, request)
    if request.kind == "curves":
        return _curves(reader, request)
    return _histogram(reader, request)


def _languages(reader: Reader, request: PlotRequest) -> Sequence[LanguageRow]:
    from intermezzo.queries.language_rows import language_rows

    table = reader.ask(
        "languages", system=request.system, yardstick=request.yardstick, baseline=request.baseline
    )
    rows = language_rows(table.columns, table.rows)
    return sorted_languages(rows, "value", descending=True, deltas=request.show == "deltas")


def _forest(reader: Reader, request: PlotRequest) -> Plot:
    from intermezzo.queries.compare import Request, compare
    from intermezzo.queries.errors import Problem
    from intermezzo.tui.compare_state import CompareState, plot_of, shown_of

    if request.baseline is None:
        raise Problem(NO_BASELINE)
    systems = (request.system, request.baseline)
    comparison = compare(reader, Request(systems, yardstick=request.yardstick, insist=request.insist))
    (pair,) = comparison.pairs
    if pair.refused:
        raise Problem(f"Refused: {pair.refused}")
    plot = plot_of(shown_of(pair, CompareState()), comparison, "forest", request.names)
    assert plot is not None
    return plot


NO_BASELINE = "There is no baseline here to hold this system against: b in the matrix pins one."
"""What is said where a plot needs two systems."""


def _seeds(reader: Reader, request: PlotRequest) -> Plot:
    from intermezzo.queries.seed_values import seeds_by_language

    of = [seeds_by_language(reader, name, request.yardstick) for name in _systems(request)]
    return _strips(of, request.unit_interval, request.names)


def _task_seeds(reader: Reader, request: PlotRequest) -> Plot:
    from intermezzo.queries.seed_values import seeds_by_task

    of = [seeds_by_task(reader, name) for name in _systems(request)]
    return _strips([[row for row in rows if row.unit_interval] for rows in of], True, request.names)


def _systems(request: PlotRequest) -> tuple[str, ...]:
    return (request.system, request.baseline) if request.two and request.baseline else (request.system,)


def _strips(of: Sequence[Sequence[SeedValues]], unit_interval: bool, names: tuple[str, str]) -> Plot:
    from .seeds import Strip, Strips

    other = {row.label: row.values for row in of[1]} if len(of) > 1 else {}
    rows = [Strip(row.label, row.name, row.values, other.get(row.label, ())) for row in of[0]]
    rows.sort(key=lambda strip: -sum(strip.values) / len(strip.values))
    return Strips(tuple(rows), unit_interval, names)


def _curves(reader: Reader, request: PlotRequest) -> Plot:
    from intermezzo.queries.training_curves import training_curves

    from .curves import Curves, Series

    panels: dict[str, list[Series]] = {}
    for curve in training_curves(reader, request.system, request.yardstick):
        seed = "seed ?" if curve.train_seed is None else f"seed {curve.train_seed}"
        panels.setdefault(curve.quantity, []).append(Series(seed, curve.points))
    return Curves(tuple((name, tuple(series)) for name, series in panels.items()))


def _histogram(reader: Reader, request: PlotRequest) -> Plot:
    from intermezzo.queries.comparison.model import Request
    from intermezzo.queries.credits import credits_of

    from .histogram import Histogram

    asked = Request(_systems(request), yardstick=request.yardstick)
    found = credits_of(reader, asked, request.language)
    return Histogram(tuple(sorted(found.counts.items())), len(found.systems) > 1, found.note)
