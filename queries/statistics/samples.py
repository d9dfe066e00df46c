"""The input of a comparison: two systems' items of one language, matched by item, checked, linearised.

Every estimate here is a smooth function of means over items, so its variance is the variance of a sum
of influences (the delta method; van der Vaart 1998, *Asymptotic Statistics*, ch. 3). Summed by
cluster, influences give clustered, multi-seed and multi-language standard errors by one formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .results import NotComputed, plural

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Arm:
    """One system's outputs on the items of one language.

    Attributes:
        values: Seeds x items credits of a mean metric; or seeds x units x 3 counts
            (true positives, predicted, gold) of a corpus metric.
        seeds: Name of each train seed, in the order of ``values``.
        trained: False where nothing was trained, so that one "seed" has no training variance.
    """

    values: FloatArray
    seeds: tuple[str, ...]
    trained: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Both systems on the same items of one language, in the same order.

    Attributes:
        a: System A.
        b: System B.
        clusters: Cluster id of each item (integers or text, ``None`` = a cluster of its own). The same
            id in another language means the same cluster. ``None``: every item is its own cluster.
    """

    a: Arm
    b: Arm
    clusters: NDArray[Any] | None = None

    @property
    def n(self) -> int:
        """Items (units)."""
        return int(self.a.values.shape[1])

    @property
    def corpus(self) -> bool:
        """Whether the items keep counts of a corpus metric."""
        return self.a.values.ndim == 3


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """A linearised sample: values by seed, and each cluster's influence on them.

    Attributes:
        a: Value of A by seed.
        b: Value of B by seed.
        influence_a: Seeds x clusters; rows sum to 0. Scaled by ``sqrt(G / (G - 1))`` for G clusters.
        influence_b: The same of B.
        labels: Cluster of each column, as an integer code.
        n: Items.
    """

    a: FloatArray
    b: FloatArray
    influence_a: FloatArray
    influence_b: FloatArray
    labels: IntArray
    n: int


def arm(values: Any, seeds: Sequence[str] = (), *, trained: bool = True) -> Arm:
    """Return an arm from credits or counts of one seed or several.

    Args:
        values: Credits, ``(items,)`` or ``(seeds, items)``; or counts, ``(seeds, units, 3)``.
            Masked (NULL) entries become NaN and are refused later, in a sentence.
        seeds: Names of the seeds; ``1``, ``2``, ... where not given.
        trained: See ``Arm``.

    Raises:
        ValueError: If the shape is none of these (a programmer's error).
    """
    array = np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan)
    if array.ndim == 1:
        array = array[np.newaxis]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] != 3):
        raise ValueError(f"credits are (seeds, items) and counts (seeds, units, 3), not {array.shape}")
    names = tuple(seeds) or tuple(str(i + 1) for i in range(array.shape[0]))
    if len(names) != array.shape[0]:
        raise ValueError(f"{len(names)} seed names for {array.shape[0]} seeds")
    return Arm(array, names, trained)


def counts(tp: Any, n_pred: Any, n_gold: Any) -> NDArray[Any]:
    """Return the ``(seeds, units, 3)`` array of a corpus metric from its three counts.

    Args:
        tp: True positives, ``(units,)`` or ``(seeds, units)``.
        n_pred: Predicted, the same shape.
        n_gold: Gold, the same shape.
    """
    columns = [np.ma.filled(np.ma.asarray(c, dtype=np.float64), np.nan) for c in (tp, n_pred, n_gold)]
    stacked = np.stack(columns, axis=-1)
    return stacked[np.newaxis] if stacked.ndim == 2 else stacked


def codes(labels: Any) -> tuple[IntArray, int]:
    """Return integer codes of labels from 0, and how many there are; every ``None`` is a label of its own."""
    array = np.ma.filled(labels, None) if np.ma.isMaskedArray(labels) else np.asarray(labels)
    if array.dtype.kind in "iu":
        if len(array) and array.min() >= 0 and array.max() < 4 * len(array):
            # Small numbers need no sorting: every compare of 40 languages comes through here.
            present = np.bincount(array) > 0
            return (np.cumsum(present) - 1)[array], int(np.count_nonzero(present))
        distinct, inverse = np.unique(array, return_inverse=True)
        return inverse.astype(np.int64, copy=False), len(distinct)
    seen: dict[Any, int] = {}
    out = np.empty(len(array), dtype=np.int64)
    alone = 0
    for i, label in enumerate(array.tolist()):
        if label is None or label != label:
            out[i] = -1
            alone += 1
        else:
            out[i] = seen.setdefault(label, len(seen))
    out[out < 0] = len(seen) + np.arange(alone)
    return out, len(seen) + alone


