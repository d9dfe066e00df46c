"""What an evaluation has finished so far: written as it comes, found again after a kill."""

from __future__ import annotations

import json
import logging
import os
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from intermezzo.queries.errors import Problem
from intermezzo.queries.store.layout import Store, folder_inside, saying

from .alone import alone

log = logging.getLogger("intermezzo.engine")

_LINES = "finished.jsonl"


class Spool:
    """One evaluation's finished parts: a line each, a checksum and a JSON value; a batch is one write.

    From the first line on that is not as it was written (torn by a kill, damaged since), everything is cut
    off when the spool is read: it is computed again.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / _LINES

    def read(self) -> list[Any]:
        """Return everything finished so far."""
        if not self._path.exists():
            return []
        data = self._path.read_bytes()
        found: list[Any] = []
        good = 0
        while (end := data.find(b"\n", good)) >= 0:
            check, _, value = data[good:end].partition(b" ")
            try:
                if check != _check(value):
                    raise ValueError
                found.append(json.loads(value))
            except (ValueError, RecursionError):
                log.warning(
                    "What an earlier attempt had finished is damaged from its part %s on: computed again.",
                    f"{len(found) + 1:,}",
                )
                break
            good = end + 1
        if good < len(data):
            # What is added from now on must be found again.
            os.truncate(self._path, good)
        return found

    def write(self, values: list[Any]) -> None:
        """Append what a batch has finished."""
        if not values:
            return
        lines = [json.dumps(v, ensure_ascii=True).encode() for v in values]
        data = b"".join(_check(line) + b" " + line + b"\n" for line in lines)
        with saying("What is finished cannot be kept"), self._path.open("ab") as file:
            file.write(data)
            file.flush()

    def remove(self) -> None:
        """Delete it: the run is in the store."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _check(line: bytes) -> bytes:
    return b"%08x" % zlib.crc32(line)


@contextmanager
def spool(store: Store, run_id: str) -> Iterator[Spool]:
    """Open the spool of an evaluation; only one process at a time has it.

    Raises:
        Busy: Another process is at this evaluation.
        Problem: The folder cannot be written.
    """
    with saying(f"The store at {store.path} cannot be written"):
        folder = folder_inside(store, "jobs", "spool", run_id)
    busy = (
        "This very evaluation is under way in another process: `intermezzo jobs` lists those in the "
        "background. Its run will be in the store when it is done."
    )
    with alone(folder / "lock", busy):
        yield Spool(folder)


def sweep_spool(store: Store, run_id: str) -> None:
    """Delete the spool of a run that is in the store: its writer may have been killed just then."""
    if (store.path / "jobs" / "spool" / run_id).exists():
        with suppress(Problem), spool(store, run_id) as left:
            left.remove()
