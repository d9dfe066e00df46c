"""The kinds of plots there are, and which of them make sense for what is at hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from intermezzo.queries.language_rows import LanguageRow

from .drawing import Drawing

PlotKind = Literal["bars", "scatter", "forest", "seeds", "task-seeds", "curves", "histogram"]

KINDS: dict[PlotKind, str] = {
    "bars": "languages with their intervals; with deltas from the baseline's value to the system's",
    "scatter": "the system against its baseline, language by language; the diagonal means equal",
    "forest": "differences with their 95 % intervals, of languages and over them",
    "seeds": "a dot a train seed, one row a language",
    "task-seeds": "a dot a train seed, one row a task",
    "curves": "learning curves kept with the runs",
    "histogram": "items by credit; with deltas by how much they gain or lose",
}
"""Name -> what it shows, in the order in which a key goes through them."""


class Plot(Protocol):
    """Something that can be drawn: frozen, so that it is its own key in a cache of drawings."""

    def draw(self, width: int, height: int) -> Drawing:
        """Return it as lines for so many cells and lines."""
        ...


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is kept of a cell besides scores: the row of the ``cell_inputs`` question."""

    runs: int = 0
    seeds: int = 0
    with_items: int = 0
    with_curves: int = 0


def kinds_for(rows: Iterable[LanguageRow], inputs: Inputs) -> tuple[PlotKind, ...]:
    """Return the kinds that have something to show, in the order in which a key goes through them.

    Args:
        rows: The languages of the cell.
        inputs: What is kept of its runs.
    """
    rows = tuple(rows)
    pairs = any(row.delta is not None for row in rows)
    sense: dict[PlotKind, bool] = {
        "bars": any(row.value is not None for row in rows),
        "scatter": pairs,
        "forest": pairs,
        "seeds": inputs.seeds > 1,
        "task-seeds": inputs.seeds > 1,
        "curves": inputs.with_curves > 0,
        "histogram": inputs.with_items > 0,
    }
    return tuple(kind for kind in KINDS if sense[kind])
