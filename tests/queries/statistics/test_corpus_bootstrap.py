"""Corpus F1: against a plain bootstrap that draws units one by one, in each way resamples are drawn."""

from __future__ import annotations

import numpy as np
import pytest
from intermezzo.queries.statistics.compare import compare
from intermezzo.queries.statistics.corpus import compare_corpus, expanded_percentiles, f1_rows, resampled
from intermezzo.queries.statistics.paired import compare_means
from intermezzo.queries.statistics.results import Comparison, NotComputed
from intermezzo.queries.statistics.samples import Sample, arm, counts


def tagger(units: int, changed: float, seed: int = 0) -> Sample:
    """Two taggers that differ in a share of sentences."""
    rng = np.random.default_rng(seed)
    gold = 1 + rng.poisson(1.5, units)
    tp_a = rng.binomial(gold, 0.75)
    pred_a = tp_a + rng.binomial(gold - tp_a, 0.6)
    other = rng.random(units) < changed
    tp_b = np.where(other, rng.binomial(gold, 0.6), tp_a)
    pred_b = np.where(other, tp_b + rng.binomial(gold - tp_b, 0.6), pred_a)
    return Sample(arm(counts(tp_a, pred_a, gold)), arm(counts(tp_b, pred_b, gold)))


def f1(values: np.ndarray) -> float:
    tp, n_pred, n_gold = values.sum(axis=0)
    return 2 * tp / (n_pred + n_gold)


def plain(sample: Sample, resamples: int, seed: int = 7) -> np.ndarray:
    """The slow way: draw units, add up, divide."""
    rng = np.random.default_rng(seed)
    a, b = sample.a.values[0], sample.b.values[0]
    out = np.empty(resamples)
    for i in range(resamples):
        drawn = rng.integers(0, len(a), len(a))
        out[i] = f1(a[drawn]) - f1(b[drawn])
    return out


@pytest.mark.parametrize(
    ("units", "changed"),
    [(80, 0.8), (150, 0.1), (2000, 0.02), (2000, 0.5)],
    ids=["few units", "few units, nearly alike", "many units, nearly alike", "many units"],
)
def test_resamples_are_those_of_the_plain_bootstrap(units: int, changed: float) -> None:
    sample = tagger(units, changed)
    fast = resampled(f1_rows(sample), 10_000)
    slow = plain(sample, 4000)
    # Monte Carlo error of a sd over 4,000 is 1.1 %, of a 2.5 % quantile about 0.04 sd.
    sd = slow.std()
    assert fast.mean() == pytest.approx(slow.mean(), abs=5 * sd / np.sqrt(4000))
    assert fast.std() == pytest.approx(sd, rel=0.05)
    for q in (0.01, 0.025, 0.25, 0.5, 0.75, 0.975, 0.99):
        assert np.quantile(fast, q) == pytest.approx(np.quantile(slow, q), abs=0.17 * sd)


def test_units_of_a_cluster_are_drawn_together() -> None:
    sample = tagger(300, 0.7)
    a, b = np.repeat(sample.a.values, 4, axis=1), np.repeat(sample.b.values, 4, axis=1)
    fourfold = compare_corpus(Sample(arm(a), arm(b), np.repeat(np.arange(300), 4)))
    once = compare_corpus(sample)
    assert isinstance(fourfold, Comparison)
    assert isinstance(once, Comparison)
    assert (fourfold.n, fourfold.clusters) == (1200, 300)
    assert fourfold.delta == pytest.approx(once.delta)
    assert fourfold.stderr == pytest.approx(once.stderr, rel=0.04)


def test_value_interval_and_p_belong_together() -> None:
    sample = tagger(1500, 0.3)
    result = compare(sample)
    assert isinstance(result, Comparison)
    assert result.a == pytest.approx(f1(sample.a.values[0]))
    assert result.b == pytest.approx(f1(sample.b.values[0]))
    assert result.delta == pytest.approx(result.a - result.b)
    linear = compare_means(sample)
    assert isinstance(linear, Comparison)
    assert result.stderr == pytest.approx(linear.stderr, rel=0.05)
    assert (result.low, result.high) == pytest.approx((linear.low, linear.high), abs=0.1 * linear.stderr)


