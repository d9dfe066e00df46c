"""Publishing: a new generation of the index with what landed since.

One process publishes at a time. It copies the newest generation, appends, checkpoints, closes, and renames
the copy to a name that never existed; whoever reads goes on with the generation that they have open.
``results.duckdb`` is a copy of the newest generation and not a link to it: a ``duckdb`` shell opens it
read-write unless told otherwise, and its lock would shut the apps out of the generation.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from intermezzo.queries.errors import Problem
from intermezzo.queries.identity import Systems, load_systems
from intermezzo.queries.questions import install_views

from . import generations
from .hidden import record_names
from .known import forget
from .landing import copy, land, place_results, publishing, set_aside_damaged
from .layout import Step, Store, StoreError, no_step, saying
from .load import (
    Bad,
    hide_runs,
    literal,
    load_claims,
    load_folders,
    load_reports,
    probe,
    rename_all,
    report_files,
    run_step,
)
from .records_kept import record_files
from .references import add_met, fill_references
from .verify import first_line, run_folders
from .workspace import sweep, workspace

if TYPE_CHECKING:
    import duckdb


_MEMORY = "256MB"
"""What DuckDB keeps in memory while an index is made: a million scores take no longer with more. Where
that is too little after all, it takes what it needs."""


_FORM = "STORAGE_VERSION 'v1.5.0', BLOCK_SIZE 16384, ROW_GROUP_SIZE 24576"
"""How an index is laid out. What is no whole row group yet stays in memory, and one thread packs it at the
end: so they are a fifth of DuckDB's usual ones."""


