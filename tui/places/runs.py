"""Place 5: the runs of the store, everything about one, and what differs between two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from intermezzo.queries.harmless import harmless
from intermezzo.tui import runs_text as rt
from intermezzo.tui.data import Answer, Table, Work
from intermezzo.tui.keys import bindings
from intermezzo.tui.messages import PlaceChanged, RowMoved
from intermezzo.tui.output import Sheet
from intermezzo.tui.panes.plot import PlotPane
from intermezzo.tui.panes.reading import ReadingPane
from intermezzo.tui.panes.table import TablePane
from intermezzo.tui.plots.curves import Curves
from intermezzo.tui.runs_reading import OneRun, hide_run, panels, read_runs
from intermezzo.tui.runs_text import RunsState
from intermezzo.tui.sheets import SCREEN, save_answer
from intermezzo.tui.state import Errand, next_of
from intermezzo.tui.table import Rows
from intermezzo.tui.text import count
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widget import Widget

from .base import Behind, Frame
from .store_names import StoreNames
from .viewed import Viewed

REST = 0.12
"""Seconds the cursor rests on a run before it is read."""

STRETCH, NEAR = 400, 60
"""Runs of the list that are at hand, and how near their end the cursor may come before others are fetched."""

EMPTY = "This store has no runs yet. Read your result files into it: q, then say  intermezzo import FOLDER"
"""What an empty store says."""


class RunsPlace(Viewed[RunsState]):
    """The list, and beside or behind it the detail and the learning curves."""

    place = "runs"
    BINDINGS = bindings("runs")
    blank = RunsState()
    cursor = ("pane", "run", "compared")
    where = ("run", "system", "task", "compared")
    stays = "H brings a hidden run back"
    words = {"sort": rt.SORTS}
    panes = ("runs.grid", "runs.detail", "runs.curves")

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.table = TablePane("runs.grid", id="runs")
        self.detail = ReadingPane("runs.detail", id="run")
        self.names = StoreNames(frame)
        self.curves = PlotPane("runs.curves", frame.depth, id="run-curves")
        self.listed: list[Mapping[str, Any]] = []  # the stretch of the list that is at hand
        self.start = self.matching = 0
        self.whole: int | None = None
        self._listing: dict[str, Any] | None = None
        self._goal: int | None = None
        self._coming: int | None = None
        self.found: tuple[OneRun, ...] = ()
        self._asked: tuple[str, ...] | None = None
        self._problem, self._no_run = "", "..."
        self._rest: Timer | None = None

    def compose(self) -> ComposeResult:
        """List beside detail and curves, where there is room."""
        self.lay_out()
        with Horizontal(classes="beside"):
            yield self.table
            with Vertical(classes="behind"):
                yield self.detail
                yield self.curves

    def on_mount(self) -> None:
        """Ask for the runs after the first paint."""
        self.show()
        self.call_after_refresh(self.ask)
        self.call_after_refresh(self.names.ask)

    def pane_widget(self, scope: str) -> Widget:
        """Return the widget of a pane."""
        return {"runs.detail": self.detail, "runs.curves": self.curves}.get(scope, self.table)

    def lay_out(self) -> None:
        """Show all panes where there is room, else the one with the focus; none of curves there are not."""
        super().lay_out()
        self.set_class(not self.has_class("-wide") and self.pane == "runs.grid", "-listed")
        if self.has_class("-wide") and self.pane != "runs.curves":
            self.curves.display = any(run.curves for run in self.found)

    # what the frame asks

    def crumbs(self) -> tuple[str, ...]:
        """Which runs, and the one under the cursor."""
        state = self.state
        limits = tuple(part for part in (state.system, state.task) if part)
        if state.compared and self.pane != "runs.grid":
            return (*limits, " against ".join(run[:10] for run in state.compared))
        return (*limits, state.run[:10]) if state.run else limits

    def status(self) -> str:
        """How many, filter, sort, marks."""
        if self.whole is None:
            return ""
        whole, shown = self.whole, self.matching
        parts = [f"{shown:,} of {count(whole, 'run')}" if shown != whole else count(whole, "run")]
        if self.state.filter:
            parts.append(f"filter {self.state.filter}")
        parts.append(f"by {self.state.sort} {'↓' if self.state.descending else '↑'}")
        if self.state.marks:
            parts.append(f"{len(self.state.marks)} marked")
        if not self.state.hidden:
            parts.append("without hidden and superseded")
        return harmless(" · ".join(parts))

    def arrive(self, errand: Errand) -> None:
        """Show the runs behind a cell."""
        self.time = self.time.then(
            RunsState(system=(errand.systems or (None,))[0], task=errand.task, marks=self.state.marks)
        )
        if errand.runs:
            self.amend(run=errand.runs[0])
        self.lay_out()
        self.changed()

    def out(self) -> bool:
        """Back to the list; in it, clear the filter, then the limits."""
        if super().out():
            return True
        if self.state.system is not None or self.state.task is not None:
            self.change(system=None, task=None)
            return True
        return False

    def behind(self) -> Behind | None:
        """The command that lists or shows."""
        detail = self.pane != "runs.grid"
        command = rt.command_of(self.state, self.frame.store, detail=detail)
        question = "run_record" if detail and rt.shown_runs(self.state) else "run_page"
        return Behind(command, question, {}, rt.sql_of(self.state, detail=detail))

    def choices(self, source: str) -> tuple[str, ...]:
        """Names for the palette."""
        return self.names.of(source)

    # data

    def store_changed(self) -> None:
        """Ask again; the cursor stays by name."""
        self._asked = self._listing = None
        self.ask()
        self.names.ask()

    def ask(self) -> None:
        """Ask for the stretch of the list around the cursor, and for what the detail shows."""
        listing = rt.listing_of(self.state)
        if listing != self._listing:
            self._listing, self._goal = listing, None
            self._fetch(run=self.state.run)
        wanted = self._wanted()
        if self.whole is not None and wanted and wanted != self._asked and self._looked_at:
            self._asked, self._no_run = wanted, "..."
            self.frame.compute("one", "run_record", {"run": wanted}, Work(lambda ask: read_runs(ask, wanted)))

    def _fetch(self, **where: Any) -> None:
        self._coming = where.get("first")
        known = {name: value for name, value in where.items() if value is not None}
        self.frame.request("list", "run_page", {**(self._listing or {}), **known, "most": STRETCH})

    def _fetch_near(self, row: int) -> None:
        """Fetch another stretch where the cursor comes near the end of the one at hand."""
        if self._coming is not None and self._coming <= row < self._coming + STRETCH:
            return
        end = self.start + len(self.listed)
        short = row < self.start + NEAR and self.start > 0
        if short or (row >= end - NEAR and end < self.matching):
            self._fetch(first=max(row - STRETCH // 2, 0))

    @property
    def _looked_at(self) -> bool:
        return bool(self.detail.display or self.curves.display)

    def _wanted(self) -> tuple[str, ...]:
        return rt.shown_runs(self.state)

    def answered(self, answer: Answer) -> None:
        """Take the list, or what is known of runs."""
        if self.names.take(answer):
            return
        if answer.problem is not None:
            if answer.slot == "list":
                self._problem, self._coming = answer.problem, None
            elif answer.slot == "one":
                self._no_run = answer.problem
            self.frame.say(answer.problem)
        elif answer.slot == "list" and answer.table is not None:
            self._take(answer.table)
            self.call_after_refresh(self.ask)
        elif answer.slot == "one":
            self.found = answer.result
        elif answer.slot in ("hide", "export"):
            self.frame.say(answer.result)
        self.show()
        self.post_message(PlaceChanged())

    def _take(self, table: Table) -> None:
        """Take a stretch of the list."""
        self.listed = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
        if self.listed:
            first = self.listed[0]
            self.start, self.matching, self.whole = first["position"], first["matching"], first["whole"]
        else:
            limited = self.state.filter or self.state.system or self.state.task or not self.state.hidden
            self.start = self.matching = 0
            self.whole = self.whole or 0 if limited else 0
        goal, self._goal, self._coming = self._goal, None, None
        if goal is not None and (run := self._at(goal)) is not None:
            self.amend(run=run)

    def _at(self, row: int) -> str | None:
        """Return the run on a row of the list; ``None`` where it is not at hand."""
        n = row - self.start
        return str(self.listed[n]["run_id"]) if 0 <= n < len(self.listed) else None

    # showing

    def show(self) -> None:
        """Show list and detail; a list that the filter being typed needs is asked for."""
        state = self.state
        if self.whole is not None and rt.listing_of(state) != self._listing:
            self.ask()
        start, ids = self.start, [row["run_id"] for row in self.listed]
        at = start + ids.index(state.run) if state.run in ids else self.table.row
        at = min(max(at, start), start + max(len(ids) - 1, 0))
        if (run := self._at(at)) is not None and self._goal is None:
            self.amend(run=run)
        columns, texts = rt.laid_out(self.listed)
        shown = Rows(
            columns,
            self.matching,
            lambda row, column: texts[row - start][column] if 0 <= row - start < len(texts) else "…",
            marks=frozenset(start + n for n, run in enumerate(ids) if run in state.marks),
            look=lambda row: rt.look_of(self.listed, row - start),
        )
        self.table.present(shown, self._goal if self._goal is not None else at, sentence=self._sentence())
        self._show_detail()

    def _sentence(self) -> str:
        if self.whole is None:
            return self._problem or "reading the store ..."
        if not self.whole:
            return EMPTY
        return "No run is left: Esc clears the filter, then what limits the list to a cell."

    def _show_detail(self) -> None:
        wanted = self._wanted()
        here = {str(run.record["run_id"]): run for run in self.found}
        runs = [here[run] for run in wanted if run in here]
        if len(runs) < len(wanted) or not runs:
            title = " ".join(run[:10] for run in wanted)
            self.detail.present((), title=title, sentence=self._no_run)
            self.curves.present(None, title=title, sentence=self._no_run)
            return
        if len(runs) == 2:
            title = f"{wanted[0][:10]} against {wanted[1][:10]}"
            self.detail.present(rt.difference_lines(runs[0].record, runs[1].record), title=title)
        else:
            run = runs[0]
            lines = rt.detail_lines(run.record, run.scores, run.files, run.runs)
            title = f"Run {wanted[0]}"
            self.detail.present(lines, title=title)
        self.curves.present(Curves(panels(runs)), title=f"Learning curves: {title}")
        self.lay_out()

    def on_row_moved(self, message: RowMoved) -> None:
        """Follow the cursor; read the run once it rests."""
        message.stop()
        self._fetch_near(message.row)
        run = self._at(message.row)
        # where the run is not at hand yet, the cursor's run is the one that will be found there
        self._goal = message.row if run is None else None
        self.amend(run=run or self.state.run, compared=())
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(REST, self.rested)
        self.post_message(PlaceChanged())

    def rested(self) -> None:
        """The cursor rests."""
        self.ask()
        self._show_detail()

    # actions

    def action_in(self) -> None:
        """To the detail of the run, from there to its learning curves."""
        if self.pane != "runs.curves" and self.listed:
            self.turn(1)

    def action_system(self, name: str | None = None) -> None:
        """Only the runs of a system, or of all."""
        self.change(system=name)

    def action_task(self, name: str | None = None) -> None:
        """Only the runs of a task, or of all."""
        self.change(task=name)

    def action_sort(self, by: str | None = None) -> None:
        """Sort by the next column, or the one named."""
        if by is not None and by not in rt.SORTS:
            self.frame.say(f"runs are sorted by {', '.join(rt.SORTS)}")
            return
        sort = by or next_of(rt.SORTS, self.state.sort)
        self.change(sort=sort, descending=sort in rt.LARGEST_FIRST)

    def action_reverse(self) -> None:
        """Reverse the sort."""
        self.change(descending=not self.state.descending)

    def action_mark(self) -> None:
        """Mark the run under the cursor."""
        if self.listed and self.state.run:
            self.time = self.time.then(rt.with_mark(self.state, self.state.run))
            self.changed()

    def action_unmark(self) -> None:
        """Take all marks away."""
        self.change(marks=())

    def action_compare(self) -> None:
        """Show what differs between the last two marked runs."""
        if len(self.state.marks) < 2:
            self.frame.say("mark two runs with space, then c shows what differs between them")
            return
        self.frame.visited(self.spot())
        self.amend(compared=self.state.marks[-2:])
        self.go_pane("runs.detail")

    def action_concealed(self) -> None:
        """List hidden and superseded runs, or not."""
        self.change(hidden=not self.state.hidden)

    def action_hide(self, why: str | None = None) -> None:
        """Take the run out of view with a reason, or bring it back."""
        row = next((row for row in self.listed if row["run_id"] == self.state.run), None)
        if row is None:
            return
        run = str(row["run_id"])
        if row["hidden"]:
            self._write(run, None)
        elif why:
            self._write(run, why)
        else:
            self.frame.prompt(
                "hide because", "", lambda _: None, lambda text: self._write(run, text) if text else None
            )

    def _write(self, run: str, why: str | None) -> None:
        work = Work(lambda ask: hide_run(ask, run, why), remember=False)
        self.frame.compute("hide", "hide", {"run": run, "why": why}, work)

    # copying

    def export(self, sheet: Sheet, name: str) -> None:
        """Write the runs as the command prints them: all that the filter leaves, not only those at hand."""
        wanted = self._wanted() if self.pane != "runs.grid" else ()
        listing = rt.listing_of(self.state)
        tab = name.lower().endswith(SCREEN)

        def work(ask: Any) -> str:
            from intermezzo.tui.runs_answers import listed_answer, records_answer

            answer = records_answer(ask, wanted) if wanted else listed_answer(ask, listing)
            return save_answer(answer, answer.data if tab else sheet, name)

        self.frame.compute("export", "export", {"name": name}, Work(work, remember=False))

    def cell_text(self) -> str:
        """Return the whole id of the run."""
        return self.state.run or ""

    def sheet(self, *, row_only: bool = False) -> tuple[Sheet, str] | None:
        """Return the stretch of the list that is at hand, or the run under the cursor."""
        if not self.listed:
            return None
        rows = [row for row in self.listed if not row_only or row["run_id"] == self.state.run]
        return Sheet(tuple(self.listed[0]), [tuple(row.values()) for row in rows]), "runs"
