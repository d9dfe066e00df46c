"""Asking a store: a read-only connection to one generation of its index.

A generation's file never changes, so a reader is opened by that name, and turns to a newer one when told
to (``refresh``). The same path opened twice in one process would give the old data.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from intermezzo.queries.errors import Problem
from intermezzo.queries.questions import question

from . import generations, manifest
from .layout import Store, StoreError
from .verify import first_line, read_folder

if TYPE_CHECKING:
    import duckdb


HEAVY = 5.0
"""Milliseconds after which a query's memory is given back: an app is open all day."""


KEPT = "1MB"
"""What DuckDB may keep of a heavy query: blocks of the index, which the file system has as well."""

_gate = threading.Lock()
_at_work: set[duckdb.DuckDBPyConnection] = set()
"""The cursors that are at a query, of all readers: those of one file share its memory limit."""

_owed = threading.Event()
"""Whether a heavy query has ended whose memory was not given back yet."""


def _give_back(cursor: duckdb.DuckDBPyConnection) -> None:
    """Let DuckDB give back what queries took: tens of megabytes that it keeps until it is told a limit."""
    import duckdb

    for order in (f"SET memory_limit = '{KEPT}'", "RESET memory_limit"):
        with suppress(duckdb.Error):
            cursor.execute(order)


class Interrupted(Problem):
    """A query was stopped by ``Reader.interrupt``."""


class QueryError(Problem):
    """A query failed; the message is DuckDB's, shortened to a sentence."""


