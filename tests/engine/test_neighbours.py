"""Nearest neighbours and mined pairs in blocks, against a full matrix."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from intermezzo.engine.neighbours import (
    best_threshold,
    mine,
    nearest,
    nearest_by_margin,
    neighbours,
)
from numpy.typing import NDArray

pytestmark = pytest.mark.usefixtures("_engine")

Vectors = NDArray[np.float32]


def unit(count: int, seed: int, width: int = 16, shift: float = 0.0) -> Vectors:
    """Return random unit vectors; with a shift they crowd together, as sentence encoders' do."""
    made = np.random.default_rng(seed).normal(size=(count, width)) + shift
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def full_margins(x: Vectors, y: Vectors, k: int) -> NDArray[np.float64]:
    """Return all margins from a full matrix, as the paper defines them."""
    cosines = x.astype(np.float64) @ y.astype(np.float64).T
    a = np.sort(cosines, 1)[:, ::-1][:, :k].mean(1)
    b = np.sort(cosines, 0)[::-1][:k].mean(0)
    return cosines / ((a[:, None] + b[None, :]) / 2)


SHAPES = st.tuples(st.integers(1, 60), st.integers(1, 60))


@given(SHAPES, st.integers(1, 70), st.integers(0, 1000), st.sampled_from([0.0, 0.6, 3.0]))
@settings(max_examples=60, deadline=None)
def test_the_nearest_in_blocks_is_the_nearest(
    shape: tuple[int, int], block: int, seed: int, shift: float
) -> None:
    x, y = unit(shape[0], seed, shift=shift), unit(shape[1], seed + 1, shift=shift)
    cosines = x @ y.T
    found = nearest(x, y, block)
    assert cosines[np.arange(len(x)), found] == pytest.approx(cosines.max(1), abs=1e-6)


@given(SHAPES, st.integers(1, 6), st.integers(1, 70), st.integers(0, 1000), st.sampled_from([0.0, 0.6, 3.0]))
@settings(max_examples=80, deadline=None)
def test_the_margin_in_one_pass_is_the_full_matrix_margin(
    shape: tuple[int, int], k: int, block: int, seed: int, shift: float
) -> None:
    x, y = unit(shape[0], seed, shift=shift), unit(shape[1], seed + 1, shift=shift)
    margins = full_margins(x, y, k)
    found = nearest_by_margin(x, y, k, block)
    chosen = margins[np.arange(len(x)), found]
    # Denominators near zero make margins huge, where float32 has its say.
    assert chosen == pytest.approx(margins.max(1), rel=1e-3)


def test_the_margin_is_exact_where_the_shortlist_does_not_hold_the_answer() -> None:
    """Hubs are nearer than the right answer, but near to everything: the margin must look past them."""
    axes = np.eye(41, dtype=np.float32)
    hub, own = axes[0], axes[1:]
    hubs = hub + 0.01 * unit(30, 3, 41)
    x, y = 0.8 * hub + 0.6 * own, np.concatenate([hubs / np.linalg.norm(hubs, axis=1, keepdims=True), own])
    margins = full_margins(x, y, 4)
    shortlist = np.argsort(-(x @ y.T), 1)[:, :16]
    outside = [i for i in range(len(x)) if margins[i].argmax() not in shortlist[i]]
    assert outside, "the case is what it says it is"
    assert nearest_by_margin(x, y).tolist() == margins.argmax(1).tolist()


def test_neighbours_of_both_sides_in_one_pass() -> None:
    x, y = unit(97, 1), unit(41, 2)
    cosines = x @ y.T
    near = neighbours(x, y, 5, 3, block=10)
    assert near.forward_cosines == pytest.approx(-np.sort(-cosines, 1)[:, :5], abs=1e-6)
    assert near.backward_cosines == pytest.approx(-np.sort(-cosines, 0)[:3].T, abs=1e-6)
    assert cosines[np.arange(97)[:, None], near.forward] == pytest.approx(near.forward_cosines, abs=1e-6)
    assert cosines.T[np.arange(41)[:, None], near.backward] == pytest.approx(near.backward_cosines, abs=1e-6)


def brute_force_pairs(x: Vectors, y: Vectors, k: int) -> list[tuple[int, int, float]]:
    """Mine as LASER's mine_bitexts does (mode mine, retrieval max, ratio margin), from a full matrix."""
    cosines = x.astype(np.float64) @ y.astype(np.float64).T
    margins = full_margins(x, y, k)
    proposals = []
    for i in range(len(x)):
        among = np.argsort(-cosines[i], kind="stable")[:k]
        j = among[margins[i, among].argmax()]
        proposals.append((float(margins[i, j]), i, int(j)))
    for j in range(len(y)):
        among = np.argsort(-cosines[:, j], kind="stable")[:k]
        i = among[margins[among, j].argmax()]
        proposals.append((float(margins[i, j]), int(i), j))
    seen_x: set[int] = set()
    seen_y: set[int] = set()
    pairs = []
    for margin, i, j in sorted(proposals, key=lambda p: -p[0]):
        if i not in seen_x and j not in seen_y:
            seen_x.add(i)
            seen_y.add(j)
            pairs.append((i, j, margin))
    return pairs


@pytest.mark.parametrize("seed", range(5))
def test_mined_pairs_are_those_of_a_full_matrix(seed: int) -> None:
    y = unit(120, seed, shift=0.6)
    noise = np.random.default_rng(seed + 50).normal(size=y.shape).astype(np.float32)
    x = np.concatenate([y[:80] + 0.15 * noise[:80], unit(60, seed + 9, shift=0.6)])
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    found = mine(neighbours(x, y, 4, 4, block=32))
    wanted = brute_force_pairs(x, y, 4)
    assert [p[:2] for p in found] == [p[:2] for p in wanted]
    assert [p[2] for p in found] == pytest.approx([p[2] for p in wanted], rel=1e-4)


def test_nothing_to_mine_from() -> None:
    empty, some = np.zeros((0, 16), np.float32), unit(3, 1)
    for x, y in ((empty, some), (some, empty), (empty, empty)):
        assert mine(neighbours(x, y, 4, 4)) == []


def test_the_best_threshold_is_found_among_all() -> None:
    margins = [1.5, 1.4, 1.3, 1.2, 1.1, 1.0]
    right = [True, True, False, True, False, False]
    threshold, f1 = best_threshold(margins, right, 4)

    def f1_at(limit: float) -> float:
        taken = [r for m, r in zip(margins, right, strict=True) if m >= limit]
        return 2 * sum(taken) / (len(taken) + 4)

    assert f1 == pytest.approx(max(f1_at(m) for m in margins))
    assert f1_at(threshold) == pytest.approx(f1)
    assert threshold == pytest.approx(1.15)
    assert best_threshold([1.2, 1.1], [False, False], 3) == (0.0, 0.0)


@pytest.mark.slow
def test_memory_is_that_of_a_block() -> None:
    x, y = unit(6000, 1, 32), unit(6000, 2, 32)
    tracemalloc.start()
    nearest(x, y, block=256)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * 256 * 6000 * 4, "a full matrix would be 24 times a block"
