"""Place 1: the matrix, with the languages of the cell under the cursor and their plot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from intermezzo.queries.harmless import harmless
from intermezzo.queries.language_rows import LANGUAGE_SORTS
from intermezzo.queries.matrix import matrix_of, with_intervals
from intermezzo.queries.task_means import MEAN, is_mean
from intermezzo.tui import state as st
from intermezzo.tui.cell_text import cell_sentence
from intermezzo.tui.data import Answer
from intermezzo.tui.language_lines import language_sentence
from intermezzo.tui.matrix_command import to_command, to_sql
from intermezzo.tui.messages import CellMoved, LanguageMoved, PlaceChanged
from intermezzo.tui.panes.languages import LanguagesPane
from intermezzo.tui.panes.lines import Line
from intermezzo.tui.panes.matrix import MatrixPane
from intermezzo.tui.panes.plot import PlotPane
from intermezzo.tui.state import Spot
from intermezzo.tui.text import count, fit
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.timer import Timer

from .base import Behind, Frame
from .matrix_cell import MatrixCell
from .viewed import WIDE

REST = 0.12
"""Seconds the cursor rests on a cell before its languages are asked for."""

EMPTY = (
    "This store has no runs yet.\n"
    "Read your result files into it: q, then say  intermezzo import FOLDER\n"
    "Or look around in the demo first:  intermezzo demo"
)
"""What an empty store says."""


class MatrixPlace(MatrixCell):
    """Matrix, languages and plot, linked by the cursor."""

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.asked: tuple[str, dict[str, Any]] | None = None
        self.problem = ""
        self.whole_of: tuple[str, dict[str, Any]] | None = None
        self.detail = Line(id="detail")
        self._rest: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out the panes; which are seen is decided before the first paint."""
        self.lay_out()
        with Horizontal():
            yield self.grid_pane
            with Vertical(id="side"):
                yield self.languages_pane
                yield self.plot_pane
        yield self.detail

    def on_mount(self) -> None:
        """Ask for the matrix, after the first paint."""
        self.show()
        self.call_after_refresh(self._ask_matrix)

    # what the frame asks

    def crumbs(self) -> tuple[str, ...]:
        """System, task, and the language under the cursor."""
        state, yardstick = self.state, self.grid_pane.grid.matrix.yardstick(self.state.yardstick)
        if not self.loaded or state.system is None or yardstick is None:
            return ()
        crumbs = (state.system, f"{yardstick.label} {yardstick.detail}".strip())
        return (*crumbs, state.language) if state.pane == "matrix.languages" and state.language else crumbs

    def status(self) -> str:
        """Rows, what is shown, filter, sort, baseline, marks."""
        if not self.loaded:
            return ""
        state, grid = self.state, self.grid_pane.grid
        if state.pane != "matrix.grid":
            arrow = "↓" if state.language_descending else "↑"
            parts = [count(len(self.languages), "language"), state.show, f"by {state.language_sort} {arrow}"]
            parts += [st.plot_kind(state)] if state.pane == "matrix.plot" else []
            return " · ".join(parts)
        shown, whole = len(grid.matrix.systems), len(self.matrix.systems)
        systems = f"{shown} of {count(whole, 'system')}" if shown != whole else count(whole, "system")
        yardsticks = sum(not is_mean(yardstick) for yardstick in grid.matrix.yardsticks)
        parts = [f"{systems} × {count(yardsticks, 'yardstick')}", state.aggregate, state.show]
        # what is short first: a line of 80 cells has room for no more than that and one name
        if state.marks:
            parts.append(f"{len(state.marks)} marked")
        if state.hidden:
            parts.append(f"{len(state.hidden)} hidden")
        if state.intervals and state.show == "deltas":
            parts.append(self.judging.told())
        if state.filter:
            parts.append(f"filter {state.filter}")
        if state.tasks:
            parts.append("tasks " + " ".join(state.tasks))
        if state.sort:
            yardstick = self.matrix.yardstick(state.sort)
            name = yardstick.label if yardstick else state.sort.replace(":", " of ")
            parts.append(f"by {name} {'↓' if state.descending else '↑'}")
        if state.baseline:
            parts.append(f"baseline {state.baseline}")
        return harmless(" · ".join(parts))

    def visit(self, spot: Spot) -> None:
        """Go to a pane and cell."""
        self.amend(**dict(zip(self.where, spot.at, strict=False)))
        self.go_pane(spot.pane)
        self.show()

    def marks(self) -> tuple[str, ...]:
        """The marked systems."""
        return self.state.marks

    def take_marks(self, marks: tuple[str, ...]) -> None:
        """Show marks that were changed elsewhere."""
        if marks != self.state.marks:
            self.amend(marks=marks)
            self.show()

    def behind(self) -> Behind | None:
        """The command and question of the focused pane."""
        state = self.state
        call = st.question_call(state) if state.pane == "matrix.grid" else st.languages_call(state)
        if call is None:
            return None
        command = to_command(state, self.matrix, self.frame.store)
        return Behind(command, *call, to_sql(state, self.matrix))

    def choices(self, source: str) -> tuple[str, ...]:
        """Names for the palette."""
        systems = tuple(system.name for system in self.matrix.systems)
        yardsticks = self.matrix.yardsticks
        tasks = tuple(dict.fromkeys(y.task for y in yardsticks))
        known: dict[str, Iterable[str | None]] = {
            "systems": systems,
            "tasks": (*tasks, *sorted({y.group for y in yardsticks if y.group})),
            "names": (*systems, *tasks),
            "metrics": sorted({y.metric for y in yardsticks if y.metric}),
            "sorts": ("name", *tasks, *([MEAN] if self.state.means else []), *systems)
            if self.state.pane == "matrix.grid"
            else LANGUAGE_SORTS,
        }
        return tuple(name for name in known.get(source, ()) if name)

    # data

    def store_changed(self) -> None:
        """Ask again; the cursor stays by name."""
        self.asked = self.languages_of = None
        self.plots.forget()
        self._ask_matrix()

    def _ask_matrix(self) -> None:
        call = st.question_call(self.state)
        if call != self.asked:
            self.asked = call
            self.frame.request("matrix", *call)

    def answered(self, answer: Answer) -> None:
        """Take rows of the matrix or of a cell's languages, or names that are not known."""
        if answer.slot == "accept" and self.naming is not None:
            self.naming.taken(answer.result or answer.problem or "They could not be written.")
            return
        if self.plots.take(answer):
            self.show_plot()
            return
        if answer.slot == "judge" and answer.result is not None:
            self.judging.take(answer.result)
            self._judge()
            self.show()
            return
        if answer.table is None:
            self._failed(answer)
            return
        if answer.slot == "names":
            self.name_runs([dict(zip(answer.table.columns, row, strict=True)) for row in answer.table.rows])
            return
        if answer.slot == "matrix":
            first = not self.loaded
            self.loaded, self.problem = True, ""
            self.whole = matrix_of(answer.table.columns, answer.table.rows)
            self.whole_of = (answer.question, answer.params)
            self.judging.forget()
            self._judge()
            self.show()
            if first and self.state.pane != "matrix.grid":
                self.go_pane(self.state.pane)
        else:
            self.take_languages(answer.question, answer.params, answer.table)
        self.post_message(PlaceChanged())

    def _failed(self, answer: Answer) -> None:
        problem = harmless(answer.problem or "The question failed.")
        if answer.slot == "matrix":
            self.problem = problem
            if not self.loaded:
                self.show()
        elif answer.slot == "languages":
            self.take_no_languages(problem)
        self.frame.say(problem)

    # showing

    def lay_out(self) -> None:
        """Decide which panes are seen at this width."""
        wide = self.app.size.width >= WIDE
        self.set_class(wide, "-wide")
        for scope in self.panes:
            self.pane_widget(scope).display = wide or scope == self.state.pane
        self.set_class(not wide and self.state.pane != "matrix.grid", "-side")
        self.set_class(not wide and self.state.pane == "matrix.grid", "-grid")

    def on_resize(self) -> None:
        """Arrange for the new width."""
        self.lay_out()
        self.ask_languages()

    def pane_widget(self, scope: str) -> MatrixPane | LanguagesPane | PlotPane:
        """Return the widget of a pane."""
        if scope == "matrix.grid":
            return self.grid_pane
        return self.languages_pane if scope == "matrix.languages" else self.plot_pane

    def go_pane(self, scope: str) -> None:
        """Show and focus a pane."""
        self.time = self.time.amended(replace(self.state, pane=scope))
        self.lay_out()
        self.screen.set_focus(self.pane_widget(scope))
        self.ask_languages()
        self.show_languages_now()
        self._show_detail()
        self.post_message(PlaceChanged())

    def _sentence(self) -> str:
        """Say why the matrix is empty, if it is."""
        if not self.loaded:
            return self.problem or "reading the store ..."
        if not self.matrix.systems:
            return EMPTY
        if self.state.filter and not self.grid_pane.grid.rows:
            return f"No system holds {self.state.filter!r}. Esc clears the filter."
        return "Nothing is left to show: u undoes the last change, :task shows all tasks, :unhide all rows."

    def show(self) -> None:
        """Show the state; the state's cursor follows where its names are gone."""
        pane = self.grid_pane
        pane.show(self.matrix, self.state, "")
        pane.sentence = self._sentence()
        if pane.grid.rows and pane.grid.columns:
            system, yardstick = pane.grid.pair(pane.row, pane.column)
            self.time = self.time.amended(replace(self.state, system=system, yardstick=yardstick))
            self.ask_languages()
        self.show_languages()
        self._show_detail()
        self.post_message(PlaceChanged())

    def _show_detail(self) -> None:
        pane, width = self.grid_pane, max(self.app.size.width - 1, 0)
        text = cell_sentence(pane.grid, pane.row, pane.column) if self.loaded else ""
        row = self.languages_pane.language if self.state.pane == "matrix.languages" else None
        if row is not None:
            text = language_sentence(row, unit_interval=self.languages_pane.unit_interval)
        self.detail.show((" " + fit(text, width), None))

    def on_cell_moved(self, message: CellMoved) -> None:
        """Follow the cursor; ask for languages once it rests."""
        message.stop()
        moved = replace(self.state, system=message.system, yardstick=message.yardstick)
        self.time = self.time.amended(moved)
        self._show_detail()
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(REST, self._rested)
        self.post_message(PlaceChanged())

    def _rested(self) -> None:
        self.ask_languages()
        if self.wide:
            self.show_languages()

    def on_language_moved(self, message: LanguageMoved) -> None:
        """Follow the cursor of the languages."""
        message.stop()
        self.time = self.time.amended(replace(self.state, language=message.language))
        self._show_detail()
        self.post_message(PlaceChanged())

    def changed(self) -> None:
        """Show the state, and ask again where it needs other rows."""
        self._judge()
        self.show()
        self._ask_matrix()

    def _judge(self) -> None:
        """Give cells the intervals that are known for them, and ask for those that are wanted."""
        state = self.state
        wanted = state.intervals and state.show == "deltas"
        if wanted and self.whole_of == st.question_call(state):
            self.judging.ask(self.whole, state)
        self.matrix = with_intervals(self.whole, self.judging.cells) if wanted else self.whole
