"""Corpus metrics (chunk F1, BUCC F1): the paired cluster bootstrap over units, from counts.

F1 is a ratio of sums, ``2 tp / (predicted + gold)``, so a resample of U units is known by four sums: hits
and size of A and of B. They are drawn directly, 10,000 times:

- below 200 units: by drawing the units;
- else, where fewer than 100 units tell the systems apart (the distribution is lumpy and skew then): by a
  multinomial over the distinct rows of those units and one cell for all the others, which is what such a
  resample is; the sums of the others, alike for both systems, by their normal limit;
- else by the normal limit of all four sums with their exact mean and covariance. Real tagging data have
  hundreds to thousands of distinct rows: a multinomial over all costs 0.1 to 10 seconds a language.

The ratio is taken of the drawn sums, so its curvature is kept.

Interval: expanded percentiles (Hesterberg 2015, The American Statistician 69(4)), whose levels are widened
from the normal to the t distribution with U - 1 degrees of freedom; p is the level at which that same
interval would just touch 0. Below 20 resamples in the tail, p comes from a normal tail of their spread.
"""

from __future__ import annotations

import hashlib
import math

import numpy as np
from scipy import special

from .reference import LEVEL, t_quantile, t_tail
from .results import Comparison, NotComputed
from .samples import FloatArray, Sample, checked, codes, tied
from .seeds import training_label

RESAMPLES = 10_000
DRAW_UNITS_BELOW = 200
"""Units below which resamples are drawn unit by unit."""
FEW_DIFFER = 100
"""Units on which the systems differ, below which those are drawn by multinomial."""
TAIL = 20
"""Resamples needed in a tail for p to be read off them."""


def compare_corpus(sample: Sample, resamples: int = RESAMPLES) -> Comparison | NotComputed:
    """Compare two single runs by F1 over counts, paired by unit.

    Args:
        sample: Counts of one seed an arm; clusters are resampled whole.
        resamples: Bootstrap resamples.

    Returns:
        The comparison; the random numbers are seeded by the data, so it is always the same one. Or why
        there is none.
    """
    problem = checked(sample) or tied(sample)
    if problem:
        return problem
    if len(sample.a.values) > 1 or len(sample.b.values) > 1:
        return NotComputed(
            "The bootstrap over units compares one seed an arm; several seeds need a t interval."
        )
    label = training_label(sample.a, sample.b)
    if isinstance(label, NotComputed):
        return label
    rows = f1_rows(sample)
    units = len(rows)
    if units < 2:
        return NotComputed(f"All {sample.n:,} common units belong to one cluster.")
    sums = rows.sum(axis=0)
    a, b = float(_f1(sums[0], sums[1])), float(_f1(sums[2], sums[3]))
    deltas = resampled(rows, resamples)
    spread = float(deltas.std()) * math.sqrt(units / (units - 1))
    if not spread > 1e-12:
        return NotComputed(f"The difference does not vary over resamples of the {units:,} clusters of units.")
    low, high, p = expanded_percentiles(deltas, a - b, units)
    return Comparison(
        n=sample.n,
        clusters=units,
        a=a,
        b=b,
        delta=a - b,
        stderr=spread,
        low=low,
        high=high,
        p=p,
        df=units - 1,
        reference=f"paired cluster bootstrap, {units:,} units, {resamples:,} resamples, expanded percentiles",
        training=label,
    )


def f1_rows(sample: Sample) -> FloatArray:
    """Return hits (2 tp) and size (predicted + gold) of A and of B, whole numbers, ``(clusters, 4)``."""
    columns: list[FloatArray] = []
    for arm in (sample.a, sample.b):
        tp, n_pred, n_gold = (arm.values[0, :, i] for i in range(3))
        columns += [2 * tp, n_pred + n_gold]
    if sample.clusters is not None:
        labels, groups = codes(sample.clusters)
        if groups < sample.n:
            columns = [np.bincount(labels, weights=c, minlength=groups).astype(np.float64) for c in columns]
    return np.stack(columns, axis=1)


