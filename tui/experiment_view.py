"""An experiment as the Launch place shows it: its stages as a tree, a column a seed, and all about one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from intermezzo.engine.experiments.plan import Plan, Step
from intermezzo.engine.experiments.stages import Stage, short_model, short_recipe, short_tasks
from intermezzo.engine.training.settings import Settings
from intermezzo.queries.training_curves import named_points

from .experiments import cost_notes, duration, plan_notes
from .job_lists import progress_of
from .plots.curves import Series
from .table import Column
from .text import count

if TYPE_CHECKING:
    from intermezzo.engine.jobs import Job

Line = tuple[str, str]
"""A line of a text: how it looks (``bold``, ``dim`` or empty), and what it says."""

_ENDS = {"failed": "failed", "cancelled": "stopped", "lost": "lost"}
"""State of a job -> what its stage's cell says."""


@dataclass(frozen=True, slots=True)
class Live:
    """What the files of stages and jobs say now, which a plan made earlier does not know.

    Attributes:
        jobs: The job of each stage that tells how it fares, by the stage's id.
        done: Stages whose training is done.
        training: Stages that somebody trains without a job (``intermezzo run``) -> the last step seen.
    """

    jobs: Mapping[str, Job] = field(default_factory=dict)
    done: frozenset[str] = frozenset()
    training: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Branch:
    """A line of the tree: one training, with as many stages as there are seeds.

    Attributes:
        title: What is trained, indented by how much comes before it.
        stages: Seed -> stage; ``None`` is the seed of a base model, which has none.
        evaluations: Those of its stages.
        trainings: Those of its stages, by stage id.
    """

    title: str
    stages: Mapping[int | None, Stage]
    evaluations: tuple[Step, ...]
    trainings: Mapping[str, Step]

    def stage_at(self, column: int, seeds: Sequence[int]) -> Stage | None:
        """Return the stage of a column of the table; its first one, if any, where the column is of none."""
        at = column - len(HEADS)
        seed = seeds[at] if 0 <= at < len(seeds) else None
        return self.stages.get(seed) or next(iter(self.stages.values()), None)


HEADS = (
    Column("stage", most=44, stretch=True),
    Column("steps", right=True, most=9),
    Column("cost", right=True, most=10),
    Column("evals", right=True, most=7),
)
"""Columns before those of the seeds."""


def columns(seeds: Sequence[int]) -> tuple[Column, ...]:
    """Return the columns of the table."""
    return (*HEADS, *(Column(f"seed {seed}", most=11) for seed in seeds))


def branches(plan: Plan) -> list[Branch]:
    """Return the tree of an experiment, each base model before what starts from it, equal stages once."""
    stages = plan.resolved.stages
    groups: dict[tuple[object, ...], dict[int | None, Stage]] = {}
    keys: dict[str, tuple[object, ...]] = {}
    for stage in stages.values():
        above = keys[stage.parent] if stage.parent else (stage.model,)
        own = (stage.tasks, repr(stage.settings)) if stage.role != "base" else ()
        keys[stage.stage_id] = key = (*above, own) if own else above
        groups.setdefault(key, {})[stage.seed] = stage
    evaluations: dict[str, list[Step]] = {}
    trainings = {s.stage_id: s for s in plan.steps if s.what == "train"}
    for step in plan.steps:
        if step.what == "evaluate":
            evaluations.setdefault(step.stage_id, []).append(step)
    found: list[Branch] = []

    def walk(key: tuple[object, ...]) -> None:
        mine = groups.get(key, {})
        found.append(
            Branch(
                _title(key, mine, groups),
                mine,
                tuple(e for s in mine.values() for e in evaluations.get(s.stage_id, ())),
                {s.stage_id: trainings[s.stage_id] for s in mine.values() if s.stage_id in trainings},
            )
        )
        for other in groups:
            if len(other) == len(key) + 1 and other[: len(key)] == key:
                walk(other)

    for model in plan.resolved.experiment.models:
        walk((model,))
    return found


