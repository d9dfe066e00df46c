"""``coverage``: are all the units there that the claim speaks of, and all languages behind them?"""

from __future__ import annotations

from intermezzo.queries.claims.behind import Case
from intermezzo.queries.claims.verdict import named

from .outcome import Outcome, failed, not_applicable, passed, unknown


def audit(case: Case) -> Outcome:
    """Fail where a declared unit is missing or empty, or languages of a task are missing behind a row."""
    claim, rows = case.claim, case.units or case.rows
    if claim.asked.nothing:
        return not_applicable("It asks nothing of a store.")
    there = {row.unit for row in rows if row.delta is not None}
    if not rows:
        return failed(
            f"None of its {len(claim.units)} units is there: {named(claim.units)}."
            if claim.units
            else "No row bears on it."
        )
    missing = [unit for unit in claim.units if unit not in there]
    if missing:
        return failed(f"{len(missing)} of {len(claim.units)} units are missing: {named(missing)}.")
    gaps = [row.unit for row in rows if row.delta is None]
    if gaps:
        return failed(f"{len(gaps)} of {len(rows)} units have no value: {named(gaps)}.")
    strange = [row.unit for row in rows if claim.units and row.unit not in claim.units]
    if strange:
        return failed(f"{named(strange)} came besides the units that it declares.")
    if claim.rule.kind == "k of n" and len(rows) != claim.rule.n:
        return failed(f"It speaks of {claim.rule.n} units and {len(rows)} are there.")
    return _languages(case)


def _languages(case: Case) -> Outcome:
    """Look behind rows that are means over languages."""
    short: list[str] = []
    hidden: list[str] = []
    for row in case.units:
        arms = case.arms(row)
        if row.language is not None or not arms.both:
            continue
        if any(b.stated for b in arms.both):
            hidden.append(row.unit)
            continue
        has_a, has_b = ({b.language for b in side} for side in (arms.a, arms.b))
        wanted = case.task_languages.get(arms.both[0].task, frozenset()) or has_a | has_b
        lacking = sorted(str(code) for code in wanted - (has_a & has_b))
        if lacking:
            short.append(f"{row.unit} lacks {named(lacking)}")
    if short:
        return failed(f"Languages are missing: {named(short, 3)}.")
    if not case.claim.units and case.claim.rule.kind != "k of n":
        return unknown("It declares no units, so nobody can tell whether all are there.")
    if hidden:
        return unknown(f"All units are there; which languages {named(hidden)} cover is not shown.")
    return passed(f"All {len(case.units or case.rows)} units are there.")
