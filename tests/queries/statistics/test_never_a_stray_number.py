"""Whatever comes in, a comparison is finite, or a sentence: never NaN, never an exception of numpy."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from intermezzo.queries.statistics.compare import compare, compare_languages
from intermezzo.queries.statistics.languages import languages_like_these, these_languages
from intermezzo.queries.statistics.match import common_items
from intermezzo.queries.statistics.results import Comparison, NotComputed
from intermezzo.queries.statistics.samples import Arm, Sample, arm, codes

CREDIT = st.one_of(
    st.sampled_from([0.0, 1.0, 0.5, 1e-300, 1e9, math.nan, math.inf, -math.inf]), st.floats(0, 1)
)
COUNT = st.integers(-1, 6) | st.sampled_from([math.nan, 2.5])
CLUSTER = st.none() | st.sampled_from(["p", "q", "", "passage 3"])


@st.composite
def arms(draw: st.DrawFn, items: int, *, corpus: bool) -> Arm:
    seeds = draw(st.integers(1, 3))
    size = seeds * items * (3 if corpus else 1)
    clean = draw(st.booleans())
    kind = (
        (st.integers(0, 2) if corpus else st.sampled_from([0.0, 1.0]))
        if clean
        else COUNT
        if corpus
        else CREDIT
    )
    values = np.array(draw(st.lists(kind, min_size=size, max_size=size)), dtype=float)
    return arm(values.reshape((seeds, items, 3) if corpus else (seeds, items)), trained=draw(st.booleans()))


@st.composite
def samples(draw: st.DrawFn, *, corpus: bool) -> Sample:
    items = draw(st.integers(0, 6))
    clusters = draw(st.none() | st.lists(CLUSTER, min_size=items, max_size=items))
    labels = None if clusters is None else np.array(clusters, dtype=object)
    return Sample(draw(arms(items, corpus=corpus)), draw(arms(items, corpus=corpus)), labels)


def sane(result: Comparison | NotComputed) -> None:
    if isinstance(result, NotComputed):
        assert result.reason[0].isupper() or result.reason[0].isdigit()
        assert result.reason.endswith((".", ")."))
        assert "nan" not in result.reason.lower().split()
        return
    numbers = (result.a, result.b, result.delta, result.stderr, result.low, result.high, result.p, result.df)
    assert all(math.isfinite(v) for v in numbers[:-1])
    assert result.stderr > 0
    assert result.low <= result.high
    assert 0 <= result.p <= 1
    assert result.df > 0


@settings(max_examples=300, deadline=None)
@given(samples(corpus=False) | samples(corpus=True))
def test_one_language(sample: Sample) -> None:
    with np.errstate(divide="raise", invalid="raise", over="raise"):
        sane(compare(sample))


@settings(max_examples=150, deadline=None)
@given(st.booleans().flatmap(lambda c: st.lists(samples(corpus=c), max_size=5)))
def test_several_languages(listed: list[Sample]) -> None:
    named = {f"l{i}": s for i, s in enumerate(listed)}
    with np.errstate(divide="raise", invalid="raise", over="raise"):
        sane(these_languages(named))
        sane(these_languages(named, "items"))
        sane(languages_like_these(named))
        for result in compare_languages(named).values():
            sane(result)


def test_matching_of_items() -> None:
    found = common_items(["a", "b", "c"], ["c", "x", "a"], ["a", "c"])
    assert not isinstance(found, NotComputed)
    assert [list(rows) for rows in found] == [[0, 2], [2, 0], [0, 1]]
    none = common_items(["a"], ["b"])
    assert isinstance(none, NotComputed)
    assert "no item in common" in none.reason
    twice = common_items(["a", "b"], ["b", "a", "b"])
    assert isinstance(twice, NotComputed)
    assert "Item b occurs more than once in run 2" in twice.reason
    assert isinstance(common_items(), NotComputed)


@pytest.mark.parametrize(
    "labels",
    [np.array([5, 5, 9, 2]), np.array(["x", "x", "y", "z"]), np.array(["x", "x", None, None], dtype=object)],
)
def test_codes_of_clusters(labels: np.ndarray) -> None:
    found, count = codes(labels)
    assert count == 3
    assert found[0] == found[1]
    assert len({int(c) for c in found}) == 3


def test_scipy_stats_is_not_loaded() -> None:
    code = (
        "import sys, intermezzo.queries.statistics.compare, intermezzo.queries.statistics.languages, "
        "intermezzo.queries.statistics.flags, intermezzo.queries.statistics.aggregates, "
        "intermezzo.queries.statistics.decisions, intermezzo.queries.statistics.mcnemar;"
        "print([m for m in ('scipy.stats', 'statsmodels', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
