"""Batches under a token budget."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intermezzo.engine.batches import in_budget, is_out_of_memory, plan
from intermezzo.queries.errors import Problem

LENGTHS = st.lists(st.integers(1, 600), max_size=200)


@given(LENGTHS, st.integers(1, 5000))
def test_every_text_once_and_no_batch_over_the_budget(lengths: list[int], budget: int) -> None:
    batches = plan(lengths, budget)
    assert sorted(i for b in batches for i in b) == list(range(len(lengths)))
    for batch in batches:
        size = max(lengths[i] for i in batch) * len(batch)
        assert size <= budget or len(batch) == 1


@given(LENGTHS)
def test_longest_first(lengths: list[int]) -> None:
    longest = [max(lengths[i] for i in b) for b in plan(lengths, 2048)]
    assert longest == sorted(longest, reverse=True)


def test_texts_of_many_lengths_are_hardly_padded() -> None:
    lengths = [8 + (i * 37) % 120 for i in range(3000)]
    batches = plan(lengths, 4096)
    padded = sum(max(lengths[i] for i in b) * len(b) for b in batches)
    assert padded < 1.08 * sum(lengths)
    assert len(batches) < 250, "and batches are not so small that a pass is all overhead"


def test_memory_that_runs_out_halves_the_budget_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    lengths = [10] * 64
    sizes: list[int] = []

    def forward(batch: list[int]) -> list[int]:
        size = 10 * len(batch)
        sizes.append(size)
        if size > 100:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes")
        return [i * i for i in batch]

    with caplog.at_level(logging.WARNING, "intermezzo.engine"):
        found = {
            i: o for b, output in in_budget(lengths, 640, forward) for i, o in zip(b, output, strict=True)
        }
    assert found == {i: i * i for i in range(64)}
    assert sizes[:4] == [640, 320, 160, 80]
    assert [s for s in sizes if s > 100] == [640, 320, 160]
    assert [r.getMessage() for r in caplog.records] == [
        f"Memory ran out in a batch of {s} tokens: going on with {s // 2} a batch." for s in (640, 320, 160)
    ]


def test_memory_too_small_for_one_text_is_said() -> None:
    def forward(batch: list[int]) -> None:
        raise MemoryError

    with pytest.raises(Problem, match=r"one text of 300 tokens: say fewer tokens a text"):
        list(in_budget([300, 20], 4096, forward))


def test_another_error_is_not_taken_for_memory() -> None:
    def forward(batch: list[int]) -> None:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="shapes"):
        list(in_budget([3], 8, forward))
    assert not is_out_of_memory(ValueError("out of memory"))


def test_a_resumed_pass_has_the_batches_of_an_undisturbed_one() -> None:
    lengths = [1 + i % 50 for i in range(500)]
    whole = [b for b, _ in in_budget(lengths, 256, lambda _: None)]
    finished = {i for b in whole[:7] for i in b}
    rest = [b for b, _ in in_budget(lengths, 256, lambda _: None, done=finished.__contains__)]
    assert rest == whole[7:]
