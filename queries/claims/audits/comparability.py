"""``comparability``: were both arms evaluated alike? Same, different or unknown, attribute by attribute."""

from __future__ import annotations

from collections.abc import Callable

from intermezzo.queries.claims.behind import Behind, Case
from intermezzo.queries.claims.verdict import named

from .outcome import NO_ROWS, UNNAMED, Outcome, failed, passed, unknown

_ATTRIBUTES: dict[str, Callable[[Behind], object]] = {
    "number of items": lambda b: b.n,
    "items": lambda b: b.item_set,
    "data set revision": lambda b: b.dataset_revision,
    "shots": lambda b: b.shots if b.shots is not None else 0,
    "prompt": lambda b: b.prompt_hash if b.shots is not None else "none",
    "train language": lambda b: (b.train_language or b.task_train_language) if b.trained else "none",
    "selection": lambda b: b.selection if b.trained else "none",
}
"""What must be alike besides the yardstick; an attribute that does not apply is alike."""


def audit(case: Case) -> Outcome:
    """Fail where an attribute differs between the arms; unknown where one is not known on both sides."""
    if not case.rows:
        return NO_ROWS
    different: list[str] = []
    open_: dict[str, None] = {}
    named_rows = 0
    for row in case.rows:
        arms = case.arms(row)
        if not arms.known:
            continue
        named_rows += 1
        for a in arms.a:
            for b in (b for b in arms.b if b.language == a.language):
                for name, of in _ATTRIBUTES.items():
                    one, other = of(a), of(b)
                    if one is None or other is None:
                        open_.setdefault(name)
                    elif one != other:
                        different.append(f"{name} in {a.language or row.unit} ({one} against {other})")
    if not named_rows:
        return UNNAMED
    if different:
        return failed(f"Not alike: {named(list(dict.fromkeys(different)), 3)}.")
    if named_rows < len(case.rows):
        return unknown("Some rows name no system, baseline and yardstick.")
    if open_:
        return unknown(f"One yardstick; not known of both sides: {named(list(open_), 7)}.")
    return passed("One yardstick, and everything known of both sides is alike.")
