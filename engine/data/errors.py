"""What is said where data cannot be had or used."""

from __future__ import annotations

from collections.abc import Iterable

from intermezzo.queries.errors import Problem


class DataError(Problem):
    """A data set that cannot be had, read or used; the message says what to do."""


def nearest(word: str, known: Iterable[str], most: int = 3) -> str:
    """Return `` Did you mean a or b?`` for names close to a misspelt one, or nothing."""
    import difflib

    by_folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), by_folded, most, 0.6)
    return f" Did you mean {' or '.join(by_folded[c] for c in close)}?" if close else ""


def listed(names: Iterable[str], most: int = 45) -> str:
    """Return names for a sentence, the first few and how many more."""
    every = list(names)
    return (
        ", ".join(every) if len(every) <= most else f"{', '.join(every[:most])} and {len(every) - most} more"
    )
