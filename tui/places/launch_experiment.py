"""The part of the Launch place that plans an experiment, starts it, and shows how its stages fare."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from intermezzo.queries.harmless import harmless
from intermezzo.tui import experiment_view as ev
from intermezzo.tui.data import Work
from intermezzo.tui.experiment_view import Branch, Live
from intermezzo.tui.launch_state import JOB_PANES, PLAN_PANES, LaunchState
from intermezzo.tui.messages import PlaceChanged, RowMoved
from intermezzo.tui.output import Sheet
from intermezzo.tui.panes.plot import PlotPane
from intermezzo.tui.panes.reading import ReadingPane
from intermezzo.tui.panes.table import TablePane
from intermezzo.tui.plots.curves import Curves
from intermezzo.tui.table import of_texts

from .base import Frame
from .viewed import WIDE, Viewed

if TYPE_CHECKING:
    from intermezzo.engine.experiments.plan import Plan
    from intermezzo.engine.experiments.stages import Stage
    from intermezzo.engine.jobs import Job

NO_STEP = "No step of this stage was taken yet: its learning curve grows here while it trains."

PLANNING, NO_FILE = "planning ...", "e plans an experiment."


class ExperimentPanes(Viewed[LaunchState]):
    """The panes of a plan and what can be done there; jobs and looking are left to the place built on it."""

    panes = (*JOB_PANES, *PLAN_PANES)

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.plan_table = TablePane("launch.plan", id="plan")
        self.curve_pane = PlotPane("launch.curve", frame.depth, id="curve")
        self.stage_pane = ReadingPane("launch.stage", id="stage")
        self.plan: Plan | None = None
        self.branches: list[Branch] = []
        self.live = Live()
        self.points: Mapping[str, list[dict[str, Any]]] = {}
        self.kept: dict[str, list[Mapping[str, Any]]] = {}  # of stages that only runs tell of
        self.stage_log: tuple[str, ...] = ()
        self._asked_plan = self._plan_of = ""  # the file that was asked for last, and that of the plan
        self._no_plan = PLANNING

    # what is shown

    @property
    def seeds(self) -> tuple[int, ...]:
        """The experiment's seeds: the columns of its stages."""
        return self.plan.resolved.experiment.seeds if self.plan else ()

    @property
    def branch(self) -> Branch | None:
        """The line under the cursor."""
        return self.branches[self.plan_table.row] if self.plan_table.row < len(self.branches) else None

    @property
    def stage(self) -> Stage | None:
        """The stage under the cursor."""
        return self.branch.stage_at(self.plan_table.column, self.seeds) if self.branch else None

    @property
    def stage_job(self) -> Job | None:
        """The newest job of the stage under the cursor."""
        return self.live.jobs.get(self.stage.stage_id) if self.stage else None

    def looked_at(self) -> tuple[str, ...]:
        """Return the stages whose learning curves are shown: the one under the cursor, then its seeds."""
        if self.branch is None or self.stage is None or not self.branch.trainings:
            return ()
        others = [s.stage_id for s in self.branch.stages.values() if s is not self.stage]
        return (self.stage.stage_id, *others)

    def ask_plan(self) -> None:
        """Have the plan made unless it was asked for already."""
        file = self.state.experiment
        if not file or file == self._asked_plan:
            return
        self._asked_plan = file

        def work(ask: Any) -> Any:
            from intermezzo.tui.experiment_reading import read_plan

            return read_plan(getattr(ask, "store", None), file)

        self.frame.compute("plan", "plan", {"file": file}, Work(work, remember=False))

    def forget_plan(self) -> None:
        """Take it that the plan is not up to date any more; it is shown until there is another."""
        self._asked_plan = ""

    def ask_kept(self) -> None:
        """Ask runs for the curves of stages that are shown and have no folder here."""
        asked = [i for i in self.looked_at() if not self.points.get(i) and i not in self.kept]
        runs = ev.keepers(self.plan, asked) if self.plan and asked else {}
        if not runs:
            return
        self.kept |= {stage_id: [] for stage_id in runs}

        def work(ask: Any) -> Any:
            from intermezzo.tui.experiment_reading import kept_points

            return kept_points(ask, runs)

        self.frame.compute("kept", "run_record", {"runs": tuple(runs.values())}, Work(work))

    def take_plan(self, file: str, plan: Plan | None, problem: str | None = None) -> None:
        """Show the plan of a file, or why there is none."""
        self._plan_of, self._no_plan = file, problem or PLANNING
        self.plan, self.branches = plan, ev.branches(plan) if plan else []
        self.show_plan()

    def show_plan(self) -> None:
        """Show the tree, and all about the stage under the cursor."""
        if self._plan_of != self.state.experiment:
            self.plan, self.branches = None, []
            self._no_plan = PLANNING if self.state.experiment else NO_FILE
        if self.plan is None:
            self.plan_table.present(of_texts((), ()), sentence=self._no_plan)
            self.curve_pane.present(None, title="", sentence="")
            self.stage_pane.present([], title="")
            return
        seeds = self.seeds
        texts = [ev.cells(branch, seeds, self.live) for branch in self.branches]
        first = len(ev.HEADS)
        at = ev.find(self.branches, self.state.stage)
        at = min(self.plan_table.row, len(self.branches) - 1) if at is None else at
        column = min(max(self.plan_table.column, first), first + len(seeds) - 1)
        wanted = next((n for n, s in enumerate(seeds) if self._is(at, s)), None)
        self.plan_table.present(
            of_texts(ev.columns(seeds), texts, look=lambda n: ev.look_of_words(texts[n][first:]), cells=True),
            at,
            column if wanted is None else first + wanted,
            title=ev.summary(self.plan, self.live),
        )
        self.show_stage()

    def _is(self, line: int, seed: int) -> bool:
        stage = self.branches[line].stages.get(seed)
        return stage is not None and stage.stage_id == self.state.stage

    def show_stage(self) -> None:
        """Show the curve and the text of the stage under the cursor."""
        plan, branch, stage = self.plan, self.branch, self.stage
        if plan is None or branch is None:
            return
        if self.has_class("-wide"):
            # a base model has no curve, and there is more to say of the experiment
            self.curve_pane.display = bool(branch.trainings) or self.pane == "launch.curve"
        if stage is None or not branch.trainings:
            lines = ev.stage_lines(plan, branch, stage, self.live, ())
            self.stage_pane.present(lines, title=plan.resolved.experiment.name)
            self.curve_pane.present(None, title="Learning curve", sentence="A base model has none.")
            return
        seed = f", seed {stage.seed}"
        title = f"{branch.title.strip()}{seed}"
        lines = ev.stage_lines(plan, branch, stage, self.live, self.stage_log)
        self.stage_pane.present(lines, title=title)
        names = {s.stage_id: f"seed {s.seed}" for s in branch.stages.values()}
        known = [(names[i], p) for i in self.looked_at() if (p := self.points.get(i) or self.kept.get(i))]
        curves = Curves(ev.panels(known)) if known else None
        self.curve_pane.present(curves, title=f"Learning curve: {title}", sentence=NO_STEP)

    # the place's own

    def lay_out(self) -> None:
        """Show the jobs or the plan; of each all panes where there is room, else the one with the focus."""
        wide = self.app.size.width >= WIDE
        self.set_class(wide, "-wide")
        self.set_class(self.state.planning, "-planning")
        self.set_class(not wide and self.pane == PLAN_PANES[0], "-tree")
        shown = PLAN_PANES if self.state.planning else JOB_PANES
        for scope in self.panes:
            self.pane_widget(scope).display = scope in shown and (wide or scope == self.pane)

    def turn(self, step: int) -> None:
        """To the next pane of the jobs, or of the plan."""
        group = PLAN_PANES if self.state.planning else JOB_PANES
        self.frame.visited(self.spot())
        self.go_pane(group[(group.index(self.pane) + step) % len(group)])

    def out(self) -> bool:
        """Back to the plan, from there to the jobs."""
        if self.pane == JOB_PANES[0]:
            return False
        back = PLAN_PANES[0] if self.pane in PLAN_PANES[1:] else JOB_PANES[0]
        self.frame.visited(self.spot())
        self.go_pane(back)
        return True

    def moved_in_plan(self, message: RowMoved) -> None:
        """Follow the cursor."""
        self.plan_table.row, self.plan_table.column = message.row, message.column
        stage = self.stage
        self.amend(stage=stage.stage_id if stage else None)
        self.stage_log = ()
        self.show_stage()
        self.post_message(PlaceChanged())

    def choices(self, source: str) -> tuple[str, ...]:
        """Name the experiments that can be planned."""
        if source != "experiments":
            return ()
        from intermezzo.tui.experiment_reading import experiment_files

        return tuple(experiment_files())

    def plan_sheet(self, *, row_only: bool) -> tuple[Sheet, str] | None:
        """Return the tree as it is shown, or the line under the cursor."""
        if self.plan is None:
            return None
        rows = [ev.cells(branch, self.seeds, self.live) for branch in self.branches]
        kept = [row for n, row in enumerate(rows) if not row_only or n == self.plan_table.row]
        return Sheet(
            [c.title for c in ev.columns(self.seeds)], kept
        ), f"plan-{self.plan.resolved.experiment.name}"

    # actions

    def action_experiment(self, file: str | None = None) -> None:
        """Plan an experiment; without a file, offer those there are."""
        if file is None:
            self.frame.palette("experiment ")
            return
        self.frame.visited(self.spot())
        self.forget_plan()
        self.amend(experiment=file, stage=None)
        self.go_pane(PLAN_PANES[0])

    def action_start(self) -> None:
        """Ask where to start the experiment that is shown, and what its jobs need."""
        if not self.state.planning or self.plan is None:
            self.frame.say("there is no experiment here yet: e plans one")
            return
        from intermezzo.tui.form_dialog import Field, FormDialog

        plan = self.plan
        needs = plan.resolved.experiment.slurm
        there = shutil.which("sbatch") is not None
        notes = [*ev.start_notes(plan), *_where(there)]
        fields = (
            Field("on", "on", "slurm" if there and needs else "here", "here or slurm"),
            Field("partition", "partition", str(needs.get("partition", "")), "SLURM's own choice"),
            Field("gres", "gres", str(needs.get("gres", "")), "none, e.g. gpu:1"),
            Field("minutes", "minutes", str(needs.get("minutes", "")), "24 hours"),
        )
        title = f"Start {plan.resolved.experiment.name}"
        self.app.push_screen(FormDialog(title, fields, notes, "starts it"), self._start_with)

    def _start_with(self, answer: Mapping[str, str] | None) -> None:
        if answer is None:
            return
        where, minutes, file = answer["on"] or "here", answer["minutes"], self.state.experiment
        if where not in ("here", "slurm"):
            self.frame.say(f"jobs run here or on slurm, not on {where!r}")
            return
        if minutes and not (minutes.isascii() and minutes.isdigit() and int(minutes)):
            self.frame.say(f"minutes must be a whole number, not {minutes!r}")
            return
        asked: dict[str, Any] = {"partition": answer["partition"], "gres": answer["gres"]}
        asked |= {"minutes": int(minutes)} if minutes else {}

        def work(ask: Any) -> Any:
            from intermezzo.tui.experiment_reading import start_experiment

            return start_experiment(getattr(ask, "store", None), file, where, asked)

        self.frame.compute("begin", "run", {"file": file, "on": where}, Work(work, remember=False))

    def plan_status(self) -> str:
        """What became of the job of the stage under the cursor, or which stage it is."""
        job = self.stage_job
        if job is not None:
            return harmless(f"job {job.id} {job.state}{f' · {job.message}' if job.message else ''}")
        return harmless(
            f"stage {self.stage.stage_id}" if self.stage and self.branch and self.branch.trainings else ""
        )


def _where(slurm: bool) -> list[str]:
    from intermezzo.engine.launchers.here import SLOTS_VARIABLE, slots

    here = f"here: jobs that outlive this terminal, {slots()} at a time (${SLOTS_VARIABLE})."
    if slurm:
        return [
            here,
            "slurm: arrays of jobs; the fields below are for it, what they leave out is the file's.",
        ]
    return [f"{here} There is no SLURM on this machine (no command sbatch)."]
