"""Learning curves kept with the runs behind a cell, one by quantity and training."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .store.reader import Reader

_STEPS = ("step", "epoch")
_SETTINGS = frozenset({"learning_rate", "grad_norm", "epoch", "lr", "total_flos"})
"""Numbers that are kept along a training but say nothing of how good it got."""


@dataclass(frozen=True, slots=True)
class TrainingCurve:
    """One quantity along one training.

    Attributes:
        quantity: ``loss``, ``dev accuracy``, ``eval_f1``; with the stage before it where there were several.
        train_seed: Of the run it was kept with.
        points: ``(step, value)``, by step.
    """

    quantity: str
    train_seed: int | None
    points: tuple[tuple[float, float], ...]


def training_curves(reader: Reader, system: str, yardstick: str) -> tuple[TrainingCurve, ...]:
    """Return the curves of a cell; runs that were trained together have them once.

    Of stages trained here, development scores come first, then losses; the target's stage before those
    that it was built on.
    """
    found: dict[TrainingCurve, None] = {}
    for row in reader.ask("cell_curves", system=system, yardstick=yardstick).dicts():
        stages = [_list(json.loads(text)) for text in row["points"] or ()]
        curves = json.loads(row["curves"]) if row["curves"] else {}
        for quantity, points in (*_of_stages(stages, row["lineages"] or ()), *_of_files(curves)):
            found[TrainingCurve(quantity, row["train_seed"], points)] = None
    return tuple(sorted(found, key=lambda c: _is_loss(c.quantity)))


def curves_in(config: Mapping[str, Any], train_seed: int | None) -> tuple[TrainingCurve, ...]:
    """Return the curves that are kept in the configuration of a run, in the same order."""
    stages = [s for s in stages_in(config) if isinstance(s.get("stage"), dict)]
    points = [_list(s.get("curve")) for s in stages]
    lineages = [str(s["stage"].get("lineage")) for s in stages]
    named = (*_of_stages(points, lineages), *_of_files(config.get("curves")))
    found = [TrainingCurve(quantity, train_seed, pairs) for quantity, pairs in named]
    return tuple(sorted(found, key=lambda c: _is_loss(c.quantity)))


def stages_in(config: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what the configuration of a run keeps of the stages of its training, the first one first."""
    found: Any = config
    for name in ("asked", "training", "stages"):
        found = found.get(name) if isinstance(found, dict) else None
    return _list(found)


def _is_loss(quantity: str) -> bool:
    return "loss" in quantity


Points = tuple[tuple[float, float], ...]
Named = Iterator[tuple[str, Points]]


def named_points(points: Iterable[Mapping[str, Any]]) -> dict[str, Points]:
    """Return the curves in points as a training writes them, by name: ``dev accuracy``, ``loss``."""
    by_name: dict[str, list[tuple[float, float]]] = {}
    for point in points:
        step = _number(point.get("step"))
        for name, value in point.items():
            number = _number(value)
            if step is not None and number is not None and name not in {"step", *_SETTINGS}:
                metric = f" {point['metric']}" if name == "dev" and point.get("metric") else ""
                by_name.setdefault(name + metric, []).append((step, number))
    return {name: tuple(sorted(pairs)) for name, pairs in by_name.items()}


def _of_stages(points: Sequence[Iterable[Mapping[str, Any]]], lineages: Sequence[str]) -> Named:
    """Yield the curves of stages, the last stage (the target's) first."""
    stages = list(zip(points, lineages, strict=False))
    for found, lineage in reversed(stages):
        before = f"{lineage}: " if len(stages) > 1 else ""
        for name, pairs in named_points(found).items():
            yield before + name, pairs


def _of_files(curves: Any) -> Named:
    """Yield the curves that importers keep: columns of numbers by name."""
    for group, columns in (curves if isinstance(curves, dict) else {}).items():
        if not isinstance(columns, dict):
            continue
        x = next((name for name in _STEPS if name in columns), None)
        if x is None:
            continue
        for name, values in columns.items():
            pairs = [
                (at, value)
                for at, value in zip(map(_number, columns[x]), map(_number, values), strict=False)
                if at is not None and value is not None
            ]
            if pairs and name != x and name not in _SETTINGS:
                said = name if group in {"train", ""} or name.startswith(group) else f"{group} {name}"
                yield said, tuple(pairs)


def _list(found: Any) -> list[Mapping[str, Any]]:
    return [part for part in found if isinstance(part, dict)] if isinstance(found, list) else []


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
