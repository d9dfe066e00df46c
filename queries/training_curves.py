"""Learning curves kept with the runs behind a cell, one by quantity and training."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
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
        named = [*_of_stages(row["points"], row["lineages"]), *_of_files(row["curves"])]
        for quantity, points in named:
            found[TrainingCurve(quantity, row["train_seed"], points)] = None
    return tuple(sorted(found, key=lambda c: _is_loss(c.quantity)))


def _is_loss(quantity: str) -> bool:
    return "loss" in quantity


Named = Iterator[tuple[str, tuple[tuple[float, float], ...]]]


def _of_stages(points: list[str] | None, lineages: list[str] | None) -> Named:
    """Yield the curves of stages, the last stage (the target's) first."""
    stages = list(zip(points or (), lineages or (), strict=False))
    for text, lineage in reversed(stages):
        by_name: dict[str, list[tuple[float, float]]] = {}
        for point in _list(text):
            step = _number(point.get("step"))
            for name, value in point.items():
                number = _number(value)
                if step is not None and number is not None and name not in {"step", *_SETTINGS}:
                    metric = f" {point['metric']}" if name == "dev" and point.get("metric") else ""
                    by_name.setdefault(name + metric, []).append((step, number))
        before = f"{lineage}: " if len(stages) > 1 else ""
        for name, pairs in by_name.items():
            yield before + name, tuple(sorted(pairs))


def _of_files(text: str | None) -> Named:
    """Yield the curves that importers keep: columns of numbers by name."""
    curves = json.loads(text) if text else {}
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


def _list(text: str) -> list[Mapping[str, Any]]:
    found = json.loads(text)
    return [point for point in found if isinstance(point, dict)] if isinstance(found, list) else []


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
