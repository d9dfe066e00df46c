"""Putting generations in their place: the publishing lock, renames, ``results.duckdb``, sweeping old ones."""

from __future__ import annotations

import errno
import fcntl
import filecmp
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from intermezzo.queries.plain_files import LARGEST_TEXT, open_plain, read_plain

from . import generations
from .layout import Step, Store, sync_folder, write_atomic
from .workspace import workspace

_KEEP = 2
_KEEP_OTHERS_SECONDS = 3 * 86_400
_FICLONE = 0x40049409
_SIDECAR = "results.json"


@contextmanager
def publishing(store: Store, wait: bool) -> Iterator[bool]:
    """Hold the publishing lock of the store; without ``wait``, say whether it was to be had."""
    fd = os.open(store.index_dir / "lock", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            mine = True
        except BlockingIOError:
            mine = False
        except OSError as error:
            # A file system without locks: names are never reused, so two publishers only do work twice.
            if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS):
                raise
            mine = True
        yield mine
    finally:
        os.close(fd)


def copy(source: Path, target: Path) -> None:
    """Copy a file, sharing its blocks where the file system can."""
    with open_plain(source) as old, open(target, "xb") as new:
        try:
            fcntl.ioctl(new.fileno(), _FICLONE, old.fileno())
        except OSError:
            shutil.copyfileobj(old, new, 1 << 20)
        new.flush()
        os.fsync(new.fileno())


def land(store: Store, file: Path, name: str, step: Step) -> None:
    """Rename a finished index to its generation's name, and sweep generations that nobody needs."""
    fd = os.open(file, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
    # Read-only: nobody shall open a generation read-write by accident.
    os.chmod(file, 0o444)
    step("synced")
    os.rename(file, store.index_dir / name)
    step("renamed")
    sync_folder(store.index_dir)
    step("landed")
    _sweep(store)


def _sweep(store: Store) -> None:
    own = generations.generations(store)
    for old in own[:-_KEEP]:
        with suppress(OSError):
            (store.index_dir / old).unlink()
    # Another version of the program may still be in use: its generations go when they have grown old.
    for other in set(generations.all_generations(store)) - set(own):
        file = store.index_dir / other
        with suppress(OSError):
            if time.time() - file.stat().st_mtime > _KEEP_OTHERS_SECONDS:
                file.unlink()


def set_aside_damaged(store: Store) -> list[str]:
    """Rename what has a generation's name and is no sound index to ``*.damaged``; say so."""
    notes = []
    for name in reversed(generations.generations(store)):
        reason = generations.unsound(store.index_dir / name)
        if reason is None:
            break
        with suppress(OSError):
            os.rename(store.index_dir / name, store.index_dir / f"{name}.damaged")
            notes.append(f"index/{name} was no sound index and is index/{name}.damaged now ({reason}).")
    return notes


def place_results(store: Store, name: str, step: Step) -> list[str]:
    """Make ``results.duckdb`` a copy of generation ``name``; what is there and is not ours is kept aside."""
    ours = _sidecar(store)
    if ours.get("generation") == name and ours.get("stat") == _stat(store.results):
        return []
    notes = []
    # A shell that has it open read-write may have all its changes in the log beside it; left where it is,
    # that log would be replayed into the new file.
    log = Path(f"{store.results}.wal")
    if log.exists() or (store.results.exists() and not _is_copy(store, ours)):
        now = time.strftime("%Y%m%dT%H%M%S")
        aside = store.results.with_name(f"results.duckdb.kept-{now}-{os.urandom(2).hex()}")
        with suppress(FileNotFoundError):
            os.rename(log, f"{aside}.wal")
        with suppress(FileNotFoundError):
            os.rename(store.results, aside)
        notes.append(
            f"results.duckdb was changed by somebody else and is {aside.name} now: "
            "it is made anew at each publish, keep tables of your own in a file of your own."
        )
    with workspace(store.tmp) as tmp:
        side = tmp / "results.duckdb"
        copy(store.index_dir / name, side)
        os.chmod(side, 0o644)
        step("results copied")
        os.replace(side, store.results)
    step("results placed")
    sync_folder(store.home)
    body = {"generation": name, "stat": _stat(store.results)}
    write_atomic(store.index_dir / _SIDECAR, json.dumps(body).encode(), store.tmp)
    step("results noted")
    return notes


def _is_copy(store: Store, ours: dict[str, object]) -> bool:
    if ours.get("stat") == _stat(store.results):
        return True
    # The store was copied or moved, or a publisher died before it could note what it did.
    size = store.results.stat().st_size
    for name in reversed(generations.all_generations(store)):
        file = store.index_dir / name
        with suppress(OSError):
            if file.stat().st_size == size and filecmp.cmp(file, store.results, shallow=False):
                return True
    return False


def _sidecar(store: Store) -> dict[str, object]:
    try:
        body = json.loads(read_plain(store.index_dir / _SIDECAR, LARGEST_TEXT))
    except (OSError, ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _stat(file: Path) -> list[int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return [stat.st_size, stat.st_mtime_ns, stat.st_ino]
