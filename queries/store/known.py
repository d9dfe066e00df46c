"""What a store already holds: asked before files are read again and runs written again."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from . import generations, manifest
from .layout import Store
from .manifest import Damaged, Manifest
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
    known: dict[str, KnownSource] = {}
    indexed: set[str] = set()
    opened = generations.newest(store)
    if opened is not None:
        _, con = opened
        with con:
            indexed = {r[0] for r in con.execute("SELECT folder FROM folders").fetchall()}
            rows = con.execute(
                "SELECT path, size, mtime_ns, sha256, importer, importer_version FROM sources "
                "WHERE status IN ('read', 'guessed') AND runs > 0"
            ).fetchall()
            known = {r[0]: KnownSource(*r[1:]) for r in rows}
    landed: dict[tuple[str, str], set[str]] = {}
    wanted: dict[tuple[str, str], int] = {}
    for name, found in _unpublished(store, indexed):
        del name
        for entry in found.runs:
            for source, expected in zip(entry.run.sources, entry.source_runs, strict=True):
                key = (source.path, source.sha256)
                landed.setdefault(key, set()).add(entry.run.run_id)
                wanted[key] = expected
                if len(landed[key]) >= expected:
                    known[source.path] = KnownSource(
                        source.size, source.mtime_ns, source.sha256, source.importer, source.importer_version
                    )
    return known


def present_runs(store: Store, run_ids: Iterable[str]) -> set[str]:
    """Return those of ``run_ids`` that are in the store, published or not; damaged ones are not."""
    asked = set(run_ids)
    present: set[str] = set()
    indexed: set[str] = set()
    opened = generations.newest(store)
    if opened is not None:
        _, con = opened
        with con:
            indexed = {r[0] for r in con.execute("SELECT folder FROM folders").fetchall()}
            rows = con.execute(
                "SELECT run_id FROM runs WHERE run_id IN (SELECT unnest($ids::VARCHAR[]))",
                {"ids": list(asked)},
            ).fetchall()
            present = {r[0] for r in rows}
    for _, found in _unpublished(store, indexed):
        present |= asked.intersection(e.run.run_id for e in found.runs)
    return present


def _unpublished(store: Store, indexed: set[str]) -> Iterable[tuple[str, Manifest]]:
    for name in run_folders(store):
        if name in indexed:
            continue
        found = _quick_read(store.runs / name)
        if found is not None:
            yield name, found


def _quick_read(folder: Path) -> Manifest | None:
    try:
        stat = os.stat(folder / manifest.NAME)
    except OSError:
        return None
    return _cached_read(folder, stat.st_mtime_ns, stat.st_ino, stat.st_size)


@lru_cache(maxsize=4096)
def _cached_read(folder: Path, _mtime_ns: int, _inode: int, _size: int) -> Manifest | None:
    try:
        return read_folder(folder, checksums=False)
    except Damaged:
        return None
