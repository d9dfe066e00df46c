"""Checking a claim: rows, verdict, audits, grades; what was used is kept with the answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from intermezzo.queries.records import RUNGS

from .asking import ask_rows
from .audits import audit_all, mandatory
from .audits.names import ALWAYS
from .audits.outcome import Outcome
from .behind import gather
from .claim import Claim, Verdict
from .grades import grades
from .rows import CannotEvaluate, Row
from .verdict import judge

if TYPE_CHECKING:
    from intermezzo.queries.locked import Locked
    from intermezzo.queries.store.reader import Reader


@dataclass(frozen=True, slots=True)
class Artefact:
    """What lets anybody derive a verdict again.

    Attributes:
        query: The statement, question or comparison.
        run_ids: The runs behind its rows.
    """

    query: str
    run_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of a claim came to.

    Attributes:
        claim: The claim.
        verdict: The verdict; ``error`` where the claim cannot be evaluated.
        reasons: Sentences: what decided, what capped it.
        rows: The evidence that was used.
        units: Verdict of each unit by its own interval.
        audit: Outcome of each audit.
        grades: Grade by name.
        artefact: Run ids and query, where all rows have runs behind them.
        error: Why it cannot be evaluated.
    """

    claim: Claim
    verdict: Verdict | Literal["error"]
    reasons: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    units: Mapping[str, Verdict] = field(default_factory=dict)
    audit: Mapping[str, Outcome] = field(default_factory=dict)
    grades: Mapping[str, str] = field(default_factory=dict)
    artefact: Artefact | None = None
    error: str | None = None

    @property
    def verified(self) -> bool:
        """Whether one may say verified: supported, no mandatory audit open, run ids and query attached."""
        if self.verdict != "supported" or self.artefact is None:
            return False
        needed = [self.audit[name].status for name in (*ALWAYS, *self.claim.mandatory)]
        return all(status in ("pass", "not applicable") for status in needed)


def check_claims(reader: Reader, claims: Iterable[Claim]) -> Iterator[Checked]:
    """Check claims one after another against one generation of a store; a fault stays with its claim."""
    from intermezzo.queries.locked import locked_connection

    with locked_connection(reader) as locked:
        for claim in claims:
            yield check_claim(reader, locked, claim)


def check_claim(reader: Reader, locked: Locked, claim: Claim) -> Checked:
    """Check one claim.

    Args:
        reader: The store.
        locked: A locked connection to the same generation.
        claim: The claim.
    """
    if claim.asked.nothing:
        reason = "It asks nothing of a store (no sql, question or compare): nothing here can bear on it."
        return _checked(reader, claim, [], (reason,))
    try:
        rows, flags = ask_rows(reader, locked, claim)
    except CannotEvaluate as error:
        return Checked(claim, "error", error=str(error))
    return _checked(reader, claim, rows, flags=flags)


def _checked(
    reader: Reader, claim: Claim, rows: list[Row], first: tuple[str, ...] = (), flags: tuple[str, ...] = ()
) -> Checked:
    judged = judge(claim, rows)
    case = replace(gather(reader, claim, rows, judged), flags=flags)
    audit = audit_all(case)
    reasons = list(first or judged.reasons)
    verdict = judged.verdict
    if claim.needs is not None and rows:
        weakest = min((row.rung for row in rows), key=RUNGS.index)
        if RUNGS.index(weakest) < RUNGS.index(claim.needs):
            reasons.append(f"It needs evidence that is {claim.needs}; what is here is {weakest}.")
            verdict = "undetermined"
    for name in mandatory(case):
        if audit[name].status == "fail":
            if rows:
                reasons.append(f"{name}: {audit[name].why}")
            verdict = "undetermined"
    run_ids = tuple(case.run_ids())
    whole = bool(rows) and bool(run_ids) and all(case.arms(row).known for row in rows)
    return Checked(
        claim=claim,
        verdict=verdict,
        reasons=tuple(reasons),
        rows=tuple(rows),
        units=judged.units,
        audit=audit,
        grades=grades(case),
        artefact=Artefact(str(claim.asked), run_ids) if whole else None,
    )
