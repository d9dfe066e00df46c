"""``selection``: was something chosen on the test set, on target-language dev data, or by its result?"""

from __future__ import annotations

import re

from intermezzo.queries.claims.behind import Behind, Case
from intermezzo.queries.claims.verdict import named

from .outcome import NO_ROWS, UNNAMED, Outcome, failed, not_applicable, passed, unknown

_TEST = re.compile(r"\btest\b", re.IGNORECASE)
_TARGET = re.compile(r"\b(target|oracle|all languages|each language)\b", re.IGNORECASE)
_HARMLESS = re.compile(
    r"\b(english|en|source|train(ing)? language|last|final|latest|fixed|none|no selection)\b", re.IGNORECASE
)
"""Words by which a choice is known to have used no target-language data."""

_BEST = re.compile(r"^best\b", re.IGNORECASE)


def audit(case: Case) -> Outcome:
    """Fail where a recipe or checkpoint was chosen by what it is judged by; unknown where nothing is said."""
    if not case.rows:
        return NO_ROWS
    behind = [b for row in case.rows for b in case.arms(row).both]
    if not behind:
        return UNNAMED
    found = dict.fromkeys(said for b in behind if (said := _chosen(b)))
    if found:
        return failed(f"{named(list(found), 3)}.")
    trained = [b for b in behind if b.trained]
    if not trained:
        return not_applicable("Nothing was trained, so no checkpoint was chosen.")
    silent = dict.fromkeys(b.system for b in trained if b.selection is None)
    if silent:
        return unknown(f"What the checkpoints of {named(list(silent))} were chosen on is not known.")
    open_ = dict.fromkeys(
        f"{b.system} ({b.selection})" for b in trained if not _HARMLESS.search(b.selection or "")
    )
    if open_:
        return unknown(
            f"Whether target-language data chose the checkpoints is not known: {named(list(open_), 3)}."
        )
    return passed("No checkpoint was chosen on the test set or on target-language data.")


def _chosen(b: Behind) -> str | None:
    if b.recipe is not None and _BEST.search(b.recipe):
        return f"The recipe of {b.system} was chosen by its result ({b.recipe})"
    if b.selection is None:
        return None
    if _TEST.search(b.selection):
        return f"{b.system} was chosen on the test set ({b.selection})"
    if _TARGET.search(b.selection):
        return f"{b.system} was chosen on target-language data ({b.selection})"
    return None
