"""What an experiment still takes: what the store has of it, which data are missing, how long it would run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from intermezzo.engine.training.folders import done_stages, read_progress
from intermezzo.engine.training.places import locate
from intermezzo.engine.training.settings import Settings
from intermezzo.engine.training.sources import MLM, TrainingSource, source

from .stages import Resolved, Scoring, Stage

if TYPE_CHECKING:
    from intermezzo.queries.store.layout import Store

State = Literal["done", "begun", "to do", "blocked"]


@dataclass(frozen=True, slots=True)
class Step:
    """A line of a plan: a stage or an evaluation.

    Attributes:
        what: ``train`` or ``evaluate``.
        stage_id: The stage that is trained or evaluated.
        model: Base model.
        title: What is trained, in turn; or the target.
        recipe: Recipe of an evaluation.
        seed: Train seed.
        state: ``done``, ``begun`` (a checkpoint is there), ``to do``, ``blocked`` (data are missing).
        after: The stage it starts from.
        used_by: How many evaluations rest on a stage.
        steps: Training steps, where the size of the data is known.
        seconds: How long it would take; ``None`` unknown.
        why: What is missing; what the cost rests on.
        run_id: The run that the store holds.
    """

    what: Literal["train", "evaluate"]
    stage_id: str
    model: str
    title: str
    state: State
    recipe: str | None = None
    seed: int | None = None
    after: str | None = None
    used_by: int | None = None
    steps: int | None = None
    seconds: float | None = None
    why: str | None = None
    run_id: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """An experiment, line by line.

    Attributes:
        resolved: What it asks for.
        steps: Stages before what rests on them.
        missing: Sentences: data that are not here.
    """

    resolved: Resolved
    steps: tuple[Step, ...]
    missing: tuple[str, ...]

    def left(self) -> list[Step]:
        """Return what is not done."""
        return [s for s in self.steps if s.state != "done"]


Rates = Mapping[tuple[str, int], float]
"""(Base model, layers) -> seconds a training step."""


def make_plan(resolved: Resolved, store: Store | None, rates: Rates | None = None) -> Plan:
    """Say what an experiment still takes.

    Args:
        resolved: The experiment.
        store: Where its stages and runs would be; ``None`` where there is no store yet.
        rates: Seconds a step as a probe has measured them; by default those of stages done earlier.
    """
    finished = done_stages(store) if store is not None else {}
    known = rates or earlier_rates(finished)
    held = held_runs(store) if store is not None else {}
    used = resolved.used_by()
    steps: list[Step] = []
    missing: dict[str, None] = {}
    blocked: dict[str, str] = {}
    for stage in resolved.stages.values():
        if stage.role == "base":
            continue
        lacking = _lacking(stage)
        if stage.parent in blocked:
            lacking = lacking or f"after a stage that is blocked: {stage.parent}"
        done = stage.stage_id in finished
        if lacking and not done:
            blocked[stage.stage_id] = lacking
            if stage.parent not in blocked:
                missing[f"{' + '.join(stage.tasks)}: {lacking}"] = None
        steps.append(_train(stage, store, done, None if done else lacking, known, used[stage.stage_id]))
    for scoring in resolved.scorings:
        low = below_floor(scoring, finished)
        steps.append(_evaluate(resolved, scoring, held, {scoring.stage_id: low} if low else blocked))
        if low:
            missing[low] = None
    return Plan(resolved, tuple(steps), tuple(missing))


def below_floor(scoring: Scoring, finished: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Return a sentence where the direct recipe is known not to reach the floor of an evaluation's target."""
    selected = finished.get(scoring.floor_stage, {}).get("selected") or {}
    value = selected.get("value")
    if value is None or value >= scoring.floor:
        return None
    return (
        f"{scoring.target}: the direct recipe with seed {scoring.seed} came to {selected['metric']} "
        f"{value:.3f} on validation, below the floor of {scoring.floor:g}: what is not learnt cannot transfer"
    )


