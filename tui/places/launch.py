"""Place 6: jobs in the background, how far each is and what it says; and experiments, planned and started."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intermezzo.queries.harmless import harmless
from intermezzo.tui.data import Answer, Work
from intermezzo.tui.experiment_view import Live
from intermezzo.tui.job_lists import answer_of, progress_of
from intermezzo.tui.keys import bindings
from intermezzo.tui.launch_state import LaunchState
from intermezzo.tui.messages import PlaceChanged, RowMoved
from intermezzo.tui.output import Answer as Printed
from intermezzo.tui.output import Sheet
from intermezzo.tui.panes.reading import ReadingPane
from intermezzo.tui.panes.table import TablePane
from intermezzo.tui.state import Errand
from intermezzo.tui.table import Column, of_texts
from intermezzo.tui.text import count
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from .base import Behind, Frame
from .launch_experiment import ExperimentPanes

if TYPE_CHECKING:
    from intermezzo.engine.experiments.plan import Plan
    from intermezzo.engine.jobs import Job
    from intermezzo.queries.store.layout import Store

EVERY = 0.5
"""Seconds between two looks at the jobs."""

TAIL = 200
"""Last lines of a log that are shown."""

SLURM_EVERY = 10.0
"""Seconds between two questions to SLURM."""

EMPTY = (
    "Nothing was started yet. e plans an experiment: a TOML file of yours, or pocket, which came with the "
    "program. n starts an evaluation; so does r on a cell of the matrix."
)

_COLUMNS = (
    Column("job", most=20),
    Column("state", most=9),
    Column("progress", most=26),
    Column("what", most=40, stretch=True, middle=True),
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a look is to look at.

    Attributes:
        job: Job whose log is shown.
        plan: The experiment whose stages are shown.
        stages: Stages whose learning curves are shown, the one under the cursor first.
    """

    job: str | None = None
    plan: Plan | None = None
    stages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Seen:
    """The jobs of a store, the end of one's log, and what is known of the stages that are shown."""

    store: Store | None
    jobs: tuple[Job, ...] = ()
    job: str | None = None
    log: tuple[str, ...] = ()
    live: Live = field(default_factory=Live)
    stages: tuple[str, ...] = ()
    points: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    stage_log: tuple[str, ...] = ()


