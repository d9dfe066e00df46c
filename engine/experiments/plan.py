"""What an experiment still takes: what the store has of it, which data are missing, how long it would run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Literal

from intermezzo.engine.data.places import Place, locate_target
from intermezzo.engine.model_files import lacking_model, on_hub
from intermezzo.engine.training.folders import done_stages, read_json, read_progress, stage_folder
from intermezzo.engine.training.places import locate
from intermezzo.engine.training.sources import source

from .cost import Rates, earlier_rates, planned_steps, probe, seconds_a_step
from .evaluation_cost import Costs, earlier_costs, key_of, probe_costs
from .stages import Resolved, Scoring, Stage, short_recipe

if TYPE_CHECKING:
    from intermezzo.queries.store.layout import Store

State = Literal["done", "begun", "to do", "blocked", "not needed"]


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
        state: ``done``, ``begun`` (a checkpoint is there), ``to do``, ``blocked`` (data are missing),
            ``not needed`` (a stage of which everything is evaluated, though it is not here any more).
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
        missing: Sentences: what is not here and how it is had.
        below: Sentences: what is not evaluated, since the direct recipe came out below its floor.
        hub: What would be fetched from the hub; that it can be was not tried.
        rivals: Runs of the same systems whose stages were trained otherwise: an earlier version of the file.
        rates: How long steps of what kind took.
    """

    resolved: Resolved
    steps: tuple[Step, ...]
    missing: tuple[str, ...]
    below: tuple[str, ...] = ()
    hub: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()
    rates: Rates = field(default_factory=dict)

    def left(self) -> list[Step]:
        """Return what is not done and has to be."""
        return [s for s in self.steps if s.state not in ("done", "not needed")]

    def wanting(self) -> list[str]:
        """Return sentences on what cannot be done: what is missing, and what a floor stops."""
        return [*(f"Missing: {m}." for m in self.missing), *(f"Not evaluated: {b}." for b in self.below)]


def make_plan(resolved: Resolved, store: Store | None, probed: Callable[[str], None] | None = None) -> Plan:
    """Say what an experiment still takes.

    Args:
        resolved: The experiment.
        store: Where its stages and runs would be; ``None`` where there is no store yet.
        probed: Take a few steps of what has no cost yet, telling this what is probed.
    """
    finished = done_stages(store) if store is not None else {}
    left = [s for s in resolved.stages.values() if s.stage_id not in finished]
    rates = earlier_rates(finished)
    if probed is not None:
        rates = probe(left, rates, probed)
    held = held_runs(store) if store is not None else {}
    costs = earlier_costs(resolved, held)
    if probed is not None:
        undone = [s for s in resolved.scorings if held_run(s, _of_stage(resolved, s, held)) is None]
        costs = probe_costs(resolved, undone, costs, probed)
    used = resolved.used_by()
    lacking = {model: lacking_model(model) for model in resolved.experiment.models}
    missing = dict.fromkeys(f"the model {m}: {said}" for m, said in lacking.items() if said)
    away = dict.fromkeys(f"the model {m}" for m in dict.fromkeys(s.model for s in left) if on_hub(m))
    blocked = {s.stage_id: f"the model: {lacking[s.model]}" for s in left if lacking[s.model]}
    below: dict[str, None] = {}
    steps: list[Step] = []
    for stage in resolved.stages.values():
        if stage.role == "base":
            continue
        done = stage.stage_id in finished
        for place in () if done else _elsewhere(stage):
            if place.state == "hub":
                away[place.said] = None
            else:
                missing[place.said] = None
                blocked.setdefault(stage.stage_id, place.said)
        if not done and stage.parent in blocked:
            before = short_recipe(resolved.stages[stage.parent].lineage)
            blocked.setdefault(stage.stage_id, f"it starts from {before}, which is blocked")
        why = blocked.get(stage.stage_id)
        steps.append(_train(stage, store, finished.get(stage.stage_id), why, rates, used[stage.stage_id]))
    for scoring in resolved.scorings:
        low = below_floor(scoring, finished)
        if low:
            below[low] = None
        step = _evaluate(resolved, scoring, held, {scoring.stage_id: low} if low else blocked, costs)
        if step.state == "to do":
            place = locate_target(scoring.target, scoring.place, scoring.languages)
            if place.state == "missing":
                missing[f"{scoring.target}: {place.said}"] = None
                step = replace(step, state="blocked", why=place.said)
            elif place.state == "hub":
                away[f"{scoring.target} ({place.said})"] = None
        steps.append(step)
    rivals = tuple(sorted(_rivals(resolved, store, held))) if store is not None else ()
    return Plan(
        resolved, tuple(_needed(resolved, steps)), tuple(missing), tuple(below), tuple(away), rivals, rates
    )


