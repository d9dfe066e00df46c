"""Accuracy: the share of items whose prediction is the gold label."""

from __future__ import annotations

from collections.abc import Sequence

IMPLEMENTATION = "xtreme accuracy"
"""Labels are compared as strings after white space around them is cut off; no other folding."""


def accuracy_credits(gold: Sequence[str], predictions: Sequence[str]) -> list[float]:
    """Return 1.0 where a prediction is its item's gold label, else 0.0.

    Raises:
        ValueError: The two are not equally long.
    """
    if len(gold) != len(predictions):
        raise ValueError(f"{len(predictions)} predictions for {len(gold)} labels")
    return [float(p == g) for g, p in zip(gold, predictions, strict=True)]
