"""The languages of a cell as lines of text: bars, whiskers and columns by the width there is. No widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from intermezzo.queries.language_rows import LanguageRow, LanguageSort, heading_of
from intermezzo.queries.matrix import Show, number_text

from .output import TRAIN
from .text import fit

LEAST_BAR = 12
"""Cells a bar needs to be of use."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of the languages pane.

    Attributes:
        text: Harmless, exactly as wide as asked.
        language: The language it is about; ``None`` for headings.
        heading: Whether it is a heading.
    """

    text: str
    language: str | None = None
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """Cells of each column; 0 leaves it out."""

    code: int
    name: int
    value: int
    bar: int
    n: int
    seeds: int
    script: int
    family: int


def columns_for(rows: Sequence[LanguageRow], width: int) -> Columns:
    """Choose the columns that fit; where it is narrow, family goes first, then script, seeds, name, n."""
    code = min(max((len(row.code) for row in rows), default=2), 10) + 2
    names = min(max((len(row.language_name or "") for row in rows), default=0), 18)
    families = min(max((len(row.family or "") for row in rows), default=0), 16)
    left = width - code - 8 - LEAST_BAR
    sizes: dict[str, int] = {}
    wished = (
        ("n", 8),
        ("name", names + 1 if names else 0),
        ("seeds", 3),
        ("script", 7),
        ("family", families + 1),
    )
    for column, cells in wished:
        sizes[column] = cells if 0 < cells <= left else 0
        left -= sizes[column]
    bar = LEAST_BAR + max(left, 0)
    return Columns(code=code, value=8, bar=min(bar, 60), **sizes)


def scale_of(rows: Sequence[LanguageRow], show: Show, *, unit_interval: bool) -> tuple[float, float]:
    """Return the ends of the bars' axis: all intervals, or the largest delta on both sides of zero."""
    if show == "deltas":
        largest = max((abs(row.delta) for row in rows if row.delta is not None), default=0.0)
        largest = max(largest, 0.01) if unit_interval else largest or 1.0
        return -largest, largest
    lows = [row.value if row.low is None else row.low for row in rows if row.value is not None]
    highs = [row.value if row.high is None else row.high for row in rows if row.value is not None]
    if not lows:
        return 0.0, 1.0
    low, high = min(lows), max(highs)
    return (low, high) if high > low else (low - 0.01, high + 0.01)


def whiskers(
    value: float, low: float | None, high: float | None, scale: tuple[float, float], width: int
) -> str:
    """Draw a value with its interval: ``├──●─┤``, on an axis of ``width`` cells."""
    cells = [" "] * width
    start, end = _place(low, scale, width), _place(high, scale, width)
    here = _place(value, scale, width)
    if start is not None and end is not None:
        for n in range(start, end + 1):
            cells[n] = "─"
        cells[start], cells[end] = "├", "┤"
    if here is not None:
        cells[here] = "●"
    return "".join(cells)


def delta_bar(delta: float, scale: tuple[float, float], width: int) -> str:
    """Draw a delta as a bar from zero in the middle: to the right a gain, to the left a loss in value."""
    cells = [" "] * width
    zero, here = _place(0.0, scale, width), _place(delta, scale, width)
    if zero is None or here is None:
        return "".join(cells)
    for n in range(min(zero, here), max(zero, here) + 1):
        cells[n] = "━"
    cells[here] = "●"
    if here != zero:
        cells[zero] = "│"
    return "".join(cells)


def _place(value: float | None, scale: tuple[float, float], width: int) -> int | None:
    if value is None:
        return None
    low, high = scale
    return min(max(round((value - low) / (high - low) * (width - 1)), 0), width - 1)