def resampled(rows: FloatArray, resamples: int) -> FloatArray:
    """Draw the F1 difference of resamples of clusters.

    Args:
        rows: As ``f1_rows`` returns.
        resamples: How many.

    Returns:
        The differences, ``(resamples,)``; always the same ones for the same rows in any order.
    """
    units = len(rows)
    mean, covariance = _moments(rows)
    rng = np.random.Generator(np.random.SFC64(_seed(rows)))
    differ = (rows[:, 0] != rows[:, 2]) | (rows[:, 1] != rows[:, 3])
    # A normal size near 0 would make the ratio wild: few predictions and little gold.
    steady = all(mean[i] * math.sqrt(units) > 10 * math.sqrt(covariance[i, i]) for i in (1, 3))
    if units < DRAW_UNITS_BELOW:
        drawn = rng.integers(0, units, size=(resamples, units)) + np.arange(resamples)[:, np.newaxis] * units
        weights = np.bincount(drawn.ravel(), minlength=resamples * units).reshape(resamples, units)
        sums = weights.astype(np.float64) @ rows[np.lexsort(rows.T)]
    elif steady and differ.sum() >= FEW_DIFFER:
        sums = rng.standard_normal((resamples, 4)) @ _root(covariance * units).T + mean * units
    else:
        alike = rows[~differ] if steady else rows[:0]
        distinct, times = np.unique(rows[differ] if steady else rows, axis=0, return_counts=True)
        cells = rng.multinomial(units, np.append(times, len(alike)) / units, size=resamples)
        sums = cells[:, :-1].astype(np.float64) @ distinct
        if len(alike):
            mean, covariance = _moments(alike)
            others = cells[:, -1:].astype(np.float64)
            sums += others * mean + np.sqrt(others) * (
                rng.standard_normal((resamples, 4)) @ _root(covariance).T
            )
    return _f1(sums[:, 0], sums[:, 1]) - _f1(sums[:, 2], sums[:, 3])


def _moments(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return mean and (population) covariance of rows."""
    mean = np.asarray(rows.mean(axis=0), dtype=np.float64)
    return mean, np.asarray((rows.T @ rows) / len(rows) - np.outer(mean, mean), dtype=np.float64)


def _root(covariance: FloatArray) -> FloatArray:
    """Return a root of a covariance that may be singular."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)), dtype=np.float64)


def expanded_percentiles(deltas: FloatArray, delta: float, units: int) -> tuple[float, float, float]:
    """Return the ends of the expanded percentile interval and the p that belongs to it.

    Args:
        deltas: Bootstrap distribution of the difference.
        delta: The observed difference.
        units: Clusters that were resampled.

    Returns:
        ``(low, high, p)``. The percentile level is ``Phi(-t(0.975, U-1) sqrt(U / (U-1)))``.
    """
    ordered = np.sort(deltas)
    count = len(ordered)
    widen = math.sqrt(units / (units - 1))
    tail = float(special.ndtr(-t_quantile(0.5 + LEVEL / 2, units - 1) * widen))
    low, high = (float(np.interp(q * (count - 1), np.arange(count), ordered)) for q in (tail, 1 - tail))
    if delta == 0:
        return low, high, 1.0
    beyond = int(np.searchsorted(ordered, 0, "right") if delta > 0 else count - np.searchsorted(ordered, 0))
    share = beyond / count
    if beyond < TAIL:
        share = min(TAIL / count, float(special.ndtr(-abs(delta) / float(deltas.std()))))
    statistic = float(special.ndtri(share)) / widen if share < 0.5 else 0.0
    return low, high, t_tail(statistic, units - 1)


def _f1(hits: FloatArray, size: FloatArray) -> FloatArray:
    """Return ``hits / size``, 0 where nothing was predicted and nothing is gold."""
    if size.min() > 0:
        return np.asarray(hits / size, dtype=np.float64)
    safe = np.where(size > 0, size, 1)
    return np.asarray(np.where(size > 0, hits / safe, 0.0), dtype=np.float64)


def _seed(rows: FloatArray) -> int:
    """Return a seed that depends on the data and not on the order of units."""
    text = ",".join(str(int(v)) for v in (len(rows), *rows.sum(axis=0), *(rows.T @ rows).ravel()))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")
