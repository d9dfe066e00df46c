"""What a whole store has of collapsed runs, and of trained runs that should differ and predict the same.

A comparison warns of both beside its numbers; here they are looked for in all cells at once. Predictions are
told apart by the hashes that files name: items are not read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from .comparison.item_rows import RETRIEVED
from .naming import DIRECT
from .statistics.flags import (
    COUNTED,
    LEAST_SIBLINGS,
    Output,
    chance_level,
    collapses,
    identical,
    prediction_hashes,
)
from .store.reader import Reader

_CELL = ("task", "split", "subset", "yardstick", "system", "language", "language_2", "subject")
_PLACE = ("task", "split", "subset", "task_version", "filter", "item_limit")


@dataclass(frozen=True, slots=True)
class CollapsedRun:
    """A run that collapsed in a language; values in the metric's natural unit.

    Attributes:
        language: Canonical code (a pair as ``sw>en``), or the file's own word where that is not known.
        threshold: What the value lies below, or at.
        reason: Which threshold that is.
    """

    system: str
    task: str
    split: str | None
    subset: str | None
    metric: str
    language: str
    train_seed: int | None
    run_id: str
    value: float
    threshold: float
    reason: str


@dataclass(frozen=True, slots=True)
class IdenticalPair:
    """Two trained runs that should differ and predict the same in a language.

    Attributes:
        language: What the file's hashes go by: a canonical code, or the file's own word.
        other_system: The system of the second run; the same one under another seed, or another one.
    """

    system: str
    task: str
    split: str | None
    subset: str | None
    language: str
    train_seed: int | None
    run_id: str
    other_system: str
    other_seed: int | None
    other_run_id: str
    prediction_hash: str


@dataclass(frozen=True, slots=True)
class Flags:
    """What was found, and how much was looked at.

    Attributes:
        collapsed: A run in a language each.
        identical: Two runs in a language each.
        judged: Values of runs that were held against a threshold.
        open: Values of trained runs without one: chance is unknown and siblings are too few.
        untrained: Values of prompted systems and of frozen retrieval, which cannot collapse.
        hashed: Predictions of trained runs whose hash is known.
    """

    collapsed: tuple[CollapsedRun, ...]
    identical: tuple[IdenticalPair, ...]
    judged: int
    open: int
    untrained: int
    hashed: int


def flags(reader: Reader, *, systems: Sequence[str] = (), tasks: Sequence[str] = ()) -> Flags:
    """Look through a store.

    Args:
        reader: The store.
        systems: Only these; of a pair, either one.
        tasks: Only these.
    """
    task = tasks[0] if len(tasks) == 1 else None
    system = systems[0] if len(systems) == 1 else None
    scores = reader.ask("flag_scores", system=system, task=task, counted=sorted(COUNTED)).dicts()
    scores = [
        row
        for row in scores
        if (not systems or row["system"] in systems) and (not tasks or row["task"] in tasks)
    ]
    trained = [row for row in scores if _trained(row)]
    found, judged = _collapsed(trained)
    # a pair is two systems': hashes are not narrowed to one before they are compared
    runs = [r for r in reader.ask("flag_hashes", task=task).dicts() if not tasks or r["task"] in tasks]
    pairs, hashed = _identical([row for row in runs if _trained(row)], frozenset(systems))
    return Flags(
        tuple(found),
        tuple(pairs),
        judged=judged,
        open=len(trained) - judged,
        untrained=len(scores) - len(trained),
        hashed=hashed,
    )


def _trained(row: Mapping[str, Any]) -> bool:
    """Say whether a training stands behind a run: a seed says so, a prompt or plain retrieval does not."""
    if row["recipe"] not in (None, DIRECT):
        return True
    if row["recipe"] is None and row["train_seed"] is not None:
        return True
    return row["shots"] is None and row["task_kind"] not in RETRIEVED


def _collapsed(rows: Sequence[Mapping[str, Any]]) -> tuple[list[CollapsedRun], int]:
    """Judge cell by cell (rows come sorted by cell); return the collapsed and how many could be judged."""
    out: list[CollapsedRun] = []
    judged = 0
    for _, group in groupby(rows, key=lambda row: [row[name] for name in _CELL]):
        cell = list(group)
        chance = chance_level(cell[0]["metric"], cell[0]["chance"])
        values = [row["value"] for row in cell]
        if chance is not None or len(cell) > LEAST_SIBLINGS:
            judged += len(cell)
        for row, found in zip(cell, collapses(values, chance), strict=True):
            if found is None:
                continue
            out.append(
                CollapsedRun(
                    row["system"],
                    row["task"],
                    row["split"],
                    row["subset"],
                    row["metric"],
                    _language(row),
                    row["train_seed"],
                    row["run_id"],
                    row["value"],
                    found.threshold,
                    found.reason,
                )
            )
    return out, judged


def _language(row: Mapping[str, Any]) -> str:
    code = row["language"] or row["subject"] or "?"
    return f"{code}>{row['language_2']}" if row["language_2"] else code


def _identical(rows: Sequence[Mapping[str, Any]], systems: frozenset[str]) -> tuple[list[IdenticalPair], int]:
    runs = {row["run_id"]: row for row in rows}
    places: dict[tuple[Any, ...], list[Output]] = {}
    kept = 0
    for row in rows:
        for language, value in prediction_hashes(row["config"]).items():
            key = (*(row[name] for name in _PLACE), language)
            places.setdefault(key, []).append(Output(row["run_id"], _training(row), value))
            kept += not systems or row["system"] in systems
    out: list[IdenticalPair] = []
    for key, outputs in places.items():
        for left, right in identical(outputs):
            a, b = runs[left.run], runs[right.run]
            if systems and not systems & {a["system"], b["system"]}:
                continue
            if a["system"] == b["system"] and None in (a["train_seed"], b["train_seed"]):
                continue  # may be one training twice: nothing says that they should differ
            out.append(
                IdenticalPair(
                    a["system"],
                    a["task"],
                    a["split"],
                    a["subset"],
                    key[-1],
                    a["train_seed"],
                    a["run_id"],
                    b["system"],
                    b["train_seed"],
                    b["run_id"],
                    left.prediction_hash or "",
                )
            )
    return out, kept


def _training(row: Mapping[str, Any]) -> str:
    return row["system"] if row["train_seed"] is None else f"{row['system']} seed {row['train_seed']}"
