"""What can be done with what the matrix shows: mark, go to other places, copy, export, name runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from intermezzo.queries.matrix import Matrix, number_of, number_text
from intermezzo.tui import languages_text, matrix_text
from intermezzo.tui import state as st
from intermezzo.tui.data import Work
from intermezzo.tui.matrix_text import Asked
from intermezzo.tui.output import Answer, Sheet
from intermezzo.tui.panes.languages import LanguagesPane
from intermezzo.tui.panes.matrix import MatrixPane
from intermezzo.tui.panes.plot import PlotPane
from intermezzo.tui.plots.finding import PlotFinder
from intermezzo.tui.plots.kinds import KINDS, kinds_for
from intermezzo.tui.sheets import languages_sheet, matrix_sheet
from intermezzo.tui.state import Errand, arrangement_of

from .base import Frame
from .judging import Judging
from .matrix_arranging import MatrixArranging

if TYPE_CHECKING:
    from intermezzo.tui.naming_dialog import NamingDialog


class MatrixActions(MatrixArranging):
    """The actions of scope ``matrix``; showing and asking is left to the place built on it.

    Attributes:
        whole: The matrix as it was answered, without intervals.
        language_records: The rows that the languages of the cell were answered with.
    """

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.grid_pane = MatrixPane(depth=frame.depth, id="grid")
        self.languages_pane = LanguagesPane(id="languages")
        self.plot_pane = PlotPane("matrix.plot", frame.depth, id="plot")
        self.plots = PlotFinder(frame.compute)
        self.naming: NamingDialog | None = None
        self.judging = Judging(frame, self.post_message)
        self.whole = Matrix()
        self.language_records: list[dict[str, Any]] = []

    def seek_number(self) -> None:
        """Go to the first number of the row, where the filter left none in the column under the cursor."""
        pane = self.grid_pane
        grid, rows = pane.grid, range(len(pane.grid.rows))
        shown = (grid.has_number(row, pane.column) for row in rows if not grid.rows[row].heading)
        if grid.rows and grid.columns and not any(shown):
            pane.show_from(pane.row, grid.first_number(pane.row))

    def action_in(self) -> None:
        """From the matrix to the languages, from there to the plot."""
        if self.state.pane != "matrix.plot" and self.grid_pane.grid.rows:
            self.turn(1)

    def action_plot(self, kind: str | None = None) -> None:
        """The next kind of plot that makes sense for the cell, or the one named."""
        state, hidden = self.state, not self.plot_pane.display
        # of a gap nothing is known: what is kept was looked up for the last cell that has a number
        rows = self.languages_pane.rows
        sensible = kinds_for(rows, self.plots.inputs) if rows else ()
        if kind is None and not hidden:
            if sensible:
                self._change(replace(state, plot=st.next_of(sensible, st.plot_kind(state))))
            else:
                self.frame.say("there is nothing to plot of this cell")
        elif kind in KINDS:
            self._change(replace(state, plot=kind))
        if hidden:
            self.frame.visited(self.spot())
            self.go_pane("matrix.plot")

    def action_names(self) -> None:
        """List the names that are not known; the dialog opens when they are there."""
        self.frame.request("names", "unresolved", {})

    def name_runs(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Open the dialog that says who runs are."""
        from intermezzo.queries.suggestions import suggestions
        from intermezzo.tui.naming_dialog import NamingDialog, write_entries

        found = suggestions(rows)
        if not found:
            self.frame.say("every system of this store is known: there is nothing to name")
            return

        def accept(entries: list[dict[str, str | int]]) -> None:
            told = {"entries": str(entries)}
            work = Work(lambda ask: write_entries(ask, entries), remember=False)
            self.frame.compute("accept", "accept names", told, work)

        self.naming = NamingDialog(found, accept)
        self.app.push_screen(self.naming)

    def action_mark(self, system: str | None = None) -> None:
        """Mark a system."""
        name = system or self.state.system
        if name is not None and self._known(name):
            self._change(st.with_mark(self.state, name))

    def action_unmark(self) -> None:
        """Take all marks away."""
        if not self.state.marks:
            self.frame.say("nothing is marked")
            return
        self._change(replace(self.state, marks=()))

    def action_compare(self) -> None:
        """Compare the marked systems on the yardstick under the cursor."""
        errand = self._to_compare()
        if errand is None:
            self.frame.say("mark two systems with space, put the cursor on a task, then c compares them")
            return
        self.frame.go("compare", errand)

    def offer(self) -> Errand | None:
        """Return what c would compare, where systems are marked."""
        return self._to_compare() if self.state.marks else None

    def _to_compare(self) -> Errand | None:
        """Return the marked systems, or the one under the cursor and what it is held against."""
        state, yardstick = self.state, self.matrix.yardstick(self.state.yardstick)
        marks = tuple(mark for mark in state.marks if self.matrix.system(mark) is not None)
        if state.system is not None and marks == (state.system,):
            marks = ()
        if len(marks) < 2 and state.system is not None and yardstick is not None:
            baseline = self.matrix.cell(state.system, yardstick.id).baseline
            other = marks or ((baseline,) if baseline else ())
            marks = (state.system, *other)
        if len(marks) < 2 or yardstick is None:
            return None
        return Errand(marks, yardstick=yardstick.id, task=yardstick.task)

    def action_items(self) -> None:
        """Go to the items of the language under the cursor."""
        state, language = self.state, self.languages_pane.language
        yardstick = self.matrix.yardstick(state.yardstick)
        if state.system is None or yardstick is None or language is None:
            self.frame.say("put the cursor on a language: i shows its items")
            return
        others = [mark for mark in state.marks if mark != state.system]
        baseline = self.matrix.cell(state.system, yardstick.id).baseline
        if not others and state.show == "deltas" and baseline:
            others = [baseline]
        systems = (state.system, *others[-1:])
        self.frame.go("items", Errand(systems, yardstick.id, yardstick.task, language.code))

    def action_runs(self) -> None:
        """Go to the runs behind the cell."""
        yardstick = self.matrix.yardstick(self.state.yardstick)
        if self.state.system is None or yardstick is None:
            self.frame.say("there is no cell here whose runs could be shown")
            return
        self.frame.go("runs", Errand((self.state.system,), yardstick=yardstick.id, task=yardstick.task))

    def action_run(self) -> None:
        """Propose an evaluation for the cell."""
        yardstick = self.matrix.yardstick(self.state.yardstick)
        if self.state.system is None or yardstick is None:
            self.frame.say("there is no cell here that an evaluation could fill")
            return
        self.frame.go("launch", Errand((self.state.system,), yardstick=yardstick.id, task=yardstick.task))

    # copying, exporting

    def cell_text(self) -> str:
        """Return the number under the cursor as it is shown."""
        language, grid, pane = self.languages_pane.language, self.grid_pane.grid, self.grid_pane
        deltas = self.state.show == "deltas"
        if self.state.pane != "matrix.grid":
            if language is None:
                return ""
            number, unit = language.delta if deltas else language.value, self.languages_pane.unit_interval
        elif not grid.rows or not grid.columns:
            return ""
        else:
            cell = grid.cell(pane.row, pane.column)
            yardstick = grid.matrix.yardstick(cell.yardstick)
            number = number_of(cell, self.state.show, self.state.aggregate)
            unit = yardstick.unit_interval if yardstick else True
        signed = deltas or self.state.aggregate == "transfer-gap"
        return "" if number is None else number_text(number, unit_interval=unit, signed=signed)

    def sheet(self, *, row_only: bool = False) -> tuple[Sheet, str] | None:
        """Return matrix or languages as on screen, or the row under the cursor."""
        grid, pane, rows = self.grid_pane.grid, self.grid_pane, self.languages_pane.rows
        if self.state.pane != "matrix.grid":
            language = self.languages_pane.language
            kept = [language] if row_only and language is not None else list(rows)
            return (languages_sheet(kept), "languages") if kept else None
        if not grid.rows or not grid.columns:
            return None
        return matrix_sheet(grid, only_row=pane.row if row_only else None), "matrix"

    def printed(self) -> Answer | None:
        """Return what the command behind the focused pane prints."""
        state = self.state
        if state.pane == "matrix.grid":
            asked = Asked(arrangement_of(state), state.metric, state.baseline, transposed=state.transposed)
            wanted = state.intervals and state.show == "deltas"
            return matrix_text.answer_of(self.whole, asked, judged=self.judging.found if wanted else None)
        return languages_text.answer_of(
            self.language_records,
            by=state.language_sort,
            descending=state.language_descending,
            deltas=state.show == "deltas",
        )
