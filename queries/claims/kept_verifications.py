"""Verifications of a store: records that are only ever added (``verifications/<hash>.json``).

Ours hold what ``check`` found and the evidence it used; one that says something new supersedes the last.
Foreign ones hold what somebody else said, as found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from intermezzo.queries.errors import Problem
from intermezzo.queries.harmless import harmless
from intermezzo.queries.store.layout import Step, Store, no_step
from intermezzo.queries.store.records_kept import add_record, read_records
from intermezzo.queries.version import VERSION

from .check import Checked
from .contradictions import contradictions
from .kept import Claims, read_kept
from .toml_table import FileFault
from .verification import Verification, verification_of, verification_table

Kind = Literal["own", "foreign"]

OWN = "intermezzo"
"""Who made a verification of ours."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A verification as a store keeps it.

    Attributes:
        record: Name of its record.
        kind: ``own`` or ``foreign``.
        claim: Id of the claim.
        claim_record: The version of the claim that was checked; ``None`` for foreign ones.
        by: Who.
        verdict: The verdict; ours is one of three, or ``error``.
        written: When it was written here.
        foreign: What somebody else said.
        found: What a check of ours found: verdict, reasons, audit, grades, rows, artefact.
        superseded_by: The record that replaces it.
    """

    record: str
    kind: Kind
    claim: str
    claim_record: str | None
    by: str
    verdict: str
    written: str
    foreign: Verification | None = None
    found: Mapping[str, Any] | None = None
    superseded_by: str | None = None

    @property
    def contradictions(self) -> tuple[str, ...]:
        """What a foreign one says against itself."""
        return contradictions(self.foreign) if self.foreign is not None else ()

    @property
    def verified(self) -> bool:
        """Whether verified may be said: only of ours, with run ids and query attached."""
        return bool(self.found and self.found.get("verified") and self.found.get("artefact"))


@dataclass(frozen=True, slots=True)
class Attempts:
    """All verifications of a store, oldest first, and why other records say nothing, by file."""

    records: tuple[Attempt, ...]
    damaged: Mapping[str, str]

    def of(self, claim_id: str) -> tuple[Attempt, ...]:
        """Return those of a claim."""
        return tuple(a for a in self.records if a.claim == claim_id)

    def latest_own(self, claim_record: str) -> Attempt | None:
        """Return our newest of one version of a claim."""
        own = [a for a in self.records if a.kind == "own" and a.claim_record == claim_record]
        return own[-1] if own else None


def read_attempts(store: Store) -> Attempts:
    """Read the verifications of a store; records that cannot be trusted say nothing, and are told."""
    bodies, bad = read_records(store.verifications)
    found: list[Attempt] = []
    replaced: dict[str, str] = {}
    for name, body in bodies.items():
        try:
            attempt = _attempt(name, body)
            replaced.update(dict.fromkeys((str(r) for r in body["replaces"]), name))
        except (KeyError, TypeError, AttributeError):
            bad[f"{name}.json"] = "it is no record of a verification"
        except FileFault as error:
            bad[f"{name}.json"] = f"it cannot be read ({error})"
        else:
            found.append(attempt)
    ordered = sorted(found, key=lambda a: (a.written, a.record))
    return Attempts(tuple(replace(a, superseded_by=replaced.get(a.record)) for a in ordered), bad)


def _attempt(name: str, body: Mapping[str, Any]) -> Attempt:
    if body["kind"] == "foreign":
        foreign = verification_of(body["verification"], "it")
        return Attempt(
            name,
            "foreign",
            foreign.claim,
            None,
            foreign.by,
            foreign.verdict,
            body["written"],
            foreign=foreign,
        )
    if body["kind"] != "own" or not isinstance(body["found"], dict):
        raise KeyError("kind")
    found = body["found"]
    artefact = found.get("artefact") or {"query": None, "run_ids": []}
    if (
        not isinstance(found["audit"], dict)
        or not all(isinstance(o, dict) and isinstance(o["status"], str) for o in found["audit"].values())
        or not isinstance(found["reasons"], list)
        or not isinstance(found.get("grades") or {}, dict)
        or not isinstance(artefact["query"], str | None)
        or not isinstance(artefact["run_ids"], list)
    ):
        raise KeyError("found")
    return Attempt(
        name,
        "own",
        str(body["claim"]),
        str(body["claim_record"]),
        str(body["by"]),
        str(found["verdict"]),
        body["written"],
        found=found,
    )


def add_verifications(store: Store, said: Sequence[Verification], step: Step = no_step) -> tuple[int, int]:
    """Add foreign verifications as found; those that are there already are left as they are.

    Returns:
        How many were added, and how many were there.

    Raises:
        Problem: One is about a claim that the store does not have; nothing is added then.
        StoreError: If the store cannot be written.
    """
    claims = read_kept(store)
    there = read_attempts(store)
    known = {k.claim.id for k in claims.records}
    for v in said:
        if v.claim not in known:
            raise Problem(
                f"The verification by {harmless(v.by)} is about the claim {harmless(v.claim)!r}, "
                "which this store does not hold: add the claim first."
            )
    seen = [a.foreign for a in there.records if a.foreign is not None]
    new: list[Verification] = []
    for v in said:
        if v not in seen and v not in new:
            new.append(v)
    for v in new:
        body = {"kind": "foreign", "verification": verification_table(v), "replaces": []}
        add_record(store, store.verifications, body, (a.written for a in there.records), step)
    return len(new), len(said) - len(new)


def keep_checks(store: Store, checks: Iterable[Checked], claims: Claims, step: Step = no_step) -> int:
    """Keep what checks of a store's own claims found, where it is something new.

    Returns:
        How many records were added.

    Raises:
        StoreError: If the store cannot be written.
    """
    there = read_attempts(store)
    current = {k.claim.id: k for k in claims.current}
    added = 0
    for checked in checks:
        kept = current.get(checked.claim.id)
        if kept is None or kept.claim != checked.claim:
            continue
        version = kept.record
        found = _found(checked)
        last = there.latest_own(version)
        if last is not None and last.found == found:
            continue
        body = {
            "kind": "own",
            "claim": checked.claim.id,
            "claim_record": version,
            "by": f"{OWN} {VERSION}",
            "found": found,
            "replaces": [last.record] if last is not None else [],
        }
        add_record(store, store.verifications, body, (a.written for a in there.records), step)
        added += 1
    return added


def _found(c: Checked) -> dict[str, Any]:
    """Return what a check found as a record holds it; equal findings are equal dictionaries."""
    artefact = c.artefact
    return {
        "verdict": c.verdict,
        "reasons": list(c.reasons),
        "error": c.error,
        "audit": {name: {"status": o.status, "why": o.why} for name, o in c.audit.items()},
        "grades": dict(c.grades),
        "units": dict(c.units),
        "rows": [
            {"unit": r.unit, "delta": r.delta, "low": r.low, "high": r.high, "n": r.n, "rung": r.rung}
            for r in c.rows
        ],
        "verified": c.verified,
        "artefact": {"query": artefact.query, "run_ids": list(artefact.run_ids)} if artefact else None,
    }
