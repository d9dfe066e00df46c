"""Filling an index: run folders, import reports and identities, by the steps of ``load.sql``."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from intermezzo.queries.identity import Systems
from intermezzo.queries.plain_files import read_plain

from . import manifest
from .batch import Batch, Folder, Landed, Tables, columns_of, identity_row
from .frames import SCORE_COLUMNS
from .hidden import hidings
from .layout import Store, pattern
from .manifest import Damaged
from .verify import first_line, is_as_written, read_folder

if TYPE_CHECKING:
    import duckdb

_AHEAD = 3
_BATCH = 20_000
"""Runs that are taken in at once: memory stays bounded."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A run folder that was left out.

    Attributes:
        folder: Its name.
        file: The file that is wrong.
        reason: Why, a sentence fragment.
    """

    folder: str
    file: str
    reason: str


def run_step(
    con: duckdb.DuckDBPyConnection,
    name: str,
    files: Mapping[str, Path] | None = None,
    params: Mapping[str, Any] | None = None,
) -> list[tuple[Any, ...]]:
    """Run the statements of one step of ``load.sql`` or ``derive.sql``.

    Args:
        con: The connection, in the index.
        name: The step.
        files: Paths for the names in braces.
        params: Named parameters.

    Returns:
        The rows of its last statement.
    """
    rows: list[tuple[Any, ...]] = []
    for statement in _steps()[name]:
        text = statement
        for key, path in (files or {}).items():
            text = text.replace("{" + key + "}", literal(pattern(path)))
        used = {k: v for k, v in (params or {}).items() if f"${k}" in text}
        rows = con.execute(text, used).fetchall()
    return rows


@lru_cache(maxsize=1)
def _steps() -> dict[str, list[str]]:
    folder = resources.files("intermezzo.queries") / "store"
    text = "".join((folder / name).read_text(encoding="utf-8") for name in ("load.sql", "derive.sql"))
    parts = re.split(r"^-- step: (.+)$", text, flags=re.MULTILINE)
    return {
        name.strip(): [
            s for s in re.split(r";\s*$", body, flags=re.MULTILINE) if re.sub(r"--.*", "", s).strip()
        ]
        for name, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def literal(text: str) -> str:
    """Return ``text`` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write ``rows`` as newline-delimited JSON for the steps to read; return how many."""
    count = 0
    with open(path, "wb") as file:
        for row in rows:
            file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
            count += 1
    return count


def load_folders(
    con: duckdb.DuckDBPyConnection,
    store: Store,
    names: Mapping[str, Landed | None],
    rules: Systems,
    tables: Tables,
) -> list[Bad]:
    """Take run folders into the index, each checked against its manifest first.

    Args:
        con: The connection, in the index, inside a transaction.
        store: The store.
        names: Folders that the index does not have yet; with what is in them, if who wrote them has told.
        rules: Who runs are about.
        tables: What the connection's transaction reads runs from; empty at first.

    Returns:
        Folders that were left out because they cannot be trusted.

    Raises:
        duckdb.Error: If a file with a right checksum does not hold what it should (see ``probe``).
    """
    bad: list[Bad] = []
    batch = Batch(rules)
    for name, found in _checked(store, names):
        if isinstance(found, Damaged):
            bad.append(Bad(name, found.file, str(found)))
            continue
        batch.add(found)
        if len(batch) >= _BATCH:
            _take(con, batch, tables)
            batch = Batch(rules)
    if len(batch):
        _take(con, batch, tables)
    return bad


def _check_rows(con: duckdb.DuckDBPyConnection, promised: Mapping[str, int]) -> None:
    """Raise a ``duckdb.Error`` where a file has another number of rows than its manifest says.

    That is known from the files' ends, before anything is unpacked: a small file may hold billions of rows.
    """
    import duckdb

    paths = [pattern(Path(path)) for path in promised]
    sql = "SELECT file_name, num_rows FROM parquet_file_metadata($paths)"
    for path, rows in con.execute(sql, {"paths": paths}).fetchall():
        if promised.get(path) != rows:
            raise duckdb.InvalidInputException(f"{path} has {rows:,} rows, not those that its manifest says")


def _take(con: duckdb.DuckDBPyConnection, batch: Batch, tables: Tables) -> None:
    _check_rows(con, batch.rows)
    for name, columns in batch.tables().items():
        if name in tables:
            # What was registered is kept to the end of the transaction: so it is filled anew.
            tables[name].update(columns)
        else:
            tables[name] = columns
            con.register(name, columns)
    run_step(con, "add runs")
    run_step(con, "add scores", params={"paths": [pattern(Path(path)) for path in batch.rows]})
    run_step(con, "add sources")
    for columns in tables.values():
        columns.clear()


def probe(con: duckdb.DuckDBPyConnection, store: Store, names: Sequence[str]) -> list[Bad]:
    """Return the folders whose ``scores.parquet`` is as it was written, yet is no table of scores."""
    import duckdb

    bad = []
    columns = ", ".join(f"count(CAST({name} AS {kind}))" for name, kind in SCORE_COLUMNS.items())
    for name in names:
        path = pattern(store.runs / name / manifest.SCORES)
        try:
            _check_rows(con, {str(store.runs / name / manifest.SCORES): _promised(store, name)})
            # Counted, so that every value is read and cast.
            con.execute(f"SELECT {columns} FROM read_parquet({literal(path)})").fetchall()
        except Damaged:
            continue  # left out before any of it is read
        except duckdb.Error as error:
            reason = f"it is no table of scores ({first_line(error)})"
            bad.append(Bad(name, manifest.SCORES, reason))
    return bad


def _promised(store: Store, name: str) -> int:
    return read_folder(store.runs / name, checksums=False).files[manifest.SCORES].rows


def _checked(store: Store, names: Mapping[str, Landed | None]) -> Iterator[tuple[str, Folder | Damaged]]:
    def check(name: str) -> Folder | Damaged:
        try:
            return _folder(store, name, names[name])
        except Damaged as error:
            return error

    # A few ahead only: the manifests of a hundred thousand runs do not fit into a small memory at once.
    ahead: deque[tuple[str, Future[Folder | Damaged]]] = deque()
    with ThreadPoolExecutor(2) as pool:
        for name in names:
            ahead.append((name, pool.submit(check, name)))
            if len(ahead) > _AHEAD:
                first, future = ahead.popleft()
                yield first, future.result()
        for name, future in ahead:
            yield name, future.result()


def _folder(store: Store, name: str, told: Landed | None) -> Folder:
    folder = store.runs / name
    if told is not None and is_as_written(folder, told.files):
        files, written, columns = told.files, told.written, told.columns
    else:
        found = read_folder(folder)
        files, written, columns = found.files, found.written, columns_of(found.runs)
    size = sum(entry.size for file, entry in files.items() if file != manifest.NAME)
    scores = files[manifest.SCORES]
    return Folder(name, written, str(folder / manifest.SCORES), scores.rows, size, columns)


def rename_all(con: duckdb.DuckDBPyConnection, rules: Systems, tmp: Path) -> None:
    """Say anew whom every run is about, after ``systems.toml`` changed."""
    texts = [r[0] for r in con.execute("SELECT DISTINCT found FROM runs").fetchall()]
    rows = ({**identity_row(orjson.loads(t), rules), "found": t} for t in texts)
    path = tmp / "identities.ndjson"
    if write_rows(path, rows):
        run_step(con, "identities", {"identities": path})


def hide_runs(con: duckdb.DuckDBPyConnection, store: Store, tmp: Path) -> None:
    """Take runs out of view, or bring them back, as the store's records say."""
    path = tmp / "hidden.ndjson"
    write_rows(path, ({"run_id": h.run_id, "why": h.why} for h in hidings(store).values() if h.hidden))
    run_step(con, "hide", {"hidden": path})


