"""Doing an experiment: a stage and the evaluations of it are a unit; units in an order that works."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from intermezzo.engine.alone import when_free
from intermezzo.engine.data.places import locate_target
from intermezzo.engine.training.folders import read_done
from intermezzo.queries.errors import Problem

from .plan import Plan, below_floor, held_run, held_runs
from .stages import Resolved, Scoring, Stage, short_model, short_recipe, stage_from

if TYPE_CHECKING:
    from intermezzo.engine.jobs import JobSpec, Reporter
    from intermezzo.queries.store.layout import Store

log = logging.getLogger("intermezzo.engine")

Watch = Callable[[int, int, str, str], None]
"""Called now and then: done, total, what is counted, what is to be said."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A stage to train, where it is not done, and the evaluations of it that are not in the store.

    Attributes:
        stage: The stage.
        scorings: The evaluations.
        after: The stage that must be done before, where that is still to be done.
        trained: Whether the stage is done.
    """

    stage: Stage
    scorings: tuple[Scoring, ...]
    after: str | None = None
    trained: bool = False

    @property
    def title(self) -> str:
        """What it is called for people."""
        seed = "" if self.stage.seed is None else f", seed {self.stage.seed}"
        name = short_recipe(self.stage.lineage) if self.stage.role != "base" else "as it is"
        return f"{short_model(self.stage.model)}: {name}{seed}"

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data, for a job."""
        return {"stage": self.stage.as_json(), "scorings": [scoring_record(s) for s in self.scorings]}


def scoring_record(scoring: Scoring) -> dict[str, Any]:
    """Return an evaluation as plain data."""
    return asdict(scoring) | {"languages": list(scoring.languages), "options": dict(scoring.options)}


def unit_from(row: Mapping[str, Any]) -> Unit:
    """Return the unit that ``as_json`` has written."""
    scorings = (Scoring(**(s | {"languages": tuple(s["languages"])})) for s in row["scorings"])
    return Unit(stage_from(row["stage"]), tuple(scorings))


def units(plan: Plan) -> list[Unit]:
    """Return what is left to do of a plan, in an order that works; what is blocked is left out.

    All of one seed comes before the next one, so that what is stopped early can be compared.
    """
    resolved: Resolved = plan.resolved
    state = {(s.what, s.stage_id, s.title): s.state for s in plan.steps if s.what == "evaluate"}
    train = {s.stage_id: s.state for s in plan.steps if s.what == "train"}
    wanted: dict[str, list[Scoring]] = {}
    for scoring in resolved.scorings:
        if state["evaluate", scoring.stage_id, scoring.target] == "to do":
            wanted.setdefault(scoring.stage_id, []).append(scoring)
    found = []
    seeds = resolved.experiment.seeds
    for stage in resolved.stages.values():
        trained = stage.role == "base" or train[stage.stage_id] == "done"
        if not (stage.stage_id in wanted if trained else train[stage.stage_id] in ("to do", "begun")):
            continue
        waits = stage.parent if stage.parent is not None and train[stage.parent] != "done" else None
        found.append(Unit(stage, tuple(wanted.get(stage.stage_id, ())), None if trained else waits, trained))
    return sorted(found, key=lambda unit: -1 if unit.stage.seed is None else seeds.index(unit.stage.seed))


def do_unit(store: Store, unit: Unit, watch: Watch | None = None) -> list[str]:
    """Train a unit's stage unless it is done, and do its evaluations that the store does not hold.

    Returns:
        The ids of the runs that are in the store now.

    Raises:
        Problem: The stage cannot be trained; or an evaluation failed, the others being done all the same.
    """
    from intermezzo.engine.training.stages import train_stage

    stage = unit.stage
    _, low = _by_floor(store, unit)
    if stage.role == "target" and len(low) == len(unit.scorings) > 0:
        raise Problem("\n".join(low))
    if stage.role != "base":

        def trained(done: int, total: int, said: str) -> None:
            if watch:
                watch(done, total, "steps", said)

        when_free(lambda: train_stage(store, stage, watch=trained), _waits("training", "steps", watch))
    held = held_runs(store)
    runs: list[str] = []
    wanted, failed = _by_floor(store, unit)
    for scoring in wanted:
        if (run_id := held_run(scoring, held.get((stage.checkpoint, scoring.target), []))) is not None:
            runs.append(run_id)
            continue
        try:
            runs.append(_evaluated(store, stage, scoring, watch))
        except Problem as problem:
            failed.append(f"{scoring.target}: {problem}")
    if failed:
        raise Problem("\n".join(failed))
    return runs


