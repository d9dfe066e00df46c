"""Writing runs into a store: each lands exactly once, whole or not at all, whoever repeats it."""

from __future__ import annotations

import datetime
import hashlib
import os
import platform
import socket
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

import orjson
from intermezzo.queries.records import Items, Run, identified

from . import frames, manifest
from .batch import Landed, RunColumns
from .frames import ItemFiles
from .known import present_runs
from .layout import (
    Step,
    Store,
    StoreError,
    no_step,
    require_writable,
    said,
    saying,
    storable,
    sync_folder,
    write_atomic,
    write_synced,
)
from .manifest import Damaged, FileEntry, RunEntry
from .verify import folder_damage
from .workspace import workspace

_Pair = tuple[Run, Items | ItemFiles | None]

PACK = 5000
"""Most runs without items that share a folder."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a write came to, by run id.

    Attributes:
        added: Runs that are in the store now and were not before.
        unchanged: Runs that were there already.
        folders: The run folders that have landed, ...
        told: ... and what is in them, as far as it is by column.
    """

    added: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    told: list[Landed] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FileStatus:
    """What an import made of a file that gave no run, for ``show sources`` and ``show coverage``.

    Attributes:
        path: Absolute path.
        status: ``refused``; ``waiting`` for one still being written; ``guessed`` for one read by a guess.
        reason: A sentence.
        importer: Who tried, if anybody claimed it.
        importer_version: That importer's version.
        size: Bytes.
        mtime_ns: Modification time, nanoseconds.
        sha256: Hash of the file, if it was read that far.
    """

    path: str
    status: Literal["guessed", "refused", "waiting"]
    reason: str
    importer: str | None = None
    importer_version: int | None = None
    size: int | None = None
    mtime_ns: int | None = None
    sha256: str | None = None


def write_runs(store: Store, runs: Sequence[_Pair], step: Step = no_step) -> Written:
    """Write runs that are not in the store yet; they are acknowledged (on disk) when this returns.

    A run with items gets a folder of its own; runs without are packed, many in one folder. All runs of
    one source file must come in one call: a source with fewer runs in the store than came with it counts
    as interrupted, and is read again.

    Args:
        store: Where.
        runs: The runs (identified here if they are not), with their items if there are any.
        step: Hook for tests.

    Raises:
        StoreError: If the store cannot be written; nothing half-written is left.
    """
    require_writable(store)
    batch: dict[str, _Pair] = {}
    for run, items in runs:
        known = identified(run)
        if not manifest.valid_id(known.run_id):
            raise StoreError(f"{known.run_id!r} cannot name a run: letters, digits, - and _ only.")
        batch.setdefault(known.run_id, (known, items))
    expected = Counter((s.path, s.sha256) for run, _ in batch.values() for s in run.sources)
    present = present_runs(store, batch)
    written = Written(unchanged=[i for i in batch if i in present])
    fresh = [pair for i, pair in batch.items() if i not in present]
    packs = [(run, None) for run, items in fresh if items is None]
    groups: list[list[_Pair]] = [[pair] for pair in fresh if pair[1] is not None]
    groups += [list(packs[i : i + PACK]) for i in range(0, len(packs), PACK)]
    with saying(f"The store at {store.path} cannot be written"):
        for group in groups:
            folder = _write_folder(store, group, expected, step)
            (written.added if folder else written.unchanged).extend(run.run_id for run, _ in group)
            written.folders.extend([folder] if folder else [])
    return written


def _write_folder(
    store: Store, group: list[_Pair], expected: Mapping[tuple[str, str], int], step: Step
) -> str | None:
    """Write one run folder; return its name if it is new."""
    runs = [run for run, _ in group]
    found = group[0][1]
    items = (
        frames.item_files(found, partial(frames.has_texts, store.texts))
        if isinstance(found, Items)
        else found
    )
    name = manifest.folder_name([r.run_id for r in runs], packed=items is None)
    entries = []
    with workspace(store.tmp) as tmp:
        step("workspace made")
        folder = tmp / name
        folder.mkdir()
        if items is not None and items.texts is not None:
            _write_texts(store, tmp, items, step)
        data, rows = frames.scores_parquet(runs)
        files = {manifest.SCORES: _put(folder / manifest.SCORES, data, rows)}
        step("scores written")
        n_items = 0
        if items is not None:
            n_items = items.rows
            files[manifest.ITEMS] = _put(folder / manifest.ITEMS, items.items, n_items)
            step("items written")
        for run in runs:
            entries.append(
                RunEntry(
                    run=run,
                    source_runs=tuple(expected[s.path, s.sha256] for s in run.sources),
                    n_items=n_items,
                    items_partial=items.partial if items is not None else None,
                    texts=items.texts if items is not None else None,
                )
            )
        try:
            data = manifest.dump(entries, files, _now(), _maker())
        except Damaged as error:
            raise StoreError(f"Run {runs[0].run_id} cannot be kept: {error}.") from error
        write_synced(folder / manifest.NAME, data)
        step("manifest written")
        sync_folder(folder)
        step("synced")
        return name if land_folder(store, folder, store.runs / name, step) else None


