"""What a statistic returns: a comparison with its interval, or a sentence why there is none."""

from __future__ import annotations

from dataclasses import dataclass

ONE_SEED = "1 seed: training variance unknown"
"""Label of every interval whose arms were trained once: it covers items only."""

UNTRAINED = "untrained: no training variance"
"""Label where neither arm was trained (frozen retrieval)."""


@dataclass(frozen=True, slots=True)
class NotComputed:
    """No number, and why.

    Attributes:
        reason: A whole sentence for the person who asked.
    """

    reason: str

    def __str__(self) -> str:
        return f"not computed: {self.reason}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """System A against system B on the same items; values in the metric's natural unit.

    Attributes:
        n: Matched items (units of a corpus metric), summed over languages where there are several.
        clusters: Independent clusters of items behind the standard error.
        a: Value of A, mean over its seeds.
        b: Value of B, mean over its seeds.
        delta: ``a - b``.
        stderr: Standard error of ``delta``.
        low: Lower end of the plain (unadjusted) 95 % interval.
        high: Upper end of it.
        p: Two-sided p of ``delta = 0`` from the model of the interval, unadjusted.
        df: Degrees of freedom of the t distribution behind it.
        reference: The model and reference distribution, in words.
        training: What the interval says of training variance, e.g. ``ONE_SEED``.
        seeds_a: Train seeds of A.
        seeds_b: Train seeds of B.
        only_a: Items that only A has right; 0/1 credit and one seed an arm, else ``None``.
        only_b: Items that only B has right; likewise.
        languages: Languages behind it.
        note: A caution worth showing beside it.
    """

    n: int
    clusters: int
    a: float
    b: float
    delta: float
    stderr: float
    low: float
    high: float
    p: float
    df: float
    reference: str
    training: str
    seeds_a: int = 1
    seeds_b: int = 1
    only_a: int | None = None
    only_b: int | None = None
    languages: int = 1
    note: str | None = None


def plural(number: int, noun: str) -> str:
    """Return ``1 item``, ``2 items``, ``5,010 items``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
