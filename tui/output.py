"""How answers are printed: one registry of formats, one function each.

stdout is data only. Data formats (csv, json, jsonl) carry the numbers unrounded; reading formats (table,
markdown, latex) carry the same answer as text for people. Foreign strings are made harmless on their way.
"""

from __future__ import annotations

import csv
import json
import math
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from intermezzo.queries.harmless import harmless

from .text import wrapped
from .text_table import table_lines

NOTHING = "·"
"""What a table shows where there is no value."""

BETTER, WORSE = "▲", "▼"
"""Signs of a decision beside a delta: significantly better, significantly worse."""

TRAIN = "†"
"""Behind the language that a system was trained on."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows and columns to print.

    Attributes:
        columns: Headings, unique; a line break starts a second heading line in tables.
        rows: Cells; ``None`` is no value.
        caption: A line above the table, or several, for reading formats.
        right: Headings of columns to align right besides those that hold numbers.
        keys: How many leading columns are repeated where a table is too wide for a terminal and is
            printed in blocks; 0: it is never broken into blocks.
        whole: Cells are never cut, whatever the terminal's width.
        groups: Rows at which a group begins, from 0, each with its name.
        spans: Groups of the columns behind ``keys``: name and number of columns, in order.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    caption: str = ""
    right: frozenset[str] = frozenset()
    keys: int = 0
    whole: bool = False
    groups: Sequence[tuple[int, str]] = ()
    spans: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found: the data, and the same for reading.

    Attributes:
        data: For scripts: numbers unrounded, in their natural unit.
        reading: Makes the sheets for people; the data themselves where ``None``.
        notes: Sentences about the answer, for stderr.
    """

    data: Sheet
    reading: Callable[[], Sequence[Sheet]] | None = None
    notes: Sequence[str] = field(default=())

    @property
    def empty(self) -> bool:
        """Whether there is no row at all."""
        return not self.data.rows

    def sheets(self) -> Sequence[Sheet]:
        """Return what a person reads."""
        return [self.data] if self.reading is None else self.reading()


@dataclass(frozen=True, slots=True)
class Look:
    """What the place that is printed to can show.

    Attributes:
        width: Columns of the terminal; ``None`` where nothing is to be cut (a pipe, a file).
        bold: Whether headings may be bold.
    """

    width: int | None = None
    bold: bool = False


Writer = Callable[[Answer, Look], Iterable[str]]
"""A format: yields pieces of text, line ends included."""


def look_of(stream: IO[str], environ: Mapping[str, str] | None = None) -> Look:
    """Return what ``stream`` can show: a width and bold headings on a terminal, neither elsewhere."""
    env = os.environ if environ is None else environ
    try:
        terminal = stream.isatty()
    except ValueError:  # closed
        terminal = False
    if not terminal:
        return Look()
    try:
        width = int(env.get("COLUMNS") or 0) or os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        width = 80
    plain = "NO_COLOR" in env or env.get("TERM", "") in {"", "dumb", "unknown"}
    return Look(width=width if width > 0 else 80, bold=not plain)


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it; a number that is not finite is unknown (``None``)."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if type(value).__name__ == "Decimal":
        return plain(int(value) if value == value.to_integral_value() else float(value))
    return str(value)


