"""One language, two single runs: against scipy's paired t test and statsmodels' clustered regression."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from intermezzo.queries.statistics.mcnemar import mcnemar_exact
from intermezzo.queries.statistics.paired import paired, unpaired
from intermezzo.queries.statistics.results import ONE_SEED, Comparison, NotComputed
from scipy import stats


def draw_credits(n: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    difficulty = rng.random(n)
    return (difficulty + rng.normal(0.05, 0.3, n) > 0.4) * 1.0, (
        difficulty + rng.normal(0, 0.3, n) > 0.4
    ) * 1.0


def computed(result: Comparison | NotComputed) -> Comparison:
    assert isinstance(result, Comparison), result
    return result


def test_items_of_their_own_are_the_paired_t_test() -> None:
    a, b = draw_credits()
    result = computed(paired(a, b))
    expected = stats.ttest_rel(a, b)
    interval = expected.confidence_interval(0.95)
    assert result.p == pytest.approx(expected.pvalue, rel=1e-10)
    assert (result.low, result.high) == pytest.approx((interval.low, interval.high), rel=1e-10)
    assert (result.df, result.n, result.clusters) == (399, 400, 400)
    assert result.training == ONE_SEED


@pytest.mark.parametrize("kind", ["integers", "text"])
def test_clusters_are_those_of_a_clustered_regression(kind: str) -> None:
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 30, 400)
    a = np.clip(draw_credits()[0] * 0.5 + rng.normal(0, 0.1, 400) + 0.01 * codes, 0, 1)
    b = draw_credits()[1] * 0.5
    labels = codes if kind == "integers" else np.array([f"passage {c}" for c in codes], dtype=object)
    result = computed(paired(a, b, labels))
    fit = sm.OLS(a - b, np.ones(400)).fit(cov_type="cluster", cov_kwds={"groups": codes}, use_t=True)
    assert result.stderr == pytest.approx(fit.bse[0], rel=1e-10)
    assert result.p == pytest.approx(fit.pvalues[0], rel=1e-8)
    assert (result.low, result.high) == pytest.approx(tuple(fit.conf_int(0.05)[0]), rel=1e-10)
    assert (result.clusters, result.df) == (30, 29)


def test_few_clusters_use_their_own_t_and_not_the_normal() -> None:
    a, b = draw_credits(60)
    result = computed(paired(a, b, np.arange(60) // 20))
    assert result.df == 2
    assert (result.high - result.delta) / result.stderr == pytest.approx(stats.t.ppf(0.975, 2))


def test_items_without_a_cluster_stand_alone() -> None:
    a, b = draw_credits(40)
    assert computed(paired(a, b, np.array([None] * 40, dtype=object))) == computed(paired(a, b))


def test_discordant_items_are_counted_for_right_and_wrong_only() -> None:
    a, b = draw_credits()
    result = computed(paired(a, b))
    assert result.only_a == sum(1 for x, y in zip(a, b, strict=True) if x > y)
    assert result.only_b == sum(1 for x, y in zip(a, b, strict=True) if x < y)
    partial = computed(paired(a * 0.9, b))
    assert (partial.only_a, partial.only_b) == (None, None)


def test_few_discordant_items_are_cautioned() -> None:
    a, b = np.ones(1000), np.ones(1000)
    b[:5] = 0
    result = computed(paired(a, b))
    assert result.note is not None
    assert "5 items" in result.note
    assert "McNemar" in result.note


NAN = float("nan")


@pytest.mark.parametrize(
    ("a", "b", "clusters", "words"),
    [
        ([], [], None, "no item in common"),
        ([1], [0], None, "only one item"),
        ([1, 0, 1], [1, 0], None, "not matched"),
        ([1, 0, 1], [1, 0, 1], None, "all ties"),
        ([1, 1, 1], [1, 1, 1], None, "constant credit"),
        ([1, 1, 1], [0, 0, 0], None, "constant credit"),
        ([0.3, 0.4, 0.5], [0.2, 0.3, 0.4], None, "constant credit"),
        ([1, NAN, 0], [1, 0, 0], None, "1 of 3 common items"),
        ([1, float("inf"), 0], [1, 0, 0], None, "no finite credit"),
        ([1, 0, 0], [1, None, 0], None, "missing"),
        ([1, 0, 1], [0, 0, 1], ["p", "p", "p"], "one cluster"),
        ([1, 0, 1], [0, 0, 1], ["p", "p"], "2 cluster ids"),
        ([1, 0, 1, 0], [0, 1, 1, 0], ["p", "p", "q", "q"], "does not vary"),
    ],
)
def test_what_cannot_be_compared_is_a_sentence(a: list, b: list, clusters: list | None, words: str) -> None:
    def column(values: list) -> np.ndarray:
        return np.ma.masked_array(
            [0 if v is None else v for v in values], [v is None for v in values], dtype=float
        )

    labels = None if clusters is None else np.array(clusters, dtype=object)
    with np.errstate(all="raise"):
        result = paired(column(a), column(b), labels)
    assert isinstance(result, NotComputed)
    assert words in result.reason
    assert result.reason.endswith(".")


def test_unpaired_scores() -> None:
    assert unpaired(0.8, 0.03, 0.7, 0.04) == pytest.approx((0.1, 0.05))
    for bad in [(0.8, 0.0, 0.7, 0.04), (NAN, 0.1, 0.7, 0.04), (0.8, 0.03, 0.7, NAN), (0.8, -0.1, 0.7, 0.1)]:
        assert isinstance(unpaired(*bad), NotComputed)


@pytest.mark.parametrize(
    ("language", "a", "b", "z_unpaired", "z_paired"),
    [("en", "test-en_7872", "test-en_7676", 2.35, 3.92), ("es", "test-es_7678", "test-es_7377", 3.50, 5.59)],
)
def test_real_xnli_outputs(
    shared: Path, language: str, a: str, b: str, z_unpaired: float, z_paired: float
) -> None:
    def read(system: str, name: str) -> np.ndarray:
        text = (shared / "samples" / "explainaboard" / system / "xnli" / f"{name}.json").read_text("utf-8")
        return np.array(
            [p["true_label"] == p["predicted_label"] for p in json.loads(text)["predictions"]], float
        )

    mlpp, mt5 = read("mlpp", a), read("mt5base", b)
    result = computed(paired(mlpp, mt5))
    assert result.n == 5010
    assert result.delta / result.stderr == pytest.approx(z_paired, abs=0.005)
    alone = unpaired(mlpp.mean(), stats.sem(mlpp), mt5.mean(), stats.sem(mt5))
    assert not isinstance(alone, NotComputed)
    assert alone[0] / alone[1] == pytest.approx(z_unpaired, abs=0.005)
    exact = mcnemar_exact(result.only_a, result.only_b)
    assert not isinstance(exact, NotComputed)
    assert exact == pytest.approx(result.p, rel=0.25)