def load_claims(con: duckdb.DuckDBPyConnection, store: Store, tmp: Path) -> None:
    """Take in the claims and verifications of the store, all of them anew: they are few."""
    from intermezzo.queries.claims.indexed import claim_rows, verification_rows

    files = {"claims": tmp / "claims.ndjson", "verifications": tmp / "verifications.ndjson"}
    write_rows(files["claims"], claim_rows(store))
    write_rows(files["verifications"], verification_rows(store))
    run_step(con, "claims", files)


def load_reports(con: duckdb.DuckDBPyConnection, store: Store, tmp: Path) -> None:
    """Take in what the latest import of each root refused, guessed or left waiting."""
    path = tmp / "reports.ndjson"
    if write_rows(path, _report_rows(store)):
        run_step(con, "reports", {"reports": path})
    else:
        con.execute("DELETE FROM sources WHERE coalesce(runs, 0) = 0")


def report_files(store: Store) -> list[Path]:
    """Return the import reports of the store."""
    return sorted(store.imports.glob("*.json"))


def _report_rows(store: Store) -> Iterator[dict[str, Any]]:
    kinds: dict[str, type] = {
        "path": str,
        "sha256": str,
        "size": int,
        "mtime_ns": int,
        "importer": str,
        "importer_version": int,
        "reason": str,
    }
    for file in report_files(store):
        try:
            body = orjson.loads(read_plain(file, manifest.LARGEST))
            listed = [f for f in body["files"] if f["status"] in ("guessed", "refused", "waiting")]
            rows = [
                {k: f.get(k) if isinstance(f.get(k), t) else None for k, t in kinds.items()} for f in listed
            ]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            # The next import of that root writes it again; runs do not depend on it.
            continue
        for row, entry in zip(rows, listed, strict=True):
            if row["path"]:
                yield {**row, "status": entry["status"], "written": str(body.get("written", ""))}
