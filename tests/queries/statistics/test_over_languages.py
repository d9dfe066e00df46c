"""Over languages: two estimands, against t tests, sums of variances and a slow bootstrap."""

from __future__ import annotations

import math

import numpy as np
import pytest
from intermezzo.queries.statistics.languages import (
    gap_weights,
    languages_like_these,
    like_these_values,
    these_languages,
)
from intermezzo.queries.statistics.paired import paired
from intermezzo.queries.statistics.results import Comparison, NotComputed
from intermezzo.queries.statistics.samples import Sample, arm, counts
from scipy import stats


def computed(result: Comparison | NotComputed) -> Comparison:
    assert isinstance(result, Comparison), result
    return result


def parallel(count: int = 5, items: int = 200, seeds: int = 1, seed: int = 0) -> dict[str, Sample]:
    """Languages that share item difficulty, by item ids that are equal across languages."""
    rng = np.random.default_rng(seed)
    common = rng.normal(0, 0.3, (2, items))
    training = rng.normal(0, 0.03, (2, seeds, 1))
    ids = np.array([f"item {i}" for i in range(items)], dtype=object)
    out = {}
    for i in range(count):
        a = 0.6 + 0.02 * i + common[0] + training[0] + rng.normal(0, 0.2, (seeds, items))
        b = 0.58 + common[1] + training[1] + rng.normal(0, 0.2, (seeds, items))
        out[f"l{i}"] = Sample(arm(a), arm(b), ids)
    return out


def apart(samples: dict[str, Sample]) -> dict[str, Sample]:
    return {k: Sample(s.a, s.b) for k, s in samples.items()}


def test_parallel_languages_are_a_t_test_over_item_means() -> None:
    samples = parallel()
    result = computed(these_languages(samples))
    difference = np.mean([s.a.values[0] - s.b.values[0] for s in samples.values()], axis=0)
    expected = stats.ttest_1samp(difference, 0)
    interval = expected.confidence_interval(0.95)
    assert result.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert (result.low, result.high) == pytest.approx((interval.low, interval.high), rel=1e-9)
    assert (result.clusters, result.n, result.languages, result.df) == (200, 1000, 5, pytest.approx(199))


def test_the_order_of_items_in_a_language_does_not_matter() -> None:
    samples = parallel()
    order = np.random.default_rng(4).permutation(200)
    turned = dict(samples)
    s = samples["l2"]
    turned["l2"] = Sample(arm(s.a.values[:, order]), arm(s.b.values[:, order]), s.clusters[order])
    assert computed(these_languages(turned)).stderr == pytest.approx(
        computed(these_languages(samples)).stderr
    )


def test_languages_of_their_own_items_add_up_their_variances() -> None:
    samples = apart(parallel())
    result = computed(these_languages(samples))
    errors = [stats.sem(s.a.values[0] - s.b.values[0]) for s in samples.values()]
    total = sum(e**2 for e in errors) / 25
    assert result.stderr == pytest.approx(math.sqrt(total), rel=1e-9)
    df = total**2 / sum((e**2 / 25) ** 2 / 199 for e in errors)
    assert result.df == pytest.approx(df, rel=1e-9)


def test_one_language_alone_is_its_own_comparison() -> None:
    sample = parallel(1)["l0"]
    one = computed(these_languages({"l0": sample}))
    own = computed(paired(sample.a.values, sample.b.values))
    assert (one.delta, one.low, one.high, one.p) == pytest.approx((own.delta, own.low, own.high, own.p))


def test_partly_shared_clusters_keep_their_covariance() -> None:
    samples = parallel(4, 300)
    for i, (name, s) in enumerate(list(samples.items())):
        keep = slice(50 * i, 300)
        samples[name] = Sample(arm(s.a.values[:, keep]), arm(s.b.values[:, keep]), s.clusters[keep])
    result = computed(these_languages(samples))
    rng = np.random.default_rng(1)
    deltas = []
    for _ in range(3000):
        weight = np.bincount(rng.integers(0, 300, 300), minlength=300)
        parts = []
        for i, s in enumerate(samples.values()):
            w = weight[50 * i :]
            parts.append(((s.a.values[0] - s.b.values[0]) * w).sum() / w.sum())
        deltas.append(np.mean(parts))
    assert result.stderr == pytest.approx(np.std(deltas), rel=0.06)
    assert 149 < result.df < 299


def test_micro_weighs_by_items() -> None:
    samples = apart(parallel(2))
    s = samples["l1"]
    samples["l1"] = Sample(arm(s.a.values[:, :50]), arm(s.b.values[:, :50]))
    result = computed(these_languages(samples, "items"))
    pooled = np.concatenate([x.a.values[0] - x.b.values[0] for x in samples.values()])
    assert result.delta == pytest.approx(pooled.mean())
    assert computed(these_languages(samples)).delta != pytest.approx(pooled.mean())


def test_the_difference_of_two_transfer_gaps_has_an_interval() -> None:
    samples = parallel(4)
    weights = gap_weights(list(samples), "l0")
    assert not isinstance(weights, NotComputed)
    result = computed(these_languages(samples, weights))
    d = {k: s.a.values[0] - s.b.values[0] for k, s in samples.items()}
    expected = stats.ttest_1samp(d["l0"] - (d["l1"] + d["l2"] + d["l3"]) / 3, 0)
    assert result.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert isinstance(gap_weights(["de", "fr"], "en"), NotComputed)
    assert isinstance(gap_weights(["en"], "en"), NotComputed)


