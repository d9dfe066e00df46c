"""Claims as text: the answers of ``check`` and of the ``claims`` commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from intermezzo.queries.claims.kept import Kept

from .output import Answer, Sheet, counted

if TYPE_CHECKING:
    from intermezzo.queries.claims.audits.outcome import Outcome
    from intermezzo.queries.claims.check import Checked
    from intermezzo.queries.claims.claim import Claim
    from intermezzo.queries.claims.kept import Claims
    from intermezzo.queries.claims.kept_verifications import Attempts

CHECK_COLUMNS = (
    "id",
    "statement",
    "source",
    "verdict",
    "audit",
    "grades",
    "must",
    "reasons",
    "audit_reasons",
    "units",
    "rows",
    "verified",
    "run_ids",
    "query",
    "error",
)
"""Columns of ``check`` as data."""

EVIDENCE_COLUMNS = ("unit", "delta", "low", "high", "n", "rung", "verdict")
"""Columns of the rows that decided a claim."""

MARKS = {"pass": "+", "fail": "✗", "unknown": "?", "not applicable": "-"}
"""One sign for each status of an audit."""


def check_answer(found: Sequence[Checked | Kept]) -> Answer:
    """Return what checks came to: one row a claim as data, for reading the verdicts and then each audit.

    Args:
        found: The checks; of a claim that holds no more what is kept of it.
    """
    rows = [tuple((_kept_record(c) if isinstance(c, Kept) else record(c)).values()) for c in found]
    return Answer(Sheet(CHECK_COLUMNS, rows), lambda: _sheets(found), notes=(_count(found),))


def evidence_answer(c: Checked) -> Answer:
    """Return the rows that decided a claim."""
    rows = [(r.unit, r.delta, r.low, r.high, r.n, r.rung, c.units.get(r.unit)) for r in c.rows]
    return Answer(Sheet(EVIDENCE_COLUMNS, rows), lambda: [_evidence(c)], notes=(f"{c.claim.must}.",))


def filtered_by(claim: Claim, verdict: str) -> tuple[str | None, ...]:
    """Return what a filter of claims looks in."""
    return claim.id, claim.statement, claim.source, verdict


def verdict_of(c: Checked | Kept) -> str:
    """Return the verdict of a claim that holds now, or what has become of it."""
    return c.status if isinstance(c, Kept) else c.verdict


def _kept_record(c: Kept) -> dict[str, Any]:
    """Return a claim that holds no more by column name: what it says, and what has become of it."""
    said = {"id": c.claim.id, "statement": c.claim.statement, "source": c.claim.source, "verdict": c.status}
    said |= {"must": c.claim.must, "query": str(c.claim.asked) or None}
    return {name: said.get(name) for name in CHECK_COLUMNS}


def record(c: Checked) -> dict[str, Any]:
    """Return a check by column name."""
    return {
        "id": c.claim.id,
        "statement": c.claim.statement,
        "source": c.claim.source,
        "verdict": c.verdict,
        "audit": {name: outcome.status for name, outcome in c.audit.items()},
        "grades": dict(c.grades),
        "must": c.claim.must,
        "reasons": list(c.reasons),
        "audit_reasons": {name: outcome.why for name, outcome in c.audit.items()},
        "units": dict(c.units),
        "rows": [
            {"unit": r.unit, "delta": r.delta, "low": r.low, "high": r.high, "n": r.n, "rung": r.rung}
            for r in c.rows
        ],
        "verified": c.verified,
        "run_ids": list(c.artefact.run_ids) if c.artefact else [],
        "query": str(c.claim.asked) or None,
        "error": c.error,
    }


def _sheets(found: Sequence[Checked | Kept]) -> list[Sheet]:
    if len(found) != 1 or any(isinstance(c, Kept) for c in found):
        rows = [
            (c.claim.id, verdict_of(c), "" if isinstance(c, Kept) else audit_line(c.audit), c.claim.statement)
            for c in found
        ]
        return [Sheet(("claim", "verdict", "audits that do not pass", "statement"), rows)]
    [c] = found
    assert not isinstance(c, Kept)
    sheets = [Sheet(("field", "value"), _facts(c), caption=f"{c.claim.id}: {c.verdict}", whole=True)]
    sheets += [_evidence(c)] if c.rows else []
    audits = [(name, o.status, o.why) for name, o in c.audit.items()]
    if audits:
        sheets.append(Sheet(("audit", "outcome", "why"), audits, caption="Audits", whole=True))
    return sheets


def _evidence(c: Checked) -> Sheet:
    shown = [
        (r.unit, *(_points(v) for v in (r.delta, r.low, r.high)), r.n, r.rung, c.units.get(r.unit))
        for r in c.rows
    ]
    return Sheet(EVIDENCE_COLUMNS, shown, caption="Evidence", right=frozenset({"delta", "low", "high"}))


def _facts(c: Checked) -> list[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = claim_facts(c.claim)
    facts += [("reason", reason) for reason in c.reasons]
    facts += list(c.grades.items())
    if c.error:
        facts.append(("error", c.error))
    if c.verified and c.artefact:
        facts.append(("verified by", f"the query above on {counted(len(c.artefact.run_ids), 'run')}"))
    return facts


def claim_facts(claim: Claim) -> list[tuple[str, Any]]:
    """Return what a claim says, the fields that have a value."""
    facts = [
        ("statement", claim.statement),
        ("source", claim.source),
        ("locator", claim.locator),
        ("note", claim.note),
        ("must hold", claim.must),
        ("family", claim.family),
        ("units", ", ".join(claim.units) or None),
        ("needs", claim.needs),
        ("asks", str(claim.asked) or None),
    ]
    return [(name, value) for name, value in facts if value is not None]


def audit_line(audit: Mapping[str, Outcome]) -> str:
    """Return the audits that failed or are unknown, each with its sign."""
    return ", ".join(
        f"{MARKS[o.status]} {name}" for name, o in audit.items() if o.status in ("fail", "unknown")
    )


def _points(value: float | None) -> str | None:
    """Return a difference with four decimals and its sign, in the natural unit."""
    return None if value is None else f"{value:+.4f}"


def _count(found: Sequence[Checked | Kept]) -> str:
    kinds: dict[str, int] = {}
    for c in found:
        kinds[verdict_of(c)] = kinds.get(verdict_of(c), 0) + 1
    said = ", ".join(f"{number} {kind}" for kind, number in kinds.items())
    return f"{counted(len(found), 'claim')}: {said.replace('error', 'not evaluated')}."


def damage_notes(there: Claims, attempts: Attempts | None = None) -> list[str]:
    """Return a sentence for each record that says nothing."""
    notes = [f"claims/{name} says nothing: {why}." for name, why in there.damaged.items()]
    bad = attempts.damaged if attempts is not None else {}
    return [*notes, *(f"verifications/{name} says nothing: {why}." for name, why in bad.items())]


CLAIM_COLUMNS = (
    "id",
    "statement",
    "source",
    "locator",
    "status",
    "verdict",
    "rule",
    "operator",
    "margin",
    "needs",
    "supersedes",
    "superseded_by",
    "why",
    "by",
    "written",
    "record",
)
"""Columns of ``claims list`` as data."""


def list_answer(there: Claims, attempts: Attempts, *, every: bool) -> Answer:
    """Return the claims of a store.

    Args:
        there: All its records.
        attempts: Its verifications: our latest gives the verdict.
        every: Those superseded and withdrawn too.
    """
    names = {kept.record: kept.claim.id for kept in there.records}
    listed = there.records if every else there.current
    rows = [
        (
            k.claim.id,
            k.claim.statement,
            k.claim.source,
            k.claim.locator,
            k.status,
            found.verdict if (found := attempts.latest_own(k.record)) is not None else None,
            str(k.claim.rule),
            k.claim.operator,
            k.claim.margin,
            k.claim.needs,
            [names.get(r, r) for r in k.supersedes],
            names.get(k.superseded_by or "", k.superseded_by),
            k.why,
            k.by,
            k.written,
            k.record,
        )
        for k in listed
    ]

    def reading() -> list[Sheet]:
        told = [dict(zip(CLAIM_COLUMNS, row, strict=True)) for row in rows]
        if not every:
            last = [(r["id"], r["verdict"] or "not checked yet", r["statement"]) for r in told]
            return [Sheet(("claim", "last verdict", "statement"), last)]
        by = [r["superseded_by"] if r["superseded_by"] != r["id"] else "its correction" for r in told]
        shown = [(r["id"], r["status"], b, r["statement"]) for r, b in zip(told, by, strict=True)]
        return [Sheet(("claim", "status", "by", "statement"), shown)]

    return Answer(Sheet(CLAIM_COLUMNS, rows), reading)


def history_rows(there: Claims, kept: Kept) -> list[tuple[Any, ...]]:
    """Return what came before and after a record, oldest first: when, id, status, why, statement."""
    return [(k.written[:10], k.claim.id, k.status, k.why, k.claim.statement) for k in there.history(kept)]
