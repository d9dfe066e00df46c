"""A small store with claims: supported, broken, corrected, hostile, and one that somebody else checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cli_store import small_store
from intermezzo.queries.claims.claim_file import claim_of
from intermezzo.queries.claims.kept import add_claims, correct
from intermezzo.queries.claims.kept_verifications import add_verifications
from intermezzo.queries.claims.verification import Verification
from intermezzo.queries.store.layout import Store

STILT = "xlm-r-large + mnli"


def claim(claim_id: str, statement: str, **more: Any) -> Any:
    return claim_of({"id": claim_id, "statement": statement} | more, "test")


def asks(**more: Any) -> dict[str, Any]:
    return {"question": "deltas", "params": {"system": STILT, "task": "xnli"}} | more


def claims_store(folder: Path) -> Store:
    """Make the store."""
    made = small_store(folder)
    add_claims(
        made,
        [
            claim("helps", "MNLI first helps XNLI.", units=["de", "en", "sw"], **asks()),
            claim("broken", "This asks for a table that is not there.", sql="SELECT * FROM nowhere"),
            claim("old", "MNLI first gains ten points.", margin=0.1, **asks(rule="any")),
            claim("evil", "Clears \x1b[2J the screen.", sql="SELECT 1 AS unit"),
        ],
    )
    correct(
        made, "old", claim("new", "MNLI first loses ten points.", **asks(operator="<", margin=-0.1)), "typo"
    )
    add_verifications(made, [Verification("helps", "them", "verified")])
    return made
