"""How many items of a cell earn how much: of one system, or how much more or less than of another.

An item's credit is the mean over the train seeds whose items are kept. Of a corpus metric, which has no
credits, an item's own F1 stands for one: 2 found / (predicted + gold); items with neither are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .comparison.arms import Found, Key, found, values_of_runs
from .comparison.item_rows import COUNTS, ItemsOf, place_of
from .comparison.matching import matched_items
from .comparison.model import Measure, Request
from .errors import Problem
from .statistics.samples import FloatArray
from .store.reader import Reader

if TYPE_CHECKING:
    import polars as pl

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
                rows = items.frames[run].rows
                own = (pl.col("language") == place[0]) & (pl.col("language_2") == place[1])
                parts.append(rows.filter(own).select("item_id", _credit(here.measure).alias("credit")))
        if parts:
            joined = pl.concat(parts).group_by("item_id").agg(pl.col("credit").mean())
            values = joined["credit"].drop_nulls().drop_nans().to_numpy()
            if values.size:
                out[key] = values.astype(np.float64)
    return out


def _credit(measure: Measure) -> pl.Expr:
    import polars as pl

    if measure.kind != "corpus":
        return pl.col("credit").cast(pl.Float64)
    tp, predicted, gold = (pl.col(name).cast(pl.Float64) for name in COUNTS)
    return pl.when(predicted + gold > 0).then(2 * tp / (predicted + gold))


def _of_two(reader: Reader, here: Found, keys: Sequence[Key]) -> dict[Key, FloatArray]:
    a, b = here.arms
    values = values_of_runs(reader, here.measure, here.arms)
    matched = matched_items(ItemsOf(reader, here.measure), a, b, keys, values)
    out: dict[Key, FloatArray] = {}
    for key, told in matched.items():
        if told.sample is not None:
            difference = _mean(told.sample.a.values) - _mean(told.sample.b.values)
            known = difference[np.isfinite(difference)]
            if known.size:
                out[key] = known
    return out


def _mean(values: FloatArray) -> FloatArray:
    """Return each item's credit, mean over seeds; of counts its own F1, not a number where there is none."""
    if values.ndim == 3:
        with np.errstate(invalid="ignore", divide="ignore"):
            values = 2 * values[:, :, 0] / (values[:, :, 1] + values[:, :, 2])
    mean: FloatArray = values.mean(axis=0)
    return mean
