"""``precision``: is the effect smaller than the gap between two published figures of the same baseline?"""

from __future__ import annotations

from intermezzo.queries.claims.behind import Behind, Case
from intermezzo.queries.claims.verdict import named

from .outcome import NO_ROWS, UNNAMED, Outcome, failed, not_applicable, passed, unknown


def audit(case: Case) -> Outcome:
    """Fail where published figures of a baseline differ by more than the difference that is claimed."""
    if not case.rows:
        return NO_ROWS
    small: list[str] = []
    compared = published = looked_at = 0
    for row in case.rows:
        arms = case.arms(row)
        if row.delta is None or not arms.known:
            continue
        looked_at += 1
        if not any(b.evidence == "published" for b in arms.b):
            continue
        published += 1
        gap = _gap(case, arms.b[0])
        if gap is None:
            continue
        compared += 1
        if abs(row.delta) < gap:
            small.append(f"{row.unit} ({100 * abs(row.delta):.1f} against {100 * gap:.1f})")
    if not looked_at:
        return UNNAMED
    if not published:
        return not_applicable("Its baseline is no published figure.")
    if small:
        return failed(
            f"Smaller than the gap between two published figures of one baseline (x 100): {named(small, 3)}."
        )
    if compared < published:
        return unknown(
            f"For {published - compared} of {published} units only one figure of the baseline is published."
        )
    return passed("Larger than the gap between published figures of the same baseline.")


def _gap(case: Case, b: Behind) -> float | None:
    """Return how far published figures of the baseline lie apart; ``None`` where there is only one."""
    scope = b.scope if b.stated else (b.language or "?")
    found = case.published.get((b.system, b.task, b.metric, scope), {})
    return max(found.values()) - min(found.values()) if len(found) > 1 else None
