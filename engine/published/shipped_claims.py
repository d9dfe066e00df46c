"""The claims and foreign verifications that came with the program, and adding them to a store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from intermezzo.queries.version import VERSION

if TYPE_CHECKING:
    from intermezzo.queries.claims.claim import Claim
    from intermezzo.queries.claims.verification import Verification
    from intermezzo.queries.store.layout import Store

CLAIMS = "claims.toml"
VERIFICATIONS = "verifications.toml"
FILES = (CLAIMS, VERIFICATIONS)

_BY = "intermezzo"


def shipped_claims() -> list[Claim]:
    """Return the claims, those that are superseded before those that supersede them."""
    from intermezzo.engine.published import folder
    from intermezzo.queries.claims.claim_file import read_claims

    return read_claims(folder() / CLAIMS)


def shipped_verifications() -> list[Verification]:
    """Return the verifications, as found."""
    from intermezzo.engine.published import folder
    from intermezzo.queries.claims.verification import read_verifications

    return read_verifications(folder() / VERIFICATIONS)


def add_shipped(store: Store, more: Sequence[Claim] = ()) -> list[str]:
    """Add them to a store; what somebody corrected there stays corrected.

    A claim that an earlier version of the program said otherwise, and that nobody touched, is corrected.

    Args:
        store: Where to.
        more: Other claims that came with the program, over runs that are in this store.

    Returns:
        The ids of the claims that are new or corrected.

    Raises:
        StoreError: If the store cannot be written.
    """
    from intermezzo.queries.claims.kept import add_claims, correct, read_kept
    from intermezzo.queries.claims.kept_verifications import add_verifications

    there = read_kept(store)
    changed: list[str] = []
    new: list[Claim] = []
    for claim in (*shipped_claims(), *more):
        versions = [kept for kept in there.records if kept.claim.id == claim.id]
        if not versions:
            new.append(claim)
        elif versions[-1].status == "current" and all(kept.claim != claim for kept in versions):
            why = f"intermezzo {VERSION} says it otherwise"
            if not (versions[-1].by or "").startswith(_BY):
                continue
            correct(store, claim.id, claim, why, f"{_BY} {VERSION}")
            changed.append(claim.id)
    added, _ = add_claims(store, new, f"{_BY} {VERSION}")
    add_verifications(store, shipped_verifications())
    return [*changed, *added]
