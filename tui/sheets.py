"""What is on screen as sheets: to copy, and to write to a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from intermezzo.queries.harmless import harmless
from intermezzo.queries.language_rows import LanguageRow
from intermezzo.queries.matrix import number_of
from intermezzo.queries.plain_files import at_home

from .grid import Grid
from .output import FORMATS, Answer, Look, Sheet
from .text import count

PLAIN = ".txt"
"""The ending for what a command prints to be read: a table, or the lines of a plot or a log."""

ENDINGS = {
    ".csv": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".md": "markdown",
    ".tex": "latex",
    PLAIN: "table",
}
"""File endings and the formats they choose."""

SCREEN, PICTURE = ".tsv", ".svg"
"""The ending for just what is on screen, to paste into a sheet; and for a picture of the screen."""


def matrix_sheet(grid: Grid, *, only_row: int | None = None) -> Sheet:
    """Return the matrix as it is on screen, numbers unrounded in their natural unit.

    Args:
        grid: What is on screen.
        only_row: Just this row.
    """
    corner = "yardstick" if grid.state.transposed else "system"
    columns = [f"{column.label} {column.detail}".strip() for column in grid.columns]
    taken: dict[str, int] = {corner: 1}
    for n, name in enumerate(columns):
        taken[name] = taken.get(name, 0) + 1
        if taken[name] > 1:
            columns[n] = f"{name} ({taken[name]})"
    state = grid.state
    rows: list[list[Any]] = []
    for r in range(len(grid.rows)) if only_row is None else (only_row,):
        if grid.rows[r].heading:
            continue
        cells = [grid.cell(r, c) for c in range(len(grid.columns))]
        rows.append([grid.rows[r].label, *(number_of(cell, state.show, state.aggregate) for cell in cells)])
    against = (
        f" against {state.baseline or 'the direct arm of each base model'}" if state.show == "deltas" else ""
    )
    return Sheet([corner, *columns], rows, caption=f"{state.aggregate} {state.show}{against}")


_LANGUAGE_COLUMNS = (
    "language", "language_2", "language_name", "iso639_3", "script", "family", "value", "low", "high", "n",
    "stderr", "seeds", "evidence", "mismatch", "logged", "baseline_value", "delta", "is_train_language",
    "source", "gap",
)  # fmt: skip


def languages_sheet(rows: Sequence[LanguageRow]) -> Sheet:
    """Return the languages of a cell in the order they are shown, numbers unrounded."""
    return Sheet(_LANGUAGE_COLUMNS, [[getattr(row, name) for name in _LANGUAGE_COLUMNS] for row in rows])


def tsv(sheet: Sheet, *, heads: bool | None = None) -> str:
    """Return the rows as tab-separated text, to paste into a table.

    Args:
        sheet: The rows.
        heads: Whether the headings come first; where not given, if there are several rows.
    """
    lines = ["\t".join("" if v is None else _cell(v) for v in row) for row in sheet.rows]
    if heads is None:
        heads = len(lines) > 1
    return "\n".join(["\t".join(map(harmless, sheet.columns)), *lines] if heads else lines)


def _cell(value: Any) -> str:
    """Return a value as text that a spreadsheet does not run as a formula."""
    text = re.sub(r"[\t\r\n]+", " ", harmless(str(value)))
    return f"'{text}" if isinstance(value, str) and text[:1] in {"=", "+", "-", "@"} else text


def save_answer(answer: Answer, screen: Sheet, name: str) -> str:
    """Write an answer to a file in the format of its ending; never over an existing file.

    Args:
        answer: As the command that prints the view has it.
        screen: The same as it stands on screen, numbers unrounded: for ``.tsv``.
        name: The file.

    Returns:
        A sentence saying where it is, or why it could not be written.
    """
    ending = Path(name).suffix.lower()
    if ending == SCREEN:
        return _written(name, [tsv(screen, heads=True) + "\n"], count(len(screen.rows), "row"))
    format_name = ENDINGS.get(ending)
    if format_name is None:
        known = " ".join((*ENDINGS, SCREEN, PICTURE))
        return f"{harmless(name)}: say one of these endings: {known}"
    pieces = FORMATS[format_name](answer, Look())
    if format_name == "table":
        notes = [f"{harmless(note)}\n" for note in answer.notes]
        pieces = [*pieces, *(["\n", *notes] if notes else [])]
    return _written(name, pieces, count(len(answer.data.rows), "row"))


def save_lines(lines: Sequence[str], name: str) -> str:
    """Write the lines of a log or a plot to a new file; return a sentence saying where, or why not."""
    return _written(name, (f"{harmless(line)}\n" for line in lines), count(len(lines), "line"))


def save_picture(svg: str, name: str) -> str:
    """Write a picture of the screen to a new file; return a sentence saying where, or why not."""
    return _written(name, [svg], "the screen")


def _written(name: str, pieces: Iterable[str], what: str) -> str:
    """Write to a file that is not there yet; return a sentence saying where it is, or why not."""
    path = at_home(name)
    try:
        path = _free(path)
        with path.open("x", encoding="utf-8", errors="replace") as file:
            file.writelines(pieces)
    except OSError as error:
        return harmless(f"{path} could not be written: {error.strerror or error}")
    return harmless(f"wrote {what} to {path.absolute()}")


def _free(path: Path) -> Path:
    """Return the path, or the next free one beside it: ``matrix-2.csv``."""
    free, number = path, 1
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


def save_text(text: str, name: str) -> str:
    """Write text that is too much for a clipboard to a new file; return a sentence on it."""
    said = _written(name, [text], "it")
    return f"too much for a terminal's clipboard: {said}"