def test_p_is_below_five_percent_just_where_the_interval_leaves_zero_out() -> None:
    rng = np.random.default_rng(3)
    spread = rng.normal(0, 1, 10_000)
    for shift in np.linspace(0.5, 4, 40):
        low, _, p = expanded_percentiles(spread + shift, float(shift), 50)
        assert (p < 0.05) == (low > 0)
        _, high, mirrored = expanded_percentiles(-spread - shift, float(-shift), 50)
        assert high == pytest.approx(-low)
        assert mirrored == pytest.approx(p)


def test_p_goes_on_falling_beyond_the_reach_of_the_resamples() -> None:
    spread = np.random.default_rng(3).normal(0, 1, 10_000)
    ps = [expanded_percentiles(spread + s, float(s), 5000)[2] for s in (1.0, 2.0, 3.0, 4.0, 6.0, 9.0)]
    assert ps == sorted(ps, reverse=True)
    assert ps[-1] < 1e-10


def test_the_same_data_in_any_order_give_the_same_numbers() -> None:
    for units in (120, 900):
        sample = tagger(units, 0.5)
        order = np.random.default_rng(0).permutation(units)
        again = Sample(arm(sample.a.values[:, order]), arm(sample.b.values[:, order]))
        assert compare(sample) == compare(sample)
        one, two = compare(sample), compare(again)
        assert isinstance(one, Comparison)
        assert isinstance(two, Comparison)
        assert (one.low, one.high, one.p) == pytest.approx((two.low, two.high, two.p), rel=1e-9)


GOOD = counts([1, 0, 2], [1, 1, 2], [1, 1, 3])


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        (GOOD, GOOD, "all ties"),
        (GOOD, counts([1, 0, 2], [1, 1, 2], [1, 1, 2]), "gold of A and B differs in 1 of 3"),
        (counts([0, 0], [1, 1], [0, 0]), counts([0, 0], [0, 1], [0, 0]), "any gold"),
        (GOOD, counts([2, 0, 2], [1, 1, 2], [1, 1, 3]), "impossible counts"),
        (GOOD, counts([-1, 0, 2], [1, 1, 2], [1, 1, 3]), "impossible counts"),
        (GOOD, counts([0.5, 0, 2], [1, 1, 2], [1, 1, 3]), "impossible counts"),
        (GOOD, counts([float("nan"), 0, 2], [1, 1, 2], [1, 1, 3]), "1 of 3 common items"),
        (counts([1], [1], [1]), counts([0], [1], [1]), "only one item"),
        (counts([], [], []), counts([], [], []), "no item in common"),
    ],
)
def test_what_cannot_be_compared_is_a_sentence(a: np.ndarray, b: np.ndarray, words: str) -> None:
    with np.errstate(all="raise"):
        result = compare(Sample(arm(a), arm(b)))
    assert isinstance(result, NotComputed)
    assert words in result.reason


def test_nothing_predicted_at_all_is_an_f1_of_zero_and_still_compared() -> None:
    sample = tagger(400, 1.0)
    silent = sample.b.values.copy()
    silent[..., :2] = 0
    result = compare(Sample(sample.a, arm(silent)))
    assert isinstance(result, Comparison)
    assert result.b == 0
    assert result.low > 0


def test_rare_gold_is_drawn_exactly() -> None:
    """Few sizes above 0: a normal size could be 0 or less, and its ratio anything."""
    rng = np.random.default_rng(5)
    units = 5000
    gold = np.zeros(units)
    gold[:20] = 1
    pred_b = (rng.random(units) < 0.05) * 1.0
    a, b = counts(gold * 0, gold * 0, gold), counts(pred_b * gold, pred_b, gold)
    result = compare(Sample(arm(a), arm(b)))
    assert isinstance(result, Comparison)
    assert -1 <= result.low <= result.high <= 1
