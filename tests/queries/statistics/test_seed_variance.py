"""Several train seeds: against the two-way analysis of variance of statsmodels."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from intermezzo.queries.statistics.compare import compare
from intermezzo.queries.statistics.results import ONE_SEED, UNTRAINED, Comparison, NotComputed
from intermezzo.queries.statistics.samples import Sample, arm, linear
from intermezzo.queries.statistics.seeds import variance
from scipy import stats
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm


def draw_credits(seeds: int, items: int = 60, sd: float = 0.05, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    difficulty = np.random.default_rng(99).normal(0.6, 0.2, items)
    return difficulty + rng.normal(0, sd, (seeds, 1)) + rng.normal(0, 0.2, (seeds, items))


def computed(result: Comparison | NotComputed) -> Comparison:
    assert isinstance(result, Comparison), result
    return result


def test_variance_is_that_of_two_crossed_random_effects() -> None:
    a = draw_credits(4)
    seeds, items = a.shape
    frame = pd.DataFrame(
        {"y": a.ravel(), "seed": np.repeat(np.arange(seeds), items), "item": np.tile(np.arange(items), seeds)}
    )
    table = anova_lm(ols("y ~ C(seed) + C(item)", frame).fit())
    squares = table["sum_sq"] / table["df"]
    expected = (squares["C(seed)"] + squares["C(item)"] - squares["Residual"]) / (seeds * items)
    frozen = arm(np.zeros(items), trained=False)
    result = computed(compare(Sample(arm(a), frozen)))
    assert result.stderr**2 == pytest.approx(expected, rel=1e-8)
    pure = (squares["C(item)"] - squares["Residual"]) / (seeds * items)
    between = squares["C(seed)"] / (seeds * items)
    df = expected**2 / (pure**2 / (items - 1) + between**2 / (seeds - 1))
    assert result.df == pytest.approx(df, rel=1e-8)
    assert result.p == pytest.approx(2 * stats.t.sf(abs(result.delta / result.stderr), df), rel=1e-8)


def test_seeds_alone_are_welchs_t_test() -> None:
    """Where items say nothing more, what is left is Welch's test between the two arms' seed values."""
    rng = np.random.default_rng(2)
    ripple = np.tile([0.01, -0.01], 25)
    a = rng.normal(0.7, 0.03, (3, 1)) + ripple
    b = rng.normal(0.6, 0.02, (5, 1)) + ripple
    result = computed(compare(Sample(arm(a), arm(b))))
    expected = stats.ttest_ind(a.mean(axis=1), b.mean(axis=1), equal_var=False)
    assert result.p == pytest.approx(expected.pvalue, rel=1e-6)
    assert result.df == pytest.approx(expected.df, rel=1e-6)
    assert (result.seeds_a, result.seeds_b) == (3, 5)
    assert result.training == "items and training: 3 seeds against 5 seeds"


def test_training_variance_is_estimated_apart() -> None:
    sample = Sample(arm(draw_credits(40, 400, 0.05, 1)), arm(draw_credits(40, 400, 0.02, 2)))
    lin = linear(sample)
    assert not isinstance(lin, NotComputed)
    parts = variance(lin, df_items=399)
    assert math.sqrt(parts.training_a * 40) == pytest.approx(0.05, rel=0.3)
    assert math.sqrt(parts.training_b * 40) == pytest.approx(0.02, rel=0.4)


def test_more_training_variance_widens_the_interval() -> None:
    calm = computed(compare(Sample(arm(draw_credits(5, sd=0.0)), arm(draw_credits(5, sd=0.0, seed=1)))))
    wild = computed(compare(Sample(arm(draw_credits(5, sd=0.2)), arm(draw_credits(5, sd=0.2, seed=1)))))
    assert wild.high - wild.low > 2 * (calm.high - calm.low)


def test_one_seed_says_that_training_variance_is_unknown() -> None:
    assert computed(compare(Sample(arm(draw_credits(1)), arm(draw_credits(1, seed=1))))).training == ONE_SEED
    frozen = [arm(draw_credits(1, seed=s), trained=False) for s in (0, 1)]
    assert computed(compare(Sample(*frozen))).training == UNTRAINED


@pytest.mark.parametrize(("k_a", "k_b", "one"), [(3, 1, "B"), (1, 5, "A")])
def test_one_seed_against_several_is_a_sentence(k_a: int, k_b: int, one: str) -> None:
    result = compare(Sample(arm(draw_credits(k_a)), arm(draw_credits(k_b, seed=1))))
    assert isinstance(result, NotComputed)
    assert result.reason.startswith(f"{one} has 1 seed and the other system {max(k_a, k_b)}")


def test_seeds_that_agree_on_every_item_are_a_sentence() -> None:
    same = np.tile(np.array([1.0, 0.0, 1.0]), (3, 1))
    result = compare(Sample(arm(same), arm(same)))
    assert isinstance(result, NotComputed)


def test_no_run_and_a_nan_in_one_seed_are_sentences() -> None:
    a = draw_credits(3)
    a[1, 4] = np.nan
    result = compare(Sample(arm(a), arm(draw_credits(3, seed=1))))
    assert isinstance(result, NotComputed)
    assert "1 of 60" in result.reason
    result = compare(Sample(arm(np.empty((0, 60))), arm(draw_credits(3))))
    assert isinstance(result, NotComputed)
    assert "no run" in result.reason


def test_shapes_that_are_neither_are_a_programmers_error() -> None:
    with pytest.raises(ValueError, match="seeds"):
        arm(np.zeros((2, 3, 4)))
    with pytest.raises(ValueError, match="seed names"):
        arm(np.zeros((2, 3)), seeds=("1",))
