"""Text for a grid of character cells: foreign strings made harmless and cut to a width in cells.

Terminals do not agree how wide text is: spacing vowel signs (Devanagari, Tamil, Burmese) take a cell in
some and none in others, a family of emoji joined into one takes two cells or six. Text is padded by what
Textual counts, but cut and wrapped by the most that any terminal takes, so that it never runs into what
stands beside it; ``anchoring`` puts what follows where it belongs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from intermezzo.queries.harmless import harmless

SURE = (
    " -~\u00a1-\u00ac\u00ae-\u024f\u0370-\u0482\u048a-\u052f\u1e00-\u1fff"
    "\u2010-\u2027\u2030-\u205e\u2070-\u20cf\u2100-\u2319"
    "\u231c-\u23e8\u2400-\u25fc\u25ff\u2713\u2714\u2717\u2718\u2800-\u28ff\u3001-\u3029\u3041-\u3096\u30a0-\u30ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60\uffe0-\uffe6\ufffd"
)
"""Characters (the inside of a regular expression's class) that all terminals draw equally wide and from left
to right."""

_UNSURE = re.compile(f"[^{SURE}\u00a0]")
_JOINER, _EMOJI_FORM = "\u200d", "\ufe0f"


def _cell_len(text: str) -> int:
    # not at the top: printing a table takes nothing of the app's libraries
    from rich.cells import cell_len

    return cell_len(text)


def is_sure(text: str) -> bool:
    """Whether every terminal gives this text the same width."""
    return text.isascii() or _UNSURE.search(text) is None


def most_cells(text: str) -> int:
    """Return the most cells that any terminal takes for a text."""
    return _cell_len(text) if is_sure(text) else sum(map(_most, text))


def _most(character: str) -> int:
    if "\U0001f1e6" <= character <= "\U0001f1ff" or "\U0001f3fb" <= character <= "\U0001f3ff":
        return 2  # a letter of a flag, a skin tone: drawn by themselves where they are not joined
    if character == _EMOJI_FORM:
        return 1  # what is before it may become two cells wide
    return 1 if unicodedata.category(character) == "Mc" else _cell_len(character)


def _beginning(text: str, width: int) -> str:
    """Return as much of the beginning of a text as takes ``width`` cells anywhere, with whole letters."""
    if most_cells(text) <= width:
        return text
    end = taken = 0
    for n, character in enumerate(text):
        if not _belongs(text, n):
            end = n
        taken += _most(character)
        if taken > width:
            return text[:end] or text[:n]
    return text


def _belongs(text: str, n: int) -> bool:
    """Whether a character belongs to the one before it: a mark, a joiner, or what is joined."""
    character = text[n]
    if n == 0:
        return False
    if character in {_JOINER, _EMOJI_FORM} or "\U0001f3fb" <= character <= "\U0001f3ff":
        return True
    return text[n - 1] == _JOINER or unicodedata.category(character).startswith("M")


def _end(text: str, width: int) -> str:
    """Return as much of the end of a text as takes ``width`` cells anywhere."""
    start = len(text)
    while start and most_cells(text[start - 1 :]) <= width:
        start -= 1
    while start < len(text) and _belongs(text, start):
        start += 1
    return text[start:]


def fit(text: str, width: int, *, right: bool = False, middle: bool = False) -> str:
    """Return ``text`` made harmless and exactly ``width`` cells wide, cut with ``…`` where too long.

    Wide characters count two cells, combining ones none.

    Args:
        text: A string from anywhere.
        width: Cells.
        right: Align to the right.
        middle: Cut in the middle: the end stays, of a system's name all that follows the base model.
    """
    if width <= 0:
        return ""
    # A joiner at an end joins what is put there: the padding would count for nothing.
    text = harmless(text).rstrip(_JOINER)
    if most_cells(text) > width:
        if middle and width > 4:
            text = _cut_in_middle(text, width)
        else:
            text = _beginning(text, width - 1).rstrip(_JOINER) + "…"
    padding = " " * (width - _cell_len(text))
    return padding + text if right else text + padding


_SAID_OF_BASE = re.compile(" [+·>] ")
"""What stands between a base model and what was done with it, in a system's name."""

_LEAST_BASE = 8
"""Cells of a base model's name that are left at least, where the recipe is to be seen whole."""

_MOST_DIFFERENCES = 3
"""Places around which a text is cut to be told apart: for more there are too few cells."""


def _cut_in_middle(text: str, width: int) -> str:
    """Cut a long text: in front of a recipe where it is a system's name and both fit, else near its end."""
    found = _SAID_OF_BASE.search(text)
    recipe = text[found.start() :] if found else ""
    if recipe and width - most_cells(recipe) >= _LEAST_BASE:
        base = text[: -len(recipe)]
        return _cut_in_middle(base, width - most_cells(recipe)) + recipe
    tail = _end(text, (width - 1) * 2 // 5).lstrip(_JOINER)
    return _beginning(text, width - 1 - most_cells(tail)).rstrip(_JOINER) + "…" + tail


def fit_apart(texts: Sequence[str], width: int) -> tuple[str, ...]:
    """Return texts as ``fit`` cuts them in the middle, those that would then look alike told apart.

    Of these, what differs is shown: ``base…queue…5-epochs`` beside ``base…drain…5-epochs``; and of those that
    are alike there, too, what differs further on: ``base…lr1e-5…s2``.
    """
    whole = list(dict.fromkeys(harmless(text) for text in texts))
    cut = {text: fit(text, width, middle=True) for text in whole}
    if width >= _LEAST_BASE:
        for among in _alike(cut):
            cut |= _cut_apart(among, (), width)
        # what told two apart may be what another two had in common: all of them once more
        if left := [text for among in _alike(cut) for text in among]:
            cut |= _cut_apart(left, (), width)
    return tuple(cut[harmless(text)] for text in texts)


def _alike(cut: Mapping[str, str]) -> list[list[str]]:
    """Return the texts that are cut to the same, together."""
    found: dict[str, list[str]] = {}
    for text, shown in cut.items():
        found.setdefault(shown, []).append(text)
    return [among for among in found.values() if len(among) > 1]


def fit_names(template: str, names: Sequence[str], width: int) -> str:
    """Put names into a template, one for each ``{}``; where too long they are cut so that they differ.

    A short name is left whole; the others share the room.
    """
    whole = [harmless(name) for name in names]
    room = width - most_cells(template.format(*("" for _ in names)))
    if sum(map(most_cells, whole)) > room:
        share = max(room // len(names), 1)
        short = [most_cells(name) for name in whole if most_cells(name) <= share]
        share = max((room - sum(short)) // max(len(names) - len(short), 1), 1)
        whole = [name.rstrip() for name in fit_apart(whole, share)]
    return fit(template.format(*whole), width)


def _first_difference(texts: Sequence[str]) -> int:
    """Return from which character on texts are not all the same."""
    columns = enumerate(zip(*texts, strict=False))
    return next((n for n, column in columns if len(set(column)) > 1), min(map(len, texts)))


def _cut_apart(texts: Sequence[str], starts: tuple[int, ...], width: int) -> dict[str, str]:
    """Cut different texts around where they differ first, and those that look alike then around one more."""
    starts = (*starts, _first_difference(texts))
    cut = {text: _cut_around(text, starts, width) for text in texts}
    if len(starts) < _MOST_DIFFERENCES:
        for among in _alike(cut):
            if _first_difference(among) not in starts:
                cut |= _cut_apart(among, starts, width)
    return cut


def _cut_around(text: str, starts: Sequence[int], width: int) -> str:
    """Cut a text so that what stands from each of ``starts`` on is seen, and what fits of its beginning."""
    share, rest = width * 2 // 3 // len(starts), ""
    for start in starts:
        while start and _belongs(text, start):
            start -= 1
        rest += fit(text[start:], min(most_cells(text[start:]), share)).rstrip()
    return fit(_beginning(text, width - 1 - most_cells(rest)).rstrip(_JOINER) + "…" + rest, width)


def wrapped(text: str, width: int) -> list[str]:
    """Break ``text`` at spaces into lines of at most ``width`` cells; longer words are cut across lines."""
    lines: list[str] = []
    line = ""
    for word in harmless(text).split(" "):
        rest = word
        while most_cells(rest) > width > 0:
            piece = _beginning(rest, width)
            if not piece:
                break
            if line:
                lines.append(line)
                line = ""
            lines.append(piece)
            rest = rest[len(piece) :]
        if line and most_cells(line) + 1 + most_cells(rest) > width:
            lines.append(line)
            line = rest
        else:
            line = f"{line} {rest}" if line else rest
    return [*lines, line] if line or not lines else lines


def count(number: int, one: str, many: str | None = None) -> str:
    """Return ``1 language``, ``2,000 languages``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
