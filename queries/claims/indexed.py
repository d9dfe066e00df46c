"""Claims and verifications as rows of the index, so that SQL sees them; derived, like all of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from intermezzo.queries.store.layout import Store

from .kept import read_kept
from .kept_verifications import Attempt, read_attempts


def claim_rows(store: Store) -> Iterator[dict[str, Any]]:
    """Yield a row for each record of a claim that can be trusted."""
    there = read_kept(store)
    for kept in there.records:
        c = kept.claim
        yield {
            "record": kept.record,
            "claim": c.id,
            "status": kept.status,
            "statement": c.statement,
            "source": c.source,
            "locator": c.locator,
            "note": c.note,
            "must_hold": c.must,
            "family": c.family,
            "units": list(c.units),
            "needs": c.needs,
            "query": str(c.asked) or None,
            "supersedes": list(kept.supersedes),
            "superseded_by": kept.superseded_by,
            "why": kept.why,
            "said_by": kept.by,
            "written": kept.written,
        }


def verification_rows(store: Store) -> Iterator[dict[str, Any]]:
    """Yield a row for each verification that can be trusted."""
    for attempt in read_attempts(store).records:
        yield {
            "record": attempt.record,
            "claim": attempt.claim,
            "claim_record": attempt.claim_record,
            "kind": attempt.kind,
            "said_by": attempt.by,
            "verdict": attempt.verdict,
            "contradictions": list(attempt.contradictions),
            "verified": attempt.verified,
            "superseded_by": attempt.superseded_by,
            "written": attempt.written,
            **_said(attempt),
        }


def _said(attempt: Attempt) -> dict[str, Any]:
    if attempt.foreign is not None:
        v = attempt.foreign
        told = {"method": v.method, "about": v.about, "reasons": list(v.reasons), "query": v.query}
        return {**told, "run_ids": list(v.run_ids), "grades": _text(dict(v.grades)), "audit": None}
    found = attempt.found or {}
    artefact = found.get("artefact") or {}
    statuses = {name: outcome["status"] for name, outcome in found["audit"].items()}
    return {
        "method": "intermezzo check",
        "about": "claim",
        "reasons": [str(reason) for reason in found["reasons"]],
        "query": artefact.get("query"),
        "run_ids": [str(run) for run in artefact.get("run_ids", ())],
        "grades": _text(found.get("grades")),
        "audit": _text(statuses),
    }


def _text(value: Any) -> str | None:
    return orjson.dumps(value).decode() if value else None
