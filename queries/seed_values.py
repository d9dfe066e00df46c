"""What each train seed comes to: in each language of a cell, or on each task of a system."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .languages import canonical
from .store.reader import Reader


@dataclass(frozen=True, slots=True)
class SeedValues:
    """One language, or one task, with the value of each train seed.

    Attributes:
        label: The language's code, ``de>en`` for a pair, or the task.
        name: The language's name; empty where it is unknown, and for a task.
        values: In the metric's natural unit, in the order of the seeds; runs without a seed come last.
        seeds: The seeds, as many; ``None`` is unknown, or untrained.
        unit_interval: Whether the metric lives in 0..1.
    """

    label: str
    name: str
    values: tuple[float, ...]
    seeds: tuple[int | None, ...]
    unit_interval: bool


def seeds_by_language(reader: Reader, system: str, yardstick: str) -> tuple[SeedValues, ...]:
    """Return the seeds of each language of a cell."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in reader.ask("seeds", system=system, yardstick=yardstick).dicts():
        if row["value"] is None:
            continue
        found.setdefault(_code(row), []).append(row)
    return tuple(
        SeedValues(
            code,
            known.name if (known := canonical(rows[0]["language"] or "")) else rows[0]["subject"] or "",
            tuple(row["value"] for row in rows),
            tuple(row["train_seed"] for row in rows),
            rows[0]["unit_interval"],
        )
        for code, rows in found.items()
    )


def seeds_by_task(reader: Reader, system: str) -> tuple[SeedValues, ...]:
    """Return the seeds of each task of a system: macros over the languages that all of its seeds have.

    Only each task's own metric counts; a task with several yardsticks has a row for each.
    """
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in reader.ask("seeds", system=system).dicts():
        if row["is_primary"] and row["value"] is not None:
            found.setdefault((row["task"], row["yardstick"]), []).append(row)
    return tuple(made for (task, _), rows in found.items() if (made := _macros(task, rows)) is not None)


def _macros(task: str, rows: Iterable[Mapping[str, Any]]) -> SeedValues | None:
    by_seed: dict[int | None, dict[str, float]] = {}
    unit_interval = False
    for row in rows:
        by_seed.setdefault(row["train_seed"], {})[_code(row)] = row["value"]
        unit_interval = row["unit_interval"]
    shared = set.intersection(*(set(of) for of in by_seed.values()))
    if not shared:
        return None
    seeds = sorted(by_seed, key=lambda seed: (seed is None, seed or 0))
    values = tuple(sum(by_seed[seed][code] for code in shared) / len(shared) for seed in seeds)
    return SeedValues(task, "", values, tuple(seeds), unit_interval)


def _code(row: Mapping[str, Any]) -> str:
    code = row["language"] or row["subject"] or "?"
    return f"{code}>{row['language_2']}" if row["language_2"] else code
