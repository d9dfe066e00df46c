"""What an evaluation has finished so far: written as it comes, found again after a kill."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from intermezzo.queries.errors import Problem
from intermezzo.queries.store.layout import Store, saying

_LINES = "finished.jsonl"


class Spool:
    """One evaluation's finished parts, a JSON value a line, a batch a write.

    A torn last line (a killed write) is cut off when the spool is opened; lines are never changed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / _LINES

    def read(self) -> list[Any]:
        """Return everything finished so far."""
        if not self._path.exists():
            return []
        data = self._path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            os.truncate(self._path, whole)
        found = []
        for line in data[:whole].splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                # A machine that went down may have left zeros: what follows cannot be trusted either.
                break
        return found

    def write(self, values: list[Any]) -> None:
        """Append what a batch has finished."""
        if not values:
            return
        data = "".join(json.dumps(v, ensure_ascii=True) + "\n" for v in values).encode()
        with saying("What is finished cannot be kept"), self._path.open("ab") as file:
            file.write(data)
            file.flush()

    def remove(self) -> None:
        """Delete it: the run is in the store."""
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def spool(store: Store, run_id: str) -> Iterator[Spool]:
    """Open the spool of an evaluation; only one process at a time has it.

    Raises:
        Problem: Another process is at this evaluation; the folder cannot be written.
    """
    folder = store.path / "jobs" / "spool" / run_id
    with saying(f"The store at {store.path} cannot be written"):
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("a")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Problem(
                "This very evaluation is under way in another process: `intermezzo jobs` lists those in the "
                "background. Its run will be in the store when it is done."
            ) from None
        yield Spool(folder)
