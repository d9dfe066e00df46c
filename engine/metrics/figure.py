"""A corpus value from per-item credits or counts, with its standard error, or the reason there is none.

Values are in 0..1. Nothing undefined becomes a number: ``value`` is ``None`` and ``reason`` says why.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Counts(NamedTuple):
    """What one item adds to a corpus metric.

    Attributes:
        tp: Predicted units that are gold.
        n_pred: Predicted units.
        n_gold: Gold units.
    """

    tp: int
    n_pred: int
    n_gold: int


@dataclass(frozen=True, slots=True)
class Figure:
    """A value and what it rests on.

    Attributes:
        value: In 0..1, or ``None`` where the metric is undefined.
        n: Items.
        stderr: Standard error over items, in the value's unit; ``None`` below two items.
        reason: Why there is no value: the fragment of a sentence.
    """

    value: float | None
    n: int
    stderr: float | None = None
    reason: str | None = None


def exact_n(mean: float, stderr: float) -> float:
    """Return the n behind a mean of 0s and 1s and its standard error: unrounded, perhaps infinite.

    ``stderr**2 = mean (1 - mean) / (n - 1)``, as lm-eval's ``mean_stderr`` has it.
    """
    square = stderr * stderr  # infinity where ``**`` would raise, and 0 of the smallest errors
    return mean * (1.0 - mean) / square + 1.0 if square else math.inf


def mean_figure(item_credits: Sequence[float]) -> Figure:
    """Return the mean of per-item credits (0..1) with its standard error ``sd / sqrt(n)``.

    ``sd`` is the sample standard deviation (denominator n - 1), so one item has no standard error.
    Items are taken as independent; comparisons take clusters into account, this error does not.
    Credits of metrics without bounds may have no mean that is a number.
    """
    n = len(item_credits)
    if n == 0:
        return Figure(None, 0, reason="there are no items")
    if not all(map(math.isfinite, item_credits)):
        return Figure(None, n, reason="an item's value is not finite")
    try:
        mean = math.fsum(item_credits) / n
        if n == 1:
            return Figure(mean, 1)
        variance = math.fsum((c - mean) ** 2 for c in item_credits) / (n - 1)
    except OverflowError:
        return Figure(None, n, reason="the items' values are too large to be added up")
    return Figure(mean, n, math.sqrt(variance / n))


def f1_figure(counts: Sequence[Counts]) -> Figure:
    """Return the micro F1 ``2 tp / (n_pred + n_gold)`` of summed counts, with its standard error.

    The value is the harmonic mean of precision and recall of the sums. See ``ratio_stderr`` for the
    error, with numerator ``2 tp`` and denominator ``n_pred + n_gold`` an item. Without any gold unit
    recall is undefined and there is no value (seqeval and XTREME print 0 there).
    """
    return _ratio_figure([2 * c.tp for c in counts], [c.n_pred + c.n_gold for c in counts], counts)


def precision_figure(counts: Sequence[Counts]) -> Figure:
    """Return ``tp / n_pred`` of summed counts; nothing predicted but something gold is 0, as in XTREME."""
    if counts and not any(c.n_pred for c in counts) and any(c.n_gold for c in counts):
        return Figure(0.0, len(counts))
    return _ratio_figure([c.tp for c in counts], [c.n_pred for c in counts], counts)


def recall_figure(counts: Sequence[Counts]) -> Figure:
    """Return ``tp / n_gold`` of summed counts."""
    return _ratio_figure([c.tp for c in counts], [c.n_gold for c in counts], counts)


def ratio_stderr(numerators: Sequence[float], denominators: Sequence[float]) -> float | None:
    """Return the delta-method standard error of ``R = sum(a) / sum(b)`` over independent items.

    ``sqrt( n/(n-1) * sum((a_i - R b_i)^2) ) / sum(b)``: the variance of a ratio of two means,
    linearised (Cochran, Sampling Techniques, 3rd ed. 1977, section 2.11, without the finite population
    correction; Deng, Knoblich and Lu, Applying the Delta Method in Metric Analytics, KDD 2018).

    Returns:
        ``None`` below two items or where the denominators sum to nothing.
    """
    n, total = len(numerators), math.fsum(denominators)
    if n < 2 or total == 0:
        return None
    ratio = math.fsum(numerators) / total
    squares = math.fsum((a - ratio * b) ** 2 for a, b in zip(numerators, denominators, strict=True))
    return math.sqrt(squares * n / (n - 1)) / total


def _ratio_figure(
    numerators: Sequence[float], denominators: Sequence[float], counts: Sequence[Counts]
) -> Figure:
    n = len(counts)
    if n == 0:
        return Figure(None, 0, reason="there are no items")
    if not any(c.n_gold for c in counts):
        return Figure(None, n, reason="there is nothing to find in the labels")
    return Figure(math.fsum(numerators) / math.fsum(denominators), n, ratio_stderr(numerators, denominators))
