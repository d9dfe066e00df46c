"""Grades by rule: nobody awards them, each follows from what is attached."""

from __future__ import annotations

from intermezzo.queries.records import RUNGS

from .audits.seeds import ENOUGH, train_seeds
from .behind import Case
from .claim import Claim
from .rows import MACRO

NAMES = ("evidence strength", "citation grounding", "uncertainty disclosure", "reproducibility")


def grades(case: Case) -> dict[str, str]:
    """Return the four grades of a claim with its evidence."""
    return dict(
        zip(
            NAMES,
            (
                evidence_strength(case),
                citation_grounding(case.claim),
                uncertainty_disclosure(case),
                reproducibility(case),
            ),
            strict=True,
        )
    )


def evidence_strength(case: Case) -> str:
    """Return ``none``, ``low`` (published), ``medium``, or ``high``: measured, three train seeds an arm.

    The weakest part decides, as for an aggregate.
    """
    if not case.rows:
        return "none"
    weakest = min((row.rung for row in case.rows), key=RUNGS.index)
    if weakest == "published":
        return "low"
    if weakest != "measured":
        return "medium"
    return "high" if _least_seeds(case) >= ENOUGH else "medium"


def citation_grounding(claim: Claim) -> str:
    """Return what the claim says of where it stands."""
    if claim.source is None:
        return "none"
    if claim.locator is None:
        return "source"
    return "source and locator" if claim.text_sha256 is None else "source, locator and text hash"


def uncertainty_disclosure(case: Case) -> str:
    """Return ``none``, ``items`` (every row has an interval), or ``items and seeds``."""
    # a spread between units is no disclosure of how sure each of them is
    own = [row for row in case.rows if row.unit == MACRO]
    rows = own if case.claim.rule.kind == "macro" and own else case.rows
    if not rows or any(row.low is None for row in rows):
        return "none"
    return "items and seeds" if _least_seeds(case) >= 2 else "items"


def reproducibility(case: Case) -> str:
    """Return ``none``, ``items kept``, or ``config and items kept``, of all runs behind it."""
    behind = [b for row in case.rows for b in case.arms(row).both]
    if not behind or any(not case.arms(row).known for row in case.rows):
        return "none"
    if any(b.items_path is None for b in behind):
        return "none"
    configured = all(b.config not in (None, "", "{}") for b in behind)
    return "config and items kept" if configured else "items kept"


def _least_seeds(case: Case) -> int:
    """Return the train seeds of the arm that has fewest; 0 where unknown. Untrained arms have no variance."""
    least: int | None = None
    for row in case.rows:
        arms = case.arms(row)
        if not arms.known:
            return 0
        for side in (arms.a, arms.b):
            if any(b.trained for b in side):
                count = train_seeds(side) or 0
                least = count if least is None else min(least, count)
    return ENOUGH if least is None and case.rows else least or 0
