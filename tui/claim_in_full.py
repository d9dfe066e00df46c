"""A claim in full: what is said, what was said before and since, who checked it and what that came to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from intermezzo.queries.claims.claim_file import table_of
from intermezzo.queries.claims.verification import verification_table

from .claims_text import claim_facts, history_rows
from .output import Answer, Sheet

if TYPE_CHECKING:
    from intermezzo.queries.claims.kept import Claims, Kept
    from intermezzo.queries.claims.kept_verifications import Attempt, Attempts

COLUMNS = (
    "id",
    "status",
    "superseded_by",
    "why",
    "by",
    "written",
    "record",
    "claim",
    "history",
    "verifications",
)
"""Columns of ``claims show`` as data."""


def show_answer(there: Claims, attempts: Attempts, shown: Sequence[Kept]) -> Answer:
    """Return claims in full, each with its history and verifications."""
    names = {kept.record: kept.claim.id for kept in there.records}
    rows = []
    for k in shown:
        history = [
            dict(zip(("written", "id", "status", "why", "statement"), row, strict=True))
            for row in history_rows(there, k)
        ]
        checks = [_attempt_record(a) for a in attempts.of(k.claim.id)]
        by = names.get(k.superseded_by or "", k.superseded_by)
        said = table_of(k.claim)
        rows.append((k.claim.id, k.status, by, k.why, k.by, k.written, k.record, said, history, checks))
    return Answer(Sheet(COLUMNS, rows), lambda: [s for k in shown for s in _sheets(there, attempts, k)])


def _attempt_record(a: Attempt) -> dict[str, Any]:
    said = verification_table(a.foreign) if a.foreign is not None else dict(a.found or {})
    return {
        "kind": a.kind,
        "by": a.by,
        "verdict": a.verdict,
        "written": a.written,
        "superseded": a.superseded_by is not None,
        "contradictions": list(a.contradictions),
        "said": said,
        "record": a.record,
    }


def _sheets(there: Claims, attempts: Attempts, k: Kept) -> list[Sheet]:
    facts = [*claim_facts(k.claim), ("written", k.written[:19]), ("by", k.by), ("why", k.why)]
    known = [(name, value) for name, value in facts if value is not None]
    sheets = [Sheet(("field", "value"), known, caption=f"{k.claim.id}: {k.status}", whole=True)]
    past = history_rows(there, k)
    if past:
        heads = ("written", "claim", "status", "why", "statement")
        sheets.append(Sheet(heads, past, caption="History"))
    for a in attempts.of(k.claim.id):
        if a.superseded_by is None:
            caption = f"Verification by {a.by}: {a.verdict}"
            sheets.append(Sheet(("field", "value"), attempt_facts(a), caption=caption, whole=True))
    return sheets


def attempt_facts(a: Attempt) -> list[tuple[str, Any]]:
    """Return what a verification says, the fields that have a value."""
    if a.foreign is None:
        found = a.found or {}
        facts = [("kept", a.written[:19]), *(("reason", r) for r in found.get("reasons", ()))]
        open_ = [n for n, o in found.get("audit", {}).items() if o["status"] in ("fail", "unknown")]
        return [*facts, ("audits that do not pass", ", ".join(open_) or "none"), ("verified", a.verified)]
    v = a.foreign
    judged = "an attempt to verify the claim, not the claim" if v.about == "verification" else "the claim"
    facts = [("method", v.method), ("judges", judged), ("gate", v.gate)]
    facts += [("reason", reason) for reason in v.reasons]
    for p in v.scores:
        out_of = f" of {p.out_of:g}" if p.out_of is not None else ""
        facts.append((p.name, f"{p.value:g}{out_of}" + (f": {p.text}" if p.text else "")))
    if v.aggregate is not None:
        facts.append((v.aggregate.name, f"{v.aggregate.value:g}"))
    facts += list(v.grades.items())
    facts += [("its rule", v.rule), ("source", v.source), ("date", v.date), ("note", v.note)]
    facts += [("contradicts itself", sentence) for sentence in a.contradictions]
    return [(name, value) for name, value in facts if value is not None]
