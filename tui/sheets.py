"""What is on screen as sheets: to copy, and to write to a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from intermezzo.queries.harmless import harmless
from intermezzo.queries.language_rows import LanguageRow
from intermezzo.queries.matrix import number_of

from .grid import Grid
from .output import FORMATS, Answer, Look, Sheet

ENDINGS = {
    ".csv": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".md": "markdown",
    ".tex": "latex",
    ".txt": "table",
}
"""File endings and the formats they choose."""


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


def tsv(sheet: Sheet) -> str:
    """Return the rows as tab-separated text without a header, to paste into a table."""
    lines = ["\t".join("" if v is None else harmless(str(v)) for v in row) for row in sheet.rows]
    return "\n".join(lines)


def copied(sheet: Sheet) -> str:
    """Return rows to paste: tab-separated, with a header where there are several."""
    text = tsv(sheet)
    return text if len(sheet.rows) < 2 else "\t".join(map(harmless, sheet.columns)) + "\n" + text


def save_sheet(sheet: Sheet, name: str) -> str:
    """Write a sheet to a file in the format of its ending; never over an existing file.

    Returns:
        A sentence saying where it is, or why it could not be written.
    """
    path = Path(name).expanduser()
    format_name = ENDINGS.get(path.suffix.lower())
    if format_name is None:
        return f"{harmless(name)}: say one of these endings: {' '.join(ENDINGS)}"
    try:
        path = _free(path)
        with path.open("x", encoding="utf-8") as file:
            file.writelines(FORMATS[format_name](Answer(sheet), Look()))
    except OSError as error:
        return harmless(f"{path} could not be written: {error.strerror or error}")
    rows = len(sheet.rows)
    return harmless(f"wrote {rows} {'row' if rows == 1 else 'rows'} to {path.absolute()}")


def _free(path: Path) -> Path:
    """Return the path, or the next free one beside it: ``matrix-2.csv``."""
    free, number = path, 1
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


def save_text(text: str, name: str) -> str:
    """Write text to a new file in the working folder; return a sentence saying where, or why not."""
    try:
        path = _free(Path(name))
        with path.open("x", encoding="utf-8", errors="replace") as file:
            file.write(text)
    except OSError as error:
        return harmless(f"{name} could not be written: {error.strerror or error}")
    return harmless(f"too much for a terminal's clipboard: written to {path.absolute()}")
