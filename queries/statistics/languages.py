"""Over languages: two named estimands, which are different questions.

- *these languages*: how much better on these languages, with other items of the same kind? Languages are
  fixed; the variance is over clusters of parallel items, whose ids are shared by the languages, so that
  covariances between languages are kept (and over seeds, which languages share as well).
- *languages like these*: how much better on languages drawn like these? t over per-language deltas.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from .reference import joined_df, satterthwaite, t_interval
from .results import Comparison, NotComputed, plural
from .samples import Arm, FloatArray, IntArray, Linear, Sample, checked, codes, linear
from .seeds import Variance, training_label, variance

LEAST_LANGUAGES = 4
"""Below so many languages nothing is said of languages like these."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Samples of languages, checked, their seeds aligned and linearised: what several questions start from.

    Attributes:
        samples: By language, all of one metric.
        parts: The same, linearised, clusters coded alike in all languages.
        label: What an interval over them says of training variance.
        own: Each language's own variance of its difference.
        combined: Weighted sums that were made already, by their weights.
    """

    samples: Mapping[str, Sample]
    parts: Mapping[str, Linear]
    label: str
    own: Mapping[str, float]
    combined: dict[tuple[float, ...], tuple[Linear, Variance, float]] = field(default_factory=dict)

    def only(self, languages: Collection[str]) -> Prepared:
        """Return what is left of some of the languages."""
        return Prepared(
            {x: s for x, s in self.samples.items() if x in languages},
            {x: p for x, p in self.parts.items() if x in languages},
            self.label,
            self.own,
        )


def prepared(samples: Mapping[str, Sample]) -> Prepared | NotComputed:
    """Check and linearise samples once, for the functions of this module.

    Args:
        samples: Matched items by language, all of one metric.

    Returns:
        What they take in place of samples; or why nothing over these languages can be computed.
    """
    ready = _prepared(samples)
    if isinstance(ready, NotComputed):
        return ready
    aligned, parts, label = ready
    own = {
        x: variance(
            part,
            trained_a=aligned[x].a.trained,
            trained_b=aligned[x].b.trained,
            df_items=len(part.labels) - 1,
        ).total
        for x, part in parts.items()
    }
    return Prepared(aligned, parts, label, own)


def these_languages(
    samples: Mapping[str, Sample] | Prepared,
    weights: Literal["languages", "items"] | Mapping[str, float] = "languages",
) -> Comparison | NotComputed:
    """Compare two systems on these languages.

    ``delta = sum_l w_l delta_l``; its variance sums each cluster's influence over the languages before
    squaring (Liang and Zeger 1986; the sum over strata where no cluster is shared, Cochran 1977, ch. 5).
    Reference distribution: Student's t, df clusters - 1 where the languages share their clusters, joined by
    Satterthwaite over groups of languages that share none; Welch-Satterthwaite with several seeds.

    Args:
        samples: Matched items by language, all of one metric.
        weights: ``languages``: macro, ``1/L`` each; ``items``: micro, by items (mean metrics only); or a
            weight for each language, e.g. ``gap_weights``.

    Returns:
        The comparison; or why there is none. A language that cannot be computed is never left out.
    """
    ready = samples if isinstance(samples, Prepared) else prepared(samples)
    if isinstance(ready, NotComputed):
        return ready
    if weights == "items" and any(s.corpus for s in ready.samples.values()):
        return NotComputed(
            "A micro average is defined for mean metrics only, not for a corpus metric such as F1."
        )
    label = ready.label
    total, var, _ = _combined(ready, _weights(ready.samples, weights))
    a, b = float(total.a.mean()), float(total.b.mean())
    if not var.total > 1e-24:
        return NotComputed(
            "A and B differ by the same on every common item of every language: nothing varies."
        )
    interval = t_interval(a - b, var.total, var.df)
    return Comparison(
        n=total.n,
        clusters=len(total.labels),
        a=a,
        b=b,
        delta=a - b,
        stderr=interval.stderr,
        low=interval.low,
        high=interval.high,
        p=interval.p,
        df=var.df,
        reference=f"these {plural(len(ready.parts), 'language')}, {len(total.labels):,} clusters of items"
        f"{' and seeds' if len(total.a) + len(total.b) > 2 else ''}, t with {var.df:,.1f} df",
        training=label,
        seeds_a=len(total.a),
        seeds_b=len(total.b),
        languages=len(ready.parts),
    )


def languages_like_these(samples: Mapping[str, Sample] | Prepared) -> Comparison | NotComputed:
    """Compare two systems on languages like these, from their items.

    The t interval of ``like_these_values``. Where languages share items (parallel data) or trainings, an
    error that they share moves all deltas together and so does not show in their spread: the mean
    covariance between languages, from ``these_languages``' variance, is added, df by Satterthwaite.

    Args:
        samples: Matched items by language, all of one metric.

    Returns:
        The comparison; or why there is none (below 4 languages it is said, not computed).
    """
    few = _few(len(samples.parts if isinstance(samples, Prepared) else samples))
    if few:
        return few
    ready = samples if isinstance(samples, Prepared) else prepared(samples)
    if isinstance(ready, NotComputed):
        return ready
    parts, label = ready.parts, ready.label
    total, var, own = _combined(ready, _weights(ready.samples, "languages"))
    count = len(parts)
    shared = max(0.0, var.total - own) * count / (count - 1)
    # Rounding alone would otherwise make a covariance of languages that share nothing.
    shared = shared if shared > 1e-9 * var.total else 0.0
    a, b = [float(p.a.mean()) for p in parts.values()], [float(p.b.mean()) for p in parts.values()]
    return _like(a, b, shared, var.df, label, total)


def like_these_values(a: Sequence[float], b: Sequence[float]) -> Comparison | NotComputed:
    """Compare on languages like these from per-language values alone (published scores, no items).

    ``mean ± t(0.975, L - 1) sd / sqrt(L)``: the one-sample t interval over languages.

    Args:
        a: Value of A in each matched language.
        b: Value of B in the same languages.

    Returns:
        The comparison, ``n`` 0 as no item was seen; or why there is none.
    """
    if len(a) != len(b):
        return NotComputed(f"A has {len(a)} languages and B {len(b)}: they were not matched.")
    few = _few(len(a))
    if few:
        return few
    if not all(math.isfinite(v) for v in (*a, *b)):
        return NotComputed("A language has no finite value.")
    return _like(list(a), list(b), 0.0, math.inf, "variance of items and training unknown", None)


def gap_weights(languages: Sequence[str], train_language: str) -> dict[str, float] | NotComputed:
    """Return weights that make the transfer gap: train language minus mean of the others.

    Hu et al. 2020 (XTREME, arXiv 2003.11080, cross-lingual transfer gap). With ``these_languages`` they
    give the difference of two systems' gaps and its interval.
    """
    others = [x for x in languages if x != train_language]
    if train_language not in languages or not others:
        return NotComputed(
            f"A transfer gap needs the train language ({train_language}) and at least one other."
        )
    return {x: 1.0 if x == train_language else -1.0 / len(others) for x in languages}


def _like(
    a: list[float],
    b: list[float],
    shared: float,
    shared_df: float,
    label: str,
    total: Linear | None,
) -> Comparison | NotComputed:
    """Return the t interval over per-language deltas, with a variance that the languages share."""
    deltas = np.subtract(a, b)
    count = len(deltas)
    between = float(np.var(deltas, ddof=1)) / count
    if not between > 1e-24:
        return NotComputed(
            f"The difference is the same in all {plural(count, 'language')}: no spread to judge by."
        )
    df = joined_df([(between, count - 1), (shared, shared_df)])
    delta = float(np.mean(deltas))
    interval = t_interval(delta, between + shared, df)
    extra = ", with shared error" if shared else ""
    return Comparison(
        n=total.n if total else 0,
        clusters=count,
        a=float(np.mean(a)),
        b=float(np.mean(b)),
        delta=delta,
        stderr=interval.stderr,
        low=interval.low,
        high=interval.high,
        p=interval.p,
        df=df,
        reference=f"languages like these {count}{extra}, t with {df:.1f} df",
        training=label,
        seeds_a=len(total.a) if total else 1,
        seeds_b=len(total.b) if total else 1,
        languages=count,
    )


def _few(count: int) -> NotComputed | None:
    """Return a sentence where there are too few languages to speak of others."""
    if count >= LEAST_LANGUAGES:
        return None
    if count == 0:
        return NotComputed("The two systems have no language in common.")
    return NotComputed(
        f"{plural(count, 'language')}: nothing can be said of languages like these below {LEAST_LANGUAGES}."
    )


def _prepared(
    samples: Mapping[str, Sample],
) -> tuple[dict[str, Sample], dict[str, Linear], str] | NotComputed:
    """Check all languages, align their seeds and linearise them; or say why not, naming the language."""
    if not samples:
        return NotComputed("The two systems have no language in common.")
    for language, sample in samples.items():
        problem = checked(sample)
        if problem:
            return NotComputed(f"In {language}: {problem.reason}")
    refused = _label(samples)
    if isinstance(refused, NotComputed):
        return refused
    aligned = _same_seeds(samples)
    if isinstance(aligned, NotComputed):
        return aligned
    parts = _linearised(aligned)
    if isinstance(parts, NotComputed):
        return parts
    label = _label(aligned)
    return label if isinstance(label, NotComputed) else (aligned, parts, label)


def _label(samples: Mapping[str, Sample]) -> str | NotComputed:
    """Return the training label of all languages together."""
    labels = {language: training_label(s.a, s.b) for language, s in samples.items()}
    for language, label in labels.items():
        if isinstance(label, NotComputed):
            return NotComputed(f"In {language}: {label.reason}")
    return str(next(iter(labels.values())))


def _same_seeds(samples: Mapping[str, Sample]) -> dict[str, Sample] | NotComputed:
    """Return the samples with the seeds that every language has, so that a seed is one training."""
    out = dict(samples)
    for side in ("a", "b"):
        arms: dict[str, Arm] = {language: getattr(s, side) for language, s in out.items()}
        if len({x.seeds for x in arms.values()}) == 1:
            continue
        if all(len(x.seeds) == 1 for x in arms.values()):
            continue
        common = set.intersection(*(set(x.seeds) for x in arms.values()))
        if len(common) < 2:
            return NotComputed(
                f"The languages of {side.upper()} have fewer than two train seeds in common, "
                "so the variance of training cannot be carried over languages."
            )
        for language, x in arms.items():
            # By name, so that row k is the same training in every language.
            rows = [x.seeds.index(s) for s in sorted(common)]
            kept = Arm(x.values[rows], tuple(sorted(common)), x.trained)
            s = out[language]
            out[language] = Sample(kept, s.b, s.clusters) if side == "a" else Sample(s.a, kept, s.clusters)
    return out


def _linearised(samples: Mapping[str, Sample]) -> dict[str, Linear] | NotComputed:
    """Linearise every language with cluster codes that are shared by the languages."""
    if all(s.clusters is None for s in samples.values()):
        labels = np.arange(sum(s.n for s in samples.values()), dtype=np.int64)
    else:
        labels = _shared_codes(samples)
    out: dict[str, Linear] = {}
    start = 0
    for language, sample in samples.items():
        lin = linear(sample, labels[start : start + sample.n])
        start += sample.n
        if isinstance(lin, NotComputed):
            return NotComputed(f"In {language}: {lin.reason}")
        out[language] = lin
    return out


def _shared_codes(samples: Mapping[str, Sample]) -> IntArray:
    """Return codes of the clusters of all languages, one after another."""
    columns: list[Any] = []
    for sample in samples.values():
        columns.append(np.full(sample.n, None) if sample.clusters is None else sample.clusters)
    kinds = {np.asarray(c).dtype.kind for c in columns}
    joined = np.concatenate([np.asarray(c, dtype=None if kinds <= {"i", "u"} else object) for c in columns])
    return codes(joined)[0]


def _weights(
    samples: Mapping[str, Sample], weights: Literal["languages", "items"] | Mapping[str, float]
) -> dict[str, float]:
    """Return the weight of each language."""
    if isinstance(weights, Mapping):
        return {language: float(weights[language]) for language in samples}
    items = sum(s.n for s in samples.values())
    return {x: s.n / items if weights == "items" else 1.0 / len(samples) for x, s in samples.items()}


def _combined(ready: Prepared, share: Mapping[str, float]) -> tuple[Linear, Variance, float]:
    """Return the weighted sum of languages, its variance, and what the languages' own variances add up to."""
    parts = ready.parts
    key = tuple(share[x] for x in parts)
    if key in ready.combined:
        return ready.combined[key]
    groups = 1 + max(int(p.labels.max()) for p in parts.values())
    first = next(iter(parts.values()))
    a, b = np.zeros(len(first.a)), np.zeros(len(first.b))
    influence_a, influence_b = np.zeros((len(a), groups)), np.zeros((len(b), groups))
    joint: list[FloatArray] = []
    for language, part in parts.items():
        w = share[language]
        a += w * part.a
        b += w * part.b
        influence_a[:, part.labels] += w * part.influence_a
        influence_b[:, part.labels] += w * part.influence_b
        joint.append(w * (part.influence_a.mean(axis=0) - part.influence_b.mean(axis=0)))
    own = sum(share[x] ** 2 * ready.own[x] for x in parts)
    seen = np.zeros(groups, dtype=np.bool_)
    for part in parts.values():
        seen[part.labels] = True
    used = np.flatnonzero(seen)
    total = Linear(a, b, influence_a[:, used], influence_b[:, used], used, sum(p.n for p in parts.values()))
    df_items = _items_df([p.labels for p in parts.values()], joint, groups)
    sample = next(iter(ready.samples.values()))
    var = variance(total, trained_a=sample.a.trained, trained_b=sample.b.trained, df_items=df_items)
    ready.combined[key] = (total, var, own)
    return total, var, own


