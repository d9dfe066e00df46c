"""``multiplicity``: does it survive that many comparisons were looked at?

``all`` and ``macro`` need no adjustment: every unit must hold, or only one mean is judged. ``any`` and
``k of n`` pick: their supporting units must survive Holm (or BH) over the declared family.
"""

from __future__ import annotations

import math

from intermezzo.queries.claims.behind import Case
from intermezzo.queries.claims.claim import Claim, Verdict
from intermezzo.queries.claims.rows import Row
from intermezzo.queries.claims.verdict import combined, named

from .outcome import NO_ROWS, Outcome, failed, not_applicable, passed, unknown


def audit(case: Case) -> Outcome:
    """Fail where the rule is met only by units that do not survive the adjustment."""
    claim, rows = case.claim, case.units
    if not case.rows:
        return NO_ROWS
    if claim.rule.kind in ("all", "macro"):
        return not_applicable(
            "All units must hold, so none was picked." if claim.rule.kind == "all" else "One mean is judged."
        )
    if len(rows) <= 1 and len(claim.units) <= 1:
        return not_applicable("One comparison was made.")
    supported = [row for row in rows if case.judged.units.get(row.unit) == "supported"]
    if not supported:
        return not_applicable("No unit is supported, so none was picked.")
    if not claim.units and claim.rule.kind == "any":
        return unknown(
            "Its family is not declared (units): nobody can tell how many comparisons were looked at."
        )
    from intermezzo.queries.statistics.decisions import METHOD_NAMES, adjust

    size = max(len(claim.units), claim.rule.n or 0, len(rows))
    ps = [p_of(claim, row) for row in rows]
    adjusted = adjust([*ps, *[None] * (size - len(rows))], claim.adjust)
    left = [
        row.unit
        for row, p in zip(rows, adjusted, strict=False)
        if case.judged.units.get(row.unit) == "supported" and p is not None and p < 0.05
    ]
    verdicts: list[Verdict] = ["supported" if row.unit in left else "undetermined" for row in rows]
    said = f"{METHOD_NAMES[claim.adjust]}, {size} comparisons"
    if combined(claim.rule, verdicts) == "supported" or case.judged.verdict != "supported":
        return passed(f"{named(left) or 'No unit'} after adjustment ({said}).")
    lost = [row.unit for row in supported if row.unit not in left]
    return failed(f"{named(lost)} would not survive the adjustment ({said}).")


def p_of(claim: Claim, row: Row) -> float | None:
    """Return the two-sided p of a row's own interval against the claim's margin (normal reference).

    For ``=`` it is that of the nearer bound (two one-sided tests).
    """
    if row.delta is None or row.low is None or row.high is None:
        return None
    if row.p is not None and claim.operator != "=" and claim.margin == 0:
        return row.p
    stderr = (row.high - row.low) / (2 * 1.959964)
    if claim.operator == "=":
        distance = claim.margin - abs(row.delta - claim.value)
    else:
        distance = abs(row.delta - claim.margin)
    if stderr == 0:
        return 0.0 if distance > 0 else 1.0
    return math.erfc(max(distance, 0.0) / stderr / math.sqrt(2))
