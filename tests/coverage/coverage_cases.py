"""Simulated comparisons whose true difference is known exactly, one case a kind of interval.

Every probability is linear in bounded effects of mean zero, so that the truth is the difference that was
put in and needs no second simulation. ``simple`` is the method that one would use without thinking.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from intermezzo.queries.statistics.compare import compare
from intermezzo.queries.statistics.languages import languages_like_these, like_these_values, these_languages
from intermezzo.queries.statistics.results import Comparison, NotComputed
from intermezzo.queries.statistics.samples import Arm, Sample, arm, counts

Result = Comparison | NotComputed
Rng = np.random.Generator
Drawn = tuple[Result, float, Callable[[], Result] | None]
Draw = Callable[[Rng], Drawn]


@dataclass(frozen=True)
class Case:
    """A kind of interval: ``draw`` makes one data set: its interval, the truth, the simple interval."""

    name: str
    group: str
    draw: Draw
    simple: str = ""


def _uniform(rng: Rng, sd: float, shape: tuple[int, ...]) -> np.ndarray:
    """Effects of mean 0 and the given standard deviation, bounded."""
    return rng.uniform(-1, 1, shape) * sd * np.sqrt(3)


def _bernoulli(rng: Rng, p: np.ndarray) -> np.ndarray:
    assert p.min() >= 0
    assert p.max() <= 1
    return (rng.random(p.shape) < p).astype(float)


def items(n: int) -> Draw:
    """0/1 credit, independent items, 12 % and 9 % discordant: truth 0.03."""

    def draw(rng: Rng) -> Drawn:
        kind = rng.choice(4, size=n, p=[0.6, 0.12, 0.09, 0.19])
        a, b = np.isin(kind, (0, 1)).astype(float), np.isin(kind, (0, 2)).astype(float)
        return compare(Sample(arm(a), arm(b))), 0.03, None

    return draw


def token_f1(n: int) -> Draw:
    """Token F1: many ones and zeros and something between; A is better by 0.04 where B is not perfect."""

    def draw(rng: Rng) -> Drawn:
        def credit(zero: float) -> np.ndarray:
            u = rng.random(n)
            return np.where(u < zero, 0.0, np.where(u < zero + 0.3, rng.beta(4, 2, n), 1.0))

        a, b = credit(0.2), credit(0.25)
        return compare(Sample(arm(a), arm(b))), 0.05, None

    return draw


def clustered(sizes: Callable[[Rng], np.ndarray]) -> Draw:
    """0/1 credit whose probability is a template's or a paragraph's own: truth 0.05."""

    def draw(rng: Rng) -> Drawn:
        each = sizes(rng)
        cluster = np.repeat(np.arange(len(each)), each)
        a = _bernoulli(rng, rng.beta(0.7, 0.3, len(each))[cluster])
        b = _bernoulli(rng, rng.beta(0.65, 0.35, len(each))[cluster])
        return compare(Sample(arm(a), arm(b), cluster)), 0.05, lambda: compare(Sample(arm(a), arm(b)))

    return draw


def _seeded(rng: Rng, seeds: int, difficulty: np.ndarray, sd: float) -> Arm:
    """Seeds x items 0/1 credits: difficulty of the item, effect of the seed, and chance."""
    return arm(_bernoulli(rng, difficulty + _uniform(rng, sd, (seeds, 1))))


def seeded(k_a: int, k_b: int, sd: float, n: int = 500) -> Draw:
    """Several seeds an arm, each training with its own effect of standard deviation ``sd``: truth 0.03."""

    def draw(rng: Rng) -> Drawn:
        difficulty = _uniform(rng, 0.12, (n,))
        sample = Sample(
            _seeded(rng, k_a, 0.63 + difficulty + _uniform(rng, 0.05, (n,)), sd),
            _seeded(rng, k_b, 0.60 + difficulty + _uniform(rng, 0.05, (n,)), sd),
        )
        means = Sample(arm(sample.a.values.mean(axis=0)), arm(sample.b.values.mean(axis=0)))
        return compare(sample), 0.03, lambda: compare(means)

    return draw


def chunk_counts(rng: Rng, rate: float, base: np.ndarray, n_gold: np.ndarray) -> np.ndarray:
    """Counts of a tagger that finds a share ``rate + base`` of the gold chunks."""
    tp = rng.binomial(n_gold, rate + base)
    n_pred = tp + rng.binomial(n_gold - tp, 0.7) + rng.poisson(0.05, len(n_gold))
    return counts(tp, n_pred, n_gold)


def chunk_f1(rate: float, gold: float) -> float:
    """F1 of the expected counts of ``chunk_counts``."""
    return 2 * gold * rate / (gold * rate + gold * (1 - rate) * 0.7 + 0.05 + gold)


def corpus(units: int, seeds: int = 1, sd: float = 0.0) -> Draw:
    """Chunk F1 of sentences with 1.4 gold chunks on average, and some with many: truth about 0.03."""

    def draw(rng: Rng) -> Drawn:
        n_gold = 1 + rng.poisson(rng.gamma(0.5, 0.8, units))
        base = _uniform(rng, 0.12, (units,))

        def system(rate: float) -> Arm:
            effects = _uniform(rng, sd, (seeds,))
            return arm(np.concatenate([chunk_counts(rng, rate + e, base, n_gold) for e in effects]))

        a, b = system(0.70), system(0.66)
        truth = chunk_f1(0.70, 1.4) - chunk_f1(0.66, 1.4)
        return compare(Sample(a, b)), truth, None

    return draw


def languages(count: int, *, parallel: bool, like: bool, seeds: int = 1, n: int = 300) -> Draw:
    """Languages of ``n`` items; parallel ones share difficulty; seeds are shared by all languages.

    These languages: deltas fixed, 0.00 .. 0.06. Languages like these: drawn anew with mean 0.03, sd 0.03.
    """

    def draw(rng: Rng) -> Drawn:
        spread = _uniform(rng, 0.03, (count,)) if like else np.linspace(-0.03, 0.03, count)
        sd = 0.02 if seeds > 1 else 0.0
        effects = [_uniform(rng, sd, (seeds, 1)) for _ in range(2)]
        shared = [_uniform(rng, 0.12, (n,)) for _ in range(3)]
        samples: dict[str, Sample] = {}
        for i in range(count):
            item, own_a, own_b = shared if parallel else (_uniform(rng, 0.12, (n,)) for _ in range(3))
            level = 0.45 + 0.06 * (i / count)
            a = _bernoulli(rng, level + 0.03 + spread[i] + item / 2 + own_a + effects[0])
            b = _bernoulli(rng, level + item / 2 + own_b + effects[1])
            samples[f"l{i}"] = Sample(arm(a), arm(b), np.arange(n) if parallel else None)
        truth = 0.03
        if like:
            values = [[float(getattr(s, x).values.mean()) for s in samples.values()] for x in "ab"]
            shared_error = parallel or seeds > 1
            simple = (lambda: like_these_values(*values)) if shared_error else None
            return languages_like_these(samples), truth, simple
        apart = {k: Sample(s.a, s.b) for k, s in samples.items()} if parallel else None
        return these_languages(samples), truth, (lambda: these_languages(apart)) if apart else None

    return draw


def _xquad_sizes(rng: Rng) -> np.ndarray:
    return rng.geometric(0.2, 240)


CASES: tuple[Case, ...] = (
    Case("100 items, 0/1 credit", "item", items(100)),
    Case("1,000 items, 0/1 credit", "item", items(1000)),
    Case("200 items, token F1", "item", token_f1(200)),
    Case("30 templates x 7 items", "clustered", clustered(lambda _: np.full(30, 7)), "clusters ignored"),
    Case("12 templates x 20 items", "clustered", clustered(lambda _: np.full(12, 20)), "clusters ignored"),
    Case("240 paragraphs of 1 to 30 questions", "clustered", clustered(_xquad_sizes), "clusters ignored"),
    Case("F1, 60 sentences (every unit drawn)", "corpus", corpus(60)),
    Case("F1, 150 sentences (every unit drawn)", "corpus", corpus(150)),
    Case("F1, 1,000 sentences (normal sums)", "corpus", corpus(1000)),
    Case("3 seeds, no training variance", "seeds", seeded(3, 3, 0.0), "items only"),
    Case("3 seeds, training sd 1 point", "seeds", seeded(3, 3, 0.01), "items only"),
    Case("3 seeds, training sd 4 points", "seeds", seeded(3, 3, 0.04), "items only"),
    Case("5 seeds, training sd 1 point", "seeds", seeded(5, 5, 0.01), "items only"),
    Case("5 seeds, training sd 4 points", "seeds", seeded(5, 5, 0.04), "items only"),
    Case("3 against 5 seeds, training sd 2 points", "seeds", seeded(3, 5, 0.02), "items only"),
    Case("F1, 500 sentences, 3 seeds, training sd 2 points", "seeds", corpus(500, 3, 0.02)),
    Case(
        "these 4 languages, parallel", "these", languages(4, parallel=True, like=False), "as if not parallel"
    ),
    Case(
        "these 7 languages, parallel", "these", languages(7, parallel=True, like=False), "as if not parallel"
    ),
    Case(
        "these 40 languages, parallel",
        "these",
        languages(40, parallel=True, like=False),
        "as if not parallel",
    ),
    Case("these 4 languages, own items", "these", languages(4, parallel=False, like=False)),
    Case("these 40 languages, own items", "these", languages(40, parallel=False, like=False)),
    Case(
        "these 7 languages, parallel, 3 seeds",
        "these",
        languages(7, parallel=True, like=False, seeds=3),
        "as if not parallel",
    ),
    Case("languages like these 4, own items", "like", languages(4, parallel=False, like=True)),
    Case("languages like these 7, own items", "like", languages(7, parallel=False, like=True)),
    Case("languages like these 40, own items", "like", languages(40, parallel=False, like=True)),
    Case(
        "languages like these 4, parallel",
        "like",
        languages(4, parallel=True, like=True),
        "t over deltas alone",
    ),
    Case(
        "languages like these 7, parallel",
        "like",
        languages(7, parallel=True, like=True),
        "t over deltas alone",
    ),
    Case(
        "languages like these 40, parallel",
        "like",
        languages(40, parallel=True, like=True),
        "t over deltas alone",
    ),
    Case(
        "languages like these 7, parallel, 3 seeds",
        "like",
        languages(7, parallel=True, like=True, seeds=3),
        "t over deltas alone",
    ),
    Case(
        "languages like these 40, parallel, 5 seeds",
        "like",
        languages(40, parallel=True, like=True, seeds=5),
        "t over deltas alone",
    ),
)


@dataclass(frozen=True)
class Coverage:
    """What came of a case: shares of intervals that hold the truth, and their mean width in points."""

    covered: float
    simple: float | None
    below: float
    above: float
    width: float
    refused: int


def simulate(case: Case, replications: int, seed: int, *, with_simple: bool = False) -> Coverage:
    """Draw a case many times and count the intervals that hold the truth."""
    rng = np.random.default_rng([seed, *case.name.encode()])
    held = simple_held = simple_seen = refused = below = above = 0
    width = 0.0
    for _ in range(replications):
        result, truth, simple = case.draw(rng)
        if isinstance(result, NotComputed):
            refused += 1
            continue
        held += result.low <= truth <= result.high
        below += truth < result.low
        above += truth > result.high
        width += result.high - result.low
        other = simple() if with_simple and simple else None
        if isinstance(other, Comparison):
            simple_seen += 1
            simple_held += other.low <= truth <= other.high
    seen = replications - refused
    return Coverage(
        held / seen,
        simple_held / simple_seen if simple_seen else None,
        below / seen,
        above / seen,
        100 * width / seen,
        refused,
    )
