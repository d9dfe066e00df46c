"""Aggregates over languages: values only, on declared or matched languages, counts beside them.

A missing language is never left out of an average in silence: it is refused, and named. ``matched``
makes the set of languages that all systems have, and says which it dropped.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .results import NotComputed, plural


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One value over languages.

    Attributes:
        value: In the metric's natural unit.
        languages: The languages behind it.
        items: Their items together, where known.
        language: The language that decides it (worst), where one does.
    """

    value: float
    languages: tuple[str, ...]
    items: int | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Aggregates:
    """All aggregates of one system on one yardstick; see the functions of the same names."""

    macro: Aggregate | NotComputed
    macro_without_train: Aggregate | NotComputed
    gap: Aggregate | NotComputed
    micro: Aggregate | NotComputed
    median: Aggregate | NotComputed
    worst: Aggregate | NotComputed


@dataclass(frozen=True, slots=True)
class Matched:
    """Languages that all systems have.

    Attributes:
        languages: Those, in the order of the first system.
        dropped: The others, each with how many of the systems have it.
    """

    languages: tuple[str, ...]
    dropped: dict[str, int]


Values = Mapping[str, float | None]


def matched(*systems: Values) -> Matched:
    """Return the languages in which every system has a finite value, and what is dropped."""
    have: dict[str, int] = {}
    for values in systems:
        for language, value in values.items():
            have[language] = have.get(language, 0) + int(_finite(value))
    return Matched(
        tuple(x for x, count in have.items() if count == len(systems)),
        {x: count for x, count in have.items() if count < len(systems)},
    )


def aggregates(
    values: Values,
    items: Mapping[str, int | None] | None = None,
    *,
    train_language: str | None,
    mean_metric: bool,
) -> Aggregates:
    """Return all aggregates of one system.

    Args:
        values: Value by language; ``None`` or NaN is a gap and makes the aggregates refuse.
        items: Items by language.
        train_language: Language of the training data; ``None`` where unknown.
        mean_metric: Whether the metric is a mean over items (micro is refused for others).
    """
    return Aggregates(
        macro(values, items),
        macro_without_train(values, items, train_language=train_language),
        transfer_gap(values, train_language=train_language),
        micro(values, items)
        if mean_metric
        else NotComputed("A micro average is defined for mean metrics only."),
        median(values, items),
        worst(values, items),
    )


def macro(values: Values, items: Mapping[str, int | None] | None = None) -> Aggregate | NotComputed:
    """Return the unweighted mean over languages (XTREME's, the train language included)."""
    return _gaps(values) or Aggregate(_mean(values.values()), tuple(values), _items(values, items))


def macro_without_train(
    values: Values, items: Mapping[str, int | None] | None = None, *, train_language: str | None
) -> Aggregate | NotComputed:
    """Return the unweighted mean over the languages that were not trained on."""
    if train_language is None:
        return NotComputed("The train language is not known, so no mean without it can be made.")
    if train_language not in values:
        return NotComputed(f"The train language ({train_language}) is not among the languages.")
    return macro({x: v for x, v in values.items() if x != train_language}, items)


def transfer_gap(values: Values, *, train_language: str | None) -> Aggregate | NotComputed:
    """Return the cross-lingual transfer gap: train language minus the mean of the others.

    Hu et al. 2020 (XTREME, arXiv 2003.11080).
    """
    others = macro_without_train(values, train_language=train_language)
    if isinstance(others, NotComputed) or train_language is None:
        return others
    own = values[train_language]
    if own is None or not _finite(own):
        return NotComputed(f"The train language ({train_language}) has no value.")
    return Aggregate(own - others.value, tuple(values), language=train_language)


def micro(values: Values, items: Mapping[str, int | None] | None) -> Aggregate | NotComputed:
    """Return the mean weighted by items: the mean over all items of a mean metric."""
    problem = _gaps(values)
    if problem:
        return problem
    total = _items(values, items)
    if items is None or not total:
        return NotComputed("A micro average needs the number of items of every language.")
    weighted = math.fsum((v or 0.0) * (items[x] or 0) for x, v in values.items())
    return Aggregate(weighted / total, tuple(values), total)


def median(values: Values, items: Mapping[str, int | None] | None = None) -> Aggregate | NotComputed:
    """Return the median over languages."""
    problem = _gaps(values)
    return problem or Aggregate(
        float(np.median([float(v or 0.0) for v in values.values()])), tuple(values), _items(values, items)
    )


def worst(
    values: Values, items: Mapping[str, int | None] | None = None, *, higher_is_better: bool = True
) -> Aggregate | NotComputed:
    """Return the value of the worst language, named (the first of equals)."""
    problem = _gaps(values)
    if problem:
        return problem
    pick = min if higher_is_better else max
    language = pick(values, key=lambda x: float(values[x] or 0.0))
    return Aggregate(float(values[language] or 0.0), tuple(values), _items(values, items), language)


def by_group(
    values: Values, groups: Mapping[str, str | None], items: Mapping[str, int | None] | None = None
) -> dict[str, Aggregate | NotComputed]:
    """Return the macro of each group of languages (family, script); languages without one are ``unknown``."""
    members: dict[str, dict[str, float | None]] = {}
    for language, value in values.items():
        members.setdefault(groups.get(language) or "unknown", {})[language] = value
    return {group: macro(inside, items) for group, inside in sorted(members.items())}


def mean_of_cells(cells: Mapping[str, Sequence[float]], centre: str = "mean") -> Aggregate | NotComputed:
    """Return the mean over languages of each cell's centre over its runs.

    With collapsed runs the two centres disagree: XLM-R Large on MasakhaNER is 76.4 by means and 85.2 by
    medians, Base 84.5 and 84.6.

    Args:
        cells: Values of the runs (seeds) of each language.
        centre: ``mean`` or ``median``.
    """
    if centre not in ("mean", "median"):
        raise ValueError(f"centre is mean or median, not {centre}")
    pick = np.mean if centre == "mean" else np.median
    whole = {x: float(pick(runs)) if len(runs) else None for x, runs in cells.items()}
    return macro(whole)


def _mean(values: Iterable[float | None]) -> float:
    """Return the mean of values that ``_gaps`` found whole, exactly rounded so that order does not matter."""
    listed = [float(v or 0.0) for v in values]
    return math.fsum(listed) / len(listed)


def _finite(value: float | None) -> bool:
    """Whether there is a number."""
    return value is not None and math.isfinite(value)


def _gaps(values: Values) -> NotComputed | None:
    """Return a sentence that names the languages without a value, or ``None``."""
    if not values:
        return NotComputed("There is no language to aggregate over.")
    missing = [x for x, v in values.items() if not _finite(v)]
    if not missing:
        return None
    named = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
    return NotComputed(f"{plural(len(missing), 'language')} of {len(values)} without a value ({named}).")


def _items(values: Values, items: Mapping[str, int | None] | None) -> int | None:
    """Return the items of all languages together, ``None`` where one is unknown."""
    if items is None:
        return None
    known = [items.get(x) for x in values]
    return None if any(n is None for n in known) else sum(n or 0 for n in known)