def _train(
    stage: Stage, store: Store | None, done: bool, lacking: str | None, rates: Rates, used: int
) -> Step:
    begun = read_progress(store, stage.stage_id) if store is not None and not done else None
    state: State = "done" if done else "blocked" if lacking else "begun" if begun else "to do"
    steps = planned_steps(stage)
    left = steps - int(begun["step"]) if steps is not None and begun else steps
    rate = rates.get((stage.model, stage.layers))
    return Step(
        what="train",
        stage_id=stage.stage_id,
        model=stage.model,
        title=stage.lineage,
        state=state,
        seed=stage.seed,
        after=stage.parent,
        used_by=used,
        steps=steps,
        seconds=left * rate if not done and left is not None and rate else None,
        why=lacking,
    )


def _evaluate(
    resolved: Resolved,
    scoring: Scoring,
    held: Mapping[tuple[str, str], list[Mapping[str, Any]]],
    blocked: Mapping[str, str],
) -> Step:
    stage = resolved.stages[scoring.stage_id]
    run_id = held_run(scoring, held.get((stage.checkpoint, scoring.target), []))
    return Step(
        what="evaluate",
        stage_id=scoring.stage_id,
        model=scoring.model,
        title=scoring.target,
        recipe=scoring.recipe,
        seed=scoring.seed,
        state="done" if run_id else "blocked" if scoring.stage_id in blocked else "to do",
        after=None if stage.role == "base" else stage.stage_id,
        why=None if run_id else blocked.get(scoring.stage_id),
        run_id=run_id,
    )


def held_runs(store: Store) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
    """Return the runs of stages that a store holds, by checkpoint and task."""
    from intermezzo.queries.store.reader import connect

    reader = connect(store)
    try:
        answer = reader.ask("stage_runs")
        rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
    finally:
        reader.close()
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault((row["checkpoint"], row["task"]), []).append(row)
    return found


def held_run(scoring: Scoring, rows: list[Mapping[str, Any]]) -> str | None:
    """Return the run of those of a stage and target that answers an evaluation, if one does."""
    for row in rows:
        same = (row["item_limit"] or 0) == scoring.limit
        if same and set(scoring.languages) <= set(row["languages"] or ()):
            return str(row["run_id"])
    return None


def _lacking(stage: Stage) -> str | None:
    places = {**stage.data, **stage.places}
    for name in stage.tasks:
        place = locate(source(name), "train", places)
        if place.state == "missing":
            return place.said
    return None


def earlier_rates(finished: Mapping[str, Mapping[str, Any]]) -> dict[tuple[str, int], float]:
    """Return seconds a step of the stages that were done earlier, the latest of each model."""
    rates = {}
    for row in sorted(finished.values(), key=lambda r: str(r.get("ended", ""))):
        stage = row.get("stage", {})
        if row.get("seconds_a_step"):
            rates[str(stage.get("model")), int(stage.get("layers") or 0)] = float(row["seconds_a_step"])
    return rates


def planned_steps(stage: Stage) -> int | None:
    """Return the steps of a stage, where the sizes of its data are known."""
    counts = [_examples(source(name), stage.settings) for name in stage.tasks]
    known = [c for c in counts if c is not None]
    return steps_for(known, stage.settings) if len(known) == len(counts) else None


def _examples(wanted: TrainingSource, settings: Settings) -> int | None:
    size = wanted.examples
    if wanted.parts:
        sizes = [source(part).examples for part in wanted.parts]
        size = None if None in sizes else sum(s for s in sizes if s is not None)
    if settings.train_limit and wanted.name != MLM:
        size = settings.train_limit if size is None else min(size, settings.train_limit)
    return size


def steps_for(counts: list[int], settings: Settings) -> int:
    """Return the steps of a training on so many examples of each task."""
    if settings.sampling == "capped":
        counts = [min(c, settings.cap) for c in counts]
    steps = sum(math.ceil(math.ceil(c / settings.batch_size) * settings.epochs) for c in counts)
    return min(steps, settings.max_steps) if settings.max_steps else steps
