"""``aggregate-only``: do only means of published means stand behind it?

A mean of three reported averages recomputes arithmetic and verifies nothing. A row counts as more than
an average where scores of single languages are found behind both its arms, or where items are counted.
"""

from __future__ import annotations

from intermezzo.queries.claims.behind import Case
from intermezzo.queries.claims.rows import MACRO, Row
from intermezzo.queries.claims.verdict import named

from .outcome import NO_ROWS, Outcome, failed, passed


def audit(case: Case) -> Outcome:
    """Fail where the rule cannot be met without rows that are averages and nothing else."""
    rows = [row for row in case.rows if row.unit != MACRO] or list(case.rows)
    if not rows:
        return NO_ROWS
    bare = [row.unit for row in rows if _average(case, row)]
    rule = case.claim.rule
    needed = {"any": 1, "k of n": rule.k or 1}.get(rule.kind, len(rows))
    if len(rows) - len(bare) >= needed:
        some = f" ({len(bare)} of {len(rows)} rows are stated averages: {named(bare)})" if bare else ""
        return passed(f"Scores of single languages or counted items stand behind it{some}.")
    if len(bare) == len(rows):
        return failed(
            "Only averages that somebody published stand behind it, with no language and no item to look at: "
            "averaging them again verifies nothing."
        )
    return failed(
        f"For {named(bare)} there are only published averages, with no language and no item to look at."
    )


def _average(case: Case, row: Row) -> bool:
    arms = case.arms(row)
    if arms.both:
        return not arms.known or any(b.stated for b in arms.both)
    return row.n is None or row.n == 0
