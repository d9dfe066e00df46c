"""``seeds``: was each trained arm trained more than once?"""

from __future__ import annotations

from intermezzo.queries.claims.behind import Behind, Case
from intermezzo.queries.claims.verdict import named

from .outcome import NO_ROWS, UNNAMED, Outcome, failed, not_applicable, passed, unknown

ENOUGH = 3
"""Train seeds an arm from which its variance can be told at all well."""


def audit(case: Case) -> Outcome:
    """Pass from three train seeds an arm on; unknown where files name none."""
    if not case.rows:
        return NO_ROWS
    few: dict[str, int] = {}
    silent: dict[str, None] = {}
    trained = looked_at = 0
    least = None
    for row in case.rows:
        arms = case.arms(row)
        for side in (arms.a, arms.b):
            if not side:
                continue
            looked_at += 1
            if not any(b.trained for b in side):
                continue
            trained += 1
            count = train_seeds(side)
            if count is None:
                silent.setdefault(side[0].system)
            elif count < ENOUGH:
                few[side[0].system] = min(count, few.get(side[0].system, count))
            least = count if least is None else min(least, count or least)
    if not looked_at:
        return UNNAMED
    if not trained:
        return not_applicable("Nothing was trained: prompted or frozen systems have no train seed.")
    if few:
        said = [f"{s} {'has 1 seed' if k == 1 else f'has {k} seeds'}" for s, k in few.items()]
        return failed(f"{'; '.join(said)}: training variance is not known from fewer than {ENOUGH}.")
    if silent:
        return unknown(f"The train seeds of {named(list(silent))} are not known: training variance unknown.")
    return passed(f"At least {least} train seeds an arm.")


def train_seeds(side: tuple[Behind, ...]) -> int | None:
    """Return the least number of train seeds over languages; ``None`` where a seed is not known."""
    by_language: dict[str | None, set[int]] = {}
    for b in side:
        if b.train_seed is None:
            return None
        by_language.setdefault(b.language, set()).add(b.train_seed)
    return min((len(found) for found in by_language.values()), default=None)
