"""The demo store: the published figures and the measured runs that came with the program, ready to explore.

It is an ordinary store, made by the ordinary functions; whoever builds it, and however often, it is the same.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from intermezzo.engine import measured, published
from intermezzo.engine.importers.long_table import VERSION as IMPORTER_VERSION
from intermezzo.engine.published.shipped_claims import add_shipped
from intermezzo.queries.errors import Problem
from intermezzo.queries.plain_files import at_home
from intermezzo.queries.store.generations import generations
from intermezzo.queries.store.layout import Store, StoreError, open_store, write_atomic
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.writer import write_runs
from intermezzo.queries.version import VERSION

STAMP = ".demo"
"""File in the demo store that says what it was built from; written last."""


def build_demo(folder: str | os.PathLike[str]) -> Store:
    """Make the demo store, or bring it up to date; fast where nothing has changed.

    Several processes may call it at once, and it may be killed at any point: what is there stays whole,
    and the next call goes on. A ``systems.toml`` that somebody edited is left as it is.

    Args:
        folder: Where: a folder that does not exist yet, is empty, or is a demo store.

    Returns:
        The store, published.

    Raises:
        Problem: The folder is something else, or cannot be written and holds no demo yet.
    """
    path = Path(os.path.abspath(at_home(folder)))
    stamp = f"{VERSION} {IMPORTER_VERSION} {published.content_hash()} {measured.content_hash()}\n"
    if _read(path / STAMP) == stamp:
        store = open_store(path)
        if not store.writable or generations(store):
            return store
    if path.is_dir() and (path / "VERSION").exists() and not os.access(path, os.W_OK | os.X_OK):
        if _read(path / STAMP) is None:
            raise StoreError(f"{path} cannot be written and holds no demo: name another folder.")
        return open_store(path)  # built by another version of the program: the figures it has are still true
    store = open_store(path, create=True)
    with _alone(path):
        if _read(path / STAMP) != stamp:
            _write_systems(store)
            write_runs(store, [(run, None) for run in published.published_runs()])
            write_runs(store, measured.measured_runs())
            add_shipped(store, measured.measured_claims())
        publish(store, wait=True)
        write_atomic(path / STAMP, stamp.encode())
    return store


def _write_systems(store: Store) -> None:
    """Put the shipped ``systems.toml`` there, unless somebody has changed the one that is."""
    shipped = (published.folder() / published.SYSTEMS).read_bytes()
    kept = store.path / ".demo-systems.toml"
    there = _read(store.systems_toml)
    if there is None or there == _read(kept):
        write_atomic(store.systems_toml, shipped)
    write_atomic(kept, shipped)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process build at a time; where the file system has no locks, all build the same thing."""
    try:
        handle = os.open(folder / ".demo.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise Problem(f"The demo store at {folder} cannot be written: {error.strerror}.") from error
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
