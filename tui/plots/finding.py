"""Finding the plot for a view: at once where the languages at hand do, else asked for in a thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from intermezzo.queries.language_rows import LanguageRow
from intermezzo.tui.data import Answer, Work

from .kinds import Inputs, Plot
from .reading import OF_ROWS, PlotRequest, plot_of_rows, read_plot

SLOT, INPUTS = "plot", "plot-inputs"
"""The slots in which a place asks for what plots are drawn from, and for what there is."""


class PlotFinder:
    """What a place knows of the plot that it shows.

    Args:
        compute: Computes something in a thread (slot, name, what it depends on, the work).
    """

    def __init__(self, compute: Callable[[str, str, dict[str, Any], Work], int]) -> None:
        self._compute = compute
        self._asked: PlotRequest | None = None
        self._cell: tuple[str, str] | None = None
        self._found: Plot | str = "..."
        self.inputs = Inputs()

    def forget(self) -> None:
        """Ask again: there is a new generation."""
        self._asked = self._cell = None

    def find(self, request: PlotRequest, rows: Sequence[LanguageRow]) -> Plot | str:
        """Return the plot, or a sentence where there is none (yet).

        Args:
            request: What is to be drawn.
            rows: The languages at hand, in the order in which they are shown.
        """
        self._look(request)
        if request.kind in OF_ROWS:
            return plot_of_rows(request, rows)
        if request != self._asked:
            self._asked, self._found = request, "..."
            work = Work(lambda ask: read_plot(ask, request))
            self._compute(SLOT, "plot", {"request": request}, work)
        return self._found

    def _look(self, request: PlotRequest) -> None:
        """Ask once a cell for what is kept of it besides scores."""
        cell = (request.system, request.yardstick)
        if cell == self._cell:
            return
        self._cell, self.inputs = cell, Inputs()

        def look(ask: Any) -> Inputs:
            (row,) = ask.ask("cell_inputs", system=cell[0], yardstick=cell[1]).rows
            return Inputs(*row)

        self._compute(INPUTS, "cell_inputs", {"system": cell[0], "yardstick": cell[1]}, Work(look))

    def take(self, answer: Answer) -> bool:
        """Take an answer to what was asked here; return whether it was one."""
        if answer.slot == INPUTS:
            self.inputs = answer.result or Inputs()
            return True
        if answer.slot != SLOT:
            return False
        self._found = answer.problem or answer.result
        return True
