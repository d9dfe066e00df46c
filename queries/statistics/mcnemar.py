"""Exact McNemar test: an extra column for 0/1 credit and one seed an arm, never the decision."""

from __future__ import annotations

from scipy import special

from .results import NotComputed


def mcnemar_exact(only_a: int | None, only_b: int | None) -> float | NotComputed:
    """Return the two-sided exact p that a discordant item is as likely to favour A as B.

    ``min(1, 2 P(X <= min(only_a, only_b)))``, X binomial(only_a + only_b, 1/2) (McNemar 1947,
    Psychometrika 12(2); the exact form). Items are taken as independent: clusters are not known to it.

    Args:
        only_a: Items that only A has right.
        only_b: Items that only B has right.

    Returns:
        p; or why there is none.
    """
    if only_a is None or only_b is None:
        return NotComputed("McNemar's test needs 0/1 credit and one seed an arm.")
    if only_a < 0 or only_b < 0:
        return NotComputed("A negative number of items was given.")
    if only_a + only_b == 0:
        return NotComputed("No item tells the two systems apart: all ties.")
    total = only_a + only_b
    return min(1.0, 2.0 * float(special.bdtr(min(only_a, only_b), total, 0.5)))
