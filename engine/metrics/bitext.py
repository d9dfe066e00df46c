"""Sentence retrieval: F1 over mined pairs (BUCC) and accuracy of the nearest neighbour (Tatoeba)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .accuracy import accuracy_credits
from .figure import Counts

BUCC = "xtreme bucc"
TATOEBA = "xtreme tatoeba"

Pair = tuple[str, ...]
"""Source id and English id; a line that is no pair is kept as it is, and can only be wrong."""


def bucc_counts(gold: Iterable[Pair], predictions: Iterable[Pair]) -> dict[Pair, Counts]:
    """Return the counts of every pair that is gold or predicted, sorted by pair.

    Both are sets: order means nothing and a repeated pair counts once.
    """
    wanted, found = frozenset(gold), frozenset(predictions)
    return {
        pair: Counts(int(pair in wanted and pair in found), int(pair in found), int(pair in wanted))
        for pair in sorted(wanted | found)
    }


def tatoeba_credits(gold: Sequence[str], predictions: Sequence[str]) -> list[float]:
    """Return 1.0 where the retrieved index is the gold one; indices are compared as written."""
    return accuracy_credits(gold, predictions)
