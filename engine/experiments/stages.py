"""What an experiment comes to: its training stages, shared where they are equal, and its evaluations."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from intermezzo.engine.training.settings import Settings, settings_from
from intermezzo.engine.training.sources import TRAINED_ON, source
from intermezzo.queries.naming import DIRECT
from intermezzo.queries.tasks import task

from .file import Experiment, stages_of

FORMAT = 1
"""Part of what a stage is: raised when the same settings come to mean another training."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A training, or a base model as it is.

    Attributes:
        stage_id: Hash of all that follows, and of the stage before.
        model: Base model.
        layers: Only so many of its first layers; 0: all.
        parent: The stage whose encoder it starts from; ``None``: the base model's.
        role: ``base`` (nothing is trained), ``intermediate`` or ``target``.
        tasks: What it is trained on, jointly.
        settings: How.
        seed: Train seed; ``None`` for a base model.
        data: Training set -> hub id, where the experiment names another than the declared one.
        places: Training set -> local folder; not part of what the stage is.
        lineage: What was trained before and here: ``mnli``, ``mnli > xnli``.
    """

    stage_id: str
    model: str
    layers: int
    parent: str | None
    role: str
    tasks: tuple[str, ...]
    settings: Settings
    seed: int | None
    data: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    lineage: str = ""

    def record(self) -> dict[str, Any]:
        """Return what the stage is, JSON-serialisable."""
        return {
            "format": FORMAT,
            "model": self.model,
            "layers": self.layers,
            "parent": self.parent,
            "role": self.role,
            "tasks": list(self.tasks),
            "settings": self.settings.record(),
            "seed": self.seed,
            "data": dict(self.data),
        }

    def as_json(self) -> dict[str, Any]:
        """Return all of it, for a job."""
        return self.record() | {
            "stage_id": self.stage_id,
            "places": dict(self.places),
            "lineage": self.lineage,
        }

    @property
    def checkpoint(self) -> str:
        """What runs of this stage are known by in the store."""
        return f"stage {self.stage_id}"


def stage_from(row: Mapping[str, Any]) -> Stage:
    """Return the stage that ``as_json`` has written."""
    return Stage(
        stage_id=row["stage_id"],
        model=row["model"],
        layers=row["layers"],
        parent=row["parent"],
        role=row["role"],
        tasks=tuple(row["tasks"]),
        settings=settings_from(row["settings"], f"stage {row['stage_id']}"),
        seed=row["seed"],
        data=row["data"],
        places=row["places"],
        lineage=row["lineage"],
    )


@dataclass(frozen=True, slots=True)
class Scoring:
    """An evaluation of a stage on a target.

    Attributes:
        stage_id: What is evaluated.
        model: Its base model, as loaded.
        recipe: What was done before the target.
        seed: Train seed; ``None`` where nothing was trained.
        target: Target task.
        languages: Canonical codes; empty: all.
        limit: Only so many items a language; 0: all.
        options: Options of the evaluation.
        place: Folder or hub id of the test data; ``None``: the declared place.
        floor: What the stage ``floor_stage`` must reach on its validation split; no part of what a run is.
        floor_stage: The stage of the direct recipe with the same model, target and seed; empty: no floor.
    """

    stage_id: str
    model: str
    recipe: str
    seed: int | None
    target: str
    languages: tuple[str, ...] = ()
    limit: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    place: str | None = None
    floor: float = 0.0
    floor_stage: str = ""


@dataclass(frozen=True, slots=True)
class Resolved:
    """Everything an experiment asks for.

    Attributes:
        experiment: What it was read from.
        stages: By id; parents stand before their children.
        scorings: The evaluations.
        left_out: Sentences: cells that were left out on purpose.
        notes: Sentences: what is worth knowing.
    """

    experiment: Experiment
    stages: Mapping[str, Stage]
    scorings: tuple[Scoring, ...]
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def used_by(self) -> dict[str, int]:
        """Return stage id -> how many evaluations rest on it."""
        count = dict.fromkeys(self.stages, 0)
        for scoring in self.scorings:
            for stage_id in self.chain(scoring.stage_id):
                count[stage_id] += 1
        return count

    def chain(self, stage_id: str) -> list[str]:
        """Return a stage and those that it starts from, the last one first."""
        found: list[str] = []
        at: str | None = stage_id
        while at is not None:
            found.append(at)
            at = self.stages[at].parent
        return found


def resolve(experiment: Experiment) -> Resolved:
    """Turn an experiment into its stages, equal ones once, and its evaluations."""
    stages: dict[str, Stage] = {}
    scorings: dict[tuple[Any, ...], Scoring] = {}
    left_out: list[str] = []
    own_data: dict[str, None] = {}
    for model in experiment.models:
        for recipe in experiment.recipes:
            own = {name for part in stages_of(recipe) for name in _with_parts(part)}
            for target in experiment.targets:
                data = TRAINED_ON.get(target)
                if data in own:
                    own_data[f"{short_recipe(recipe)} on {target}"] = None
                    if not experiment.own_intermediate:
                        continue
                languages = _languages(experiment, target)
                if experiment.languages and not languages:
                    left_out.append(f"{target}: it has none of the languages that the file names")
                    continue
                for seed in experiment.seeds:
                    found = _chain(experiment, model, recipe, data, seed)
                    stages |= {s.stage_id: s for s in found}
                    last = found[-1]
                    floor = experiment.floors.get(target, 0.0)
                    plain = _chain(experiment, model, DIRECT, data, seed)[-1].stage_id if floor else ""
                    scorings[last.stage_id, target] = Scoring(
                        stage_id=last.stage_id,
                        model=model,
                        recipe=recipe,
                        seed=last.seed,
                        target=target,
                        languages=languages,
                        limit=experiment.limit,
                        options=experiment.evaluation.get(target, {}),
                        place=experiment.data_for(target),
                        floor=floor,
                        floor_stage=plain,
                    )
    notes = []
    if own_data:
        said = f"{', '.join(own_data)}: the intermediate training has the target's own data"
        if experiment.own_intermediate:
            notes.append(f"{said}; kept, as the file says")
        else:
            left_out.insert(0, said)
    return Resolved(
        experiment, stages, tuple(scorings.values()), tuple(dict.fromkeys(left_out)), tuple(notes)
    )


def short_model(model: str) -> str:
    """Return a base model for people: of a folder its name."""
    return os.path.basename(model) or model if model.startswith("/") else model


def short_recipe(recipe: str) -> str:
    """Return a recipe or a lineage for people: of more than two joint tasks the first and how many more."""
    return " > ".join(short_tasks(part.split(" + ")) for part in recipe.split(" > "))


def short_tasks(tasks: Sequence[str]) -> str:
    """Return joint tasks for people: of more than two the first and how many more."""
    return f"{tasks[0]} + {len(tasks) - 1}" if len(tasks) > 2 else " + ".join(tasks)


def _languages(experiment: Experiment, target: str) -> tuple[str, ...]:
    """Return those of the languages asked for that a target has, as far as that is known of it."""
    known = task(target)
    if known is not None and known.languages:
        return tuple(code for code in experiment.languages if code in known.languages)
    # English is what the others are looked up in
    gone = {"en"} if target == "pocket_catalogues" else set()
    return tuple(code for code in experiment.languages if code not in gone)


def _with_parts(names: tuple[str, ...]) -> set[str]:
    return {n for name in names for n in (name, *source(name).parts)}


def _chain(experiment: Experiment, model: str, recipe: str, target: str | None, seed: int) -> list[Stage]:
    """Return the stages of one model, recipe, target data and seed, in turn."""
    parts = [("intermediate", tasks) for tasks in stages_of(recipe)]
    if target is not None:
        parts.append(("target", (target,)))
    if not parts:
        return [_stage(experiment, model, None, "base", (), Settings(), None, "")]
    chain: list[Stage] = []
    lineage = ""
    for role, tasks in parts:
        joint = " + ".join(tasks)
        lineage = f"{lineage} > {joint}" if lineage else joint
        parent = chain[-1].stage_id if chain else None
        chain.append(
            _stage(experiment, model, parent, role, tasks, experiment.settings(role, tasks), seed, lineage)
        )
    return chain


def _stage(
    experiment: Experiment,
    model: str,
    parent: str | None,
    role: str,
    tasks: tuple[str, ...],
    settings: Settings,
    seed: int | None,
    lineage: str,
) -> Stage:
    given = {n: p for t in tasks for n in _with_parts((t,)) if (p := experiment.data_for(n)) is not None}
    local = {n: p for n, p in given.items() if p.startswith("/")}
    made = Stage(
        stage_id="",
        model=model,
        layers=experiment.layers.get(model, 0),
        parent=parent,
        role=role,
        tasks=tasks,
        settings=settings,
        seed=seed,
        data={n: p for n, p in given.items() if n not in local},
        places=local,
        lineage=lineage or DIRECT,
    )
    row = made.as_json()
    row["stage_id"] = stage_hash(made.record())
    return stage_from(row)


def stage_hash(record: Mapping[str, Any]) -> str:
    """Return the id of a stage: a hash of what it is. Its role is none of that but for a base model's."""
    what = {k: v for k, v in record.items() if k != "role"}
    text = json.dumps(what, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
