"""What a store already holds: asked before files are read again and runs written again."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from . import generations, manifest
from .layout import Store
from .manifest import Damaged
from .verify import read_folder, run_folders


class KnownSource(NamedTuple):
    """A file as it was when it was read, and by what.

    Attributes:
        size: Bytes.
        mtime_ns: Modification time, nanoseconds.
        sha256: Hash of the file.
        importer: Name of the importer.
        importer_version: Its version.
    """

    size: int
    mtime_ns: int
    sha256: str
    importer: str
    importer_version: int


def known_sources(store: Store) -> dict[str, KnownSource]:
    """Return the files whose runs are all in the store, by absolute path (as ``layout.storable`` has it).

    A file changed since has another size or time; one of which only some runs have landed is left out.
    """
    rows, indexed = _indexed(
        store,
        "SELECT path, size, mtime_ns, sha256, importer, importer_version FROM sources "
        "WHERE status IN ('read', 'guessed') AND runs > 0",
    )
    known = {r[0]: KnownSource(*r[1:]) for r in rows}
    landed: dict[tuple[str, str], set[str]] = {}
    for found in _unpublished(store, indexed):
        for run_id, path, source, expected in found.sources:
            key = (path, source.sha256)
            landed.setdefault(key, set()).add(run_id)
            if len(landed[key]) >= expected:
                known[path] = source
    return known


def present_runs(store: Store, run_ids: Iterable[str]) -> set[str]:
    """Return those of ``run_ids`` that are in the store, published or not; quarantined ones are not."""
    asked = set(run_ids)
    rows, indexed = _indexed(
        store,
        "SELECT run_id FROM runs WHERE run_id IN (SELECT unnest($ids::VARCHAR[]))",
        {"ids": list(asked)},
    )
    present = {r[0] for r in rows}
    for found in _unpublished(store, indexed):
        present |= asked & found.run_ids
    return present


def every_run(store: Store) -> set[str]:
    """Return all runs that are in the store, published or not; quarantined ones are not."""
    rows, indexed = _indexed(store, "SELECT run_id FROM runs")
    return {r[0] for r in rows}.union(*(found.run_ids for found in _unpublished(store, indexed)))


def _indexed(
    store: Store, sql: str, params: Mapping[str, Any] | None = None
) -> tuple[list[tuple[Any, ...]], set[str]]:
    """Return the rows of a query, and the folders that the index has taken in or left out."""
    import duckdb

    opened = generations.newest(store)
    if opened is None:
        return [], set()
    _, con = opened
    try:
        with con:
            rows = con.execute(sql, dict(params or {})).fetchall()
            folders = con.execute("SELECT folder FROM folders UNION SELECT folder FROM quarantine").fetchall()
    except duckdb.Error:
        # A damaged index: the folders themselves say what is in them, and the next publish builds it anew.
        return [], set()
    return rows, {r[0] for r in folders}


def forget() -> None:
    """Let go of what was read of folders that were not published; a publish calls this."""
    _cached_read.cache_clear()


class _Landed(NamedTuple):
    """What a folder holds that nobody has published yet."""

    run_ids: frozenset[str]
    sources: tuple[tuple[str, str, KnownSource, int], ...]


def _unpublished(store: Store, indexed: set[str]) -> Iterator[_Landed]:
    for name in run_folders(store):
        if name in indexed:
            continue
        folder = os.path.join(store.runs, name)  # an import looks at all of them at every write
        try:
            stat = os.stat(f"{folder}/{manifest.NAME}")
        except OSError:
            continue
        found = _cached_read(folder, stat.st_mtime_ns, stat.st_ino, stat.st_size)
        if found is not None:
            yield found


@lru_cache(maxsize=4096)
def _cached_read(folder: str, _mtime_ns: int, _inode: int, _size: int) -> _Landed | None:
    try:
        found = read_folder(Path(folder), checksums=False)
        return _Landed(
            run_ids=frozenset(r["run_id"] for r in found.runs),
            sources=tuple(
                (
                    r["run_id"],
                    s["path"],
                    KnownSource(s["size"], s["mtime_ns"], s["sha256"], s["importer"], s["importer_version"]),
                    s["runs"],
                )
                for r in found.runs
                for s in r["sources"]
            ),
        )
    except (Damaged, KeyError, TypeError):
        return None
