"""Place 6: evaluations in the background: how far each is, what it says, starting and stopping them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intermezzo.queries.errors import Problem
from intermezzo.queries.harmless import harmless
from intermezzo.tui.data import Answer, Work
from intermezzo.tui.job_lists import COLUMNS, progress_of
from intermezzo.tui.keys import bindings
from intermezzo.tui.messages import PlaceChanged, RowMoved
from intermezzo.tui.output import Sheet
from intermezzo.tui.panes.reading import ReadingPane
from intermezzo.tui.panes.table import TablePane
from intermezzo.tui.state import Errand
from intermezzo.tui.table import Column, of_texts
from intermezzo.tui.text import count
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget

from .base import Behind, Frame
from .viewed import Viewed

if TYPE_CHECKING:
    from intermezzo.engine.jobs import Job
    from intermezzo.queries.store.layout import Store

EVERY = 0.5
"""Seconds between two looks at the jobs."""

TAIL = 200
"""Last lines of a log that are shown."""

EMPTY = "Nothing was started yet. n starts an evaluation; so does r on a cell of the matrix."

_COLUMNS = (
    Column("job", most=20),
    Column("state", most=9),
    Column("progress", most=26),
    Column("what", most=40, stretch=True, middle=True),
)


@dataclass(frozen=True, slots=True)
class LaunchState:
    """What the Launch place shows.

    Attributes:
        job: Job under the cursor.
    """

    pane: str = "launch.grid"
    job: str | None = None


@dataclass(frozen=True, slots=True)
class _Seen:
    """The jobs of a store, and the end of one's log."""

    store: Store | None
    jobs: tuple[Job, ...]
    job: str | None
    log: tuple[str, ...]


