"""Rows of CSV, TSV and Parquet tables, one at a time, with the line each one stands on."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO, Any, NamedTuple

from intermezzo.engine.importing.reading import Unreadable
from intermezzo.queries.store.layout import pattern

Cell = Any
"""A cell: text in CSV; text, number, boolean, date or ``None`` in Parquet."""

SUFFIXES = (".csv", ".tsv", ".parquet")
"""Files that may be tables."""

MAX_ROWS = 10_000_000
MAX_BYTES = 2 * 2**30
"""Parquet files that say of themselves that they have more rows, or more bytes when unpacked, are not read:
a file of a few kilobytes may hold billions of rows."""

_MAX_LINE = 1 << 20
_DELIMITERS = (",", ";", "\t", "|")


class Row(NamedTuple):
    """One row: where it starts (line of a CSV, row of a Parquet file) and the cells asked for."""

    line: int
    cells: Sequence[Cell]


class BadRow(NamedTuple):
    """A row that is broken as such, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Header:
    """What a table's head says.

    Attributes:
        columns: Column names, stripped; those of a CSV may repeat.
        delimiter: The delimiter; empty for Parquet.
    """

    columns: tuple[str, ...]
    delimiter: str

    @property
    def unit(self) -> str:
        """How a row is called: ``line`` or ``row``."""
        return "line" if self.delimiter else "row"


def read_header(path: Path, wanted: Sequence[str] = ()) -> Header:
    """Read the head of a table.

    Args:
        path: A file with one of ``SUFFIXES``.
        wanted: Columns that should be there: the delimiter that finds most of them is taken.

    Raises:
        Unreadable: It has no head that can be read.
    """
    if path.suffix.lower() == ".parquet":
        return Header(_parquet_columns(path), "")
    with _open_text(path) as handle:
        # the header may span lines inside quotes; a few are enough to parse it
        lines = [line for line, _ in zip(_lines(handle), range(20), strict=False)]
    return header_of(lines, wanted)


def header_of(lines: Sequence[str], wanted: Sequence[str] = ()) -> Header:
    """Find column names and delimiter in the first lines of a CSV.

    Raises:
        Unreadable: There is nothing.
    """
    best: tuple[tuple[int, int], Header] | None = None
    for delimiter in _DELIMITERS:
        try:
            first = next((row for row in csv.reader(lines, delimiter=delimiter) if any(row)), None)
        except csv.Error:
            continue
        if first is None:
            break
        header = Header(tuple(name.strip().removeprefix("\ufeff") for name in first), delimiter)
        rank = (len(set(wanted) & set(header.columns)), len(first))
        if best is None or rank > best[0]:
            best = rank, header
    if best is None:
        raise Unreadable("the file is empty: it has no line of column names")
    return best[1]


def read_rows(path: Path, header: Header, columns: Sequence[str]) -> Iterator[Row | BadRow]:
    """Yield the rows of a table, only the columns asked for.

    Raises:
        Unreadable: The file as a whole cannot be read on.
    """
    if not header.delimiter:
        yield from _parquet_rows(path, columns)
        return
    places = [header.columns.index(column) for column in columns]
    width = len(header.columns)
    with _open_text(path) as handle:
        reader = csv.reader(_lines(handle), delimiter=header.delimiter, strict=True)
        headed = False
        while True:
            line = reader.line_num + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield BadRow(line, f"it is not a row of a table: {error}")
                continue
            if not any(row):
                continue
            if not headed:
                headed = True
            elif len(row) != width:
                fields = "field" if len(row) == 1 else "fields"
                yield BadRow(line, f"it has {len(row)} {fields}, the line of column names has {width}")
            else:
                yield Row(line, [row[place] for place in places])


def _open_text(path: Path) -> IO[str]:
    try:
        with open(path, "rb") as raw:
            start = raw.read(4)
        if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise Unreadable("it is UTF-16 text: save it as UTF-8")
        return open(path, encoding="utf-8-sig", errors="surrogateescape", newline="")
    except OSError as error:
        raise Unreadable(f"the file cannot be opened: {error.strerror or type(error).__name__}") from None


def _lines(handle: IO[str]) -> Iterator[str]:
    while line := handle.readline(_MAX_LINE):
        if len(line) == _MAX_LINE and not line.endswith(("\n", "\r")):
            raise Unreadable(f"a line is longer than {_MAX_LINE:,} characters: it is no table of scores")
        yield line


def _parquet_columns(path: Path) -> tuple[str, ...]:
    return tuple(name for name, *_ in _asked("DESCRIBE SELECT * FROM read_parquet($path)", path))


def _parquet_rows(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    _check_size(path)
    names = ", ".join('"' + column.replace('"', '""') + '"' for column in columns)
    rows = _asked(f"SELECT {names} FROM read_parquet($path)", path)
    yield from map(Row, count(1), rows)


def _check_size(path: Path) -> None:
    """Refuse a Parquet file that is too large, by what its footer says, before anything in it is unpacked."""
    sql = (
        "SELECT (SELECT sum(num_rows) FROM parquet_file_metadata($path)), "
        "(SELECT sum(total_uncompressed_size) FROM parquet_metadata($path))"
    )
    rows, size = next(_asked(sql, path))
    if (rows or 0) > MAX_ROWS:
        raise Unreadable(f"it has {rows:,} rows; tables of scores above {MAX_ROWS:,} are not read")
    if (size or 0) > MAX_BYTES:
        raise Unreadable(
            f"it has {size / 1e6:,.0f} MB when unpacked; tables above {MAX_BYTES // 2**20:,} MB are not read"
        )


def _asked(sql: str, path: Path) -> Iterator[tuple[Any, ...]]:
    """Yield what DuckDB answers of a file; polars ends the whole process over some damaged ones.

    Raises:
        Unreadable: It is no Parquet, or damaged.
    """
    import duckdb
    from intermezzo.queries.store.generations import CONFIG

    try:
        with duckdb.connect(config=CONFIG) as con:
            con.execute(sql, {"path": pattern(path)})
            while rows := con.fetchmany(50_000):
                yield from rows
    except (duckdb.Error, ValueError, OverflowError) as error:
        raise Unreadable(f"it cannot be read as Parquet: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
