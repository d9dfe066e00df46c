"""The claims of a store: records that are only ever added (``claims/<hash>.json``).

A record says a claim, and which records it supersedes and why. A claim that no trusted record supersedes is
current. Correcting a claim adds a record, withdrawing it too; what was said before stays readable for ever.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from intermezzo.queries.errors import Problem
from intermezzo.queries.harmless import harmless
from intermezzo.queries.store.layout import Step, Store, no_step, storable
from intermezzo.queries.store.records_kept import add_record, read_records

from .claim import Claim
from .claim_file import claim_of, table_of
from .toml_table import FileFault


@dataclass(frozen=True, slots=True)
class Kept:
    """A claim as a store keeps it.

    Attributes:
        record: Name of its record: a hash of what it says and when.
        claim: The claim; for a withdrawal the claim that is withdrawn.
        withdrawn: Whether the record takes the claim back.
        supersedes: Records that it replaces.
        superseded_by: The record that replaces it; ``None``: it is current.
        why: Why it replaces what it does.
        by: Who wrote it.
        written: When, ISO 8601, UTC.
    """

    record: str
    claim: Claim
    withdrawn: bool
    supersedes: tuple[str, ...]
    superseded_by: str | None
    why: str | None
    by: str | None
    written: str

    @property
    def status(self) -> str:
        """``current``, ``superseded`` or ``withdrawn``."""
        if self.superseded_by is not None:
            return "superseded"
        return "withdrawn" if self.withdrawn else "current"


@dataclass(frozen=True, slots=True)
class Claims:
    """All records of claims of a store.

    Attributes:
        records: Those that can be trusted, oldest first.
        damaged: Why others cannot, by file name.
    """

    records: tuple[Kept, ...]
    damaged: Mapping[str, str]

    @property
    def current(self) -> tuple[Kept, ...]:
        """The claims that hold now, oldest first."""
        return tuple(k for k in self.records if k.status == "current")

    def find(self, claim_id: str) -> Kept:
        """Return the newest record of a claim, current or not.

        Raises:
            Problem: There is none; the sentence says which are near.
        """
        found = [k for k in self.records if k.claim.id == claim_id]
        if found:
            return next((k for k in reversed(found) if k.superseded_by is None), found[-1])
        raise Problem(_no_claim(claim_id, sorted({k.claim.id for k in self.records})))

    def history(self, kept: Kept) -> tuple[Kept, ...]:
        """Return the records that led to one and came after it, oldest first, without itself."""
        by_name = {k.record: k for k in self.records}
        seen: set[str] = set()
        waiting = [kept.record]
        while waiting:
            name = waiting.pop()
            entry = by_name.get(name)
            if name in seen or entry is None:
                continue
            seen.add(name)
            waiting += entry.supersedes
            waiting += [k.record for k in self.records if name in k.supersedes]
        return tuple(k for k in self.records if k.record in seen and k.record != kept.record)


def read_kept(store: Store) -> Claims:
    """Read the claims of a store; records that cannot be trusted say nothing, and are told."""
    bodies, bad = read_records(store.claims)
    found: dict[str, Kept] = {}
    for name, body in bodies.items():
        entry = _kept(name, body)
        if isinstance(entry, Kept):
            found[name] = entry
        else:
            bad[f"{name}.json"] = entry
    ordered = sorted(found.values(), key=lambda k: (k.written, k.record))
    replaced: dict[str, str] = {}
    for entry in ordered:
        replaced.update(dict.fromkeys((r for r in entry.supersedes if r != entry.record), entry.record))
    # Stores that were merged may both have a claim of one id: the newest holds.
    newest: dict[str, str] = {}
    for entry in ordered:
        if entry.record not in replaced:
            before = newest.get(entry.claim.id)
            if before is not None:
                replaced[before] = entry.record
            newest[entry.claim.id] = entry.record
    return Claims(tuple(replace(e, superseded_by=replaced.get(e.record)) for e in ordered), bad)


def _kept(name: str, body: Mapping[str, Any]) -> Kept | str:
    try:
        claim = claim_of(body["claim"], "it")
        supersedes, why, by = body["replaces"], body["why"], body["by"]
    except (KeyError, TypeError, AttributeError):
        return "it is no record of a claim"
    except FileFault as error:
        return f"its claim cannot be read ({error})"
    if not isinstance(supersedes, list) or not all(isinstance(s, str) for s in supersedes):
        return "it is no record of a claim"
    return Kept(
        name,
        claim,
        bool(body.get("withdrawn")),
        tuple(supersedes),
        None,
        None if why is None else str(why),
        None if by is None else str(by),
        body["written"],
    )


def add_claims(
    store: Store, claims: Sequence[Claim], by: str | None = None, step: Step = no_step
) -> tuple[list[str], list[str]]:
    """Add claims to a store; those it has already are left as they are.

    A claim that supersedes others must find them in the store or earlier among ``claims``.

    Returns:
        The ids that were added, and those that were there.

    Raises:
        Problem: A claim says otherwise than the store's of the same id, or supersedes one that is not there;
            nothing is added then.
        StoreError: If the store cannot be written.
    """
    there = read_kept(store)
    newest: dict[str, Kept] = {}
    known: dict[str, list[Claim]] = {}
    for kept in there.records:
        known.setdefault(kept.claim.id, []).append(kept.claim)
        if kept.superseded_by is None or kept.claim.id not in newest:
            newest[kept.claim.id] = kept
    new: list[Claim] = []
    for claim in claims:
        if claim in known.get(claim.id, ()):
            continue
        if claim.id in known:
            raise Problem(
                f"The store has a claim {claim.id} that says otherwise. Correct it: "
                f"intermezzo claims correct {claim.id} FILE --why TEXT; or give yours another id."
            )
        for earlier in claim.supersedes:
            if earlier not in newest and earlier not in {c.id for c in new}:
                raise Problem(
                    f"{claim.id} supersedes {harmless(earlier)}, which is neither in the store "
                    "nor before it in the file."
                )
        new.append(claim)
    times = [kept.written for kept in there.records]
    names = {claim_id: kept.record for claim_id, kept in newest.items()}
    for claim in new:
        body = _body(claim, [names[earlier] for earlier in claim.supersedes], claim.why, by)
        name = add_record(store, store.claims, body, times, step)
        names[claim.id] = name
        times.append(_written(store, name))
    added = [claim.id for claim in new]
    return added, [claim.id for claim in claims if claim.id not in added]


def correct(
    store: Store, claim_id: str, claim: Claim | None, why: str, by: str | None = None, step: Step = no_step
) -> str:
    """Supersede a claim by another, or withdraw it; the old one stays readable.

    Args:
        store: The store.
        claim_id: The claim that is corrected; it must be current.
        claim: What is said now, under the same id or another; ``None`` to withdraw it.
        why: The reason; it is kept.
        by: Who says so.
        step: Hook for tests.

    Returns:
        The name of the new record.

    Raises:
        Problem: There is no such claim, it is not current, or nothing would change.
        StoreError: If the store cannot be written.
    """
    there = read_kept(store)
    old = there.find(claim_id)
    if old.status != "current":
        raise Problem(
            f"{claim_id} is {old.status} already: `intermezzo claims show {claim_id}` says by what."
        )
    if not why.strip():
        raise Problem("A correction needs a reason: whoever reads the store later will ask for it.")
    if claim is not None and claim == old.claim:
        raise Problem(f"The correction of {claim_id} says what the claim says: nothing was changed.")
    if claim is not None and claim.id != claim_id and any(k.claim.id == claim.id for k in there.records):
        raise Problem(
            f"The store has a claim {claim.id} already: correct that one, or give yours another id."
        )
    body = _body(claim or old.claim, [old.record], why.strip(), by, withdrawn=claim is None)
    return add_record(store, store.claims, body, [k.written for k in there.records], step)


def _body(
    claim: Claim, replaces: list[str], why: str | None, by: str | None, *, withdrawn: bool = False
) -> dict[str, Any]:
    return {
        "claim": table_of(claim),
        "withdrawn": withdrawn,
        "replaces": replaces,
        "why": None if why is None else storable(why),
        "by": None if by is None else storable(by),
    }


def _written(store: Store, name: str) -> str:
    from intermezzo.queries.store.records_kept import read_record

    return str(read_record(store.claims / f"{name}.json")["written"])


def _no_claim(word: str, known: list[str]) -> str:
    import difflib

    near = difflib.get_close_matches(word, known, 3)
    if near:
        hint = f"Did you mean {' or '.join(near)}?"
    elif known:
        hint = "`intermezzo claims list` lists them."
    else:
        hint = "It holds none: `intermezzo claims add FILE` adds some, --shipped those of the program."
    return f"There is no claim {harmless(word)!r} in this store. {hint}"
