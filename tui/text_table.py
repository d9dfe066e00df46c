"""Plain tables, aligned by what a terminal shows rather than by characters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .bidi import isolated

GAP = "  "
"""What stands between two columns."""

_LEAST = 8
"""Columns of text are not cut below this."""

_LEAST_FIRST = 28
"""The first column says what a row is about: it is cut below this only where nothing else can be."""

_LONG = 24
"""Words above this are cut in the middle: their ends tell them apart."""


def shown_width(text: str) -> int:
    """Return how many terminal columns a harmless text takes: two for CJK, none for combining marks."""
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth

    width: int = wcswidth(text)
    return width if width >= 0 else len(text)


def cut(text: str, width: int) -> str:
    """Shorten a text to ``width`` columns with ``…``: paths in the middle, sentences at their end."""
    if shown_width(text) <= width:
        return text
    if width <= 1:
        return "…"[:width]
    middle = " " not in text and ("/" in text or len(text) > _LONG)
    tail = _last(text, (width - 1) // 2) if middle else ""
    return _first(text, width - 1 - shown_width(tail)) + "…" + tail


def _first(text: str, width: int) -> str:
    end = min(len(text), width)
    while end < len(text) and shown_width(text[: end + 1]) <= width:
        end += 1
    while end and shown_width(text[:end]) > width:
        end -= 1
    return text[:end]


def _last(text: str, width: int) -> str:
    start = max(0, len(text) - width)
    while start < len(text) and shown_width(text[start:]) > width:
        start += 1
    return text[start:]


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Fill a text up to ``width`` columns; text that runs from right to left is held in its column."""
    space = " " * max(0, width - shown_width(text))
    return space + text if right else isolated(text) + space


def table_lines(
    heads: Sequence[Sequence[str]],
    rows: Sequence[Sequence[str]],
    *,
    right: Sequence[bool],
    width: int | None = None,
    bold: bool = False,
    keys: int = 0,
) -> Iterator[str]:
    """Yield the lines of a table, without line ends.

    Args:
        heads: Heading of each column, one or more lines each; no heading is printed where all are empty.
        rows: Cells, already harmless.
        right: Which columns are aligned right.
        width: Columns of the terminal; ``None`` cuts nothing.
        bold: Whether headings are bold.
        keys: Leading columns repeated in each block of a table that is too wide; 0: no blocks.
    """
    widths = [max((shown_width(part) for part in head), default=0) for head in heads]
    for row in rows:
        for at, cell in enumerate(row):
            widths[at] = max(widths[at], shown_width(cell))
    blocks = [list(range(len(heads)))]
    if width is not None and _total(widths) > width:
        if keys:
            widths = _narrowed(widths, right, width // 2, range(keys))
            blocks = _blocks(widths, keys, width)
        else:
            widths = _narrowed(widths, right, width, range(len(widths)))
    depth = max((len(head) for head in heads), default=1) if any(map(any, heads)) else 0
    for number, block in enumerate(blocks):
        if number:
            yield ""
        for level in range(depth):
            parts = [heads[at][level] if level < len(heads[at]) else "" for at in block]
            line = _line(parts, block, widths, right)
            yield f"\x1b[1m{line}\x1b[0m" if bold and line else line
        for row in rows:
            yield _line([row[at] for at in block], block, widths, right)


def _line(cells: Sequence[str], block: Sequence[int], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = (
        pad(cell if right[at] else cut(cell, widths[at]), widths[at], right=right[at])
        for at, cell in zip(block, cells, strict=True)
    )
    return GAP.join(padded).rstrip()


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(GAP) * max(0, len(widths) - 1)


def _narrowed(widths: Sequence[int], right: Sequence[bool], width: int, among: range) -> list[int]:
    """Take from the widest columns of text until the table fits; numbers are never cut."""
    narrow = list(widths)
    for least_first in (_LEAST_FIRST, _LEAST):
        least = [least_first if at == 0 else _LEAST for at in range(len(widths))]
        while (over := _total([narrow[at] for at in among]) - width) > 0:
            able = [at for at in among if not right[at] and narrow[at] > least[at]]
            if not able:
                break
            widest = max(able, key=lambda at: narrow[at])
            narrow[widest] -= min(over, max(1, (narrow[widest] - least[widest]) // 4))
    return narrow


def _blocks(widths: Sequence[int], keys: int, width: int) -> list[list[int]]:
    """Share out the columns over blocks that fit, the key columns leading each."""
    leading = list(range(keys))
    blocks: list[list[int]] = []
    block = leading[:]
    for at in range(keys, len(widths)):
        if len(block) > keys and _total([widths[i] for i in [*block, at]]) > width:
            blocks.append(block)
            block = leading[:]
        block.append(at)
    return [*blocks, block]
