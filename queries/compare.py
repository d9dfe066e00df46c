"""The door: compare two systems or more inside one yardstick, language by language and over languages.

    comparison = compare(reader, Request(("xlm-r + mnli", "xlm-r"), task="xnli"))

Where both sides kept their items, a delta is paired by item with a 95 % interval; where one did not, it is a
plain difference of scores, and says so. A comparison is no view of the index: it reads items, which the
index does not hold. What needs no items is (the views ``languages`` and ``matrix``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
from intermezzo.queries.comparison.arms import (
    ArmOf,
    Found,
    Key,
    attributes,
    check,
    found,
)
from intermezzo.queries.comparison.item_rows import ItemsOf
from intermezzo.queries.comparison.judged import (
    centres_disagree,
    collapsed_runs,
    identical_hashes,
    identical_runs,
)
from intermezzo.queries.comparison.matching import MatchedItems, matched_items
from intermezzo.queries.comparison.model import (
    LIKE_THESE,
    THESE,
    Attribute,
    Comparison,
    Counted,
    LanguageDelta,
    Measure,
    NoYardstick,
    OverLanguages,
    Pair,
    Request,
    Sign,
)
from intermezzo.queries.comparison.over import RUNGS, over_languages
from intermezzo.queries.statistics.compare import compare as compare_sample
from intermezzo.queries.statistics.decisions import METHOD_NAMES, Family, adjust, decide
from intermezzo.queries.statistics.flags import Detectable, RankRange, detectable_of, rank_ranges
from intermezzo.queries.statistics.mcnemar import mcnemar_exact
from intermezzo.queries.statistics.results import Comparison as Compared
from intermezzo.queries.statistics.results import NotComputed, plural
from intermezzo.queries.statistics.samples import Sample
from intermezzo.queries.store.reader import Reader

__all__ = [
    "LIKE_THESE",
    "THESE",
    "Attribute",
    "Comparison",
    "Counted",
    "LanguageDelta",
    "Measure",
    "NoYardstick",
    "OverLanguages",
    "Pair",
    "Request",
    "compare",
]


def compare(reader: Reader, request: Request) -> Comparison:
    """Compare systems.

    Args:
        reader: An open store.
        request: Who, on what, how.

    Returns:
        Every pair of the systems, with what was refused or is unknown, and why.

    Raises:
        NoYardstick: The systems share no yardstick, or several and it was not said which.
        StoreError: A run's items were changed after they were written, or are missing.
    """
    check(request)
    here = found(reader, request)
    items = ItemsOf(reader, here.measure)
    pairs = tuple(_pair(here, a, b, request, items) for a, b in combinations(here.arms, 2))
    ranks, reason = _ranks(request, pairs, here.measure)
    return Comparison(request, here.measure, pairs, ranks, reason, here.notes)


def _pair(here: Found, a: ArmOf, b: ArmOf, request: Request, items: ItemsOf) -> Pair:
    measure = here.measure
    told = attributes(measure, a, b)
    differ = [x for x in told if x.state == "different"]
    if differ and not request.insist:
        return Pair(a.system, b.system, told, refused=_differs(a.system, b.system, differ))
    own = {side.system: {k for k, s in side.languages.items() if s.value is not None} for side in (a, b)}
    keys = [k for k in here.places if k in own[a.system] and k in own[b.system]]
    only_a, only_b = (
        tuple(sorted(here.places[k].label + _second(k) for k in own[x.system] - own[y.system]))
        for x, y in ((a, b), (b, a))
    )
    found_items = _items(items, a, b, keys)
    if request.items_only:
        keys = [k for k in keys if found_items[k].sample is not None]
    samples = {k: sample for k in keys if (sample := found_items[k].sample) is not None}
    computed = {k: compare_sample(sample) for k, sample in samples.items()}
    name = f"the {plural(len(keys), 'matched language')} of {a.system} against {b.system} on {measure.task}"
    family = Family(name, tuple(str(n) for n in range(len(keys))), request.adjust)
    decided = decide(family, {str(n): computed[k] for n, k in enumerate(keys) if k in computed})
    languages = []
    for n, key in enumerate(keys):
        entry = _language(here, key, a, b, found_items[key], computed.get(key))
        if not isinstance(decided, NotComputed):
            decision = decided[str(n)]
            entry = replace(
                entry, p_adjusted=decision.p_adjusted, sign=_better(decision.sign, measure.higher_is_better)
            )
        languages.append(entry)
    with_delta = [x for x in languages if x.delta is not None]
    by_label = {here.places[k].label + _second(k): samples[k] for k in samples}
    runs = {k: found_items[k].runs for k in samples}
    flags = [
        *collapsed_runs((a, b), here.places, measure),
        *identical_runs(a, b, samples, runs, here.places, items),
        *identical_hashes(a, b, [k for k in keys if k not in samples], here.places),
        *centres_disagree(a, b, keys, measure),
    ]
    return Pair(
        a=a.system,
        b=b.system,
        attributes=told,
        languages=tuple(sorted(languages, key=_order)),
        only_a=only_a,
        only_b=only_b,
        over=over_languages(with_delta, by_label, measure) or _stated(a, b),
        counts=_counted(with_delta, measure),
        family=f"{family.name}, {METHOD_NAMES[request.adjust]}",
        flags=tuple(flags),
        notes=tuple(_notes(languages, keys, a, b, differ)),
    )


def _items(items: ItemsOf, a: ArmOf, b: ArmOf, keys: list[Key]) -> Mapping[Key, MatchedItems]:
    measure = items.measure
    if measure.kind == "corpus" and measure.metric != "f1":
        reason = f"{measure.metric} is no mean over items and no F1: its interval is not known here."
        return {k: MatchedItems(reason=reason) for k in keys}
    return matched_items(items, a, b, keys)


def _second(key: Key) -> str:
    return f">{key[1]}" if key[1] else ""


def _differs(a: str, b: str, differ: list[Attribute]) -> str:
    parts = [
        f"{x.name} ({', '.join(v or '?' for v in x.a)} against {', '.join(v or '?' for v in x.b)})"
        for x in differ
    ]
    return f"{a} and {b} differ in {'; '.join(parts)}: their difference is not only theirs."


def _better(sign: str, higher_is_better: bool) -> Sign:
    if sign not in ("+", "-"):
        return ""
    return "+" if (sign == "+") == higher_is_better else "-"


def _language(
    here: Found, key: Key, a: ArmOf, b: ArmOf, told: MatchedItems, result: Compared | NotComputed | None
) -> LanguageDelta:
    place, left, right = here.places[key], a.languages[key], b.languages[key]
    rungs = [RUNGS.index(e) for e in (left.evidence, right.evidence) if e in RUNGS]
    base = LanguageDelta(
        language=place.label,
        language_2=place.language_2,
        name=place.name,
        family=place.family,
        script=place.script,
        is_train_language=place.is_train_language,
        items_a=told.items_a,
        items_b=told.items_b,
        seeds_a=left.seeds,
        seeds_b=right.seeds,
        evidence=RUNGS[min(rungs)] if rungs else None,
        note=" ".join(told.notes) or None,
    )
    if told.sample is None:
        return _of_values(base, left, right, told.reason)
    unpaired, unclustered = _other_errors(told.sample)
    base = replace(
        base,
        n=told.sample.n,
        seeds_a=len(told.sample.a.values),
        seeds_b=len(told.sample.b.values),
        basis="items",
        stderr_unpaired=unpaired,
        stderr_unclustered=unclustered,
    )
    if not isinstance(result, Compared):
        return _of_sample(base, told.sample, result)
    mcnemar = mcnemar_exact(result.only_a, result.only_b)
    least = detectable_of(result)
    return replace(
        base,
        clusters=result.clusters,
        a=result.a,
        b=result.b,
        delta=result.delta,
        stderr=result.stderr,
        low=result.low,
        high=result.high,
        p=result.p,
        only_a=result.only_a,
        only_b=result.only_b,
        mcnemar=mcnemar if isinstance(mcnemar, float) else None,
        detectable=least.difference if isinstance(least, Detectable) else None,
        note=" ".join(x for x in (base.note, result.note) if x) or None,
        training=result.training,
        reference=result.reference,
    )


def _of_values(base: LanguageDelta, left: Any, right: Any, reason: str | None) -> LanguageDelta:
    """Take the difference of two scores, if nothing says that they are of different items."""
    if left.n is not None and right.n is not None and left.n != right.n:
        why = f"Other numbers of items: {left.n:,} against {right.n:,}. {reason or ''}"
        return replace(base, a=left.value, b=right.value, reason=why.strip())
    if left.item_set and right.item_set and left.item_set != right.item_set:
        why = f"Other items. {reason or ''}"
        return replace(base, a=left.value, b=right.value, reason=why.strip())
    errors = (left.stderr, right.stderr)
    return replace(
        base,
        n=left.n if left.n == right.n else None,
        a=left.value,
        b=right.value,
        delta=left.value - right.value,
        basis="values",
        reason=reason,
        stderr_unpaired=math.hypot(*errors) if all(errors) else None,
    )


def _of_sample(base: LanguageDelta, sample: Sample, result: NotComputed | None) -> LanguageDelta:
    """Give the values of matched items whose difference has no interval; none where credits are missing."""
    from intermezzo.queries.statistics.samples import checked, values_and_influences

    reason = result.reason if result else None
    if checked(sample) is not None:
        return replace(base, basis=None, reason=reason)
    a, b = (float(values_and_influences(arm.values)[0].mean()) for arm in (sample.a, sample.b))
    return replace(base, a=a, b=b, delta=a - b, reason=reason)


def _other_errors(sample: Sample) -> tuple[float | None, float | None]:
    """Return the standard errors of the difference if items were not paired, and if clusters are ignored."""
    a, b = sample.a.values, sample.b.values
    if sample.corpus or len(a) > 1 or len(b) > 1 or sample.n < 2:
        return None, None
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return None, None
    unpaired = math.sqrt((a[0].var(ddof=1) + b[0].var(ddof=1)) / sample.n)
    return unpaired, float((a[0] - b[0]).std(ddof=1)) / math.sqrt(sample.n)


def _order(entry: LanguageDelta) -> tuple[bool, float, str]:
    return (entry.delta is None, -(entry.delta or 0.0), entry.label)


def _counted(languages: list[LanguageDelta], measure: Measure) -> Counted:
    way = 1 if measure.higher_is_better else -1
    deltas = [way * (x.delta or 0.0) for x in languages]
    return Counted(
        wins=sum(d > 1e-12 for d in deltas),
        ties=sum(abs(d) <= 1e-12 for d in deltas),
        losses=sum(d < -1e-12 for d in deltas),
        significant_wins=sum(x.sign == "+" for x in languages),
        undecided=sum(x.sign == "" and x.p_adjusted is not None for x in languages),
        significant_losses=sum(x.sign == "-" for x in languages),
        untested=sum(x.p_adjusted is None for x in languages),
    )


def _stated(a: ArmOf, b: ArmOf) -> tuple[OverLanguages, ...]:
    """Return the difference of two means that somebody states, where no language stands behind them."""
    if a.stated is None or b.stated is None:
        return ()
    rungs = [RUNGS.index(e) for _, e in (a.stated, b.stated) if e in RUNGS]
    row = OverLanguages(
        kind="macro",
        label="macro as stated",
        a=a.stated[0],
        b=b.stated[0],
        delta=a.stated[0] - b.stated[0],
        evidence=RUNGS[min(rungs)] if rungs else None,
        basis="stated",
        reason="Means over languages as they are stated: over which languages and items is not known here, "
        "so there is no interval.",
    )
    return (row,)


def _notes(
    languages: list[LanguageDelta], keys: list[Key], a: ArmOf, b: ArmOf, differ: list[Attribute]
) -> list[str]:
    notes = []
    if differ:
        notes.append(f"Insisted on, though {_differs(a.system, b.system, differ)}")
    refused = [x for x in languages if x.delta is None]
    if refused:
        notes.append(
            f"Rows over languages have {len(languages) - len(refused)} of the {len(languages)} matched "
            f"languages: {', '.join(x.label for x in refused)} without a delta."
        )
    if not keys:
        sides = [
            f"{x.system} has {plural(len(x.languages), 'language') if x.languages else 'none'}"
            for x in (a, b)
        ]
        notes.append(f"No language in common with values on both sides: {', '.join(sides)}.")
    return notes


def _ranks(
    request: Request, pairs: tuple[Pair, ...], measure: Measure
) -> tuple[dict[str, RankRange], str | None]:
    """Return tie groups of more than two systems by their macros over these languages."""
    if len(request.systems) < 3:
        return {}, None
    rows = [pair.macro() for pair in pairs]
    if any(row is None for row in rows):
        return {}, "No ranks: some pair has no language to compare."
    if len({row.languages for row in rows if row}) > 1:
        return {}, "No ranks: the pairs are matched on different languages."
    if any(row.p is None for row in rows if row):
        return {}, "No ranks: some pair has no interval over items."
    adjusted = adjust([row.p if row else None for row in rows], request.adjust)
    signs = {}
    for pair, row, p in zip(pairs, rows, adjusted, strict=True):
        delta = row.delta if row and row.delta is not None else 0.0
        sign = "" if p is None or p >= 0.05 or delta == 0 else "+" if delta > 0 else "-"
        signs[pair.a, pair.b] = _better(sign, measure.higher_is_better)
    return rank_ranges(request.systems, signs), None
