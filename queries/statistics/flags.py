"""Flags: collapsed and identical runs, tie groups, and the difference that a test set can detect."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .results import Comparison, NotComputed, plural

CHANCE_MARGIN = 0.02
"""Natural unit: a run at most so far above chance has learnt nothing."""
MADS = 5.0
LEAST_SIBLINGS = 4
"""Other runs of the same cell that a median and its spread are taken from, at least."""
LEAST_MAD = 0.01
"""Spread of a cell is taken as at least this (natural unit): seeds often agree to 0.0003, and a run 0.2
points below such siblings has not collapsed."""


COUNTED = frozenset({"f1", "exact_match", "f1_em"})
"""Metrics that guessing leaves at nil, or hardly above."""


def chance_level(metric: str, chance: float | None) -> float | None:
    """Return the value of guessing: the task's own where it is known, nil for ``COUNTED`` metrics."""
    return 0.0 if chance is None and metric in COUNTED else chance


@dataclass(frozen=True, slots=True)
class Collapse:
    """Why a run counts as collapsed.

    Attributes:
        threshold: What its value lies below, or at; natural unit.
        reason: The same as a phrase.
    """

    threshold: float
    reason: str


def collapses(values: Sequence[float | None], chance: float | None = None) -> list[Collapse | None]:
    """Return for each run of a cell why it counts as collapsed, or ``None``.

    A run is collapsed at or below ``chance + 0.02``, or below ``median - 5 max(MAD, 0.01)`` of its siblings
    (the cell's other runs) where there are at least four. MAD is the raw median absolute deviation.

    Args:
        values: Values of one system's runs on one yardstick and language, one a train seed.
        chance: Value of guessing, natural unit; 0 for F1; ``None`` where unknown.

    Returns:
        A finding or ``None`` for each run; runs without a value get ``None``.
    """
    out: list[Collapse | None] = []
    known = [None if v is None or not math.isfinite(v) else float(v) for v in values]
    for i, value in enumerate(known):
        found = None
        if value is not None:
            siblings = [v for j, v in enumerate(known) if j != i and v is not None]
            if chance is not None and value <= chance + CHANCE_MARGIN:
                reason = f"at or below chance ({100 * chance:.1f}) + {100 * CHANCE_MARGIN:.0f}"
                found = Collapse(chance + CHANCE_MARGIN, reason)
            elif len(siblings) >= LEAST_SIBLINGS:
                centre = float(np.median(siblings))
                mad = float(np.median(np.abs(np.array(siblings) - centre)))
                threshold = centre - MADS * max(mad, LEAST_MAD)
                if value < threshold:
                    of = f"the median ({100 * centre:.1f}) of {len(siblings)} siblings"
                    found = Collapse(threshold, f"more than {MADS:.0f} MAD below {of}")
        out.append(found)
    return out


def collapsed(values: Sequence[float | None], chance: float | None = None) -> list[str | None]:
    """Return the phrases of ``collapses``."""
    return [found.reason if found else None for found in collapses(values, chance)]


@dataclass(frozen=True, slots=True)
class Output:
    """What a run predicted for one yardstick and language, by hash.

    Attributes:
        run: Run id.
        training: What was trained: system and train seed, e.g. ``xlm-r-large seed 3``.
        prediction_hash: Hash of the predictions; ``None`` where they were not kept.
        trained: False for frozen systems, whose outputs may be equal.
    """

    run: str
    training: str
    prediction_hash: str | None
    trained: bool = True


def prediction_hashes(config: str | None) -> dict[str, str]:
    """Return the hashes of a run's predictions by language, as its file named them.

    Args:
        config: The run's settings, JSON.
    """
    try:
        found = json.loads(config or "{}").get("prediction_hash")
    except (ValueError, AttributeError):
        return {}
    return {k: v for k, v in found.items() if isinstance(v, str)} if isinstance(found, dict) else {}


def identical(outputs: Sequence[Output]) -> list[tuple[Output, Output]]:
    """Return the pairs of trained runs that should differ and have equal prediction hashes.

    Args:
        outputs: Runs of one yardstick and language. The same training read twice is not a pair.
    """
    seen: dict[str, list[Output]] = {}
    pairs: list[tuple[Output, Output]] = []
    for output in outputs:
        if output.prediction_hash is None or not output.trained:
            continue
        earlier = seen.setdefault(output.prediction_hash, [])
        pairs += [(other, output) for other in earlier if other.training != output.training]
        earlier.append(output)
    return pairs


@dataclass(frozen=True, slots=True)
class RankRange:
    """Ranks that a system may have: ``low`` (best) to ``high`` among K."""

    low: int
    high: int


def rank_ranges(systems: Sequence[str], signs: Mapping[tuple[str, str], str]) -> dict[str, RankRange]:
    """Return tie groups as rank ranges ``[1 + significantly better, K - significantly worse]``.

    Args:
        systems: The K systems that were compared.
        signs: ``decisions.Decision.sign`` of ``(A, B)`` pairs, either way round; a missing pair is a tie.

    Returns:
        A range a system; systems whose ranges overlap cannot be told apart by this evidence.
    """
    better = dict.fromkeys(systems, 0)
    worse = dict.fromkeys(systems, 0)
    for (a, b), sign in signs.items():
        if a not in better or b not in better or sign not in ("+", "-"):
            continue
        winner, loser = (a, b) if sign == "+" else (b, a)
        better[loser] += 1
        worse[winner] += 1
    return {s: RankRange(1 + better[s], len(systems) - worse[s]) for s in systems}


@dataclass(frozen=True, slots=True)
class Detectable:
    """The smallest true difference that would be found with 80 % power.

    Attributes:
        difference: Natural unit.
        source: Where its standard error comes from, in words.
    """

    difference: float
    source: str


def detectable(stderr: float | None, source: str) -> Detectable | NotComputed:
    """Return the detectable difference ``(1.96 + 0.84) x SE``: 80 % power at a two-sided 5 % level.

    Bloom 1995 (Evaluation Review 19(5), minimum detectable effects); Card et al. 2020 (arXiv 2010.06595)
    on how seldom test sets allow it.

    Args:
        stderr: Standard error of the difference.
        source: Where that comes from, e.g. ``paired items of this comparison``.
    """
    if stderr is None or not math.isfinite(stderr) or stderr <= 0:
        return NotComputed("No standard error of the difference is known.")
    return Detectable((1.96 + 0.84) * stderr, f"(1.96 + 0.84) x SE of {source}")


def detectable_of(comparison: Comparison) -> Detectable | NotComputed:
    """Return the detectable difference of a comparison, from its own standard error."""
    source = f"this comparison: {plural(comparison.n, 'item')}, {comparison.reference}; {comparison.training}"
    return detectable(comparison.stderr, source)


def detectable_unpaired(value: float, n: int) -> Detectable | NotComputed:
    """Return the detectable difference between two accuracies of ``n`` items each, not paired.

    SE ``sqrt(2 p (1 - p) / n)``: an upper bound for systems that agree more than by chance.
    """
    if n < 2 or not 0 < value < 1:
        return NotComputed("An accuracy strictly between 0 and 1 and two items at least are needed.")
    return detectable(
        math.sqrt(2 * value * (1 - value) / n),
        f"two accuracies near {100 * value:.1f}, {n:,} items, not paired",
    )
