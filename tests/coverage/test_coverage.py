"""95 % intervals hold the truth 95 % of the time: a fast subset of ``make coverage``.

Seeds are fixed, so a pass stays a pass. The band is 95 % give or take 3.5 binomial standard errors of the
replications: 91.2 to 98.8 at 400.
"""

from __future__ import annotations

import math

import pytest
from coverage_cases import CASES, simulate

REPLICATIONS = 400
SLOW = {"F1, 60 sentences (every unit drawn)", "F1, 150 sentences (every unit drawn)"}


@pytest.mark.slow
@pytest.mark.parametrize("case", [c for c in CASES if c.name not in SLOW], ids=lambda c: c.name)
def test_interval_holds_the_truth(case) -> None:
    replications = 150 if "40 languages" in case.name or "these 40" in case.name else REPLICATIONS
    found = simulate(case, replications, seed=1)
    assert found.refused <= 0.01 * replications
    assert abs(found.covered - 0.95) < 3.5 * math.sqrt(0.95 * 0.05 / replications)


@pytest.mark.parametrize(
    ("name", "at_most"),
    [
        ("30 templates x 7 items", 0.75),
        ("5 seeds, training sd 4 points", 0.75),
        ("languages like these 7, parallel, 3 seeds", 0.88),
    ],
)
def test_the_simple_method_would_be_caught(name: str, at_most: float) -> None:
    case = next(c for c in CASES if c.name == name)
    found = simulate(case, REPLICATIONS, seed=1, with_simple=True)
    assert found.simple is not None
    assert found.simple < at_most
