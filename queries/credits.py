"""How many items of a cell earn how much: of one system, or how much more or less than of another.

An item's credit is the mean over the train seeds whose items are kept. Of a corpus metric, which has no
credits, an item's own F1 stands for one: 2 found / (predicted + gold); items with neither are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .comparison.arms import Found, Key, found
from .comparison.item_rows import ItemsOf, place_of
from .comparison.matching import matched_items
from .comparison.model import Measure, Request
from .errors import Problem
from .statistics.samples import FloatArray
from .store.reader import Reader

_DIGITS = 4
"""Decimals that tell two credits apart."""


@dataclass(frozen=True, slots=True)
class Credits:
    """Items by credit.

    Attributes:
        systems: One system, or two.
        measure: The yardstick.
        languages: The languages whose items are counted.
        counts: Items by credit (0..1), or by A's credit minus B's (-1..1).
        note: What must be said of them.
    """

    systems: tuple[str, ...]
    measure: Measure
    languages: tuple[str, ...]
    counts: Mapping[float, int]
    note: str = ""


def credits_of(reader: Reader, request: Request, language: str | None = None) -> Credits:
    """Count the items of a cell by credit.

    Args:
        reader: An open store.
        request: One system, or two whose matched items are compared; and the yardstick.
        language: Only this language, by its label: ``de``, ``de>en``.

    Raises:
        Problem: No items are kept, or there is no such language.
    """
    here = found(reader, request)
    keys = [k for k in here.places if all(k in arm.languages for arm in here.arms)]
    labels = {k: here.places[k].label + (f">{k[1]}" if k[1] else "") for k in keys}
    if language is not None:
        keys = [k for k in keys if labels[k].casefold() == language.casefold()]
        if not keys:
            raise Problem(
                f"{' and '.join(request.systems)} have no {language!r} on {here.measure.full_name}."
            )
    by_language = _of_one(reader, here, keys) if len(here.arms) == 1 else _of_two(reader, here, keys)
    if not by_language:
        raise Problem(
            f"No items of {' and '.join(request.systems)} are kept on {here.measure.full_name}: only scores."
        )
    values, numbers = np.unique(
        np.round(np.concatenate(list(by_language.values())), _DIGITS), return_counts=True
    )
    counts = {float(v) + 0.0: int(n) for v, n in zip(values, numbers, strict=True)}
    corpus = here.measure.kind == "corpus"
    note = (
        f"credit of an item: its own F1; {here.measure.metric} itself is no mean over items" if corpus else ""
    )
    return Credits(request.systems, here.measure, tuple(labels[k] for k in by_language), counts, note)


def _of_one(reader: Reader, here: Found, keys: Sequence[Key]) -> dict[Key, FloatArray]:
    import polars as pl

    (arm,) = here.arms
    items = ItemsOf(reader, here.measure)
    runs = {run for key in keys for run in arm.languages[key].run_ids if arm.runs[run]["has_items"]}
    items.read(runs)
    out: dict[Key, FloatArray] = {}
    for key in keys:
        parts = []
        for run in arm.languages[key].run_ids:
            if run in items.frames and (place := place_of(items, key, run)) in items.frames[run].found:
                start, end = items.frames[run].items.spans[place]
                own = items.frames[run].items.rows.slice(start, end - start).select("item_id")
                values = items.values[run][start:end]
                credit = pl.Series(_credit(values) if values.ndim == 2 else values).fill_nan(None)
                parts.append(own.with_columns(credit=credit))
        if parts:
            joined = pl.concat(parts).group_by("item_id").agg(pl.col("credit").mean())
            known = joined["credit"].drop_nulls().to_numpy()
            if known.size:
                out[key] = known
    return out


def _of_two(reader: Reader, here: Found, keys: Sequence[Key]) -> dict[Key, FloatArray]:
    a, b = here.arms
    matched = matched_items(ItemsOf(reader, here.measure), a, b, keys)
    out: dict[Key, FloatArray] = {}
    for key, told in matched.items():
        if told.sample is not None:
            difference = _mean(told.sample.a.values) - _mean(told.sample.b.values)
            known = difference[np.isfinite(difference)]
            if known.size:
                out[key] = known
    return out


def _mean(values: FloatArray) -> FloatArray:
    """Return each item's credit, mean over seeds."""
    mean: FloatArray = (_credit(values) if values.ndim == 3 else values).mean(axis=0)
    return mean


def _credit(values: FloatArray) -> FloatArray:
    """Return each item's own F1 from its counts (last axis), not a number where there is none."""
    with np.errstate(invalid="ignore", divide="ignore"):
        credit: FloatArray = 2 * values[..., 0] / (values[..., 1] + values[..., 2])
    return credit