def _needed(resolved: Resolved, steps: Sequence[Step]) -> Iterator[Step]:
    """Yield steps; a training that nothing waits for is not to be done."""
    done = {s.stage_id for s in steps if s.what == "train" and s.state == "done"}
    wanted, stopped = set[str](), set[str]()
    for step in steps:
        if step.what == "evaluate" and step.state != "done":
            chain = takewhile(lambda stage_id: stage_id not in done, resolved.chain(step.stage_id))
            (stopped if step.state == "blocked" else wanted).update(chain)
    for step in steps:
        if step.what == "train" and step.state in ("to do", "begun") and step.stage_id not in wanted:
            why = "what rests on it cannot be evaluated" if step.stage_id in stopped else None
            yield replace(step, state="blocked" if why else "not needed", why=why, seconds=None)
        else:
            yield step


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
    stage: Stage,
    store: Store | None,
    done: Mapping[str, Any] | None,
    lacking: str | None,
    rates: Rates,
    used: int,
) -> Step:
    begun = read_progress(store, stage.stage_id) if store is not None and done is None else None
    state: State = "done" if done else "blocked" if lacking else "begun" if begun else "to do"
    told = (done or begun or {}).get("steps")
    steps = told if isinstance(told, int) else planned_steps(stage)
    taken = (begun or {}).get("step")
    left = steps - taken if steps is not None and isinstance(taken, int) else steps
    rate = None if done else seconds_a_step(stage, rates)
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
        seconds=left * rate[0] if rate and left is not None else None,
        why=lacking or (rate[1] if rate else None),
    )


def _evaluate(
    resolved: Resolved,
    scoring: Scoring,
    held: Held,
    blocked: Mapping[str, str],
    costs: Costs,
) -> Step:
    stage = resolved.stages[scoring.stage_id]
    run_id = held_run(scoring, _of_stage(resolved, scoring, held))
    cost = None if run_id else costs.get(key_of(resolved, scoring))
    return Step(
        what="evaluate",
        stage_id=scoring.stage_id,
        model=scoring.model,
        title=scoring.target,
        recipe=scoring.recipe,
        seed=scoring.seed,
        state="done" if run_id else "blocked" if scoring.stage_id in blocked else "to do",
        after=None if stage.role == "base" else stage.stage_id,
        seconds=cost.seconds if cost else None,
        why=None if run_id else blocked.get(scoring.stage_id) or (cost.said if cost else None),
        run_id=run_id,
    )


Held = Mapping[tuple[str, str], list[Mapping[str, Any]]]
"""(Checkpoint, task) -> rows of the runs that a store holds; hidden ones too, which cannot be made again."""


def held_runs(store: Store) -> Held:
    """Return the runs of stages that a store holds."""
    from intermezzo.queries.store.reader import connect

    reader = connect(store)
    try:
        rows = reader.ask("stage_runs").dicts()
    finally:
        reader.close()
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault((row["checkpoint"], row["task"]), []).append(row)
    return found


def _of_stage(resolved: Resolved, scoring: Scoring, held: Held) -> Sequence[Mapping[str, Any]]:
    return held.get((resolved.stages[scoring.stage_id].checkpoint, scoring.target), [])


def held_run(scoring: Scoring, rows: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the run of those of a stage and target that answers an evaluation, if one does."""
    for row in rows:
        same = (row["item_limit"] or 0) == scoring.limit and set(scoring.languages) <= set(
            row["languages"] or ()
        )
        # runs of other origin than an evaluation say nothing of options
        if same and (row["options"] is None or json.loads(row["options"]) == dict(scoring.options)):
            return str(row["run_id"])
    return None


def _rivals(resolved: Resolved, store: Store, held: Held) -> Iterator[str]:
    """Yield runs in view of the same systems, targets and seeds, but of stages that are none of these."""
    experiment = resolved.experiment
    for (checkpoint, task), rows in held.items():
        stage_id = checkpoint.removeprefix("stage ")
        wanted = [
            r["run_id"]
            for r in rows
            if not r["hidden"] and r["recipe"] in experiment.recipes and r["train_seed"] in experiment.seeds
        ]
        if not wanted or stage_id in resolved.stages or task not in experiment.targets:
            continue
        made = read_json(stage_folder(store, stage_id) / "stage.json")
        if made is not None and made.get("model") in experiment.models:
            yield from wanted


def _elsewhere(stage: Stage) -> Iterator[Place]:
    """Yield what is missing for a stage, and where on the hub its data are."""
    places = {**stage.data, **stage.places}
    for name in (n for task in stage.tasks for n in source(task).parts or (task,)):
        place = locate(source(name), "train", places)
        if place.state == "missing":
            yield replace(place, said=f"{name}: {place.said}")
        elif place.state == "hub":
            yield replace(place, said=f"{name} ({place.said})")
