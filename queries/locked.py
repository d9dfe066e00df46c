"""SQL of users, over the index and nothing else: no files, no network, no settings, no changes.

DuckDB's own stance is that SQL is code, and a filter of statement types does not hold (a CTE may hide a
``COPY`` or a ``DELETE``). What holds: an in-memory database, the index attached read-only, external access
off and the configuration locked, in that order. No folder is ever allowed, for that would grant writing too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from intermezzo.queries.errors import Problem
from intermezzo.queries.store import generations
from intermezzo.queries.store.layout import pattern, storable
from intermezzo.queries.store.load import literal
from intermezzo.queries.store.reader import Reader

if TYPE_CHECKING:
    import duckdb

CATALOG = "results"
"""Name under which the index is attached; it is the default, so tables need no prefix."""


class SqlError(Problem):
    """A user's statement was refused or failed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a user's statement gave.

    Attributes:
        columns: Column names.
        rows: Rows, at most as many as were asked for.
        ms: Milliseconds that it took.
        truncated: Whether there would have been more rows.
    """

    columns: list[str] = field(default_factory=list)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    ms: float = 0.0
    truncated: bool = False


class Locked:
    """A locked-down connection; close it, or use it as a context manager."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, sql: str, max_rows: int | None = None, timeout: float | None = None) -> Answer:
        """Run one statement of a user.

        Args:
            sql: The statement.
            max_rows: Most rows to return; ``None`` for all.
            timeout: Seconds after which it is stopped; ``None`` for never.

        Raises:
            SqlError: If it is refused, fails or takes too long.
        """
        import duckdb

        begun = time.perf_counter()
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._connection.interrupt()

        timer = threading.Timer(timeout, stop) if timeout is not None else None
        try:
            statements = self._connection.extract_statements(storable(sql))
            if len(statements) != 1:
                raise SqlError(f"One statement at a time, please: these are {len(statements)}.")
            if timer is not None:
                timer.daemon = True
                timer.start()
            self._connection.execute(statements[0])
            columns = [d[0] for d in self._connection.description or ()]
            if max_rows is None:
                rows = self._connection.fetchall()
            else:
                rows = self._connection.fetchmany(max_rows + 1)
                # What is left of a streamed result would block the next statement.
                self._connection.execute("SELECT 1").fetchall()
        except duckdb.InterruptException as error:
            after = f" after {timeout:g} seconds" if late.is_set() else ""
            raise SqlError(f"The statement was stopped{after}.") from error
        except (duckdb.Error, ValueError, RuntimeError, ArithmeticError, TypeError) as error:
            raise SqlError(_sentence(error)) from error
        finally:
            if timer is not None:
                timer.cancel()
        truncated = max_rows is not None and len(rows) > max_rows
        ms = (time.perf_counter() - begun) * 1000
        return Answer(columns, rows[:max_rows] if truncated else rows, ms, truncated)

    def interrupt(self) -> None:
        """Stop the running statement; it raises ``SqlError``."""
        self._connection.interrupt()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


_NO_TEXTS = "(SELECT CAST(NULL AS VARCHAR) AS text_sha, CAST(NULL AS VARCHAR) AS text WHERE false)"


def locked_connection(
    source: Reader | Path,
    memory_limit: str = "512MB",
    threads: int = 2,
    items: Sequence[str] = (),
) -> Locked:
    """Open the index for a user's SQL.

    Args:
        source: A reader, whose generation is opened again, or the path of an index.
        memory_limit: Most memory that DuckDB may take, e.g. ``512MB``.
        threads: Threads.
        items: Run ids whose items are loaded into a temporary table ``items`` first, with their texts as far
            as these were kept (needs a reader).

    Raises:
        SqlError: If the index cannot be opened, or the items do not fit into ``memory_limit``.
        StoreError: If the items of a run cannot be trusted.
    """
    import duckdb

    path = source if isinstance(source, Path) else source.store.index_dir / source.generation
    paths: Mapping[str, Path] = {}
    texts: list[Path] = []
    if items:
        if isinstance(source, Path):
            raise SqlError("Items can be asked of a store only, not of an index alone.")
        paths = source.items_paths(items)
        missing = [run_id for run_id in items if run_id not in paths]
        if missing:
            raise SqlError(f"There are no items of run {', '.join(missing)} in this store.")
        texts = source.texts_paths(items)
    config = {**generations.CONFIG, "memory_limit": memory_limit, "threads": str(threads)}
    connection = duckdb.connect(":memory:", config=config)
    try:
        connection.execute(f"ATTACH {literal(str(path))} AS {CATALOG} (READ_ONLY)")
        if paths:
            connection.execute(_items_sql(paths, texts))
        connection.execute(f"USE {CATALOG}")
        for setting in (
            "python_enable_replacements = false",
            "temp_directory = ''",
            "enable_external_access = false",
            "lock_configuration = true",
        ):
            connection.execute(f"SET {setting}")
    except duckdb.OutOfMemoryException as error:
        connection.close()
        raise SqlError(f"The items do not fit into {memory_limit}: name fewer runs.") from error
    except duckdb.Error as error:
        connection.close()
        unread = next((p for p in (*texts, *paths.values()) if p.name in str(error)), path)
        raise SqlError(f"{unread} cannot be opened: {_sentence(error)}") from error
    return Locked(connection)


def _items_sql(paths: Mapping[str, Path], texts: Sequence[Path]) -> str:
    files = ", ".join(literal(pattern(p)) for p in paths.values())
    runs = ", ".join(f"({literal(run_id)}, {literal(str(p))})" for run_id, p in paths.items())
    read = f"read_parquet([{', '.join(literal(pattern(p)) for p in texts)}])" if texts else _NO_TEXTS
    return (
        f"CREATE TEMP TABLE items AS SELECT r.run_id, i.* EXCLUDE (filename), t.text "
        f"FROM read_parquet([{files}], filename = true) i "
        f"JOIN (VALUES {runs}) r(run_id, filename) ON r.filename = i.filename "
        f"LEFT JOIN (SELECT text_sha, any_value(text) AS text FROM {read} GROUP BY text_sha) t "
        "ON t.text_sha = i.text_sha"
    )


def _sentence(error: BaseException) -> str:
    text = str(error).strip() or type(error).__name__
    first = text.splitlines()[0]
    if any(part in text for part in ("by configuration", "through configuration", "has been locked")):
        return f"Refused: SQL here reads the index only, no files, no network, no settings. ({first})"
    if "read-only" in text.lower() or "read only" in text.lower():
        return f"Refused: the index is only read here. ({first})"
    if "Table with name items does not exist" in text:
        return (
            "There is no table items here: `intermezzo sql STATEMENT --items RUN` in a shell loads a run's. "
            "In the app place 3 shows items, and place 5 has the ids of runs."
        )
    return text
