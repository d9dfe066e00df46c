"""How the matrix is looked at: each action changes the state, or says why not."""

from __future__ import annotations

from dataclasses import replace

from intermezzo.queries.arranging import SYSTEMS_BY, TASKS_BY
from intermezzo.queries.harmless import harmless
from intermezzo.queries.language_rows import LANGUAGE_SORTS
from intermezzo.queries.matrix import AGGREGATES, Matrix
from intermezzo.queries.task_means import MEAN
from intermezzo.tui import state as st
from intermezzo.tui.keys import bindings
from intermezzo.tui.state import MatrixState

from .base import Frame
from .viewed import Viewed


class MatrixArranging(Viewed[MatrixState]):
    """Filter, sort, group, hide: steps that can be undone.

    Attributes:
        matrix: The whole matrix, before any filter.
    """

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

    def _change(self, new: MatrixState) -> None:
        """Take a step that can be undone; say so where it is none, or out of sight."""
        before = self.state
        if new == before:
            self.frame.say("it is so already")
            return
        self.time = self.time.then(new)
        self.changed()
        if not self.grid_in_sight() and st.with_fields_of(before, new, st.BESIDE) != new:
            self.frame.say("the matrix changed, out of sight: Esc goes there, u undoes it")

    def grid_in_sight(self) -> bool:
        """Whether the matrix itself is on screen."""
        return self.pane_widget(self.panes[0]).display

    def seek_number(self) -> None:
        """Bring the cursor to a number, where none is in sight of it."""

    def action_filter(self, text: str | None = None) -> None:
        """Filter by words; without them, ask while filtering live."""
        if text is not None:
            self._change(replace(self.state, filter=text))
            self.seek_number()
            return
        before = self.time

        def preview(text: str) -> None:
            self.time = before.amended(st.with_cursor_of(replace(before.now, filter=text), self.state))
            self.show()

        def done(text: str | None) -> None:
            self.time = before
            if text in (None, before.now.filter):
                self.changed()
            else:
                self.change(filter=text)
            self.seek_number()

        self.frame.prompt("filter", self.state.filter, preview, done)

    def action_sort(self, by: str | None = None) -> None:
        """Sort by the column under the cursor, or as named; languages by the next of their sorts."""
        if self.state.pane == "matrix.grid":
            column = self.state.system if self.state.transposed else self.state.yardstick
            named = next((y.id for y in self.matrix.yardsticks if by in (y.label, y.id, y.task)), by)
            if named not in (None, "name") and not self._sortable(named):
                self.frame.say(f"there is no system or task {harmless(repr(by))} here to sort by")
                return
            self._change(st.with_sort(self.state, named or column))
        elif by is None or by in LANGUAGE_SORTS:
            self._change(st.with_language_sort(self.state, by))
        else:
            self.frame.say(f"languages are sorted by {', '.join(LANGUAGE_SORTS)}")

    def _sortable(self, key: str) -> bool:
        """Whether the matrix can be sorted by a yardstick, a mean or a system of this name."""
        mean = key.partition(":")[0] == MEAN and self.state.means
        return mean or any(y.id == key for y in self.matrix.yardsticks) or self.matrix.system(key) is not None

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

    def action_metric(self, metric: str | None = None) -> None:
        """Yardsticks of one metric."""
        self._change(replace(self.state, metric=metric))

    def action_task(self, tasks: str | None = None) -> None:
        """Only some tasks."""
        self._change(replace(self.state, tasks=tuple((tasks or "").split())))
        self.seek_number()

    def action_hide(self, name: str | None = None) -> None:
        """Hide the row under the cursor, or what is named."""
        state = self.state
        self._hide(name or (state.yardstick if state.transposed else state.system))

    def action_hide_column(self) -> None:
        """Hide the column under the cursor."""
        self._hide(self.state.system if self.state.transposed else self.state.yardstick)

    def _hide(self, name: str | None) -> None:
        known = {s.name for s in self.matrix.systems} | {y.task for y in self.matrix.yardsticks}
        known |= {y.id for y in self.matrix.yardsticks}
        if name is None or (name not in known and name.partition(":")[0] != MEAN):
            self.frame.say(f"there is no system or task {harmless(repr(name or ''))} here")
        elif name in self.state.hidden:
            self.frame.say(f"{harmless(name)} is hidden already")
        else:
            self._change(st.with_hidden(self.state, name))

    def action_unhide(self) -> None:
        """Show everything that was hidden."""
        if not self.state.hidden:
            self.frame.say("nothing is hidden")
            return
        self._change(replace(self.state, hidden=()))

    def action_group(self, by: str | None = None) -> None:
        """Group systems, or in the languages those, by family."""
        if self.state.pane != "matrix.grid":
            by_family = self.state.language_sort == "family"
            self._change(st.with_language_sort(self.state, "value" if by_family else "family"))
            return
        named = next((choice for choice in SYSTEMS_BY if choice == by), None)
        now = named if by else st.next_of(SYSTEMS_BY, self.state.systems_by)
        self._change(replace(self.state, systems_by=now))

    def action_group_tasks(self, by: str | None = None) -> None:
        """Group tasks, or not."""
        named = next((choice for choice in TASKS_BY if choice == by), None)
        now = named if by else st.next_of(TASKS_BY, self.state.tasks_by)
        self._change(replace(self.state, tasks_by=now))

    def action_means(self) -> None:
        """Columns of means over tasks, or none."""
        self._change(replace(self.state, means=not self.state.means))
        if self.state.means and not self.state.tasks_by:
            where = "rows: G" if self.state.transposed else "columns: $"
            self.frame.say(f"means stand in the last {where} goes there")

    def action_intervals(self) -> None:
        """Read items for intervals and significance of all deltas, or no more."""
        if self.state.intervals and self.state.show == "deltas":
            self._change(replace(self.state, intervals=False))
        else:
            self._change(replace(self.state, intervals=True, show="deltas"))

    def _known(self, system: str | None) -> bool:
        if self.matrix.system(system) is None:
            self.frame.say(f"there is no system {harmless(repr(system))} here")
            return False
        return True
