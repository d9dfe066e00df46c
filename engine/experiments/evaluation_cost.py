"""What the evaluations of an experiment would cost: as earlier ones of the same took, or as a probe shows."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from intermezzo.engine.data.places import locate_target
from intermezzo.engine.model_files import lacking_model, on_hub
from intermezzo.queries.errors import Problem

from .stages import Resolved, Scoring

if TYPE_CHECKING:
    from intermezzo.engine.evaluation import Evaluation
    from intermezzo.engine.examples import DataSet
    from intermezzo.engine.models import Model

Key = tuple[str, int, str, tuple[str, ...], int, str]
"""Base model, its layers, target, languages, limit, options."""


@dataclass(frozen=True, slots=True)
class Cost:
    """How long an evaluation takes.

    Attributes:
        seconds: Loading included.
        said: What it rests on, for people.
    """

    seconds: float
    said: str


Costs = Mapping[Key, Cost]


def key_of(resolved: Resolved, scoring: Scoring) -> Key:
    """Return what evaluations have in common that take equally long: all of them but recipe and seed."""
    options = json.dumps(dict(scoring.options), sort_keys=True)
    layers = resolved.stages[scoring.stage_id].layers
    return (scoring.model, layers, scoring.target, tuple(sorted(scoring.languages)), scoring.limit, options)


def earlier_costs(
    resolved: Resolved, held: Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]
) -> dict[Key, Cost]:
    """Return how long evaluations of the experiment took that are done, of the latest of each kind."""
    found: dict[Key, tuple[str, Cost]] = {}
    for scoring in resolved.scorings:
        key = key_of(resolved, scoring)
        for row in held.get((resolved.stages[scoring.stage_id].checkpoint, scoring.target), ()):
            took = json.loads(row["took"] or "{}")
            asked = json.loads(row["asked"] or "{}")
            same = (
                tuple(sorted(asked.get("languages") or ())) == key[3]
                and (asked.get("limit") or 0) == key[4]
                and json.dumps(asked.get("options") or {}, sort_keys=True) == key[5]
            )
            if not took or not same:
                continue
            when = str(row["date"] or "")
            if key not in found or when > found[key][0]:
                seconds = float(took["seconds"]) + float(took["loading"] or 0.0)
                said = f"{scoring.target} as run {row['run_id'][:10]} on {took['host']}"
                found[key] = when, Cost(seconds, said)
    return {key: cost for key, (_, cost) in found.items()}


def probe_costs(
    resolved: Resolved, scorings: Iterable[Scoring], costs: Costs, told: Callable[[str], None]
) -> dict[Key, Cost]:
    """Evaluate a few items of each kind of evaluation whose cost is not known; return the costs with theirs.

    The base model stands in for what is trained from it, with a head that knows nothing: that takes as long.
    Nothing is kept, and nothing is fetched: what is not here is left out.

    Args:
        resolved: The experiment.
        scorings: What is to be evaluated.
        costs: What is known.
        told: Told what is probed, or why it cannot be.
    """
    found = dict(costs)
    for scoring in scorings:
        key = key_of(resolved, scoring)
        here = locate_target(scoring.target, scoring.place, scoring.languages).state == "here"
        if key in found or not here or lacking_model(scoring.model) is not None or on_hub(scoring.model):
            continue
        told(f"probing the evaluation of {scoring.model} on {scoring.target} ...")
        try:
            found[key] = _probed(scoring, key[1])
        except Problem as problem:
            told(str(problem))
    return found


def _probed(scoring: Scoring, layers: int) -> Cost:
    from intermezzo.engine.data.read import load_data
    from intermezzo.engine.evaluation import Evaluation
    from intermezzo.engine.expected import size_of, tried
    from intermezzo.engine.models import need_engine

    from .doing import place_of

    need_engine()
    asked = Evaluation(
        task=scoring.target,
        model=scoring.model,
        data=place_of(scoring),
        languages=scoring.languages or None,
        limit=scoring.limit or None,
        options=scoring.options,
    )
    data = load_data(asked.task, path=asked.data, languages=asked.languages, limit=asked.limit)
    began = time.perf_counter()
    pace = tried(asked, data, began, lambda: _stand_in(asked, data, layers))
    return Cost(pace.seconds(size_of(data)), f"{scoring.target} by a probe")


def _stand_in(asked: Evaluation, data: DataSet, layers: int) -> Model:
    """Return the base model with a fresh head, where the data need one."""
    from dataclasses import replace

    from intermezzo.engine.evaluation import RETRIEVAL
    from intermezzo.engine.training.heads import build_heads, load_start

    model = load_start(asked.model, layers, 0)
    if data.kind in RETRIEVAL:
        return model
    head = build_heads(model.module, {data.task: (data.kind, data.labels)}, 0)[data.task]
    return replace(model, module=head.eval(), kind=data.kind, labels=data.labels)
