"""A against B over several languages: macros under two estimands, gap, micro, median, worst, by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from intermezzo.queries.statistics import aggregates as agg
from intermezzo.queries.statistics.flags import Detectable, detectable_of
from intermezzo.queries.statistics.languages import (
    Prepared,
    gap_weights,
    languages_like_these,
    like_these_values,
    prepared,
    these_languages,
)
from intermezzo.queries.statistics.results import Comparison as Compared
from intermezzo.queries.statistics.results import NotComputed, plural
from intermezzo.queries.statistics.samples import Sample

from .model import LIKE_THESE, THESE, LanguageDelta, Measure, OverLanguages, RowKind

RUNGS = ("published", "logged", "recomputed", "measured")


def over_languages(
    languages: Sequence[LanguageDelta], samples: Mapping[str, Sample], measure: Measure
) -> tuple[OverLanguages, ...]:
    """Return the rows over the languages that have a delta.

    Args:
        languages: The matched languages that have a delta.
        samples: Their samples by label, as far as there are items.
        measure: The yardstick.
    """
    if not languages:
        return ()
    ready = _sampled(languages, samples)
    trains = [x for x in languages if x.is_train_language]
    others = [x for x in languages if not x.is_train_language]
    rows = list(_macro("macro", "macro", languages, ready))
    if len(trains) == 1 and others:
        rows += _macro(
            "without-train",
            f"macro without {trains[0].label}",
            others,
            _without(ready, trains[0], others, samples),
        )
        rows.append(_gap(languages, trains[0].label, ready))
    elif len(trains) > 1:
        rows.append(_missing("without-train", "macro without the train language", "several train languages"))
    else:
        reason = "The train language is not known, or is not among the matched languages."
        rows.append(_missing("without-train", "macro without the train language", reason))
    rows.append(_micro(languages, ready, measure))
    rows.append(_plain("median", "median", languages, agg.median(_a(languages)), agg.median(_b(languages))))
    rows.append(_worst(languages, measure))
    for kind in ("family", "script"):
        rows += _groups(kind, languages)
    return tuple(rows)


def weakest(languages: Sequence[LanguageDelta]) -> str | None:
    """Return the weakest rung among the languages."""
    met = [RUNGS.index(x.evidence) for x in languages if x.evidence in RUNGS]
    return RUNGS[min(met)] if met else None


def _a(languages: Sequence[LanguageDelta]) -> dict[str, float | None]:
    return {x.label: x.a for x in languages}


def _b(languages: Sequence[LanguageDelta]) -> dict[str, float | None]:
    return {x.label: x.b for x in languages}


def _without(
    ready: Prepared | NotComputed,
    train: LanguageDelta,
    others: Sequence[LanguageDelta],
    samples: Mapping[str, Sample],
) -> Prepared | NotComputed:
    if isinstance(ready, Prepared):
        return ready.only({x.label for x in others})
    # What stands in the way may be the train language alone.
    return _sampled(others, samples) if train.label not in samples else ready


def _sampled(languages: Sequence[LanguageDelta], samples: Mapping[str, Sample]) -> Prepared | NotComputed:
    without = [x.label for x in languages if x.label not in samples]
    if not without:
        return prepared({x.label: samples[x.label] for x in languages})
    if len(without) == len(languages):
        return NotComputed("No items are kept of one of the systems: values only, no interval over items.")
    named = ", ".join(without[:5]) + (" ..." if len(without) > 5 else "")
    return NotComputed(
        f"{plural(len(without), 'language')} of {len(languages)} without matched items ({named}): "
        "no interval over items."
    )


def _macro(
    kind: RowKind, label: str, languages: Sequence[LanguageDelta], ready: Prepared | NotComputed
) -> list[OverLanguages]:
    if isinstance(ready, NotComputed):
        a, b = ([x or 0.0 for x in side(languages).values()] for side in (_a, _b))
        these: Compared | NotComputed = ready
        like: Compared | NotComputed = like_these_values(a, b)
    else:
        these, like = these_languages(ready), languages_like_these(ready)
    first, second = agg.macro(_a(languages)), agg.macro(_b(languages))
    return [
        _row(kind, label, THESE, languages, these, first, second),
        _row(kind, label, LIKE_THESE, languages, like, first, second),
    ]


def _gap(languages: Sequence[LanguageDelta], train: str, ready: Prepared | NotComputed) -> OverLanguages:
    weights = gap_weights([x.label for x in languages], train)
    result: Compared | NotComputed
    if isinstance(ready, NotComputed) or isinstance(weights, NotComputed):
        result = ready if isinstance(ready, NotComputed) else NotComputed(str(weights))
    else:
        result = these_languages(ready, weights)
    first, second = (agg.transfer_gap(side(languages), train_language=train) for side in (_a, _b))
    return _row("transfer-gap", f"transfer gap from {train}", THESE, languages, result, first, second)


def _micro(
    languages: Sequence[LanguageDelta], ready: Prepared | NotComputed, measure: Measure
) -> OverLanguages:
    if measure.kind != "mean":
        return _missing("micro", "micro", "A micro average is defined for mean metrics only.")
    items = {x.label: x.n for x in languages}
    first, second = agg.micro(_a(languages), items), agg.micro(_b(languages), items)
    result = ready if isinstance(ready, NotComputed) else these_languages(ready, "items")
    return _row("micro", "micro", THESE, languages, result, first, second)


def _worst(languages: Sequence[LanguageDelta], measure: Measure) -> OverLanguages:
    higher = measure.higher_is_better
    first = agg.worst(_a(languages), higher_is_better=higher)
    second = agg.worst(_b(languages), higher_is_better=higher)
    row = _plain("worst", "worst", languages, first, second)
    if isinstance(first, NotComputed) or isinstance(second, NotComputed):
        return row
    label = f"worst ({first.language}, {second.language})" if first.language != second.language else ""
    return OverLanguages(
        kind="worst",
        label=label or f"worst ({first.language})",
        languages=row.languages,
        a=row.a,
        b=row.b,
        delta=row.delta,
        evidence=row.evidence,
        basis=row.basis,
        worst_a=first.language,
        worst_b=second.language,
        reason=row.reason,
    )


def _groups(kind: RowKind, languages: Sequence[LanguageDelta]) -> list[OverLanguages]:
    members: dict[str, list[LanguageDelta]] = {}
    for language in languages:
        name = language.family if kind == "family" else language.script
        members.setdefault(name or "unknown", []).append(language)
    if len(members) < 2:
        return []
    return [
        _plain(kind, f"{kind} {name}", inside, agg.macro(_a(inside)), agg.macro(_b(inside)))
        for name, inside in sorted(members.items())
    ]


def _missing(kind: RowKind, label: str, reason: str) -> OverLanguages:
    return OverLanguages(kind, label, reason=reason)


def _plain(
    kind: RowKind,
    label: str,
    languages: Sequence[LanguageDelta],
    a: agg.Aggregate | NotComputed,
    b: agg.Aggregate | NotComputed,
) -> OverLanguages:
    return _row(kind, label, None, languages, None, a, b)


def _row(
    kind: RowKind,
    label: str,
    estimand: str | None,
    languages: Sequence[LanguageDelta],
    result: Compared | NotComputed | None,
    a: agg.Aggregate | NotComputed,
    b: agg.Aggregate | NotComputed,
) -> OverLanguages:
    """Join the plain values with the interval, where there is one."""
    names = tuple(x.label for x in languages)
    basis = "items" if all(x.basis == "items" for x in languages) else "values"
    if isinstance(a, NotComputed) or isinstance(b, NotComputed):
        problem = a if isinstance(a, NotComputed) else b
        return OverLanguages(kind, label, estimand, names, reason=str(getattr(problem, "reason", problem)))
    sizes = [x.n for x in languages]
    total = None if any(n is None for n in sizes) else sum(n or 0 for n in sizes)
    evidence = weakest(languages)
    if not isinstance(result, Compared):
        return OverLanguages(
            kind=kind,
            label=label,
            estimand=estimand,
            languages=names,
            n=total,
            a=a.value,
            b=b.value,
            delta=a.value - b.value,
            evidence=evidence,
            basis="items" if basis == "items" else "values",
            reason=result.reason if isinstance(result, NotComputed) else None,
        )
    found = detectable_of(result)
    return OverLanguages(
        kind=kind,
        label=label,
        estimand=estimand,
        languages=names,
        n=result.n or total,
        clusters=result.clusters,
        a=result.a,
        b=result.b,
        delta=result.delta,
        stderr=result.stderr,
        low=result.low,
        high=result.high,
        p=result.p,
        detectable=found.difference if isinstance(found, Detectable) else None,
        evidence=evidence,
        basis="items" if basis == "items" else "values",
        training=result.training,
        reference=result.reference,
    )
