"""Adjusted p values against statsmodels; McNemar against its exact test."""

from __future__ import annotations

import numpy as np
import pytest
from intermezzo.queries.statistics.decisions import Family, adjust, decide
from intermezzo.queries.statistics.mcnemar import mcnemar_exact
from intermezzo.queries.statistics.paired import paired
from intermezzo.queries.statistics.results import Comparison, NotComputed
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests


@pytest.mark.parametrize(("ours", "theirs"), [("holm", "holm"), ("bh", "fdr_bh")])
def test_adjusted_p_are_those_of_statsmodels(ours: str, theirs: str) -> None:
    rng = np.random.default_rng(0)
    for count in (1, 2, 15, 40):
        ps = rng.random(count) ** 3
        ps[: count // 3] = ps[0]
        assert adjust(list(ps), ours) == pytest.approx(list(multipletests(ps, method=theirs)[1]))


@pytest.mark.parametrize(("ours", "theirs"), [("holm", "holm"), ("bh", "fdr_bh")])
def test_what_was_declared_and_not_computed_still_counts(ours: str, theirs: str) -> None:
    got = adjust([0.01, None, 0.02, float("nan")], ours)
    expected = multipletests([0.01, 1.0, 0.02, 1.0], method=theirs)[1]
    assert got[1] is None
    assert got[3] is None
    assert [got[0], got[2]] == pytest.approx([expected[0], expected[2]])
    assert adjust([], ours) == []


def comparisons() -> dict[str, Comparison | NotComputed]:
    rng = np.random.default_rng(0)
    out: dict[str, Comparison | NotComputed] = {}
    for language, shift in (("en", 0.6), ("de", 0.0), ("sw", -0.4)):
        out[language] = paired(rng.normal(shift, 1, 300), rng.normal(0, 1, 300))
    out["th"] = paired([1, 1], [1, 1])
    return out


def test_marks_follow_the_adjusted_p_and_the_sign_of_the_delta() -> None:
    found = comparisons()
    family = Family("the 5 languages", ("en", "de", "sw", "th", "yo"))
    decisions = decide(family, found)
    assert not isinstance(decisions, NotComputed)
    assert [decisions[x].sign for x in family.members] == ["+", "", "-", "", ""]
    assert decisions["th"].p is None
    assert decisions["yo"].p_adjusted is None
    en = found["en"]
    assert isinstance(en, Comparison)
    assert decisions["en"].p == en.p
    assert decisions["en"].p_adjusted == pytest.approx(en.p * 5, rel=1e-9)
    assert "5 comparisons" in str(family)
    assert "Holm" in str(family)


def test_a_family_made_after_the_fact_is_refused() -> None:
    late = decide(Family("the good ones", ("en",)), comparisons())
    assert isinstance(late, NotComputed)
    assert "was not declared" in late.reason
    assert isinstance(decide(Family("none", ()), {}), NotComputed)


@pytest.mark.parametrize(("only_a", "only_b"), [(10, 3), (3, 10), (7, 7), (0, 5), (412, 512), (1, 0)])
def test_mcnemar_is_exact(only_a: int, only_b: int) -> None:
    expected = mcnemar([[0, only_a], [only_b, 0]], exact=True).pvalue
    assert mcnemar_exact(only_a, only_b) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(("only_a", "only_b"), [(0, 0), (None, 3), (3, None), (-1, 2)])
def test_mcnemar_without_items_to_judge_by_is_a_sentence(only_a: int | None, only_b: int | None) -> None:
    assert isinstance(mcnemar_exact(only_a, only_b), NotComputed)
