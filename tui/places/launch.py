"""Place 6: jobs in the background, how far each is and what it says; and experiments, planned and started."""

from __future__ import annotations

import shlex
import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from intermezzo.queries.harmless import harmless
from intermezzo.tui.data import Answer, Work
from intermezzo.tui.job_lists import answer_of, progress_of
from intermezzo.tui.job_reading import Asked, Seen, cancel, look, over, store_of
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
    from intermezzo.engine.jobs import Job

EVERY = 0.5
"""Seconds between two looks at the jobs."""

SLURM_EVERY = 10.0
"""Seconds between two questions to SLURM."""

PREPARING = "preparing the form ... Esc gives up"

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


class LaunchPlace(ExperimentPanes):
    """The list of jobs and the log of one; or the stages of an experiment, a learning curve, one stage."""

    place = "launch"
    BINDINGS = bindings("launch.grid", "launch.plan", "launch")
    blank = LaunchState()
    cursor = ("pane", "job", "stage")
    where = ("job", "experiment", "stage")
    stays = "X stops a job, H in Runs takes its run out of view"

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.table = TablePane("launch.grid", id="jobs")
        self.log_pane = ReadingPane("launch.log", id="log")
        self.seen: Seen | None = None
        self._problem = ""
        self._title = ""
        self._slurm_asked = 0.0
        self._preparing = False  # a form was asked for, and not given up
        self._started = ""  # a job that was started and not seen yet: the cursor is to be on it

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
        """How many run, and what became of the one under the cursor; or that a form is coming."""
        if self._preparing:
            return PREPARING
        if self.state.planning:
            return self.plan_status()
        if self.seen is None:
            return ""
        going = sum(not job.over for job in self.jobs)
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
        """Propose an evaluation for a cell, and show the jobs behind the dialog."""
        self.amend(pane=self.panes[0])
        self.lay_out()
        self._title = " · ".join(part for part in ((errand.systems or ("",))[0], errand.task or "") if part)
        system = (errand.systems or (None,))[0]
        self._propose(system, errand.task, errand.yardstick)

    def out(self) -> bool:
        """Give up a form that has not opened yet; else out as everywhere."""
        if self._preparing:
            self._preparing = False
            self.frame.say("given up; nothing was started")
            return True
        return super().out()

    def store_changed(self) -> None:
        """Look again, at what is evaluated too."""
        self.forget_plan()
        self.ask()

    # data

    def ask(self) -> None:
        """Look at the jobs, and have the plan made where it is shown and not known or not up to date."""
        if self.state.planning:
            self.ask_plan()
        wanted = self._wanted()
        asked = {"job": wanted.job, "stages": wanted.stages}
        work = Work(lambda ask: look(store_of(ask), wanted, slurm=True), remember=False)
        self.frame.compute("jobs", "jobs", asked, work)

    def _wanted(self) -> Asked:
        return Asked(self.state.job, self.plan, self.looked_at())

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
            found = look(store, wanted, slurm=slurm, earlier=earlier)
            if found != self.seen:
                self.app.call_from_thread(self._take, found)

        self.run_worker(read, thread=True, group="look", exclusive=True, exit_on_error=False)

    def _take(self, seen: Seen) -> None:
        ended = self.seen is not None and over(self.seen) != over(seen)
        self.seen, self.live = seen, seen.live
        if seen.stages == self.looked_at():
            self.points, self.stage_log = seen.points, seen.stage_log
            self.ask_kept()
        self.show()
        self.post_message(PlaceChanged())
        if ended:
            self.forget_plan()
            if self.state.planning:
                self.ask_plan()

    def answered(self, answer: Answer) -> None:
        """Take what was looked up, proposed, started or stopped."""
        if answer.slot == "plan":
            self.take_plan(str(answer.params["file"]), answer.result, answer.problem)
            self._look()
        elif answer.problem is not None:
            self._preparing = self._preparing and answer.slot != "propose"
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
            self._started = answer.result
            self.amend(job=answer.result)
            self.frame.say(f"started as {answer.result}; its run comes into the matrix")
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
        if ids and (self.state.job in ids or self.state.job != self._started):
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

        self._preparing = True
        work = Work(lambda ask: propose(ask, system, task, yardstick), remember=False)
        self.frame.compute("propose", "evaluate", {"system": system, "task": task}, work)

    def _open(self, proposal: Any) -> None:
        """Show the form, unless it was given up, or one is somewhere else by now."""
        wanted, self._preparing = self._preparing and self.display, False
        if not wanted:
            return
        from intermezzo.tui.evaluate_dialog import EvaluateDialog

        self.app.push_screen(EvaluateDialog(self._title, proposal, self.frame.copy), self._start)

    def _start(self, words: str | None) -> None:
        if words is None:
            return
        from intermezzo.tui.proposing import start

        work = Work(lambda ask: start(store_of(ask), words), remember=False)
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
                work = Work(partial(cancel, found), remember=False)
                self.frame.compute("cancel", "cancel", {"jobs": tuple(job.id for job in found)}, work)

        self.frame.prompt(f"{what} what is finished is kept; y for yes", "", lambda _: None, done)

    def _to_cancel(self) -> tuple[Job, ...]:
        from intermezzo.engine.experiments.starting import stage_jobs

        if self.state.planning and self.branch is not None and not self.branch.trainings:
            ours = self.plan.resolved.stages if self.plan else {}
            found = [
                job for stage_id, those in stage_jobs(self.jobs).items() if stage_id in ours for job in those
            ]
        else:
            found = [self.job] if self.job else []
        return tuple(job for job in found if not job.over)

    # copying

    def lines(self) -> Sequence[str]:
        """Return all of the log that is shown, not only its end; or the lines of a plot."""
        if self.pane != "launch.log" or self.job is None:
            return super().lines()
        try:
            return self.job.log.read_text("utf-8", "replace").splitlines()
        except OSError:
            return ()

    def cell_text(self) -> str:
        """Return the id of the job, or of the stage."""
        return (self.state.stage if self.state.planning else self.state.job) or ""

    def sheet(self, *, row_only: bool = False) -> tuple[Sheet, str] | None:
        """Return the jobs, or the one under the cursor; the same of the plan."""
        if self.state.planning:
            return self.plan_sheet(row_only=row_only)
        if self.pane == "launch.log" and self.job is not None:
            lines = self.lines()
            return Sheet(("line",), [(line,) for line in lines]), f"job-{self.job.id}"
        shown = [job for job in self.jobs if not row_only or job.id == self.state.job]
        return (answer_of(shown).data, "jobs") if shown else None

    def printed(self) -> Printed | None:
        """Return the jobs, a job's log, or the plan, as the commands print them."""
        if self.pane == "launch.log":
            return super().printed()
        if not self.state.planning:
            return answer_of(self.jobs)
        if self.plan is None:
            return None
        from intermezzo.tui.experiments import plan_answer

        return plan_answer(self.plan)