class LaunchPlace(Viewed[LaunchState]):
    """The list of jobs, and beside or behind it the log of the one under the cursor."""

    place = "launch"
    BINDINGS = bindings("launch")
    blank = LaunchState()
    cursor = ("pane", "job")
    where = ("job",)
    panes = ("launch.grid", "launch.log")

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.table = TablePane("launch.grid", id="jobs")
        self.log_pane = ReadingPane("launch.log", id="log")
        self.seen: _Seen | None = None
        self._problem = ""
        self._title = ""

    def compose(self) -> ComposeResult:
        """List and log, side by side where there is room."""
        self.lay_out()
        with Horizontal(classes="beside"):
            yield self.table
            yield self.log_pane

    def on_mount(self) -> None:
        """Look at the jobs, and go on looking."""
        self.show()
        self.call_after_refresh(self.ask)
        self.set_interval(EVERY, self._look)

    def pane_widget(self, scope: str) -> Widget:
        """Return the widget of a pane."""
        return self.log_pane if scope == "launch.log" else self.table

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The jobs, the newest first."""
        return self.seen.jobs if self.seen else ()

    @property
    def job(self) -> Job | None:
        """The job under the cursor."""
        return next((job for job in self.jobs if job.id == self.state.job), None)

    # what the frame asks

    def crumbs(self) -> tuple[str, ...]:
        """The job under the cursor."""
        return (self.state.job,) if self.state.job else ()

    def status(self) -> str:
        """How many run, and what became of the one under the cursor."""
        if self.seen is None:
            return ""
        going = sum(job.state in ("waiting", "running") for job in self.jobs)
        said = f" · {self.job.message}" if self.job and self.job.message else ""
        return harmless(f"{count(len(self.jobs), 'job')} · {going} under way{said}")

    def behind(self) -> Behind | None:
        """The command that lists, or prints the log."""
        words = ["intermezzo", "jobs"]
        if self.pane == "launch.log" and self.state.job:
            words += ["log", self.state.job]
        return Behind(
            shlex.join([*words, *self.frame.store]), "jobs", {}, "-- jobs are files of the store: jobs/<id>/"
        )

    def arrive(self, errand: Errand) -> None:
        """Propose an evaluation for a cell."""
        self._title = " · ".join(part for part in ((errand.systems or ("",))[0], errand.task or "") if part)
        system = (errand.systems or (None,))[0]
        self._propose(system, errand.task, errand.yardstick)

    def store_changed(self) -> None:
        """Look again."""
        self.ask()

    # data

    def ask(self) -> None:
        """Look at the jobs."""
        wanted = self.state.job
        self.frame.compute(
            "jobs", "jobs", {"job": wanted}, Work(lambda ask: _look(_store(ask), wanted), remember=False)
        )

    def _look(self) -> None:
        """Look again without the frame's noticing: nothing is asked of the store's index."""
        if not self.display or self.seen is None or self.seen.store is None:
            return
        store, wanted = self.seen.store, self.state.job

        def read() -> None:
            found = _look(store, wanted)
            if found != self.seen:
                self.app.call_from_thread(self._take, found)

        self.run_worker(read, thread=True, group="look", exclusive=True, exit_on_error=False)

    def _take(self, seen: _Seen) -> None:
        self.seen = seen
        self.show()
        self.post_message(PlaceChanged())

    def answered(self, answer: Answer) -> None:
        """Take what was looked up, proposed, started or stopped."""
        if answer.problem is not None:
            self._problem = answer.problem
            self.frame.say(answer.problem)
        elif answer.slot == "jobs":
            self._take(answer.result)
        elif answer.slot == "propose":
            self._open(answer.result)
        elif answer.slot == "start":
            self.amend(job=answer.result)
            self.frame.say(f"started as {answer.result}; its run comes into the matrix by itself")
            self.ask()
        elif answer.slot == "cancel":
            self.frame.say(answer.result)
            self.ask()
        self.show()

    # showing

    def show(self) -> None:
        """Show list and log."""
        ids = [job.id for job in self.jobs]
        at = ids.index(self.state.job) if self.state.job in ids else min(self.table.row, max(len(ids) - 1, 0))
        if ids:
            self.amend(job=ids[at])
        texts = [(job.id, job.state, progress_of(job), job.spec.title) for job in self.jobs]
        looks = {"running": "bold", "done": "", "waiting": ""}
        rows = of_texts(_COLUMNS, texts, look=lambda n: looks.get(self.jobs[n].state, "dim"))
        sentence = self._problem if self.seen is None else EMPTY
        self.table.present(rows, at, sentence=sentence or "looking for jobs ...")
        job = self.job
        if job is None:
            self.log_pane.present([], sentence="no job" if self.seen else "")
            return
        log = self.seen.log if self.seen and self.seen.job == job.id else ()
        lines = [("bold", job.spec.title), ("", f"{job.state} {progress_of(job)}".rstrip())]
        lines += [("", job.message)] if job.message else []
        lines += [("dim", f"run {run}") for run in job.runs]
        self.log_pane.present([*lines, ("", ""), *(("", line) for line in log)], title=f"Job {job.id}")

    def on_row_moved(self, message: RowMoved) -> None:
        """Follow the cursor."""
        message.stop()
        self.amend(job=self.jobs[message.row].id)
        self.show()
        self._look()
        self.post_message(PlaceChanged())

    # actions

    def action_in(self) -> None:
        """To the log."""
        if self.pane == "launch.grid" and self.jobs:
            self.turn(1)

    def action_new(self) -> None:
        """Propose an evaluation of the pocket suite."""
        self._title = "A new evaluation"
        self._propose(None, None)

    def _propose(self, system: str | None, task: str | None, yardstick: str | None = None) -> None:
        from intermezzo.tui.proposing import propose

        work = Work(lambda ask: propose(ask, system, task, yardstick), remember=False)
        self.frame.compute("propose", "evaluate", {"system": system, "task": task}, work)

    def _open(self, proposal: Any) -> None:
        from intermezzo.tui.evaluate_dialog import EvaluateDialog

        self.app.push_screen(EvaluateDialog(self._title, proposal, self.frame.copy), self._start)

    def _start(self, words: str | None) -> None:
        if words is None:
            return
        from intermezzo.tui.proposing import start

        work = Work(lambda ask: start(_store(ask), words), remember=False)
        self.frame.compute("start", "evaluate", {"words": words}, work)

    def action_cancel(self) -> None:
        """Stop the job under the cursor, after asking."""
        job = self.job
        if job is None or job.state not in ("waiting", "running"):
            self.frame.say("there is no job under way here")
            return

        def done(text: str | None) -> None:
            if text is not None and text.strip().casefold() in ("y", "yes"):
                work = Work(partial(_cancel, job), remember=False)
                self.frame.compute("cancel", "cancel", {"job": job.id}, work)

        self.frame.prompt("cancel it? what is finished is kept; y for yes", "", lambda _: None, done)

    # copying

    def cell_text(self) -> str:
        """Return the job's id."""
        return self.state.job or ""

    def sheet(self, *, row_only: bool = False) -> tuple[Sheet, str] | None:
        """Return the list, or the job under the cursor."""
        rows = [
            (
                *(j.id, j.state, j.done, j.total, j.unit, j.spec.title, j.message, j.launcher),
                *(j.submitted, j.started, j.ended, " ".join(j.runs), str(j.log)),
            )
            for j in self.jobs
            if not row_only or j.id == self.state.job
        ]
        return (Sheet(COLUMNS, rows), "jobs") if rows else None


def _store(ask: Any) -> Store | None:
    found: Store | None = getattr(ask, "store", None)
    return found


def _look(store: Store | None, wanted: str | None) -> _Seen:
    """Read the jobs and the end of a log, in a thread."""
    if store is None:
        return _Seen(None, (), None, ())
    from intermezzo.engine.jobs import jobs

    found = tuple(jobs(store))
    job = next((j for j in found if j.id == wanted), found[0] if found else None)
    return _Seen(store, found, job.id if job else None, _tail(job.log) if job else ())


def _tail(log: Path) -> tuple[str, ...]:
    try:
        with log.open("rb") as file:
            file.seek(max(log.stat().st_size - 100 * TAIL, 0))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ()
    return tuple(lines[-TAIL:])


def _cancel(job: Job, _ask: Any) -> str:
    from intermezzo.engine.launchers import launcher_for

    try:
        launcher_for(job.launcher).cancel(job)
    except Problem as error:
        return str(error)
    return f"job {job.id} is cancelled; what it has finished is kept"