def axis_line(columns: Columns, scale: tuple[float, float], show: Show, *, unit_interval: bool) -> str:
    """Return the header: names of the columns, and the ends of the axis above the bars."""
    low, high = (number_text(end, unit_interval=unit_interval, signed=show == "deltas") for end in scale)
    ends = low + high.rjust(columns.bar - len(low) - 1) if len(low) + len(high) + 2 <= columns.bar else ""
    text = fit("", columns.code) + fit("language", columns.name)
    text += fit("delta" if show == "deltas" else "value", columns.value - 2, right=True) + "  "
    text += fit(ends, columns.bar) + fit("n", columns.n, right=True) + fit("s", columns.seeds, right=True)
    text += (" " + fit("script", columns.script - 1)) if columns.script else ""
    return text + ((" " + fit("family", columns.family - 1)) if columns.family else "")


def row_text(
    row: LanguageRow, columns: Columns, scale: tuple[float, float], show: Show, *, unit_interval: bool
) -> str:
    """Return a language's line."""
    number = row.delta if show == "deltas" else row.value
    code = row.code + (TRAIN if row.is_train_language else "")
    text = fit(code, columns.code) + fit(row.language_name or "", columns.name)
    shown = number_text(number, unit_interval=unit_interval, signed=show == "deltas")
    flag = "≠" if row.mismatch else " "
    letter = row.letter if number is not None else " "
    text += (shown + letter + flag).rjust(columns.value)[-columns.value :]
    if number is None:
        without = "the baseline has no such score" if row.value is not None else "no value"
        reason = row.gap or row.refused or without
        rest = columns.bar + columns.n + columns.seeds + columns.script + columns.family
        return text + fit(reason, rest)
    if show == "deltas":
        text += delta_bar(number, scale, columns.bar - 1) + " "
    else:
        text += whiskers(number, row.low, row.high, scale, columns.bar - 1) + " "
    text += fit("?" if row.n is None else f"{row.n:,}", columns.n, right=True)
    text += fit("?" if row.seeds is None else str(row.seeds), columns.seeds, right=True)
    text += (" " + fit(row.script or "?", columns.script - 1)) if columns.script else ""
    return text + ((" " + fit(row.family or "?", columns.family - 1)) if columns.family else "")


def language_lines(
    rows: Sequence[LanguageRow], width: int, *, show: Show, by: LanguageSort, unit_interval: bool
) -> list[TextLine]:
    """Return the lines of the pane: the axis first, then languages, under headings where grouped.

    Args:
        rows: Sorted.
        width: Cells.
        show: Values or deltas.
        by: What they are sorted by: family and script make headings.
        unit_interval: Whether the metric lives in 0..1.
    """
    columns = columns_for(rows, width)
    scale = scale_of(rows, show, unit_interval=unit_interval)
    lines = [TextLine(fit(axis_line(columns, scale, show, unit_interval=unit_interval), width), heading=True)]
    heading: str | None = None
    for row in rows:
        here = heading_of(row, by)
        if here is not None and here != heading:
            heading = here
            lines.append(TextLine(fit(f"── {here} ", width), heading=True))
        text = row_text(row, columns, scale, show, unit_interval=unit_interval)
        lines.append(TextLine(fit(text, width), row.code))
    return lines


def language_sentence(row: LanguageRow, *, unit_interval: bool) -> str:
    """Say everything about a language's score in one line."""
    from intermezzo.queries.harmless import harmless

    if row.value is None:
        return harmless(f"{row.code}: gap: {row.gap or 'no value, and the store does not say why'}")
    value = number_text(row.value, unit_interval=unit_interval)
    parts = [
        f"{row.code} {row.language_name or ''}".strip() + f" {value} {row.evidence or 'evidence unknown'}"
    ]
    if row.low is not None and row.high is not None:
        ends = [number_text(end, unit_interval=unit_interval) for end in (row.low, row.high)]
        parts.append(f"95 % [{ends[0]}, {ends[1]}]")
    if row.delta is not None:
        parts.append(
            f"{number_text(row.delta, unit_interval=unit_interval, signed=True)} against the baseline"
        )
    if row.mismatch and row.logged is not None:
        parts.append(f"≠ logged {number_text(row.logged, unit_interval=unit_interval)}")
    if row.is_train_language:
        parts.append(f"{TRAIN} train language")
    if row.source:
        parts.append(row.source)
    return harmless(" · ".join(parts))