def checked(sample: Sample) -> NotComputed | None:
    """Return why ``sample`` cannot be compared, or ``None`` if it can.

    Refused: other numbers of items, none, one, credits that are not finite (NaN, NULL: missing gold or
    prediction), impossible counts, gold that differs between the systems, no gold at all.
    """
    a, b = sample.a.values, sample.b.values
    if a.shape[1:] != b.shape[1:]:
        return NotComputed(f"A has {a.shape[1]:,} items and B {b.shape[1]:,}: they were not matched.")
    if sample.clusters is not None and len(sample.clusters) != a.shape[1]:
        return NotComputed(f"{len(sample.clusters):,} cluster ids were given for {a.shape[1]:,} items.")
    if a.shape[0] == 0 or b.shape[0] == 0:
        return NotComputed(f"System {'A' if a.shape[0] == 0 else 'B'} has no run here.")
    if a.shape[1] == 0:
        return NotComputed("The two systems have no item in common.")
    if a.shape[1] == 1:
        return NotComputed("The two systems have only one item in common.")
    whole = np.ones(a.shape[1], dtype=np.bool_)
    for values in (a, b):
        if np.isfinite(values).all():
            continue
        whole &= np.isfinite(values).reshape(values.shape[0], values.shape[1], -1).all(axis=(0, 2))
    missing = int(np.count_nonzero(~whole))
    if missing:
        return NotComputed(
            f"{missing:,} of {a.shape[1]:,} common items have no finite credit in some run: "
            "gold or prediction is missing, or the metric failed."
        )
    return _checked_counts(a, b) if sample.corpus else None


def _checked_counts(a: FloatArray, b: FloatArray) -> NotComputed | None:
    """Return why counts of a corpus metric make no sense, or ``None``."""
    for name, values in (("A", a), ("B", b)):
        tp, n_pred, n_gold = values[..., 0], values[..., 1], values[..., 2]
        wrong = (tp < 0) | (tp > n_pred) | (tp > n_gold)
        for column in (tp, n_pred, n_gold):
            wrong |= column != np.floor(column)
        if wrong.any():
            return NotComputed(
                f"{plural(int(wrong.any(axis=0).sum()), 'unit')} of {name} with impossible counts: "
                "whole numbers are needed, with no more hits than predictions or gold."
            )
    gold = a[0, :, 2]
    drift = (a[..., 2] != gold).any(axis=0) | (b[..., 2] != gold).any(axis=0)
    if drift.any():
        return NotComputed(
            f"The gold of A and B differs in {int(drift.sum()):,} of {len(gold):,} units: "
            "they were not scored against the same answers."
        )
    if gold.sum() == 0:
        return NotComputed(f"None of the {len(gold):,} common units has any gold.")
    return None


def tied(sample: Sample) -> NotComputed | None:
    """Return a sentence where every item says the same, so that no interval exists; else ``None``."""
    a, b = sample.a.values, sample.b.values
    if sample.corpus:
        if a.shape[0] == b.shape[0] == 1 and bool((a == b).all()):
            return NotComputed(f"A and B have the same counts in all {sample.n:,} common units: all ties.")
        return None
    if max(a.shape[0], b.shape[0]) > 1:
        return None
    difference = a[0] - b[0]
    if np.ptp(difference) > 1e-12:
        return None
    if abs(float(difference[0])) <= 1e-12:
        kind = "constant credit" if np.ptp(a[0]) <= 1e-12 else "all ties"
        return NotComputed(f"A and B earn the same on each of the {sample.n:,} common items: {kind}.")
    return NotComputed(
        f"The difference is the same on each of the {sample.n:,} common items (constant credit): "
        "they show no variance to judge it by."
    )


def values_and_influences(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the metric's value by seed and each item's influence on it.

    Mean metrics: mean, and ``(x - mean) / n``. Corpus metrics: ``F1 = 2 tp / (predicted + gold)`` over sums,
    and ``(2 tp_i - F1 (predicted_i + gold_i)) / sum(predicted + gold)`` (delta method for a ratio;
    Cochran 1977, *Sampling Techniques*, ch. 6).

    Args:
        values: As in ``Arm``, already checked.

    Returns:
        ``(seeds,)`` values and ``(seeds, items)`` influences, whose rows sum to 0.
    """
    if values.ndim == 2:
        mean = values.mean(axis=1)
        return mean, (values - mean[:, np.newaxis]) / values.shape[1]
    hits = 2.0 * values[..., 0]
    size = values[..., 1] + values[..., 2]
    total = size.sum(axis=1)
    f1 = hits.sum(axis=1) / total
    return f1, (hits - f1[:, np.newaxis] * size) / total[:, np.newaxis]


def linear(sample: Sample, labels: IntArray | None = None) -> Linear | NotComputed:
    """Linearise a checked sample and sum its influences by cluster.

    Args:
        sample: A sample that ``checked`` lets pass.
        labels: Integer codes of the clusters, where they were made over several languages.

    Returns:
        The linearised sample; ``NotComputed`` where there is one cluster only.
    """
    a, influence_a = values_and_influences(sample.a.values)
    b, influence_b = values_and_influences(sample.b.values)
    if labels is None and sample.clusters is None:
        distinct = np.arange(sample.n, dtype=np.int64)
    else:
        own = codes(sample.clusters)[0] if labels is None else labels
        distinct = own
        # Labels that already rise need no sorting: the usual case of items that are their own clusters.
        if not (np.diff(own) > 0).all():
            distinct, inverse = np.unique(own, return_inverse=True)
            influence_a = _by_cluster(influence_a, inverse, len(distinct))
            influence_b = _by_cluster(influence_b, inverse, len(distinct))
    groups = len(distinct)
    if groups < 2:
        return NotComputed(f"All {sample.n:,} common items belong to one cluster.")
    scale = np.sqrt(groups / (groups - 1))
    return Linear(a, b, influence_a * scale, influence_b * scale, distinct, sample.n)


def _by_cluster(influence: FloatArray, inverse: IntArray, groups: int) -> FloatArray:
    """Sum the columns of ``influence`` by cluster."""
    return np.stack([np.bincount(inverse, weights=row, minlength=groups) for row in influence])
