"""Filters by words: what they mean, wherever one is typed."""

from __future__ import annotations

from collections.abc import Iterable


def holds(parts: Iterable[str | None], words: str) -> bool:
    """Say whether a text holds every word of a filter, and none that begins with ``!``; case does not matter.

    Args:
        parts: Parts of the text; those that are not known are left out.
        words: The filter.
    """
    text = " ".join(filter(None, parts)).casefold()
    return all((w[1:] not in text) if w[:1] == "!" else w in text for w in words.casefold().split())
