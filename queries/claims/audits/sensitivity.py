"""``sensitivity``: does leaving out one unit, language, task or train seed change the conclusion?

Where rows have intervals the verdict is made again without each; where they have none, what the bare
figures come to. Train seeds are left out at the level of figures: means of the other seeds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from intermezzo.queries.claims.behind import Behind, Case
from intermezzo.queries.claims.claim import Claim, Rule
from intermezzo.queries.claims.rows import MACRO, Row
from intermezzo.queries.claims.verdict import judge, judge_figures, named

from .outcome import NO_ROWS, Outcome, failed, not_applicable, passed

_SAID = {"supported": "supported", "contradicted": "contradicted", "undetermined": "open"}


def audit(case: Case) -> Outcome:
    """Fail where one thing alone carries the conclusion, and name it."""
    if not case.rows:
        return NO_ROWS
    changes: list[str] = []
    tried = 0
    for what, rows in _without_one(case.units):
        tried += 1
        changes += _change(case, what, rows)
    for what, rows in _without_seed(case):
        tried += 1
        changes += _change(case, what, rows, figures=True)
    if not tried:
        return not_applicable("There is only one unit, and no train seed to leave out.")
    if changes:
        return failed(f"{_sentence(named(changes, 3))}.{_heaviest(case)}")
    said = f"Leaving out any one of {tried} units, languages, tasks or seeds changes nothing."
    return passed(said + _heaviest(case))


def _heaviest(case: Case) -> str:
    """Say which unit moves a mean most; empty for other rules."""
    deltas = {row.unit: row.delta for row in case.units if row.delta is not None}
    if case.claim.rule.kind != "macro" or len(deltas) < 2:
        return ""
    total = sum(deltas.values())
    mean = total / len(deltas)
    without = {unit: (total - delta) / (len(deltas) - 1) for unit, delta in deltas.items()}
    unit = max(without, key=lambda name: abs(without[name] - mean))
    return f" Most hangs on {unit}: the mean is {mean:+.4g} with it and {without[unit]:+.4g} without."


def _change(case: Case, what: str, rows: Sequence[Row], figures: bool = False) -> list[str]:
    claim = _fitted(case.claim, len(rows))
    if case.judged.verdict != "undetermined" and not figures:
        now = judge(claim, rows).verdict
        return [f"without {what} it is {now}"] if now != case.judged.verdict else []
    before, now = judge_figures(case.claim, case.rows), judge_figures(claim, rows)
    if before == now:
        return []
    return [f"without {what} the bare figures change from {_SAID[before]} to {_SAID[now]}"]


def _fitted(claim: Claim, rows: int) -> Claim:
    """Return the claim for fewer units: of ``k of n`` one unit less, k as it was."""
    rule = claim.rule
    if rule.kind != "k of n" or not rule.n or not rule.k:
        return claim
    return replace(claim, rule=Rule("k of n", min(rule.k, max(rows, 1)), max(rows, 1)))


def _without_one(units: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Leave out each unit; then each language and each task that several, but not all, units share."""
    done: set[tuple[str, ...]] = set()
    if len(units) > 1:
        for row in units:
            rest = [other for other in units if other is not row]
            done.add(tuple(other.unit for other in rest))
            yield row.unit, rest
    for name in ("language", "task"):
        for value in dict.fromkeys(getattr(row, name) for row in units):
            rest = [row for row in units if getattr(row, name) != value]
            key = tuple(row.unit for row in rest)
            if value is not None and rest and len(rest) < len(units) and key not in done:
                done.add(key)
                yield f"{name} {value}", rest


def _without_seed(case: Case) -> Iterator[tuple[str, list[Row]]]:
    """Leave out each train seed of each arm, where the rows' differences can be made again from scores."""
    seeds = sorted(
        {(b.system, b.train_seed) for r in case.units for b in case.arms(r).both if b.train_seed is not None}
    )
    for system, seed in seeds:
        rows = []
        for row in case.units:
            again = _again(case, row, system, seed)
            if again is None:
                break
            rows.append(again)
        else:
            yield f"seed {seed} of {system}", rows


def _again(case: Case, row: Row, system: str, seed: int | None) -> Row | None:
    """Return a row without one seed of one arm; ``None`` where that leaves a language without a value."""
    arms = case.arms(row)
    sides = []
    for side in (arms.a, arms.b):
        kept = [b for b in side if not (b.system == system and b.train_seed == seed)]
        if {b.language for b in kept} != {b.language for b in side}:
            return None
        sides.append(_means(kept))
    shared = sides[0].keys() & sides[1].keys()
    if not shared or row.unit == MACRO:
        return None
    delta = sum(sides[0][code] - sides[1][code] for code in shared) / len(shared)
    return replace(row, delta=delta, low=None, high=None)


def _means(side: Sequence[Behind]) -> dict[str | None, float]:
    by_language: dict[str | None, list[float]] = {}
    for b in side:
        by_language.setdefault(b.language, []).append(b.value)
    return {code: sum(values) / len(values) for code, values in by_language.items()}


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
