"""Names that a user may have meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str], most: int = 3) -> str:
    """Return the known names closest to ``word`` for a sentence: ``a, b or c``; empty if none is close.

    Names that hold the word (or start it) count as close; case does not matter.
    """
    import difflib

    by_folded: dict[str, str] = {}
    for name in known:
        by_folded.setdefault(name.casefold(), name)
    folded = word.casefold()
    close = difflib.get_close_matches(folded, by_folded, most, 0.6)
    if len(folded) > 1:
        close += [name for name in sorted(by_folded, key=len) if folded in name]
    found = [by_folded[name] for name in dict.fromkeys(close)][:most]
    return f"{', '.join(found[:-1])} or {found[-1]}" if len(found) > 1 else "".join(found)