def _title(
    key: tuple[object, ...], mine: Mapping[int | None, Stage], groups: Mapping[tuple[object, ...], object]
) -> str:
    if len(key) == 1:
        return short_model(str(key[0]))
    stage = next(iter(mine.values()))
    twins = sum(k[:-1] == key[:-1] and k[-1][0] == stage.tasks for k in groups if len(k) == len(key))  # type: ignore[index]
    mark = f" ({stage.role})" if twins > 1 else ""
    return f"{'  ' * (len(key) - 1)}{short_tasks(stage.tasks)}{mark}"


def cells(branch: Branch, seeds: Sequence[int], live: Live) -> tuple[str, ...]:
    """Return the texts of a line of the table."""
    trainings = list(branch.trainings.values())
    steps = trainings[0].steps if trainings else None
    left = [t for t in trainings if t.state not in ("done", "not needed") and t.stage_id not in live.done]
    seconds = [t.seconds for t in left]
    cost = duration(sum(s or 0.0 for s in seconds)) if left and None not in seconds else None
    done = sum(e.state == "done" for e in branch.evaluations)
    evaluations = f"{done}/{len(branch.evaluations)}" if branch.evaluations else ""
    words = [word(branch, branch.stages[s], live) if s in branch.stages else "" for s in seeds]
    if None in branch.stages and branch.evaluations and words:
        words[0] = word(branch, branch.stages[None], live)
    return (branch.title, "" if steps is None else f"{steps:,}", cost or "", evaluations, *words)


def word(branch: Branch, stage: Stage, live: Live) -> str:
    """Say in a word or two how a stage fares, evaluations included."""
    training = branch.trainings.get(stage.stage_id)
    evaluations = [e for e in branch.evaluations if e.stage_id == stage.stage_id]
    trained = training is None or training.state == "done" or stage.stage_id in live.done
    job = live.jobs.get(stage.stage_id)
    if job is not None and not job.over:
        return _under_way(job)
    if stage.stage_id in live.training and training is not None and training.steps:
        return f"train {100 * live.training[stage.stage_id] // training.steps} %"
    if evaluations and all(e.state == "done" for e in evaluations):
        return "done"
    if job is not None and job.state in _ENDS:
        return _ENDS[job.state]
    blocked = any(e.state == "blocked" for e in evaluations)
    if trained:
        return "blocked" if blocked else ("trained" if training else "to do") if evaluations else "done"
    assert training is not None
    return training.state


def _under_way(job: Job) -> str:
    if job.state == "waiting":
        return "queued"
    if not job.total:
        return "starts" if "waits for another" not in job.message else "waits"
    what = "train" if job.unit == "steps" else "eval"
    return f"{what} {100 * job.done // job.total} %"


def look_of_words(words: Sequence[str]) -> str:
    """Return how a line of the table looks: bold where something is under way, dim where nothing can be."""
    if any(w.startswith(("train ", "eval ", "starts", "waits")) for w in words):
        return "bold"
    return "dim" if all(w in ("", "blocked", "not needed") for w in words) else ""


def find(tree: Sequence[Branch], stage_id: str | None) -> int | None:
    """Return the line of the tree that a stage is in."""
    for n, branch in enumerate(tree):
        if any(stage.stage_id == stage_id for stage in branch.stages.values()):
            return n
    return None


def keepers(plan: Plan, stage_ids: Sequence[str]) -> dict[str, str]:
    """Return stages with a run that was trained in each, of those that have any: it keeps their curves."""
    found: dict[str, str] = {}
    for step in plan.steps:
        if step.run_id:
            for stage_id in plan.resolved.chain(step.stage_id):
                if stage_id in stage_ids:
                    found.setdefault(stage_id, step.run_id)
    return found


def summary(plan: Plan, live: Live) -> str:
    """Say in a line how far an experiment is."""
    done = sum(
        s.state in ("done", "not needed") or s.stage_id in live.done for s in plan.steps if s.what == "train"
    )
    done += sum(s.state == "done" for s in plan.steps if s.what == "evaluate")
    going = sum(not job.over for s, job in live.jobs.items() if s in plan.resolved.stages)
    parts = [plan.resolved.experiment.name, f"{done} of {len(plan.steps)} done"]
    if going:
        parts.append(f"{count(going, 'job')} under way")
    if plan.missing:
        parts.append(f"{len(plan.missing)} missing: see the first line")
    if plan.below:
        parts.append(f"{len(plan.below)} below its floor")
    seconds = [s.seconds for s in plan.left() if s.what == "train" and s.seconds is not None]
    if seconds:
        parts.append(f"about {duration(sum(seconds))} of training")
    return " · ".join(parts)


