"""Audits of a claim: one function each over a ``Case``; pass, fail, unknown or not applicable."""

from __future__ import annotations

from collections.abc import Callable

from intermezzo.queries.claims.behind import Case

from . import (
    aggregate_only,
    comparability,
    coverage,
    identical_collapsed,
    multiplicity,
    precision,
    seeds,
    selection,
    sensitivity,
)
from .names import ALWAYS, AUDITS
from .outcome import Outcome

_FUNCTIONS: dict[str, Callable[[Case], Outcome]] = {
    "aggregate-only": aggregate_only.audit,
    "coverage": coverage.audit,
    "comparability": comparability.audit,
    "seeds": seeds.audit,
    "multiplicity": multiplicity.audit,
    "sensitivity": sensitivity.audit,
    "identical-collapsed": identical_collapsed.audit,
    "selection": selection.audit,
    "precision": precision.audit,
}


def audit_all(case: Case) -> dict[str, Outcome]:
    """Return the outcome of every audit, in their order."""
    return {name: _FUNCTIONS[name](case) for name in AUDITS}


def mandatory(case: Case) -> tuple[str, ...]:
    """Return the audits that cap the verdict where they fail."""
    return tuple(name for name in AUDITS if name in ALWAYS or name in case.claim.mandatory)