def test_seeds_are_shared_by_languages() -> None:
    """With the same trainings in all languages, more languages do not average training away."""
    samples = parallel(30, 3000, seeds=3, seed=8)
    result = computed(these_languages(samples))
    values = [np.mean([s.a.values.mean(axis=1) for s in samples.values()], axis=0)]
    values.append(np.mean([s.b.values.mean(axis=1) for s in samples.values()], axis=0))
    least = sum(v.var(ddof=1) / 3 for v in values)
    assert result.stderr**2 > least
    assert result.df < 10


def test_only_seeds_that_all_languages_have_are_used() -> None:
    samples = parallel(3, seeds=4)
    fewer = dict(samples)
    s = samples["l1"]
    fewer["l1"] = Sample(arm(s.a.values[[3, 1, 0]], ("4", "2", "1")), s.b, s.clusters)
    by_hand = {
        k: Sample(arm(x.a.values[[0, 1, 3]], ("1", "2", "4")), x.b, x.clusters) for k, x in samples.items()
    }
    assert computed(these_languages(fewer)) == computed(these_languages(by_hand))
    fewer["l1"] = Sample(arm(s.a.values[:2], ("8", "9")), s.b, s.clusters)
    refused = these_languages(fewer)
    assert isinstance(refused, NotComputed)
    assert "fewer than two train seeds in common" in refused.reason


def test_languages_like_these_are_a_t_test_over_deltas() -> None:
    samples = apart(parallel(6))
    a = [float(s.a.values.mean()) for s in samples.values()]
    b = [float(s.b.values.mean()) for s in samples.values()]
    expected = stats.ttest_rel(a, b)
    for result in (computed(languages_like_these(samples)), computed(like_these_values(a, b))):
        assert result.p == pytest.approx(expected.pvalue, rel=1e-9)
        assert result.df == pytest.approx(5)
        assert result.delta == pytest.approx(np.mean(a) - np.mean(b))


def test_error_that_parallel_languages_share_is_added() -> None:
    samples = parallel(6)
    shared, own = computed(languages_like_these(samples)), computed(languages_like_these(apart(samples)))
    these = computed(these_languages(samples))
    assert shared.stderr > own.stderr
    d = np.array([s.a.values[0] - s.b.values[0] for s in samples.values()])
    covariance = np.cov(d)
    mean_covariance = (covariance.sum() - np.trace(covariance)) / 30 / 200
    assert shared.stderr**2 == pytest.approx(own.stderr**2 + mean_covariance, rel=1e-9)
    assert these.stderr < shared.stderr


def test_below_four_languages_it_is_said() -> None:
    result = languages_like_these(parallel(3))
    assert isinstance(result, NotComputed)
    assert result.reason.startswith("3 languages: nothing can be said of languages like these")
    assert isinstance(these_languages(parallel(3)), Comparison)


def corpus(values: Sample) -> Sample:
    gold = np.full(values.n, 3.0)
    a = counts(np.clip(values.a.values[0] * 3, 0, 3).round(), gold, gold)
    b = counts(np.clip(values.b.values[0] * 3, 0, 3).round(), gold, gold)
    return Sample(arm(a), arm(b), values.clusters)


def test_corpus_metrics_enter_by_their_linearised_counts() -> None:
    """With all sizes equal, F1 is a mean of hits / 3, and both ways are the same."""
    samples = {k: corpus(s) for k, s in parallel().items()}
    means = {
        k: Sample(arm(s.a.values[..., 0] / 3), arm(s.b.values[..., 0] / 3), s.clusters)
        for k, s in samples.items()
    }
    result, expected = computed(these_languages(samples)), computed(these_languages(means))
    assert (result.delta, result.stderr) == pytest.approx((expected.delta, expected.stderr))
    assert isinstance(these_languages(samples, "items"), NotComputed)


def test_languages_where_the_systems_tie_still_count() -> None:
    samples = parallel(4)
    s = samples["l3"]
    samples["l3"] = Sample(s.a, s.a, s.clusters)
    assert computed(these_languages(samples)).languages == 4


@pytest.mark.parametrize("over", [these_languages, languages_like_these])
def test_one_bad_language_is_named_and_not_left_out(over: object) -> None:
    samples = parallel(5)
    broken = samples["l3"].a.values.copy()
    broken[0, 7] = np.nan
    samples["l3"] = Sample(arm(broken), samples["l3"].b, samples["l3"].clusters)
    result = over(samples)
    assert isinstance(result, NotComputed)
    assert result.reason.startswith("In l3:")


@pytest.mark.parametrize("over", [these_languages, languages_like_these])
def test_no_language_and_unequal_seeds_are_sentences(over: object) -> None:
    empty = over({})
    assert isinstance(empty, NotComputed)
    assert "no language in common" in empty.reason
    samples = parallel(5, seeds=3)
    samples["l2"] = Sample(samples["l2"].a, arm(samples["l2"].b.values[:1]), samples["l2"].clusters)
    unequal = over(samples)
    assert isinstance(unequal, NotComputed)
    assert unequal.reason.startswith("In l2: B has 1 seed")


def test_published_values_that_cannot_be_compared() -> None:
    for a, b in [([1, 2, 3], [1, 2, 3]), ([1, 2, 3, 4], [1, 2, 3]), ([1, 2, 3, math.nan], [1, 1, 1, 1])]:
        assert isinstance(like_these_values(a, b), NotComputed)
    same = like_these_values([0.5, 0.6, 0.7, 0.8], [0.25, 0.35, 0.45, 0.55])
    assert isinstance(same, NotComputed)
    assert "same in all 4 languages" in same.reason


def test_everything_tied_everywhere_is_a_sentence() -> None:
    samples = {k: Sample(s.a, s.a, s.clusters) for k, s in parallel(5).items()}
    with np.errstate(all="raise"):
        assert isinstance(these_languages(samples), NotComputed)
        assert isinstance(languages_like_these(samples), NotComputed)