def land_pack(
    store: Store,
    run_ids: Sequence[str],
    entries: Sequence[bytes],
    scores: bytes,
    rows: int,
    columns: RunColumns,
    step: Step = no_step,
) -> Landed | None:
    """Write one folder of runs that are bytes already (see ``packs``); return what it is if it is new.

    Args:
        store: Where.
        run_ids: The runs.
        entries: Each as ``manifest.dump_entries`` has written it.
        scores: Their ``scores.parquet``.
        rows: Rows in it.
        columns: The runs by column.
        step: Hook for tests.
    """
    name = manifest.folder_name(list(run_ids), packed=True)
    with workspace(store.tmp) as tmp:
        step("workspace made")
        folder = tmp / name
        folder.mkdir()
        files = {manifest.SCORES: _put(folder / manifest.SCORES, scores, rows)}
        step("scores written")
        now = _now()
        told = _put(folder / manifest.NAME, manifest.assemble(entries, files, now, _maker()), len(entries))
        step("manifest written")
        sync_folder(folder)
        step("synced")
        if land_folder(store, folder, store.runs / name, step):
            return Landed(name, now, {**files, manifest.NAME: told}, columns)
        return None


def land_folder(store: Store, folder: Path, target: Path, step: Step = no_step) -> bool:
    """Rename a whole run folder into place; say whether it is new.

    Args:
        store: The store.
        folder: The folder in a workspace: its manifest written, everything synced.
        target: Its place in ``runs/``; a damaged folder there is set aside, a whole one wins.
        step: Hook for tests.

    Raises:
        StoreError: If it cannot be renamed.
    """
    for _ in range(2):
        try:
            os.rename(folder, target)
        except OSError as error:
            if not target.exists():
                raise said(error, f"The store at {store.path} cannot be written") from error
            if folder_damage(target) is None:
                return False
            # The same run was damaged since: what the import brings again takes its place.
            aside = store.path / "quarantine"
            aside.mkdir(exist_ok=True)
            os.rename(target, aside / f"{target.name}.{os.urandom(4).hex()}")
            step("damaged set aside")
            continue
        step("renamed")
        sync_folder(store.runs)
        step("landed")
        return True
    return False


def _write_texts(store: Store, tmp: Path, items: ItemFiles, step: Step) -> None:
    if items.texts is None or frames.has_texts(store.texts, items.texts):
        return
    if items.texts_file is None:
        raise StoreError(f"The texts {items.texts} of a run did not come with it (a fault of intermezzo).")
    write_synced(tmp / "texts", items.texts_file)
    step("texts written")
    os.replace(tmp / "texts", store.texts / f"{items.texts}.parquet")
    sync_folder(store.texts)
    step("texts landed")


def write_import_report(store: Store, root: str, files: Iterable[FileStatus], step: Step = no_step) -> None:
    """Keep what the latest import of ``root`` refused, guessed or left waiting; the next one replaces it.

    Args:
        store: Where.
        root: Absolute path of what was imported.
        files: The files that want saying something; those read without ado need none.
        step: Hook for tests.
    """
    require_writable(store)
    body = {
        "format": 1,
        "root": storable(root),
        "written": _now(),
        "files": [{k: storable(v) if isinstance(v, str) else v for k, v in asdict(f).items()} for f in files],
    }
    name = hashlib.sha256(storable(root).encode()).hexdigest()[:24] + ".json"
    with saying(f"The store at {store.path} cannot be written"):
        step("report begun")
        write_atomic(store.imports / name, orjson.dumps(body, option=orjson.OPT_INDENT_2), store.tmp)
        step("report written")


def _put(path: Path, data: bytes, rows: int) -> FileEntry:
    write_synced(path, data)
    return FileEntry.of(data, rows)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")


@cache
def _maker() -> dict[str, Any]:
    from importlib import metadata

    versions: dict[str, str | None] = {}
    for name in ("intermezzo", "duckdb", "polars", "numpy"):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = None
    return {"host": socket.gethostname(), "python": platform.python_version(), "versions": versions}