def _items_df(labels: list[IntArray], joint: list[FloatArray], groups: int) -> float:
    """Return the degrees of freedom of the variance over clusters of items.

    Languages that share clusters form a group; a group's df is the mean of its languages' clusters - 1,
    harmonic and weighted by what they contribute (so clusters - 1 where all share all); groups are
    independent and are joined by Satterthwaite.
    """
    if all(np.array_equal(own, labels[0]) for own in labels[1:]):
        return float(len(labels[0]) - 1)
    summed = np.zeros(groups)
    for own, values in zip(labels, joint, strict=True):
        summed[own] += values
    parent = list(range(len(labels)))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    owner = np.full(groups, -1, dtype=np.int64)
    for i, own in enumerate(labels):
        met = owner[own]
        for other in np.unique(met[met >= 0]):
            parent[root(int(other))] = root(i)
        owner[own] = i
    parts: dict[int, list[tuple[float, float]]] = {}
    for i, (own, values) in enumerate(zip(labels, joint, strict=True)):
        contribution = abs(float(summed[own] @ values))
        parts.setdefault(root(i), []).append((contribution, len(own) - 1))
    components: list[tuple[float, float]] = []
    for members in parts.values():
        size = sum(c for c, _ in members)
        if size > 0:
            components.append((size, size / sum(c / df for c, df in members)))
    return satterthwaite(components) if components else 1.0
