"""Corpus values and their standard errors, against worked numbers and simulation."""

from __future__ import annotations

import math
import random
import statistics

import pytest
from intermezzo.engine.metrics.figure import (
    Counts,
    f1_figure,
    mean_figure,
    precision_figure,
    ratio_stderr,
    recall_figure,
)


def test_mean_and_its_standard_error_by_hand() -> None:
    figure = mean_figure([1.0, 0.0, 1.0, 1.0])
    assert figure.value == 0.75
    assert figure.n == 4
    assert figure.stderr == pytest.approx(statistics.stdev([1, 0, 1, 1]) / 2)


@pytest.mark.parametrize("odd", [[1e308] * 3, [1e200, -1e200], [math.inf, -math.inf], [math.nan]])
def test_credits_without_a_mean_that_is_a_number_have_a_reason_instead(odd: list[float]) -> None:
    figure = mean_figure(odd)
    assert (figure.value, figure.stderr, figure.n) == (None, None, len(odd))
    assert figure.reason


def test_one_item_has_a_value_and_no_standard_error() -> None:
    assert (mean_figure([0.5]).value, mean_figure([0.5]).stderr) == (0.5, None)
    assert f1_figure([Counts(1, 1, 2)]).stderr is None


def test_no_items_no_number() -> None:
    for figure in (mean_figure([]), f1_figure([]), precision_figure([]), recall_figure([])):
        assert figure.value is None
        assert figure.stderr is None
        assert figure.reason == "there are no items"


def test_nothing_gold_no_number_but_nothing_predicted_is_zero() -> None:
    assert f1_figure([Counts(0, 3, 0)] * 2).value is None
    assert "labels" in (f1_figure([Counts(0, 3, 0)] * 2).reason or "")
    assert f1_figure([Counts(0, 0, 3)] * 2).value == 0.0
    assert precision_figure([Counts(0, 0, 3)] * 2).value == 0.0
    assert recall_figure([Counts(0, 0, 3)] * 2).value == 0.0


def test_f1_is_of_the_sums_not_a_mean_of_sentences() -> None:
    counts = [Counts(1, 1, 1), Counts(1, 4, 6)]
    assert f1_figure(counts).value == pytest.approx(2 * 2 / (5 + 7))
    assert precision_figure(counts).value == pytest.approx(2 / 5)
    assert recall_figure(counts).value == pytest.approx(2 / 7)


def test_ratio_error_by_hand() -> None:
    # R = 6/12, residuals 2 - 1.5, 4 - 4.5: squares 0.5; sqrt(0.5 * 2 / 1) / 12.
    assert ratio_stderr([2, 4], [3, 9]) == pytest.approx(1 / 12)
    assert ratio_stderr([0, 0], [0, 0]) is None


def test_ratio_of_equal_denominators_is_the_error_of_a_mean() -> None:
    assert ratio_stderr([0, 1, 1, 0, 1], [1] * 5) == pytest.approx(mean_figure([0, 1, 1, 0, 1]).stderr)


def test_f1_error_agrees_with_the_spread_over_samples_of_sentences() -> None:
    rng = random.Random(7)
    pool = [
        Counts(rng.randint(0, g), g + rng.randint(-1, 2), g) for g in (rng.randint(1, 9) for _ in range(400))
    ]
    figures = [f1_figure(rng.choices(pool, k=150)) for _ in range(800)]
    spread = statistics.stdev(f.value or 0.0 for f in figures)
    claimed = math.sqrt(statistics.fmean((f.stderr or 0.0) ** 2 for f in figures))
    assert claimed == pytest.approx(spread, rel=0.1)