def _by_floor(store: Store, unit: Unit) -> tuple[list[Scoring], list[str]]:
    """Return the evaluations whose target was learnt, as far as is known, and of the others why not."""
    wanted: list[Scoring] = []
    low: list[str] = []
    for scoring in unit.scorings:
        done = read_done(store, scoring.floor_stage) if scoring.floor_stage else None
        said = below_floor(scoring, {scoring.floor_stage: done}) if done else None
        if said:
            low.append(said)
        else:
            wanted.append(scoring)
    return wanted, low


def _evaluated(store: Store, stage: Stage, scoring: Scoring, watch: Watch | None) -> str:
    from intermezzo.engine.evaluation import evaluate

    def told(done: int, total: int, what: str) -> None:
        if watch:
            watch(done, total, what, scoring.target)

    asked = evaluation_of(store, stage, scoring)
    found = when_free(lambda: evaluate(store, asked, watch=told), _waits(scoring.target, "items", watch))
    return found.run_id


def _waits(what: str, counted: str, watch: Watch | None) -> Callable[[], None]:
    def told() -> None:
        said = f"{what}: waits for another process that is at it"
        log.info("%s", said)
        if watch:
            watch(0, 0, counted, said)

    return told


def evaluation_of(store: Store, stage: Stage, scoring: Scoring) -> Any:
    """Return the evaluation of a stage that is done, with what is known of the system."""
    from intermezzo.engine.evaluation import Evaluation
    from intermezzo.engine.model_files import find_model
    from intermezzo.engine.training.stages import stage_encoder

    base = find_model(stage.model)
    name = f"{base.name} (first {stage.layers} layers)" if stage.layers else base.name
    done = read_done(store, stage.stage_id) or {}
    selected = done.get("selected") or {}
    found = {
        "name": f"{name}, {scoring.recipe}",
        "base_model": name,
        "base_revision": base.revision,
        "recipe": scoring.recipe,
        "train_seed": stage.seed,
        "step": selected.get("step", done.get("steps")),
        "checkpoint": stage.checkpoint,
        "selection": done.get("selection"),
    }
    return Evaluation(
        task=scoring.target,
        model=stage_encoder(store, stage),
        data=place_of(scoring),
        languages=scoring.languages or None,
        limit=scoring.limit or None,
        options=scoring.options,
        found={key: value for key, value in found.items() if value is not None},
        training={"stages": _lineage(store, stage)},
    )


def place_of(scoring: Scoring) -> str | None:
    """Return where the test data are read from: a folder that has none of them leaves the hub's."""
    if scoring.place is None or not scoring.place.startswith("/"):
        return scoring.place
    return None if locate_target(scoring.target, scoring.place).state == "hub" else scoring.place


def _lineage(store: Store, stage: Stage) -> list[dict[str, Any]]:
    """Return what came of a stage and of those before it, the first one first."""
    found: list[dict[str, Any]] = []
    at: str | None = None if stage.role == "base" else stage.stage_id
    while at is not None:
        done = read_done(store, at)
        if done is None:
            break
        before = done["stage"]["parent"]
        kept = {k: v for k, v in done["stage"].items() if k != "places"}
        found.append(done | {"stage": kept})
        at = before
    return found[::-1]


def spec_of(unit: Unit, after: tuple[str, ...], needs: Mapping[str, Any], experiment: str) -> JobSpec:
    """Return the job of a unit of an experiment."""
    from intermezzo.engine.jobs import JobSpec

    return JobSpec("stage", unit.as_json() | {"experiment": experiment}, unit.title, after, needs)


def work(store: Store, what: dict[str, Any], report: Reporter) -> None:
    """Do a unit as a job."""

    def told(done: int, total: int, counted: str, said: str) -> None:
        report.step(done, total, counted, said)

    report.ran(*do_unit(store, unit_from(what), told))


def grouped(found: list[Unit]) -> dict[str | None, list[Unit]]:
    """Return units by the stage that they wait for (``None``: for nothing), in an order that works."""
    groups: dict[str | None, list[Unit]] = {}
    for unit in found:
        groups.setdefault(unit.after, []).append(unit)
    return groups
