"""What can be done in the matrix place: each action changes the state, or says why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from intermezzo.queries.harmless import harmless
from intermezzo.queries.language_rows import LANGUAGE_SORTS
from intermezzo.queries.matrix import AGGREGATES, Matrix
from intermezzo.tui import state as st
from intermezzo.tui.data import Work
from intermezzo.tui.keys import bindings
from intermezzo.tui.panes.languages import LanguagesPane
from intermezzo.tui.panes.matrix import MatrixPane
from intermezzo.tui.panes.plot import PlotPane
from intermezzo.tui.plots.finding import PlotFinder
from intermezzo.tui.plots.kinds import KINDS, kinds_for
from intermezzo.tui.sheets import languages_sheet, matrix_sheet, save_sheet, tsv
from intermezzo.tui.state import Errand, MatrixState
from intermezzo.tui.text import count

from .base import Frame
from .viewed import Viewed

if TYPE_CHECKING:
    from intermezzo.tui.naming_dialog import NamingDialog


class MatrixActions(Viewed[MatrixState]):
    """The actions of scope ``matrix``; showing and asking is left to the place built on it."""

    place = "matrix"
    BINDINGS = bindings("matrix")
    blank = MatrixState()
    cursor = st.CURSOR
    where = ("system", "yardstick")
    words = st.WORDS
    panes = st.PANES

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.matrix = Matrix()
        self.grid_pane = MatrixPane(depth=frame.depth, id="grid")
        self.languages_pane = LanguagesPane(id="languages")
        self.plot_pane = PlotPane("matrix.plot", frame.depth, id="plot")
        self.plots = PlotFinder(frame.compute)
        self.naming: NamingDialog | None = None

    def _change(self, new: MatrixState) -> None:
        """Take a step that can be undone."""
        self.time = self.time.then(new)
        self.changed()

    def action_in(self) -> None:
        """From the matrix to the languages, from there to the plot."""
        if self.state.pane != "matrix.plot" and self.grid_pane.grid.rows:
            self.turn(1)

    def action_filter(self, text: str | None = None) -> None:
        """Filter by words; without them, ask while filtering live."""
        if text is not None:
            self._change(replace(self.state, filter=text))
            return
        before = self.time

        def preview(text: str) -> None:
            self.time = before.amended(st.with_cursor_of(replace(before.now, filter=text), self.state))
            self.show()

        def done(text: str | None) -> None:
            self.time = before
            self._change(replace(before.now, filter=before.now.filter if text is None else text))

        self.frame.prompt("filter", self.state.filter, preview, done)

    def action_sort(self, by: str | None = None) -> None:
        """Sort by the column under the cursor, or as named; languages by the next of their sorts."""
        if self.state.pane == "matrix.grid":
            column = self.state.system if self.state.transposed else self.state.yardstick
            named = next((y.id for y in self.matrix.yardsticks if by in (y.label, y.id)), by)
            self._change(st.with_sort(self.state, named or column))
        elif by is None or by in LANGUAGE_SORTS:
            self._change(st.with_language_sort(self.state, by))
        else:
            self.frame.say(f"languages are sorted by {', '.join(LANGUAGE_SORTS)}")

    def action_reverse(self) -> None:
        """Reverse the sort."""
        state = self.state
        if state.pane == "matrix.grid":
            self._change(replace(state, descending=not state.descending, sort=state.sort or "name"))
        else:
            self._change(replace(state, language_descending=not state.language_descending))

    def action_deltas(self) -> None:
        """Values or deltas."""
        self._change(st.with_show(self.state))

    def action_baseline(self, system: str | None = None) -> None:
        """Pin a baseline."""
        name = system or self.state.system
        if self._known(name):
            self._change(st.with_baseline(self.state, name))

    def action_aggregate(self, how: str | None = None) -> None:
        """The next aggregate, or the one named."""
        if how is None or how in AGGREGATES:
            self._change(st.with_aggregate(self.state, how))

    def action_transpose(self) -> None:
        """Swap rows and columns."""
        self._change(replace(self.state, transposed=not self.state.transposed))

    def action_plot(self, kind: str | None = None) -> None:
        """The next kind of plot that makes sense for the cell, or the one named."""
        state, hidden = self.state, not self.plot_pane.display
        sensible = kinds_for(self.languages_pane.rows, self.plots.inputs)
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

    def action_metric(self, metric: str | None = None) -> None:
        """Yardsticks of one metric."""
        self._change(replace(self.state, metric=metric))

    def action_task(self, tasks: str | None = None) -> None:
        """Only some tasks."""
        self._change(replace(self.state, tasks=tuple((tasks or "").split())))

    def action_hide(self, name: str | None = None) -> None:
        """Hide a row."""
        row = self.state.yardstick if self.state.transposed else self.state.system
        if name is not None and not self._known(name):
            return
        if name or row:
            self._change(st.with_hidden(self.state, name or row or ""))

    def action_unhide(self) -> None:
        """Show all rows."""
        self._change(replace(self.state, hidden=()))

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
        self._change(replace(self.state, marks=()))

    def action_compare(self) -> None:
        """Compare the marked systems on the yardstick under the cursor."""
        state, yardstick = self.state, self.matrix.yardstick(self.state.yardstick)
        marks = tuple(mark for mark in state.marks if self.matrix.system(mark) is not None)
        if state.system is not None and marks == (state.system,):
            marks = ()
        if len(marks) < 2 and state.system is not None and yardstick is not None:
            baseline = self.matrix.cell(state.system, yardstick.id).baseline
            other = marks or ((baseline,) if baseline else ())
            marks = (state.system, *other)
        if len(marks) < 2 or yardstick is None:
            self.frame.say("mark two systems with space, put the cursor on a task, then c compares them")
            return
        self.frame.go("compare", Errand(marks, yardstick=yardstick.id, task=yardstick.task))

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

    def action_copy(self) -> None:
        """Copy the cell or the language."""
        language = self.languages_pane.language if self.state.pane == "matrix.languages" else None
        if language is not None:
            self.frame.copy(tsv(languages_sheet([language])), f"{language.code}")
            return
        grid, pane = self.grid_pane.grid, self.grid_pane
        if grid.rows and grid.columns:
            text = grid.face(pane.row, pane.column).text.strip(" ·lprm≠!▁▂▃▄▅▆▇█")
            self.frame.copy(text, "1 cell") if text else self.frame.say("a gap: there is nothing to copy")

    def action_copy_row(self) -> None:
        """Copy the row, or all languages."""
        if self.state.pane != "matrix.grid":
            self.frame.copy(
                tsv(languages_sheet(self.languages_pane.rows)), count(len(self.languages_pane.rows), "row")
            )
        elif self.grid_pane.grid.rows:
            self.frame.copy(tsv(matrix_sheet(self.grid_pane.grid, only_row=self.grid_pane.row)), "1 row")

    def action_export(self, name: str | None = None) -> None:
        """Write what is on screen to a file."""
        if name is None:
            start = "matrix.csv" if self.state.pane == "matrix.grid" else "languages.csv"

            def done(text: str | None) -> None:
                if text:
                    self.action_export(text)

            self.frame.prompt("export to", start, lambda _: None, done)
            return
        grid, rows = self.grid_pane.grid, self.languages_pane.rows
        sheet = matrix_sheet(grid) if self.state.pane == "matrix.grid" else languages_sheet(rows)

        def write() -> None:
            said = save_sheet(sheet, name)
            self.app.call_from_thread(self.frame.say, said)

        self.run_worker(write, thread=True, group="export", exit_on_error=False)

    def _known(self, system: str | None) -> bool:
        if self.matrix.system(system) is None:
            self.frame.say(f"there is no system {harmless(repr(system))} here")
            return False
        return True