def cell_text(value: Any) -> str:
    """Return a value as one harmless line for a table; numbers with at most six significant digits."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}" if math.isfinite(value) else str(value)
    if isinstance(value, str):
        return harmless(value)
    simple = plain(value)
    return harmless(simple if isinstance(simple, str) else json.dumps(simple, ensure_ascii=False))


def _json_row(columns: Sequence[str], row: Sequence[Any]) -> str:
    record = {name: plain(value) for name, value in zip(columns, row, strict=True)}
    text = json.dumps(record, ensure_ascii=False, allow_nan=False)
    if text == harmless(text):
        return text
    # exact data in a harmless spelling: what a terminal could obey stands as \uXXXX
    return "".join(c if c == harmless(c) else json.dumps(c)[1:-1] for c in text)


def _json(answer: Answer, look: Look) -> Iterator[str]:
    del look
    start = "[\n"
    for row in answer.data.rows:
        yield start + _json_row(answer.data.columns, row)
        start = ",\n"
    yield "\n]\n" if not answer.empty else "[]\n"


def _jsonl(answer: Answer, look: Look) -> Iterator[str]:
    del look
    for row in answer.data.rows:
        yield _json_row(answer.data.columns, row) + "\n"


class _Line:
    """The one method that ``csv.writer`` needs: hands each line back."""

    def write(self, text: str) -> str:
        return text


def _csv_cell(value: Any) -> Any:
    if value is None:
        return ""
    simple = plain(value)
    if isinstance(simple, bool):
        return "true" if simple else "false"
    if isinstance(simple, (int, float)):
        return simple
    text = simple if isinstance(simple, str) else json.dumps(simple, ensure_ascii=False)
    text = harmless(text)
    # a spreadsheet would run these as formulas
    return f"'{text}" if text.lstrip()[:1] in {"=", "+", "-", "@"} else text


def _csv(answer: Answer, look: Look) -> Iterator[str]:
    del look
    writer = csv.writer(_Line(), lineterminator="\n")
    yield writer.writerow([_csv_cell(name) for name in answer.data.columns])
    for row in answer.data.rows:
        yield writer.writerow([_csv_cell(value) for value in row])


def right_aligned(sheet: Sheet) -> list[bool]:
    """Say which columns hold numbers: all their values do, and there is one."""
    found = []
    for at, name in enumerate(sheet.columns):
        values = [row[at] for row in sheet.rows if row[at] is not None]
        numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
        found.append(name in sheet.right or (bool(values) and numbers))
    return found


def _table(answer: Answer, look: Look) -> Iterator[str]:
    for number, sheet in enumerate(answer.sheets()):
        if number:
            yield "\n"
        if sheet.caption:
            yield "".join(harmless(line) + "\n" for line in sheet.caption.split("\n"))
        heads = headings(sheet)
        rows = [[cell_text(value) for value in row] for row in sheet.rows]
        if sheet.spans:
            over = [[""], *([harmless(name)] for name in span_names(sheet))]
            heads = [[*above, *head] for above, head in zip(over, heads, strict=True)]
        for at, name in reversed(sheet.groups):
            rows.insert(at, [f"── {harmless(name)}" if name else "──", *([""] * (len(heads) - 1))])
        width = None if sheet.whole else look.width
        for line in table_lines(
            heads, rows, right=right_aligned(sheet), width=width, bold=look.bold, keys=sheet.keys
        ):
            yield line + "\n"


def headings(sheet: Sheet) -> list[list[str]]:
    """Return the lines of each column's heading, harmless."""
    return [[harmless(part) for part in name.split("\n")] for name in sheet.columns]


def span_names(sheet: Sheet) -> list[str]:
    """Return for each column behind the keys the name of the group that begins there, or nothing."""
    names = [name if not n else "" for name, size in sheet.spans for n in range(size)]
    return [*names, *([""] * (len(sheet.columns) - 1 - len(names)))]


def _markdown(answer: Answer, look: Look) -> Iterable[str]:
    from .markdown import markdown

    del look
    return markdown(answer)


def _latex(answer: Answer, look: Look) -> Iterable[str]:
    from .latex import latex

    del look
    return latex(answer)


FORMATS: dict[str, Writer] = {
    "table": _table,
    "csv": _csv,
    "json": _json,
    "jsonl": _jsonl,
    "markdown": _markdown,
    "latex": _latex,
}
"""The formats by name: the choices of ``--format``."""

READING = frozenset({"table", "markdown", "latex"})
"""Formats for people; the others are for scripts."""

WITH_NOTES = frozenset({"markdown", "latex"})
"""Formats that hold what is noted on an answer: they go on into a paper or a page."""


def emit(answer: Answer, name: str, stream: IO[str] | None = None) -> None:
    """Print an answer.

    Args:
        answer: What to print.
        name: One of ``FORMATS``.
        stream: Where to; standard output where not given.
    """
    out = sys.stdout if stream is None else stream
    for piece in FORMATS[name](answer, look_of(out)):
        out.write(piece)
    out.flush()


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return ``1 run``, ``2,000 runs``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def say(*sentences: str) -> None:
    """Say something to the person, on stderr; each sentence on a line of its own."""
    for sentence in sentences:
        for line in sentence.split("\n"):
            sys.stderr.write(harmless(line) + "\n")
    sys.stderr.flush()


def say_wrapped(*sentences: str) -> None:
    """Say something on stderr, broken between words where that is a terminal; what goes on is indented."""
    width = look_of(sys.stderr).width
    for sentence in sentences:
        first, *rest = wrapped(sentence, width - 2) if width else [sentence]
        say(first, *(f"  {line}" for line in rest))