class LaunchPlace(ExperimentPanes):
    """The list of jobs and the log of one; or the stages of an experiment, a learning curve, one stage."""

    place = "launch"
    BINDINGS = bindings("launch.grid", "launch.plan", "launch")
    blank = LaunchState()
    cursor = ("pane", "job", "stage")
    where = ("job", "experiment", "stage")

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.table = TablePane("launch.grid", id="jobs")
        self.log_pane = ReadingPane("launch.log", id="log")
        self.seen: _Seen | None = None
        self._problem = ""
        self._title = ""
        self._slurm_asked = 0.0

    def compose(self) -> ComposeResult:
        """Jobs and log, or plan, curve and stage, side by side where there is room."""
        self.lay_out()
        with Horizontal(classes="beside jobs"):
            yield self.table
            yield self.log_pane
        with Horizontal(classes="beside plan"):
            yield self.plan_table
            with Vertical(classes="stage"):
                yield self.curve_pane
                yield self.stage_pane

    def on_mount(self) -> None:
        """Look at the jobs, and go on looking."""
        self.show()
        self.call_after_refresh(self.ask)
        self.call_after_refresh(self.ask_plan)
        self.set_interval(EVERY, self._look)

    def pane_widget(self, scope: str) -> Widget:
        """Return the widget of a pane."""
        widgets: dict[str, Widget] = {
            "launch.grid": self.table,
            "launch.log": self.log_pane,
            "launch.plan": self.plan_table,
            "launch.curve": self.curve_pane,
            "launch.stage": self.stage_pane,
        }
        return widgets[scope]

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The jobs, the newest first."""
        return self.seen.jobs if self.seen else ()

    @property
    def job(self) -> Job | None:
        """The job under the cursor, of the list or of the plan."""
        if self.state.planning:
            return self.stage_job
        return next((job for job in self.jobs if job.id == self.state.job), None)

    # what the frame asks

    def crumbs(self) -> tuple[str, ...]:
        """The experiment, or the job under the cursor."""
        if self.state.planning:
            return (self.state.experiment,) if self.state.experiment else ()
        return (self.state.job,) if self.state.job else ()

    def status(self) -> str:
        """How many run, and what became of the one under the cursor."""
        if self.state.planning:
            return self.plan_status()
        if self.seen is None:
            return ""
        going = sum(job.state in ("waiting", "running") for job in self.jobs)
        said = f" · {self.job.message}" if self.job and self.job.message else ""
        return harmless(f"{count(len(self.jobs), 'job')} · {going} under way{said}")

    def behind(self) -> Behind | None:
        """The command that lists, or prints the log."""
        if self.state.planning:
            words = ["intermezzo", "plan", self.state.experiment, *self.frame.store]
            said = "-- stages are folders of the store: stages/<id>/; its runs are those of stage_runs"
            return Behind(shlex.join(words), "plan", {"file": self.state.experiment}, said)
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
        """Look again, at what is evaluated too."""
        self.ask()
        self.ask_plan()

    # data

    def ask(self) -> None:
        """Look at the jobs."""
        wanted = self._wanted()
        asked = {"job": wanted.job, "stages": wanted.stages}
        work = Work(lambda ask: _look(_store(ask), wanted, slurm=True), remember=False)
        self.frame.compute("jobs", "jobs", asked, work)

    def _wanted(self) -> _Asked:
        return _Asked(self.state.job, self.plan, self.looked_at())

    def _look(self) -> None:
        """Look again without the frame's noticing: nothing is asked of the store's index."""
        if not self.display or self.seen is None or self.seen.store is None:
            return
        store, wanted = self.seen.store, self._wanted()
        slurm = time.monotonic() - self._slurm_asked > SLURM_EVERY
        if slurm:
            self._slurm_asked = time.monotonic()
        earlier = {job.id: job for job in self.jobs}

        def read() -> None:
            found = _look(store, wanted, slurm=slurm, earlier=earlier)
            if found != self.seen:
                self.app.call_from_thread(self._take, found)

        self.run_worker(read, thread=True, group="look", exclusive=True, exit_on_error=False)

    def _take(self, seen: _Seen) -> None:
        ended = self.seen is not None and _over(self.seen) != _over(seen)
        self.seen, self.live = seen, seen.live
        if seen.stages == self.looked_at():
            self.points, self.stage_log = seen.points, seen.stage_log
            self.ask_kept()
        self.show()
        self.post_message(PlaceChanged())
        if ended:
            self.ask_plan()

    def answered(self, answer: Answer) -> None:
        """Take what was looked up, proposed, started or stopped."""
        if answer.slot == "plan":
            self.take_plan(answer.result, answer.problem)
            self._look()
        elif answer.problem is not None:
            self._problem = answer.problem
            self.frame.say(answer.problem)
        elif answer.slot == "begin":
            self.frame.say(answer.result)
            self.ask()
        elif answer.slot == "jobs":
            self._take(answer.result)
        elif answer.slot == "kept":
            self.kept |= answer.result
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
        """Show jobs and log, or the plan."""
        if self.state.planning:
            self.show_plan()
            return
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
        if message.pane == "launch.plan":
            self.moved_in_plan(message)
            self._look()
            return
        self.amend(job=self.jobs[message.row].id)
        self.show()
        self._look()
        self.post_message(PlaceChanged())

    # actions

    def action_in(self) -> None:
        """To the log, or from the plan to the learning curve, from there to all about the stage."""
        if (self.pane == "launch.grid" and self.jobs) or self.pane in ("launch.plan", "launch.curve"):
            self.turn(1)

    def action_new(self) -> None:
        """Propose an evaluation of the pocket suite; of a plan, start it."""
        if self.state.planning:
            self.action_start()
            return
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
        """Stop the job under the cursor, after asking; in the first line of a plan, all of the experiment."""
        found = self._to_cancel()
        if not found:
            self.frame.say("there is no job under way here")
            return
        what = (
            "cancel it?" if len(found) == 1 else f"cancel all {len(found)} jobs of {self.state.experiment}?"
        )

        def done(text: str | None) -> None:
            if text is not None and text.strip().casefold() in ("y", "yes"):
                work = Work(partial(_cancel, found), remember=False)
                self.frame.compute("cancel", "cancel", {"jobs": tuple(job.id for job in found)}, work)

        self.frame.prompt(f"{what} what is finished is kept; y for yes", "", lambda _: None, done)

    def _to_cancel(self) -> tuple[Job, ...]:
        if self.state.planning and self.branch is not None and not self.branch.trainings:
            found = list(self.live.jobs.values())
        else:
            found = [self.job] if self.job else []
        return tuple(job for job in found if job.state in ("waiting", "running"))

    # copying

    def cell_text(self) -> str:
        """Return the id of the job, or of the stage."""
        return (self.state.stage if self.state.planning else self.state.job) or ""

    def sheet(self, *, row_only: bool = False) -> tuple[Sheet, str] | None:
        """Return the jobs, or the one under the cursor; the same of the plan."""
        if self.state.planning:
            return self.plan_sheet(row_only=row_only)
        shown = [job for job in self.jobs if not row_only or job.id == self.state.job]
        return (answer_of(shown).data, "jobs") if shown else None

    def printed(self) -> Printed | None:
        """Return the jobs, or the plan, as the commands print them."""
        if not self.state.planning:
            return answer_of(self.jobs)
        if self.plan is None:
            return None
        from intermezzo.tui.experiments import plan_answer

        return plan_answer(self.plan)


def _store(ask: Any) -> Store | None:
    found: Store | None = getattr(ask, "store", None)
    return found


def _over(seen: _Seen) -> frozenset[str]:
    return frozenset(job.id for job in seen.jobs if job.state not in ("waiting", "running"))


def _look(
    store: Store | None, wanted: _Asked, *, slurm: bool, earlier: Mapping[str, Job] | None = None
) -> _Seen:
    """Read the jobs, the end of a log, and the stages that are shown, in a thread.

    Args:
        store: Where they are.
        wanted: What is shown.
        slurm: Whether SLURM is asked for the state of its jobs; else what it said last holds.
        earlier: The jobs as they were seen last.
    """
    if store is None:
        return _Seen(None)
    from intermezzo.engine.jobs import jobs
    from intermezzo.engine.launchers.slurm import refreshed
    from intermezzo.tui.experiment_reading import read_live, read_points

    found = jobs(store)
    if slurm:
        found = refreshed(found)
    elif earlier:
        found = [_as_before(job, earlier.get(job.id)) for job in found]
    job = next((j for j in found if j.id == wanted.job), found[0] if found else None)
    seen = _Seen(store, tuple(found), job.id if job else None, _tail(job.log) if job else ())
    if wanted.plan is None:
        return seen
    live = read_live(store, wanted.plan, found)
    at = live.jobs.get(wanted.stages[0]) if wanted.stages else None
    log = _tail(at.log) if at else ()
    points = read_points(store, wanted.stages)
    return replace(seen, live=live, stages=wanted.stages, points=points, stage_log=log)


def _as_before(job: Job, before: Job | None) -> Job:
    """Return a job of SLURM's with the state that SLURM told last, until it says something new itself."""
    if job.launcher != "slurm" or before is None or job.state in ("done", "failed"):
        return job
    over = before.state not in ("waiting", "running")
    return replace(job, state=before.state, message=before.message if over else job.message)


def _tail(log: Path) -> tuple[str, ...]:
    try:
        with log.open("rb") as file:
            file.seek(max(log.stat().st_size - 100 * TAIL, 0))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ()
    return tuple(lines[-TAIL:])


def _cancel(found: tuple[Job, ...], _ask: Any) -> str:
    from intermezzo.engine.launchers import cancel_all

    cancelled, problems = cancel_all(found)
    if not cancelled:
        return problems[0]
    said = f"job {cancelled[0].id} is" if len(cancelled) == 1 else f"{count(len(cancelled), 'job')} are"
    return f"{said} cancelled; what is finished is kept{''.join(f'. {p}' for p in problems)}"