def about_lines(plan: Plan) -> list[Line]:
    """Return what there is to say of the whole experiment."""
    experiment = plan.resolved.experiment
    lines: list[Line] = [("bold", experiment.name), ("dim", str(experiment.path))]
    lines += [("", paragraph) for paragraph in (" ".join(experiment.about.split()),) if paragraph]
    lines += [("", ""), *(("", note) for note in plan_notes(plan))]
    return lines


def stage_lines(
    plan: Plan, branch: Branch, stage: Stage | None, live: Live, log: Sequence[str]
) -> list[Line]:
    """Return everything about a stage: how it fares, its evaluations, its settings, what its job says."""
    if stage is None:
        return about_lines(plan)
    training = branch.trainings.get(stage.stage_id)
    job = live.jobs.get(stage.stage_id)
    lines: list[Line] = []
    if training is None:
        lines += about_lines(plan)
    else:
        seed = "" if stage.seed is None else f" · seed {stage.seed}"
        lines.append(("bold", f"{short_model(stage.model)}: {short_recipe(stage.lineage)}{seed}"))
        lines.append(("", word(branch, stage, live)))
        before = plan.resolved.stages[stage.parent] if stage.parent else None
        start = f"stage {before.stage_id} ({short_recipe(before.lineage)})" if before else "the base model"
        lines.append(("dim", f"stage {stage.stage_id}, starts from {start}"))
        if training.why and training.state != "done":
            cost = duration(training.seconds)
            lines.append(("", f"about {cost}: {training.why}" if cost else f"blocked: {training.why}"))
    if job is not None:
        lines += [("", ""), ("bold", f"Job {job.id}"), ("", f"{job.state} {progress_of(job)}".rstrip())]
        lines += [("", job.message)] if job.message else []
    evaluations = [e for e in branch.evaluations if e.stage_id == stage.stage_id]
    if evaluations:
        lines += [("", ""), ("bold", "Evaluations" if training else "Evaluations of the model as it is")]
        lines += [("", f"  {e.title}: {_evaluation(e)}") for e in evaluations]
    if training is not None:
        lines += [("", ""), ("bold", "Settings"), *_settings(stage.settings)]
    if log:
        lines += [("", ""), ("bold", "Log"), *(("", line) for line in log)]
    return lines


def _evaluation(step: Step) -> str:
    if step.run_id:
        return f"run {step.run_id[:12]}"
    if step.seconds is not None and step.state != "blocked":
        return f"{step.state}: about {duration(step.seconds)}, {step.why}"
    return f"{step.state}: {step.why}" if step.why else step.state


def _settings(settings: Settings) -> Iterator[Line]:
    usual = Settings().record()
    for name, value in settings.record().items():
        yield ("" if value != usual[name] else "dim", f"  {name} = {value}")


def panels(
    known: Sequence[tuple[str, Sequence[Mapping[str, Any]]]],
) -> tuple[tuple[str, tuple[Series, ...]], ...]:
    """Return learning curves as panels of a plot: development scores first, then losses, a line a stage.

    Args:
        known: Name of a line, and the points as a training writes them.
    """
    found: dict[str, list[Series]] = {}
    for name, points in known:
        for quantity, pairs in named_points(points).items():
            found.setdefault(quantity, []).append(Series(name, pairs))
    return tuple((title, tuple(found[title])) for title in sorted(found, key=lambda title: "loss" in title))


def start_notes(plan: Plan) -> list[str]:
    """Say what starting would do."""
    left = [s for s in plan.left() if s.state != "blocked"]
    train = [s for s in left if s.what == "train"]
    says = [f"{count(len(train), 'stage')} to train and {count(len(left) - len(train), 'evaluation')} to do."]
    says += cost_notes(left)
    says += plan.wanting()
    return says
