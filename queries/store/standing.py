"""How the newest generation stands to what is on disk: what a publish would have to take in."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from . import generations
from .hidden import record_names
from .layout import Store
from .load import report_files
from .records_kept import record_files
from .verify import run_folders

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Base:
    """The newest generation, as far as publishing needs to know it."""

    name: str
    folders: frozenset[str]
    quarantine: Mapping[str, str]
    meta: Mapping[str, str]
    runs: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What is on disk now: folders to take in, and fingerprints of what is not a run."""

    new: tuple[str, ...]
    gone: bool
    meta: Mapping[str, str]

    def idle(self, base: Base | None) -> bool:
        """Say whether there is nothing to publish."""
        same = base is not None and all(base.meta.get(k) == v for k, v in self.meta.items())
        return same and not self.new and not self.gone


def newest_base(store: Store) -> Base | None:
    """Return the newest sound generation of this program."""
    import duckdb

    opened = generations.newest(store)
    if opened is None:
        return None
    name, con = opened
    try:
        with con:
            return base_of(name, con)
    except (duckdb.Error, ValueError, TypeError):
        # Damaged where opening it did not look, or somebody else's tables.
        return None


def base_of(name: str, con: duckdb.DuckDBPyConnection) -> Base:
    """Return what publishing needs to know of a generation, by a connection in it."""
    return Base(
        name=name,
        folders=frozenset(r[0] for r in con.execute("SELECT folder FROM folders").fetchall()),
        quarantine=dict(con.execute("SELECT folder, reason FROM quarantine").fetchall()),
        meta=dict(con.execute("SELECT key, value FROM meta").fetchall()),
        runs=con.execute("SELECT count(*) FROM runs").fetchall()[0][0],
    )


def plan_of(store: Store, base: Base | None) -> Plan:
    """Look at what is on disk, and what of it the newest generation does not have."""
    names = run_folders(store)
    if base is None:
        known: frozenset[str] = frozenset()
        seen: dict[str, str] = {}
    else:
        known = base.folders
        seen = json.loads(base.meta.get("bad_folders", "{}"))
    # A folder that was bad is looked at again only when something in it changed.
    unchanged = {n for n, mark in seen.items() if mark_of(store.runs / n) == mark}
    new = tuple(n for n in names if n not in known and n not in unchanged)
    here = set(names)
    gone = not known <= here or any(n not in here for n in seen)
    meta = {
        "systems": systems_digest(store),
        "reports": _digest(report_files(store)),
        # The records are named by their hashes: their names say what is in them.
        "hidden": hashlib.sha256("\n".join(record_names(store)).encode()).hexdigest(),
        "claims": _names([store.claims, store.verifications]),
    }
    return Plan(new=new, gone=gone, meta=meta)


def glance(store: Store) -> tuple[tuple[int, ...], ...]:
    """Return what tells that something landed, as far as times of folders do: microseconds at any size.

    A run whose files changed where they lie, or two changes within one tick of the clock, are not told apart:
    ``plan_of`` is, in the end, what says how things stand.
    """
    places = (store.runs, store.index_dir, store.imports, store.hidden, store.claims, store.verifications)
    return tuple(_times(path) for path in (*places, store.systems_toml))


def _times(path: Path) -> tuple[int, ...]:
    try:
        # opened, and not only looked at: a network file system then asks its server how things are
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return ()
    try:
        found = os.fstat(fd)
    finally:
        os.close(fd)
    return found.st_ino, found.st_mtime_ns, found.st_size


def mark_of(folder: Path) -> str:
    """Return a fingerprint of a folder's files: names, sizes and times."""
    try:
        with os.scandir(folder) as entries:
            stats = [(e.name, e.stat()) for e in entries]
    except OSError:
        return ""
    return ";".join(f"{n}:{s.st_size}:{s.st_mtime_ns}:{s.st_ino}" for n, s in sorted(stats))


def _names(folders: Sequence[Path]) -> str:
    """Return a fingerprint of folders of records, whose sizes tell of one that was damaged since."""
    digest = hashlib.sha256()
    for folder in folders:
        for name in record_files(folder):
            with suppress(OSError):
                digest.update(f"{folder.name}/{name} {(folder / name).stat().st_size}\n".encode())
    return digest.hexdigest()


def systems_digest(store: Store) -> str:
    """Return a fingerprint of the store's rules."""
    return _digest([store.systems_toml])


def _digest(files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        with suppress(OSError):
            digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
