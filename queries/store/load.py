"""Filling an index: run folders, import reports and identities, by the steps of ``load.sql``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from intermezzo.queries.identity import Identity, Systems, resolve
from intermezzo.queries.records import Found

from . import manifest
from .frames import SCORE_COLUMNS
from .layout import Store, storable
from .manifest import Damaged, Manifest, RunEntry
from .verify import read_folder

if TYPE_CHECKING:
    import duckdb

_CHUNK = 256


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
    """Run the statements of one step of ``load.sql``.

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
    text = (resources.files("intermezzo.queries") / "store" / "load.sql").read_text(encoding="utf-8")
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


def pattern(path: Path) -> str:
    """Return the glob pattern that only this path matches: folders may have brackets in their names."""
    return re.sub(r"([\[*?])", r"[\1]", str(path))


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write ``rows`` as newline-delimited JSON for the steps to read; return how many there were."""
    count = 0
    with open(path, "wb") as file:
        for row in rows:
            file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
            count += 1
    return count


class Resolver:
    """Says who a run is about, once for each thing that files say."""

    def __init__(self, rules: Systems) -> None:
        self._rules = rules
        self._told: dict[Found, Identity] = {}

    def __call__(self, found: Found) -> Identity:
        """Return who ``found`` is."""
        told = self._told.get(found)
        if told is None:
            told = self._told[found] = resolve(found, self._rules)
        return told


def load_folders(
    con: duckdb.DuckDBPyConnection, store: Store, names: Sequence[str], who: Resolver, tmp: Path
) -> list[Bad]:
    """Take run folders into the index, each checked against its manifest first.

    Args:
        con: The connection, in the index, inside a transaction.
        store: The store.
        names: Folders that the index does not have yet.
        who: Says whom runs are about.
        tmp: A folder for staging files.

    Returns:
        Folders that were left out because they cannot be trusted.

    Raises:
        duckdb.Error: If a file with a right checksum does not hold what it should (see ``probe``).
    """
    bad: list[Bad] = []
    folders: list[dict[str, Any]] = []

    def rows() -> Iterator[dict[str, Any]]:
        for name, found in _checked(store, names):
            if isinstance(found, Damaged):
                bad.append(Bad(name, found.file, str(found)))
                continue
            size = sum(f.size for f in found.files.values())
            path = str(store.runs / name / manifest.SCORES)
            folders.append({"folder": name, "runs": len(found.runs), "bytes": size, "path": path})
            for entry in found.runs:
                yield _run_row(entry, name, found.written, who)

    files = {"runs": tmp / "runs.ndjson", "folders": tmp / "folders.ndjson"}
    write_rows(files["runs"], rows())
    write_rows(files["folders"], folders)
    if folders:
        run_step(con, "stage runs", files)
        run_step(con, "add folders", files)
        run_step(con, "add runs")
        run_step(con, "add scores", files, {"paths": [pattern(Path(f["path"])) for f in folders]})
        run_step(con, "add sources")
        run_step(con, "supersede")
    return bad


def probe(con: duckdb.DuckDBPyConnection, store: Store, names: Sequence[str]) -> list[Bad]:
    """Return the folders whose ``scores.parquet`` is as it was written, yet is no table of scores."""
    import duckdb

    bad = []
    columns = ", ".join(f"count(CAST({name} AS {kind}))" for name, kind in SCORE_COLUMNS.items())
    for name in names:
        path = pattern(store.runs / name / manifest.SCORES)
        try:
            # Counted, so that every value is read and cast.
            con.execute(f"SELECT {columns} FROM read_parquet({literal(path)})").fetchall()
        except duckdb.Error as error:
            reason = f"it is no table of scores ({str(error).splitlines()[0]})"
            bad.append(Bad(name, manifest.SCORES, reason))
    return bad


def _checked(store: Store, names: Sequence[str]) -> Iterator[tuple[str, Manifest | Damaged]]:
    def check(name: str) -> Manifest | Damaged:
        try:
            return read_folder(store.runs / name)
        except Damaged as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        for i in range(0, len(names), _CHUNK):
            part = names[i : i + _CHUNK]
            yield from zip(part, pool.map(check, part), strict=True)


def _run_row(entry: RunEntry, folder: str, written: str, who: Callable[[Found], Identity]) -> dict[str, Any]:
    run = entry.run
    first = run.sources[0] if run.sources else None
    row = identity_row(run.found, who(run.found))
    return {
        **row,
        "run_id": run.run_id,
        "folder": folder,
        "found_name": run.found.name,
        "found_path": run.found.path,
        "task": run.task,
        "split": run.split,
        "subset": run.subset,
        "task_version": run.task_version,
        "dataset_revision": run.dataset_revision,
        "filter": run.filter,
        "prompt_hash": run.prompt_hash,
        "item_limit": run.limit,
        "eval_seed": run.eval_seed,
        "checkpoint": run.checkpoint,
        "train_language": run.train_language,
        "selection": run.selection,
        "tool": run.tool,
        "tool_version": run.tool_version,
        "date": run.date,
        "importer": run.importer,
        "importer_version": run.importer_version,
        "config": orjson.dumps(run.config).decode(),
        "source_path": first.path if first else None,
        "source_sha256": first.sha256 if first else None,
        "source_key": run.key,
        "items_path": f"runs/{folder}/{manifest.ITEMS}" if entry.n_items else None,
        "n_items": entry.n_items or None,
        "items_partial": entry.items_partial,
        "texts_path": f"texts/{entry.texts}.parquet" if entry.texts else None,
        "written": written,
        "supersedes": run.supersedes,
        "sources": [
            {
                "path": s.path,
                "sha256": s.sha256,
                "size": s.size,
                "mtime_ns": s.mtime_ns,
                "importer": s.importer,
                "importer_version": s.importer_version,
                "guessed": " ".join(s.guessed) or None,
                "runs": n,
            }
            for s, n in zip(run.sources, entry.source_runs, strict=True)
        ],
    }


def identity_row(found: Found, told: Identity) -> dict[str, Any]:
    """Return the columns of ``runs`` that an identity fills, and what it was made of."""
    return {
        "found": orjson.dumps(asdict(found), option=orjson.OPT_SORT_KEYS).decode(),
        "system": storable(told.system),
        "base_model": told.base_model,
        "base_revision": told.base_revision,
        "recipe": told.recipe,
        "shots": told.shots,
        "prompt": told.prompt,
        "identity": told.status,
        "identity_why": told.why,
        "train_seed": told.train_seed,
        "step": told.step,
    }


def rename_all(con: duckdb.DuckDBPyConnection, who: Resolver, tmp: Path) -> None:
    """Say anew whom every run is about, after ``systems.toml`` changed."""
    texts = [r[0] for r in con.execute("SELECT DISTINCT found FROM runs").fetchall()]
    founds = (Found(**orjson.loads(t)) for t in texts)
    rows = ({**identity_row(f, who(f)), "found": t} for t, f in zip(texts, founds, strict=True))
    path = tmp / "identities.ndjson"
    if write_rows(path, rows):
        run_step(con, "identities", {"identities": path})


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
            body = orjson.loads(file.read_bytes())
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
