"""What is said where data cannot be had or used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from intermezzo.queries.errors import Problem


class DataError(Problem):
    """A data set that cannot be had, read or used; the message says what to do."""


class NotThere(DataError):
    """Data that lack one language and may have others; the message is the reason alone."""


def reasons(left_out: Mapping[str, str]) -> str:
    """Return why languages are left out, for a sentence: those with one reason together."""
    codes: dict[str, list[str]] = {}
    for code, reason in left_out.items():
        codes.setdefault(reason, []).append(code)
    said = [f"{listed(together, 8)}: {reason}" for reason, together in codes.items()]
    more = [f"and {len(said) - 4} more such"] if len(said) > 4 else []
    return "; ".join(said[:4] + more)


def none_left(task: str, left_out: Mapping[str, str], there: Iterable[str]) -> DataError:
    """Return what is said where none of the languages asked for can be evaluated.

    Args:
        task: Task id.
        left_out: Language -> why not.
        there: The languages that can be.
    """
    have = listed(there, 100)
    return DataError(
        f"{task} can be evaluated in none of the languages asked for ({reasons(left_out)})."
        + (f" Languages: {have}." if have else "")
    )


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
