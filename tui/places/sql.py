"""Place 7: SQL over the index, locked, in a child process; rows as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from intermezzo.queries.errors import Problem
from intermezzo.queries.harmless import harmless
from intermezzo.tui import sql_state as ss
from intermezzo.tui.data import STOPPED, Answer, Work
from intermezzo.tui.keys import bindings
from intermezzo.tui.messages import PlaceChanged, RowMoved
from intermezzo.tui.output import Answer as Printed
from intermezzo.tui.output import Sheet
from intermezzo.tui.panes.editor import Editor
from intermezzo.tui.panes.table import TablePane
from intermezzo.tui.sheets import save_answer
from intermezzo.tui.sql_state import LIMIT, SqlState
from intermezzo.tui.state import Errand
from intermezzo.tui.table import Column, Rows
from intermezzo.tui.text import count
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from .base import Behind, Frame
from .viewed import Viewed

if TYPE_CHECKING:
    from intermezzo.queries.confined import Confined
    from intermezzo.queries.locked import Answer as SqlAnswer

FIRST = (
    "Type a statement above; Enter behind its ; runs it, or ctrl+r anywhere. Tab completes names.\n"
    "It reads the index of this store: no files, no network, no changes.\n"
    "Esc comes here; :saved has questions to begin with, :history what you ran."
)
"""What stands where the rows will be."""


class SqlPlace(Viewed[SqlState]):
    """An editor above, rows below."""

    place = "sql"
    BINDINGS = bindings("sql")
    blank = SqlState()
    cursor = ("pane", "history")
    where = ("ran", "text")
    panes = ("sql.grid", "sql.editor")

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.editor = Editor(self.action_execute, self._complete, self._typed)
        self.table = TablePane("sql.grid", id="rows")
        self.answer: SqlAnswer | None = None
        self.names: tuple[str, ...] = ()
        self._asked = self._problem = ""
        self._confined: Confined | None = None

    def compose(self) -> ComposeResult:
        """Editor and rows."""
        with Vertical():
            yield self.editor
            yield self.table

    def on_mount(self) -> None:
        """Show what was left; ask for the names to complete with."""
        self.editor.text = self.state.text
        self.editor.move_cursor(self.editor.document.end)
        self.show()
        self.frame.request("names", "schema_columns", {})

    def on_unmount(self) -> None:
        """End the child."""
        if self._confined is not None:
            self._confined.close()

    def lay_out(self) -> None:
        """Both panes are always seen."""

    def pane_widget(self, scope: str) -> Widget:
        """Return the widget of a pane."""
        return self.editor if scope == "sql.editor" else self.table

    # what the frame asks

    def status(self) -> str:
        """How many rows."""
        if self.answer is None:
            return "running ..." if self._asked and not self._problem else ""
        rows = count(len(self.answer.rows), "row")
        limit = f"; there are more: {LIMIT:,} is the limit here" if self.answer.truncated else ""
        return rows + limit

    def arrive(self, errand: Errand) -> None:
        """Take a statement from another place."""
        if errand.text:
            self._put(errand.text)

    def behind(self) -> Behind | None:
        """The command that runs the statement."""
        statement = self.state.ran or self.state.text
        return Behind(ss.command_of(statement, self.frame.store), "a statement of yours", {}, statement)

    def choices(self, source: str) -> tuple[str, ...]:
        """Saved questions and history for the palette."""
        if source == "saved":
            return tuple(sorted(ss.saved()))
        if source == "history":
            return tuple(" ".join(text.split()) for text in reversed(self.state.history))
        return ()

    def record(self) -> dict[str, Any]:
        """The view; a statement that gave no rows, as one without end, is not run by itself next time."""
        return super().record() | ({} if self.answer is not None else {"ran": ""})

    # data

    def store_changed(self) -> None:
        """Rows stay as they were asked; names may be new."""
        self.frame.request("names", "schema_columns", {})

    def ask(self) -> None:
        """Run the statement of the view, where its rows are not there (undo, resume)."""
        if self.state.ran and self.state.ran != self._asked:
            self._start(self.state.ran)

    def _start(self, statement: str) -> None:
        self._asked, self._problem, self.answer = statement, "", None

        def work(ask: Any) -> Any:
            return self._child(ask).run(statement, LIMIT)

        def stop() -> None:
            if self._confined is not None:
                self._confined.stop()

        self.frame.compute("sql", "sql", {"sql": statement}, Work(work, stop=stop, remember=False))
        self.show()
        self.post_message(PlaceChanged())

    def _child(self, ask: Any) -> Confined:
        """Return the child for the generation that is asked, in a thread."""
        from intermezzo.queries.confined import Confined

        store = getattr(ask, "store", None)
        if store is None:
            raise Problem("SQL needs a store with an index.")
        index = store.index_dir / ask.generation
        if self._confined is None or self._confined.index != index:
            if self._confined is not None:
                self._confined.close()
            self._confined = Confined(index)
        return self._confined

    def answered(self, answer: Answer) -> None:
        """Take rows, or names."""
        if answer.slot == "names":
            if answer.table is not None:
                self.names = tuple(dict.fromkeys(str(n) for row in answer.table.rows for n in row))
            return
        if answer.problem is not None:
            self._problem = "Stopped. ctrl+r runs it again." if answer.problem == STOPPED else answer.problem
        else:
            self.answer = answer.result
        self.show()
        self.post_message(PlaceChanged())

    # showing

    def show(self) -> None:
        """Show the rows, or why there are none."""
        if self.editor.text != self.state.text and self.editor.is_mounted:
            self.editor.text = self.state.text
        if self.answer is None or not self.answer.columns:
            text = self._problem or ("running ... ctrl+c stops it" if self._asked else FIRST)
            self.table.present(Rows(), sentence=harmless(text) if self._problem else text)
            return
        answer = self.answer
        numbers = [
            all(isinstance(row[n], int | float | None) for row in answer.rows[:100])
            for n in range(len(answer.columns))
        ]
        columns = tuple(
            Column(name, right=right, most=40) for name, right in zip(answer.columns, numbers, strict=True)
        )

        def cell(row: int, column: int) -> str:
            value = answer.rows[row][column]
            return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)

        self.table.present(
            Rows(columns, len(answer.rows), cell, frozen=0, cells=True),
            self.table.row,
            sentence="The statement gave no rows.",
        )

    def on_row_moved(self, message: RowMoved) -> None:
        """The table keeps its own cursor."""
        message.stop()

    def _typed(self, text: str) -> None:
        self.amend(text=text)

    def _complete(self, before: str) -> str:
        insert, fits = ss.completed(before, self.names)
        if len(fits) > 1:
            self.frame.say(" ".join(fits))
        elif not fits:
            self.frame.say("no name begins so: `matrix`, `languages`, `runs`, `scores` are where to begin")
        return insert

    def _put(self, text: str) -> None:
        if text != self.state.text:
            self.change(text=text)
        self.editor.move_cursor(self.editor.document.end)
        self.go_pane("sql.editor")

    # actions

    def action_in(self) -> None:
        """To the editor."""
        self.go_pane("sql.editor")

    def action_execute(self) -> None:
        """Run the statement in the editor."""
        statement = self.editor.text.strip()
        if not statement:
            self.frame.say("type a statement first, e.g.  SELECT * FROM matrix;")
            return
        self._asked = ""
        self.table.row = 0
        self.time = self.time.amended(self.state).then(
            SqlState("sql.grid", self.editor.text, statement, ss.remembered(self.state.history, statement))
        )
        self._start(statement)
        self.screen.set_focus(self.table)

    def action_history(self, text: str | None = None) -> None:
        """Bring a statement back that was run."""
        found = [old for old in reversed(self.state.history) if not text or " ".join(old.split()) == text]
        found = found or [old for old in reversed(self.state.history) if (text or "") in old]
        self._put(found[0]) if found else self.frame.say("no statement was run yet")

    def action_saved(self, name: str) -> None:
        """Bring a saved question."""
        known = ss.saved()
        self._put(known[name]) if name in known else self.frame.say(f"there is no question {harmless(name)}")

    def action_save(self, name: str) -> None:
        """Save the statement under a name."""
        self.frame.say(ss.save(name, self.editor.text))

    # copying

    def cell_text(self) -> str:
        """Return the cell under the cursor, whole."""
        if self.answer is None or not self.answer.rows:
            return ""
        value = self.answer.rows[self.table.row][self.table.column]
        return "" if value is None else str(value)

    def sheet(self, *, row_only: bool = False) -> tuple[Sheet, str] | None:
        """Return all rows that were fetched, or the one under the cursor."""
        if self.answer is None:
            return None
        rows = self.answer.rows[self.table.row : self.table.row + 1] if row_only else self.answer.rows
        return Sheet(ss.unique(self.answer.columns), rows), "rows"

    def printed(self) -> Printed | None:
        """Return the rows that were fetched; that there are more is noted."""
        found = self.sheet()
        if found is None or self.answer is None:
            return None
        more = (f"There are more rows: {LIMIT:,} is the limit here.",) if self.answer.truncated else ()
        return Printed(found[0], notes=more)

    def export(self, sheet: Sheet, name: str) -> None:
        """Write the rows; of a statement that gave more, say so."""
        answer = self.printed()
        if answer is not None:
            self.write(lambda: " ".join([save_answer(answer, sheet, name), *answer.notes]))
