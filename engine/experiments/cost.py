"""What a stage would cost: its steps, and how long a step takes where one was taken before."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from intermezzo.engine.model_files import lacking_model, on_hub
from intermezzo.engine.training.places import examples, locate
from intermezzo.engine.training.settings import Settings
from intermezzo.engine.training.sources import MLM, source
from intermezzo.queries.errors import Problem

from .stages import Stage

PROBE_STEPS = 3
"""Steps that a probe takes."""

Key = tuple[str, int, tuple[str, ...]]
"""Base model, its layers, what is trained on; nothing: whatever it was."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How long a step took.

    Attributes:
        seconds: Of a step.
        batch_size: Its examples.
        said: What it rests on, for people.
    """

    seconds: float
    batch_size: int
    said: str


Rates = Mapping[Key, Rate]


def earlier_rates(finished: Mapping[str, Mapping[str, Any]]) -> dict[Key, Rate]:
    """Return how long steps of the stages took that were done earlier, of the latest of each kind."""
    rates: dict[Key, Rate] = {}
    for stage_id, row in sorted(finished.items(), key=lambda item: str(item[1].get("ended", ""))):
        stage = row.get("stage", {})
        seconds = row.get("seconds_a_step")
        if not seconds:
            continue
        model, layers = str(stage.get("model")), int(stage.get("layers") or 0)
        tasks = stage.get("tasks") or ()
        batch = int((stage.get("settings") or {}).get("batch_size") or 1)
        where = f" on {row['host']}" if row.get("host") else ""
        rate = Rate(float(seconds), batch, f"stage {stage_id[:10]} ({' + '.join(tasks)}){where}")
        rates[model, layers, tuple(tasks)] = rates[model, layers, ()] = rate
    return rates


def seconds_a_step(stage: Stage, rates: Rates) -> tuple[float, str] | None:
    """Return how long a step of a stage would take and what that rests on, as far as rates tell."""
    rate = rates.get((stage.model, stage.layers, stage.tasks))
    said = "" if rate else ", another task"
    rate = rate or rates.get((stage.model, stage.layers, ()))
    if rate is None:
        return None
    seconds = rate.seconds * stage.settings.batch_size / rate.batch_size
    return seconds, f"{seconds:.2g} s a step, as {rate.said}{said}"


def planned_steps(stage: Stage) -> int | None:
    """Return the steps of a stage, where the sizes of its data are known."""
    counts = [_examples(stage, name) for name in stage.tasks]
    known = [c for c in counts if c is not None]
    return steps_for(known, stage.settings) if len(known) == len(counts) else None


def _examples(stage: Stage, name: str) -> int | None:
    size, limit = examples(source(name), {**stage.data, **stage.places}), stage.settings.train_limit
    if limit and name != MLM:
        size = limit if size is None else min(size, limit)
    return size


def steps_for(counts: list[int], settings: Settings) -> int:
    """Return the steps of a training on so many examples of each task."""
    if settings.sampling == "capped":
        counts = [min(c, settings.cap) for c in counts]
    steps = sum(math.ceil(math.ceil(c / settings.batch_size) * settings.epochs) for c in counts)
    return min(steps, settings.max_steps) if settings.max_steps else steps


def probe(stages: Iterable[Stage], rates: Rates, told: Callable[[str], None]) -> dict[Key, Rate]:
    """Take a few steps of each kind of training whose cost is not known, and return the rates with theirs.

    Nothing is kept, and nothing is fetched: what is not here is left out.

    Args:
        stages: What is to be trained.
        rates: What is known.
        told: Told what is probed, or why it cannot be.
    """
    found = dict(rates)
    away: dict[str, None] = {}
    for stage in stages:
        key = (stage.model, stage.layers, stage.tasks)
        if stage.role == "base" or key in found:
            continue
        places = {**stage.data, **stage.places}
        here = all(locate(source(name), "train", places).state == "here" for name in stage.tasks)
        if not here or lacking_model(stage.model) is not None:
            continue
        if on_hub(stage.model):
            away[stage.model] = None
            continue
        told(f"probing {stage.model} on {' + '.join(stage.tasks)} ...")
        try:
            seconds = _probed(stage)
        except Problem as problem:
            told(str(problem))
            continue
        said = f"a probe of {PROBE_STEPS} steps ({' + '.join(stage.tasks)})"
        found[key] = Rate(seconds, stage.settings.batch_size, said)
        found.setdefault((stage.model, stage.layers, ()), found[key])
    for model in away:
        told(f"{model} is not probed: it would be taken from the hub. A folder that it is in can be.")
    return found


def _probed(stage: Stage) -> float:
    from intermezzo.engine.models import need_engine
    from intermezzo.engine.training.loop import run_steps
    from intermezzo.engine.training.stages import stage_lessons

    need_engine()
    few = stage.settings.batch_size * PROBE_STEPS
    limit = min(few, stage.settings.train_limit or few)
    settings = replace(
        stage.settings, max_steps=PROBE_STEPS, epochs=PROBE_STEPS, train_limit=limit, dev_limit=1, checks=0
    )
    model, lessons = stage_lessons(replace(stage, parent=None, settings=settings), stage.model)
    with tempfile.TemporaryDirectory() as folder:
        came = run_steps(Path(folder), model, lessons, settings, 0)
    return came.seconds / came.steps
