"""Work in batches under a token budget: sorted by token count, halved where memory runs out.

Padding is what batches of mixed lengths waste, and characters say little about tokens over many scripts:
so everything is tokenised first, and batches are cut from all languages together, sorted by token count.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from intermezzo.queries.errors import Problem

log = logging.getLogger("intermezzo.engine")

Output = TypeVar("Output")

ENOUGH = 512
"""Tokens after which a batch keeps a CPU's matrix products busy, so that it may end rather than pad."""

_SPREAD = 1.03
"""Longest over shortest text of a batch that has enough tokens."""


def plan(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Cut texts into batches whose padded size stays under a token budget.

    Args:
        lengths: Tokens of each text.
        budget: Most tokens of a batch, padding included; a longer text has a batch of its own.

    Returns:
        Batches of indices into ``lengths``, every index once, longest texts first: what would exceed the
        memory does so at once, and the time that is left can be judged.
    """
    order = sorted(range(len(lengths)), key=lambda i: (-lengths[i], i))
    batches: list[list[int]] = []
    batch: list[int] = []
    for i in order:
        if batch:
            longest = lengths[batch[0]]
            full = longest * (len(batch) + 1) > budget
            uneven = longest * len(batch) >= min(ENOUGH, budget) and longest > _SPREAD * lengths[i]
            if full or uneven:
                batches.append(batch)
                batch = []
        batch.append(i)
    if batch:
        batches.append(batch)
    return batches


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether an error means that memory ran out, on a GPU or on the CPU."""
    if isinstance(error, MemoryError):
        return True
    # torch.OutOfMemoryError is a RuntimeError; the CPU allocator and ONNX raise plain ones.
    words = str(error).lower()
    return isinstance(error, RuntimeError) and any(
        said in words
        for said in ("out of memory", "can't allocate memory", "failed to allocate", "bad_alloc")
    )


def in_budget(
    lengths: Sequence[int],
    budget: int,
    forward: Callable[[list[int]], Output],
    *,
    done: Callable[[int], bool] = lambda _: False,
) -> Iterator[tuple[list[int], Output]]:
    """Run ``forward`` over batches, and with half the budget where memory runs out.

    Args:
        lengths: Tokens of each text.
        budget: Most padded tokens of a batch.
        forward: Called with the indices of a batch.
        done: Says which texts are finished already; a batch all of them are in is left out. The batches
            are those of an undisturbed pass, so a resumed one computes the same.

    Yields:
        Indices and what ``forward`` returned, batch by batch.

    Raises:
        Problem: Memory does not suffice for one text alone.
    """
    waiting = [b for b in plan(lengths, budget) if not all(map(done, b))]
    while waiting:
        batch = waiting.pop(0)
        size = max(lengths[i] for i in batch) * len(batch)
        failure = None
        try:
            output = forward(batch)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            failure = str(error)  # the error itself would keep the failed batch's tensors alive
        if failure is None:
            yield batch, output
            continue
        if len(batch) == 1:
            raise Problem(
                f"The memory does not suffice for one text of {size:,} tokens: "
                "say fewer tokens a text (--max-tokens), or use a smaller model."
            )
        budget = max(min(budget, size) // 2, 1)
        log.warning("Memory ran out in a batch of %s tokens: going on with %s a batch.", size, budget)
        _free_memory()
        left = [i for b in (batch, *waiting) for i in b]
        waiting = [[left[i] for i in b] for b in plan([lengths[i] for i in left], budget)]


def _free_memory() -> None:
    import sys

    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
