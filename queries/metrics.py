"""Metrics: range, direction, scale and the names that tools give them, in ``data/metrics.toml``."""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

Kind = Literal["mean", "corpus", "other"]

_AT_K = re.compile(r"(?P<name>[a-z_]+)_at_(?P<k>[1-9][0-9]{0,3})")
_SLACK = 1e-9
"""Means of floats may overshoot a bound by rounding."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric.

    Attributes:
        id: Metric id, e.g. ``accuracy``, ``f1``, ``ndcg_at_10``.
        title: Name for people.
        low: Least possible value in the natural unit; ``None`` where unbounded.
        high: Greatest possible value.
        unit_interval: Whether the natural unit is 0..1 (shown x 100). Correlations reach down to -1.
        higher_is_better: Direction.
        kind: ``mean`` over items, ``corpus`` (from counts over all items), or ``other``.
        implementations: Names known for it, as ``<tool> <name>``.
        tolerance: How far a recomputed value may lie from a logged one, in the natural unit.
        mean_for: Task kinds for which it is a mean over items although ``kind`` is ``corpus``.
        alternates: Implementations kept beside another one of the same outputs: shown only when asked for.
    """

    id: str
    title: str
    low: float | None
    high: float | None
    unit_interval: bool
    higher_is_better: bool
    kind: Kind
    implementations: tuple[str, ...]
    tolerance: float
    mean_for: tuple[str, ...] = ()
    alternates: tuple[str, ...] = ()

    def kind_for(self, task_kind: str | None) -> Kind:
        """Return its kind for a task of ``task_kind``: F1 is a mean for questions, from counts for tags."""
        return "mean" if task_kind in self.mean_for else self.kind


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("data/metrics.toml").read_text(encoding="utf-8"))


def _entry(metric_id: str) -> dict[str, Any]:
    """Return a row with what it takes over from the row it is like (all but what is its own)."""
    entry: dict[str, Any] = _table()["metric"][metric_id]
    if "like" not in entry:
        return entry
    parent = _entry(entry["like"])
    return {k: v for k, v in parent.items() if k not in ("title", "mean_for", "alternates")} | entry


@lru_cache(maxsize=1)
def _metrics() -> dict[str, Metric]:
    names = _table()["names"]
    found = {}
    for metric_id in _table()["metric"]:
        entry = _entry(metric_id)
        found[metric_id] = Metric(
            id=metric_id,
            title=entry["title"],
            low=entry.get("low"),
            high=entry.get("high"),
            unit_interval=entry["unit_interval"],
            higher_is_better=entry["higher_is_better"],
            kind=entry["kind"],
            implementations=tuple(
                f"{tool} {name}"
                for tool, spelled in names.items()
                for name, target in spelled.items()
                if target == metric_id and tool != "any"
            ),
            tolerance=entry["tolerance"],
            mean_for=tuple(entry.get("mean_for", ())),
            alternates=tuple(entry.get("alternates", ())),
        )
    return found


@lru_cache(maxsize=4096)
def metric(metric_id: str) -> Metric | None:
    """Return the metric with this id, or ``None``; ``ndcg_at_10`` and its like are made from their family."""
    if found := _metrics().get(metric_id):
        return None if metric_id.endswith("_at_k") else found
    match = _AT_K.fullmatch(metric_id)
    family = _metrics().get(f"{match['name']}_at_k") if match else None
    if match is None or family is None:
        return None
    return replace(family, id=metric_id, title=family.title.replace("{k}", match["k"]))


def all_metrics() -> tuple[Metric, ...]:
    """Return every metric of the table; of the families ``<name>_at_<k>`` the common k = 1, 5, 10, 100."""
    found = []
    for metric_id, row in _metrics().items():
        if metric_id.endswith("_at_k"):
            family = (metric(f"{metric_id[:-1]}{k}") for k in (1, 5, 10, 100))
            found += [member for member in family if member]
        else:
            found.append(row)
    return tuple(found)


def _family(tool: str, known: Any) -> str:
    """Return the tool's name in the table: ``lm-eval`` for ``lm-eval-0.4``; itself where it is not there."""
    return next((name for name in known if tool == name or tool.startswith(f"{name}-")), tool)


@lru_cache(maxsize=4096)
def canonical_metric(tool: str, name: str) -> tuple[str, str]:
    """Return the id of what ``tool`` calls ``name``, and the implementation, which keeps both names.

    Args:
        tool: ``lm-eval`` (with or without its version), ``mteb``, ``xtreme``, ``trainer``, ``jiant``, ...
        name: The tool's name for the metric, without filter (``acc``, not ``acc,none``).

    Returns:
        ``("accuracy", "lm-eval acc")``. An unknown name is its own id: nothing is folded by likeness, so
        ``bleu_acc`` stays ``bleu_acc``.
    """
    table = _table()
    family = _family(tool, table["names"])
    spelled = table["names"]["any"] | table["names"].get(family, {})
    implementation = f"{family} {name}"
    bare = name
    for prefix in table["prefixes"].get(family, ()):
        if name.startswith((f"{prefix}_", f"{prefix}.")) and metric(name) is None:
            rest = name[len(prefix) + 1 :]
            if rest in spelled or metric(rest):
                bare = rest
                break
    if bare in spelled:
        return spelled[bare], implementation
    return bare, implementation


def natural_value(tool: str, name: str, value: float, task: str | None = None) -> float:
    """Return a tool's value in the metric's natural unit (XTREME's scorer writes accuracy as 0..100).

    Args:
        tool: As for ``canonical_metric``.
        name: The tool's name for the metric.
        value: As found.
        task: Task id; some tools mix scales between tasks (jiant: accuracy 0..1, questions 0..100).
    """
    found = metric(canonical_metric(tool, name)[0])
    if found is None or not found.unit_interval:
        return value
    for row in _table()["scale"]:
        applies = tool == row["tool"] or tool.startswith(f"{row['tool']}-")
        if applies and ("tasks" not in row or task in row["tasks"]):
            return value * float(row["factor"])
    return value


def check_value(metric_id: str, value: object) -> str | None:
    """Return why ``value`` cannot be a value of the metric, as a part of a sentence; ``None`` if it can be.

    An unknown metric is only asked for a finite number.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return f"is not a number: {value!r:.60}"
    try:
        number = float(value)
    except OverflowError:
        return "is too large for a number"
    if not math.isfinite(number):
        return f"is not finite: {value}"
    found = metric(metric_id)
    if found is None:
        return None
    if found.low is not None and value < found.low - _SLACK:
        return f"is below {found.low:g}, the least value of {metric_id}: {value!r}"
    if found.high is not None and value > found.high + _SLACK:
        return f"is above {found.high:g}, the greatest value of {metric_id}: {value!r}"
    return None
