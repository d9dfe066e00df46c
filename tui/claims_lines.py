"""Claims as rows and lines of the Claims place: the list, everything about one, the rows that decided it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from intermezzo.queries.matrix import LETTERS
from intermezzo.queries.words import holds

from .claim_in_full import attempt_facts
from .claims_text import MARKS, claim_facts, filtered_by, history_rows
from .table import Column

if TYPE_CHECKING:
    from intermezzo.queries.claims.check import Checked
    from intermezzo.queries.claims.kept import Claims, Kept
    from intermezzo.queries.claims.kept_verifications import Attempts
    from intermezzo.queries.claims.rows import Row

Line = tuple[str, str]
"""A line of a text: how it looks (``bold``, ``dim`` or empty), and what it says."""

LIST = (
    Column("verdict", most=12),
    Column("audits", most=9),
    Column("statement", most=200, stretch=True),
)

ROWS = (
    Column("unit", most=24, stretch=True),
    Column("delta", right=True, most=9),
    Column("low", right=True, most=9),
    Column("high", right=True, most=9),
    Column("n", right=True, most=9),
    Column("e", most=1),
    Column("verdict", most=12),
)


@dataclass(frozen=True, slots=True)
class ClaimsState:
    """What the Claims place shows.

    Attributes:
        pane: The pane with the focus.
        filter: Words that a claim must hold.
        every: Whether superseded and withdrawn claims are listed too.
        record: Record of the claim under the cursor.
        unit: Row under the cursor among those that decided it.
    """

    pane: str = "claims.grid"
    filter: str = ""
    every: bool = False
    record: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What the place knows.

    Attributes:
        claims: The records of claims.
        attempts: The verifications.
        checks: What the store makes of the claims that hold now, by record; empty until that is known.
    """

    claims: Claims
    attempts: Attempts
    checks: Mapping[str, Checked] = field(default_factory=dict)


def listed(found: Found, state: ClaimsState) -> list[Kept]:
    """Return the claims that a view shows, in the order in which they were said."""
    return [
        entry
        for entry in (found.claims.records if state.every else found.claims.current)
        if holds(filtered_by(entry.claim, verdict_of(found, entry)), state.filter)
    ]


def command_of(state: ClaimsState, entry: Kept | None, store: Sequence[str]) -> str:
    """Return the command that checks what is listed, or prints the claim under the cursor.

    Args:
        state: The view.
        entry: The claim whose panes have the focus; ``None`` for the list.
        store: The options that name the store.
    """
    if entry is not None and entry.status != "current":
        return shlex.join(["intermezzo", "claims", "show", entry.claim.id, *store])
    words = ["intermezzo", "check", *([entry.claim.id] if entry is not None else [])]
    if entry is None:
        words += ["--all"] if state.every else []
        words += ["--filter", state.filter] if state.filter.strip() else []
    return shlex.join([*words, *store])


def sql_of(state: ClaimsState, entry: Kept | None) -> str:
    """Return the SQL of the list, or of the rows that bear on a claim."""
    from intermezzo.queries.claims.claims_sql import claims_sql, rows_sql

    return claims_sql(state.filter, every=state.every) if entry is None else rows_sql(entry.claim)


def checked_or_kept(found: Found, shown: Sequence[Kept]) -> list[Checked | Kept]:
    """Return what the store makes of claims; those that hold no more as they were kept."""
    return [found.checks.get(entry.record, entry) for entry in shown]


def verdict_of(found: Found, entry: Kept) -> str:
    """Return the verdict of a claim that holds now, or what has become of it."""
    if entry.status != "current":
        return entry.status
    checked = found.checks.get(entry.record)
    return "..." if checked is None else checked.verdict


def cells(found: Found, entry: Kept) -> tuple[str, ...]:
    """Return a claim's cells in the list."""
    checked = found.checks.get(entry.record)
    return verdict_of(found, entry), _counted(checked), entry.claim.statement


def _counted(checked: Checked | None) -> str:
    if checked is None:
        return ""
    statuses = [outcome.status for outcome in checked.audit.values()]
    parts = [(statuses.count("fail"), MARKS["fail"]), (statuses.count("unknown"), MARKS["unknown"])]
    return " ".join(f"{number}{mark}" for number, mark in parts if number)


def row_cells(checked: Checked) -> list[tuple[str, ...]]:
    """Return the rows that decided a claim as texts."""
    return [
        (
            row.unit,
            signed(row.delta),
            signed(row.low),
            signed(row.high),
            "" if row.n is None else f"{row.n:,}",
            LETTERS.get(row.rung, "?"),
            checked.units.get(row.unit, ""),
        )
        for row in checked.rows
    ]


def signed(value: float | None) -> str:
    """Return a difference as rows of a claim show it: with its sign, in the metric's own unit."""
    return "·" if value is None else f"{value:+.4f}"


def row_of(checked: Checked, unit: str | None) -> Row | None:
    """Return the row of a unit, if it is there."""
    return next((row for row in checked.rows if row.unit == unit), None)


def detail_lines(found: Found, entry: Kept) -> list[Line]:
    """Return everything about a claim: verdict and reasons, audits, grades, what it says, history, checks."""
    checked = found.checks.get(entry.record)
    lines: list[Line] = [("bold", entry.claim.statement), ("", "")]
    if entry.status != "current":
        names = {kept.record: kept.claim.id for kept in found.claims.records}
        by = f" by {names.get(entry.superseded_by, '?')}" if entry.superseded_by else ""
        lines.append(("bold", f"This claim is {entry.status}{by}."))
    elif checked is None:
        lines.append(("dim", "being checked ..."))
    else:
        lines += _verdict(checked)
    lines += [("", ""), ("bold", "The claim")]
    lines += [("", f"  {name}: {value}") for name, value in claim_facts(entry.claim)[1:]]
    lines += [("", f"  {name}: {value}") for name, value in (("by", entry.by), ("why", entry.why)) if value]
    past = history_rows(found.claims, entry)
    if past:
        lines += [("", ""), ("bold", "History")]
        for written, claim_id, status, why, statement in past:
            because = f" ({why})" if why else ""
            lines.append(("", f"  {written} {claim_id}, {status}: {statement}{because}"))
    for attempt in found.attempts.of(entry.claim.id):
        if attempt.superseded_by is None:
            lines += [("", ""), ("bold", f"Verification by {attempt.by}: {attempt.verdict}")]
            lines += [("", f"  {name}: {value}") for name, value in attempt_facts(attempt)]
    return lines


def _verdict(checked: Checked) -> list[Line]:
    said = "cannot be evaluated" if checked.verdict == "error" else checked.verdict
    lines: list[Line] = [("bold", said.capitalize() + (", verified" if checked.verified else ""))]
    lines += [("", f"  {reason}") for reason in (*checked.reasons, checked.error or "") if reason]
    if checked.audit:
        lines += [("", ""), ("bold", "Audits")]
    for name, outcome in checked.audit.items():
        look = "dim" if outcome.status == "not applicable" else ""
        lines.append((look, f"  {MARKS[outcome.status]} {name}: {outcome.why}"))
    if checked.grades:
        lines += [("", ""), ("bold", "Grades")]
    lines += [("", f"  {name}: {grade}") for name, grade in checked.grades.items()]
    return lines


def texts(found: Found, shown: Sequence[Kept]) -> list[tuple[str, ...]]:
    """Return the texts of the list."""
    return [cells(found, entry) for entry in shown]