@dataclass(frozen=True, slots=True)
class Table:
    """An answer.

    Attributes:
        columns: Column names.
        rows: Rows, in order.
        ms: Milliseconds that it took.
    """

    columns: list[str] = field(default_factory=list)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    ms: float = 0.0

    def dicts(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


class Reader:
    """A read-only connection to one generation; safe to use from several threads, each with its own cursor.

    Attributes:
        store: The store.
        generation: File name of the generation that answers.
    """

    def __init__(self, store: Store, generation: str, connection: duckdb.DuckDBPyConnection) -> None:
        self.store = store
        self.generation = generation
        self._connection = connection
        self._own = threading.local()
        self._lock = threading.Lock()
        self._running: set[duckdb.DuckDBPyConnection] = set()
        self._verified: dict[str, tuple[int, int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, name: str, /, **params: Any) -> Table:
        """Ask a question of ``questions/``.

        Args:
            name: Its name.
            params: Its parameters; those left out are NULL, which means all or as usual.

        Raises:
            Problem: If there is no such question or parameter, or the query fails.
        """
        entry = question(name)
        strange = set(params) - set(entry.params)
        if strange:
            raise QueryError(
                f"The question {name} has no parameter {sorted(strange)}; it has {list(entry.params)}."
            )
        return self.sql(entry.sql, {p: params.get(p) for p in entry.params})

    def sql(self, text: str, params: Mapping[str, Any] | None = None) -> Table:
        """Run trusted SQL (that of users goes through ``locked.run_locked``).

        Args:
            text: One statement.
            params: Named parameters.

        Raises:
            Interrupted: If ``interrupt`` was called meanwhile.
            QueryError: If the query fails.
        """
        try:
            return self._run(text, params)
        except Problem:
            raise
        except Exception as error:
            if not _damaged(error):
                raise QueryError(f"The query failed: {first_line(error)}") from error
        # A block of the index is damaged: everything in it can be had again from the run folders.
        from .publisher import rebuild

        rebuild(self.store)
        self.refresh()
        try:
            return self._run(text, params)
        except Problem:
            raise
        except Exception as error:
            raise QueryError(f"The query failed: {first_line(error)}") from error

    def _run(self, text: str, params: Mapping[str, Any] | None) -> Table:
        import duckdb

        begun = time.perf_counter()
        with self._cursor() as cursor:
            try:
                cursor.execute(text, dict(params or {}))
                columns = [d[0] for d in cursor.description or ()]
                rows = cursor.fetchall()
            except duckdb.InterruptException as error:
                raise Interrupted("The query was stopped.") from error
        return Table(columns, rows, (time.perf_counter() - begun) * 1000)

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._lock:
            generation, connection = self.generation, self._connection
        own = self._own
        if getattr(own, "generation", None) != generation:
            own.cursor = connection.cursor()
            own.generation = generation
        cursor: duckdb.DuckDBPyConnection = own.cursor
        with _gate:
            _at_work.add(cursor)
        with self._lock:
            self._running.add(cursor)
        begun = time.perf_counter()
        try:
            yield cursor
        finally:
            with self._lock:
                self._running.discard(cursor)
            if (time.perf_counter() - begun) * 1000 > HEAVY:
                _owed.set()
            with _gate:
                _at_work.discard(cursor)
                # whoever leaves last gives it back: another query may need what there is
                if _owed.is_set() and not _at_work:
                    _owed.clear()
                    _give_back(cursor)

    def interrupt(self) -> None:
        """Stop the queries that are running now, in whatever thread; they raise ``Interrupted``."""
        with self._lock:
            for cursor in self._running:
                with suppress(Exception):
                    cursor.interrupt()

    def refresh(self) -> bool:
        """Turn to the newest generation; say whether there was a newer one.

        Queries that are running end on the generation that they began with.
        """
        names = generations.generations(self.store)
        if not names or names[-1] == self.generation:
            return False
        opened = generations.newest(self.store)
        if opened is None:
            return False
        name, connection = opened
        with self._lock:
            if name == self.generation:
                connection.close()
                return False
            self.generation, old, self._connection = name, self._connection, connection
        old.close()
        return True

    def items_paths(self, run_ids: Sequence[str]) -> dict[str, Path]:
        """Return the ``items.parquet`` of each of these runs that has items.

        Each file's checksum is verified when this reader first sees it.

        Raises:
            StoreError: If a file was changed after it was written, or is missing; it names the run.
        """
        rows = self.sql(
            "SELECT run_id, folder, items_path FROM runs WHERE items_path IS NOT NULL "
            "AND run_id IN (SELECT unnest($ids::VARCHAR[])) ORDER BY run_id",
            {"ids": list(run_ids)},
        ).rows
        return {run_id: self._verified_items(run_id, folder, path) for run_id, folder, path in rows}

    def texts_paths(self, run_ids: Sequence[str]) -> list[Path]:
        """Return the files with the texts of the data sets of these runs, those that are there."""
        rows = self.sql(
            "SELECT DISTINCT texts_path FROM runs WHERE texts_path IS NOT NULL "
            "AND run_id IN (SELECT unnest($ids::VARCHAR[])) ORDER BY texts_path",
            {"ids": list(run_ids)},
        ).rows
        paths = [self.store.path / path for (path,) in rows]
        return [path for path in paths if path.is_file()]

    def _verified_items(self, run_id: str, folder: str, items_path: str) -> Path:
        path = self.store.path / items_path
        try:
            stat = os.stat(path)
            mark = (stat.st_mtime_ns, stat.st_size)
            if self._verified.get(run_id) != mark:
                found = read_folder(self.store.runs / folder)
                if manifest.ITEMS not in found.files:
                    raise manifest.Damaged("its manifest lists no items")
                self._verified[run_id] = mark
        except OSError as error:
            raise StoreError(
                f"The items of run {run_id} cannot be read ({path}: {error.strerror})."
            ) from error
        except manifest.Damaged as error:
            raise StoreError(
                f"The items of run {run_id} cannot be trusted: {error} (runs/{folder}). "
                "Import its source again, or say: intermezzo index --rebuild, to leave the run out."
            ) from error
        return path

    def close(self) -> None:
        """Close the connection; a query still running elsewhere is stopped."""
        self.interrupt()
        self._connection.close()


def connect(store: Store, fresh: bool = True) -> Reader:
    """Open the newest generation.

    Args:
        store: The store.
        fresh: First publish what landed and nobody has published yet. The app leaves that for later: its
            first screen shows what there is. Without any generation one is always made.

    Raises:
        StoreError: If there is no index and none can be made.
    """
    if fresh:
        from .publisher import publish, stale

        if stale(store):
            publish(store)
    opened = generations.newest(store)
    if opened is None:
        from .publisher import publish

        publish(store)
        opened = generations.newest(store)
    if opened is None:
        raise StoreError(
            f"The index of {store.path} was built and cannot be opened. Say: intermezzo index --rebuild."
        )
    return Reader(store, *opened)


def _damaged(error: Exception) -> bool:
    import duckdb

    if isinstance(error, duckdb.FatalException | duckdb.SerializationException | duckdb.InternalException):
        return True
    text = str(error).lower()
    return isinstance(error, duckdb.Error) and ("corrupt database" in text or "could not read" in text)
