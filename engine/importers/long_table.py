"""CSV, TSV and Parquet tables with one score (or one system, task and language) a row.

A mapping file beside the table says what its columns mean (``table_mapping``): ``<name>.mapping.toml``, or
``intermezzo.mapping.toml`` for every table of the folder. Without one, only a table whose column names
say it themselves (system, task, language, metric, value) is read, and that is reported as a guess.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from intermezzo.engine.importing.draft import Bundle, Draft, Guessed, Outcome, Refused, Waiting
from intermezzo.engine.importing.reading import Unreadable, hash_file
from intermezzo.engine.importing.tree import relative_to
from intermezzo.queries.errors import Problem
from intermezzo.queries.records import Source

from .table_mapping import TableMapping, guess_mapping, nearest, parse_mapping
from .table_rows import SUFFIXES, BadRow, Header, header_of, read_header, read_rows
from .table_scores import Collector, Refusal

if TYPE_CHECKING:
    from intermezzo.engine.importing.tree import Tree

NAME = "long_table"
VERSION = 1

HINT = (
    "A table is read with a mapping file beside it (<name>.mapping.toml, or intermezzo.mapping.toml for "
    "the folder) that names its columns under [columns]: system, task, language, metric, value, and seed, "
    "split, n, stderr where there are such; what is the same in every row goes under [constants]."
)
"""What to tell about a table that no importer claims."""

FOLDER_MAPPING = "intermezzo.mapping.toml"
_ENDING = ".mapping.toml"
_SAME_REFUSALS = 20
_MAX_MAPPING = 1 << 20


def find(tree: Tree, mapping: Path | None = None) -> Iterable[Bundle]:
    """Claim the tables that have a mapping, and those whose column names say what they are.

    Args:
        tree: What was listed.
        mapping: A mapping given by hand: it holds for every table of the tree.
    """
    for folder, files in tree.folders.items():
        tables = [file for file in files if file.name.lower().endswith(SUFFIXES)]
        if not tables:
            continue
        names = {file.name for file in files}
        for table in tables:
            path = Path(table.path)
            beside = _mapping_of(path.name, names if tree.root != path else set(_siblings(path)))
            told = mapping or (Path(folder) / beside if beside else None)
            if told is not None:
                yield Bundle(NAME, path, (told,), {"mapping": str(told)})
            elif _says_itself(tree, path):
                yield Bundle(NAME, path)


def read(bundle: Bundle) -> Iterable[Outcome]:
    """Read a table: one run for each system, task, split, seed, ... in it.

    A row with a bad value is refused with its line and column, the rest is read.
    """
    path = bundle.main
    mapping_file = Path(bundle.context["mapping"]) if bundle.context.get("mapping") else None
    try:
        mapping, sources = _mapping_and_sources(path, mapping_file)
    except Unreadable as error:
        yield Refused(path, str(error))
        return
    except Problem as problem:
        yield Refused(mapping_file or path, f"{problem}; {path.name} was not read")
        return
    try:
        header = read_header(path, mapping.wanted() if mapping else ())
        mapping = mapping or guess_mapping(header.columns)
        if mapping is None:
            yield Refused(path, f"its column names do not say what they are. {HINT}")
            return
        if missing := _missing(mapping, header):
            yield Refused(path, missing)
            return
        yield from _read_table(bundle, mapping, header, sources)
    except Unreadable as error:
        yield Refused(path, str(error))


def _read_table(
    bundle: Bundle, mapping: TableMapping, header: Header, sources: tuple[Source, ...]
) -> Iterator[Outcome]:
    path = bundle.main
    collector = Collector(mapping, header)
    refusals = _Refusals(path, header.unit)
    rows = 0
    for row in read_rows(path, header, mapping.wanted()):
        rows += 1
        if isinstance(row, BadRow):
            yield from refusals.add(Refusal(row.line, None, row.reason))
        else:
            for refusal in collector.add(row):
                yield from refusals.add(refusal)
    if not rows:
        yield Refused(path, "it has a line of column names and no rows")
        return
    if os.stat(path).st_mtime_ns != sources[0].mtime_ns:
        yield Waiting(path, "it changed while it was read")
        return
    sentences = tuple(collector.guesses())
    for sentence in sentences:
        yield Guessed(path, sentence)
    sources = (replace(sources[0], guessed=sentences), *sources[1:])
    root = Path(bundle.context.get("root", path.parent))
    where = relative_to(root, path)
    for run in collector.runs():
        if isinstance(run, Refusal):
            yield from refusals.add(run)
        else:
            yield Draft(
                replace(
                    run,
                    found=replace(run.found, path=where),
                    sources=sources,
                    importer=NAME,
                    importer_version=VERSION,
                )
            )
    yield from refusals.rest()


class _Refusals:
    """Refusals of rows, the many of one kind summed up after the first ones."""

    def __init__(self, path: Path, unit: str) -> None:
        self.path = path
        self.unit = unit
        self.counts: dict[tuple[str | None, str], list[int]] = {}

    def add(self, refusal: Refusal) -> Iterator[Refused]:
        kind = (refusal.column, refusal.kind or refusal.reason)
        seen = self.counts.setdefault(kind, [0, 0, 0])
        seen[0] += 1
        if seen[0] <= _SAME_REFUSALS:
            column = f", column {refusal.column}" if refusal.column else ""
            yield Refused(self.path, refusal.reason, f"{self.unit} {refusal.line}{column}")
        else:
            seen[1] = min(seen[1] or refusal.line, refusal.line)
            seen[2] = max(seen[2], refusal.line)

    def rest(self) -> Iterator[Refused]:
        for (column, _), (count, first, last) in self.counts.items():
            if count > _SAME_REFUSALS:
                more = f", column {column}" if column else ""
                yield Refused(
                    self.path,
                    f"{count - _SAME_REFUSALS} more rows were refused for reasons like those above",
                    f"{self.unit}s {first} to {last}{more}",
                )


def _mapping_and_sources(
    path: Path, mapping_file: Path | None
) -> tuple[TableMapping | None, tuple[Source, ...]]:
    try:
        sources = [_source(path)]
    except OSError as error:
        raise Unreadable(f"the file cannot be opened: {error.strerror or type(error).__name__}") from None
    if mapping_file is None:
        return None, tuple(sources)
    try:
        sources.append(_source(mapping_file))
        if sources[1].size > _MAX_MAPPING:
            raise Problem("the mapping is too large to be one")
        text = mapping_file.read_bytes().decode("utf-8")
    except OSError as error:
        raise Problem(f"the mapping cannot be opened: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Problem("the mapping is not UTF-8 text") from None
    return parse_mapping(text), tuple(sources)


def _source(path: Path) -> Source:
    status = os.stat(path)
    return Source(os.fspath(path), hash_file(path), status.st_size, status.st_mtime_ns, NAME, VERSION)


def _missing(mapping: TableMapping, header: Header) -> str | None:
    """Say which column that the mapping names is missing or there twice."""
    roles = {**{column: f" for {role}" for role, column in mapping.columns.items()}}
    roles |= {column: f" for metric {metric}" for metric, column in mapping.metrics.items()}
    for column in mapping.wanted():
        count = header.columns.count(column)
        if count == 0:
            hint = nearest(column, [name for name in header.columns if name])
            return f"it has no column `{column}`, which the mapping names{roles.get(column, '')}; {hint}"
        if count > 1:
            return f"it has {count} columns named `{column}`: rename one"
    return None


def _mapping_of(table: str, names: Iterable[str]) -> str | None:
    there = set(names)
    for name in (table.rpartition(".")[0] + _ENDING, table + _ENDING, FOLDER_MAPPING):
        if name in there:
            return name
    return None


def _siblings(path: Path) -> list[str]:
    """Return the names beside a table that was itself the imported root."""
    try:
        return os.listdir(path.parent)
    except OSError:
        return []


def _says_itself(tree: Tree, path: Path) -> bool:
    try:
        if path.suffix.lower() == ".parquet":
            if tree.head(path)[:4] != b"PAR1":
                return False
            header = read_header(path)
        else:
            text = tree.head(path).decode("utf-8-sig", "replace")
            header = header_of(text.splitlines(keepends=True)[:3])
    except Unreadable:
        return False
    return guess_mapping(header.columns) is not None