@dataclass(frozen=True, slots=True)
class Published:
    """What a publish came to.

    Attributes:
        generation: File name of the newest generation; empty where another process is making the first.
        changed: Whether there is a new one.
        runs: Runs in it.
        quarantined: Folders that could not be trusted, with the reason.
        notes: Sentences worth telling the user.
    """

    generation: str
    changed: bool
    runs: int
    quarantined: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Base:
    """The newest generation, as far as publishing needs to know it."""

    name: str
    folders: frozenset[str]
    quarantine: Mapping[str, str]
    meta: Mapping[str, str]
    runs: int


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is on disk now: folders to take in, and fingerprints of what is not a run."""

    new: tuple[str, ...]
    gone: bool
    meta: Mapping[str, str]

    def idle(self, base: _Base | None) -> bool:
        same = base is not None and all(base.meta.get(k) == v for k, v in self.meta.items())
        return same and not self.new and not self.gone


def publish(store: Store, wait: bool = True, step: Step = no_step) -> Published:
    """Publish what landed since the last time; one process at a time.

    Args:
        store: The store; where it is read-only the index is the user's own, in the cache.
        wait: Wait for another publisher to end; without, leave it to that one (``changed`` is false).
        step: Hook for tests.

    Raises:
        StoreError: If the index cannot be written.
    """
    return _publish(store, wait, False, step)


def rebuild(store: Store, step: Step = no_step) -> Published:
    """Build the index from the run folders alone: deleting the index loses nothing."""
    return _publish(store, True, True, step)


def stale(store: Store) -> bool:
    """Say whether something landed that the newest generation does not have; milliseconds."""
    base = _newest(store)
    return not _plan(store, base).idle(base)


def _publish(store: Store, wait: bool, anew: bool, step: Step) -> Published:
    import duckdb

    with saying(f"The index of {store.path} cannot be written"), publishing(store, wait) as mine:
        if not mine:
            base = _newest(store)
            return _told(base, False) if base is not None else Published("", False, 0)
        step("locked")
        sweep(store.tmp)
        base = None if anew else _newest(store)
        plan = _plan(store, base)
        notes: list[str] = []
        if base is not None and plan.idle(base):
            notes += place_results(store, base.name, step)
            return _told(base, False, notes)
        notes += set_aside_damaged(store)
        if plan.gone:
            notes += _said_gone(store, base)
            base = None
            plan = _plan(store, None)
        elif base is not None and _foreign(store, base.name):
            notes.append(f"index/{base.name} has parts that no intermezzo made: the index was built anew.")
            base = None
            plan = _plan(store, None)
        try:
            name, published = _build(store, base, plan, step)
        except duckdb.Error as error:
            _raise_if_full(store, error)
            if base is None:
                raise StoreError(f"The index of {store.path} cannot be built: {first_line(error)}") from error
            # The old generation may be damaged where nobody looked yet: the run folders have everything.
            try:
                name, published = _build(store, None, _plan(store, None), step)
            except duckdb.Error as again:
                _raise_if_full(store, again)
                raise StoreError(f"The index of {store.path} cannot be built: {first_line(again)}") from again
        notes += place_results(store, name, step)
        forget()
        return _told(published, True, notes)


_own: set[str] = set()
"""Generations that this process has built: nobody else has put anything into them."""


def _foreign(store: Store, name: str) -> bool:
    """Say whether an index has parts that must not be gone on with, see ``generations.foreign_parts``."""
    if name in _own:
        return False
    with generations.connect_index(store.index_dir / name) as con:
        return bool(generations.foreign_parts(con))


def _said_gone(store: Store, base: _Base | None) -> list[str]:
    """Name the run folders that the index had and that are not there any more."""
    here = set(run_folders(store))
    gone = sorted(base.folders - here) if base is not None else []
    if not gone:
        return []
    count = "1 run folder" if len(gone) == 1 else f"{len(gone):,} run folders"
    shown = ", ".join(gone[:3]) + (", ..." if len(gone) > 3 else "")
    return [
        f"{count} of the index gone from runs/ ({shown}): deleted, or the store was copied while it was "
        "written to. Import or merge again what is missing."
    ]


def _told(base: _Base, changed: bool, notes: Sequence[str] = ()) -> Published:
    said = [n for n in (base.meta.get("note"),) if n]
    return Published(base.name, changed, base.runs, dict(base.quarantine), (*said, *notes))


def _newest(store: Store) -> _Base | None:
    import duckdb

    opened = generations.newest(store)
    if opened is None:
        return None
    name, con = opened
    try:
        with con:
            return _base(name, con)
    except (duckdb.Error, ValueError, TypeError):
        # Damaged where opening it did not look, or somebody else's tables.
        return None


def _base(name: str, con: duckdb.DuckDBPyConnection) -> _Base:
    return _Base(
        name=name,
        folders=frozenset(r[0] for r in con.execute("SELECT folder FROM folders").fetchall()),
        quarantine=dict(con.execute("SELECT folder, reason FROM quarantine").fetchall()),
        meta=dict(con.execute("SELECT key, value FROM meta").fetchall()),
        runs=con.execute("SELECT count(*) FROM runs").fetchall()[0][0],
    )


def _plan(store: Store, base: _Base | None) -> _Plan:
    names = run_folders(store)
    if base is None:
        known: frozenset[str] = frozenset()
        seen: dict[str, str] = {}
    else:
        known = base.folders
        seen = json.loads(base.meta.get("bad_folders", "{}"))
    # A folder that was bad is looked at again only when something in it changed.
    unchanged = {n for n, mark in seen.items() if _mark(store.runs / n) == mark}
    new = tuple(n for n in names if n not in known and n not in unchanged)
    here = set(names)
    gone = not known <= here or any(n not in here for n in seen)
    meta = {
        "systems": _digest([store.systems_toml]),
        "reports": _digest(report_files(store)),
        # The records are named by their hashes: their names say what is in them.
        "hidden": hashlib.sha256("\n".join(record_names(store)).encode()).hexdigest(),
        "claims": _names([store.claims, store.verifications]),
    }
    return _Plan(new=new, gone=gone, meta=meta)


def _mark(folder: Path) -> str:
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


def _digest(files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        with suppress(OSError):
            digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _build(store: Store, base: _Base | None, plan: _Plan, step: Step) -> tuple[str, _Base]:
    """Make a generation in a workspace and rename it into place; return its name and what is in it."""
    import duckdb

    name = generations.next_name(store)
    with workspace(store.tmp) as tmp:
        file = tmp / "index.duckdb"
        if base is not None:
            copy(store.index_dir / base.name, file)
            os.chmod(file, 0o600)
            step("copied")
        config = {**generations.CONFIG, "threads": "2"}
        con = duckdb.connect(":memory:", config=config)
        try:
            con.execute(f"SET temp_directory = {literal(str(tmp / 'spill'))}")
            con.execute(f"ATTACH {literal(str(file))} AS building ({_FORM})")
            con.execute("USE building")
            bad: list[Bad] = []
            con.execute(f"SET memory_limit = '{_MEMORY}'")
            for _ in range(3):
                con.execute("BEGIN")
                try:
                    bad = _fill(con, store, base, plan, bad, name, tmp, step)
                except duckdb.OutOfMemoryException:
                    con.execute("ROLLBACK")
                    con.execute("RESET memory_limit")
                    continue
                except duckdb.Error:
                    con.execute("ROLLBACK")
                    more = probe(con, store, [n for n in plan.new if n not in {b.folder for b in bad}])
                    if not more:
                        raise
                    bad = more
                    continue
                con.execute("COMMIT")
                break
            else:
                raise duckdb.Error("its folders change while they are read, or the memory is too small")
            step("filled")
            built = _base(name, con)
            con.execute("USE memory")
            con.execute("CHECKPOINT building")
            con.execute("DETACH building")
            step("checkpointed")
        finally:
            con.close()
        land(store, file, name, step)
    _own.add(name)
    return name, built


def _fill(
    con: duckdb.DuckDBPyConnection,
    store: Store,
    base: _Base | None,
    plan: _Plan,
    unreadable: Sequence[Bad],
    name: str,
    tmp: Path,
    step: Step,
) -> list[Bad]:
    rules, note = _rules(store)
    if base is None:
        con.execute(_sql("schema.sql"))
        fill_references(con, tmp)
    run_step(con, "nothing changed yet")
    out = {b.folder for b in unreadable}
    bad = [*unreadable, *load_folders(con, store, [n for n in plan.new if n not in out], rules)]
    step("loaded")
    if base is not None and base.meta.get("systems") != plan.meta["systems"]:
        rename_all(con, rules, tmp)
    hide_runs(con, store, tmp)
    if base is None or base.meta.get("reports") != plan.meta["reports"]:
        load_reports(con, store, tmp)
    if base is None or base.meta.get("claims") != plan.meta["claims"]:
        load_claims(con, store, tmp)
    add_met(con, tmp)
    run_step(con, "touched")
    con.execute(_sql("derive.sql"))
    step("derived")
    if base is None:
        install_views(con)
    _note_bad(con, store, base, plan, bad)
    meta = {
        **plan.meta,
        "label": generations.label(),
        "generation": name,
        "published": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "intermezzo": _version(),
        "note": note,
    }
    for key, value in meta.items():
        con.execute("INSERT OR REPLACE INTO meta VALUES ($key, $value)", {"key": key, "value": value})
    return list(bad)


def _note_bad(
    con: duckdb.DuckDBPyConnection, store: Store, base: _Base | None, plan: _Plan, bad: Sequence[Bad]
) -> None:
    """Keep the quarantine: what was bad and was looked at again is judged anew."""
    marks: dict[str, str] = json.loads(base.meta.get("bad_folders", "{}")) if base is not None else {}
    for name in plan.new:
        marks.pop(name, None)
        con.execute(
            "DELETE FROM quarantine WHERE folder = $name", {"name": name}
        ) if base is not None else None
    for entry in bad:
        marks[entry.folder] = _mark(store.runs / entry.folder)
        con.execute(
            "INSERT INTO quarantine VALUES ($folder, $file, $reason)",
            {"folder": entry.folder, "file": entry.file, "reason": entry.reason},
        )
    con.execute("INSERT OR REPLACE INTO meta VALUES ('bad_folders', $marks)", {"marks": json.dumps(marks)})


def _rules(store: Store) -> tuple[Systems, str]:
    try:
        return load_systems(store), ""
    except Problem as error:
        # Runs must not vanish over a slip in a file of names: they go by the names that files give.
        return Systems(), f"{error} Until that is mended, no rule of it holds."


def _sql(name: str) -> str:
    return (resources.files("intermezzo.queries") / "store" / name).read_text(encoding="utf-8")


def _version() -> str:
    from importlib import metadata

    try:
        return metadata.version("intermezzo")
    except metadata.PackageNotFoundError:
        return "unknown"


def _raise_if_full(store: Store, error: Exception) -> None:
    text = str(error)
    if "No space left" in text or "File too large" in text or "Disk quota" in text:
        raise StoreError(
            f"The index of {store.path} cannot be written: the disk is full. "
            "Free some space and repeat the command; the runs are safe, nothing half-written was kept."
        ) from error
