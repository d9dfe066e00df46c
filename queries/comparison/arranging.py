"""The languages of a comparison as somebody looks at them: filtered by words, sorted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from intermezzo.queries.words import holds

from .model import LanguageDelta, Pair

_FIELDS = {"language": "label", "p": "p_adjusted"}


def arranged(pair: Pair, words: str = "", by: str | None = None, *, descending: bool = True) -> Pair:
    """Return a pair with those of its languages that hold every word, sorted; the rows over them stay.

    Args:
        pair: The pair.
        words: Words that a language's code, name, family or script must hold, with ``!`` must not.
        by: One of ``orders.ORDERS``; ``None`` leaves the order.
        descending: Largest first; what is unknown stands last either way.
    """
    kept = [e for e in pair.languages if holds((e.label, e.name, e.family, e.script), words)]
    if by is None:
        return replace(pair, languages=tuple(kept))

    def value(entry: LanguageDelta) -> Any:
        return getattr(entry, _FIELDS.get(by, by))

    kept.sort(key=lambda entry: entry.label)
    known = sorted((e for e in kept if value(e) is not None), key=value, reverse=descending)
    return replace(pair, languages=(*known, *(e for e in kept if value(e) is None)))
