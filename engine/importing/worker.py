"""A process that reads files into packs: asked on stdin, answers on stdout, ends with its parent.

Started by itself and not by ``multiprocessing``, which would import the parent's main module again; forking
would copy the locks of the parent's threads.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol, TypeVar, cast

from intermezzo.engine.importers import importer
from intermezzo.queries.errors import Problem
from intermezzo.queries.records import Run
from intermezzo.queries.store.layout import storable
from intermezzo.queries.store.packs import Pack, pack

from .claiming import failure
from .draft import BulkImporter, Draft, Guessed, Refused, Waiting
from .sheet import Sheet

_LENGTH = struct.Struct("<Q")


A = TypeVar("A")


class Ask(Protocol[A]):
    """What a process is asked for; it goes there as it is, pickled, and comes to an answer there."""

    def read(self, memo: dict[Any, Any]) -> A:
        """Read, here and now.

        Args:
            memo: What importers remember from one ask to the next.
        """
        ...

    def halves(self) -> tuple[Ask[A], Ask[A]] | None:
        """Return two asks that come to the same together; ``None`` where it is of one thing only."""
        ...

    def joined(self, first: A, second: A) -> A:
        """Return the answer, from those to its halves."""
        ...

    def lost(self, why: str) -> A:
        """Return the answer where every process that was asked has ended over it."""
        ...


class Lost(Exception):
    """The process has ended before it answered; the message says how."""


class Chunk(NamedTuple):
    """Files to read in one go.

    Attributes:
        importer: Who reads them.
        root: The imported root they are under.
        paths: The files.
        earlier: For files that were read before: key in the file -> runs that the new ones replace.
    """

    importer: str
    root: str
    paths: tuple[str, ...]
    earlier: Mapping[str, Mapping[str, Sequence[str]]]

    def read(self, memo: dict[Any, Any]) -> Answer:
        """Read the files; see ``read_chunk``."""
        return read_chunk(self, memo)

    def halves(self) -> tuple[Chunk, Chunk] | None:
        """Return a chunk of several files as two."""
        middle = len(self.paths) // 2
        if not middle:
            return None
        return self._replace(paths=self.paths[:middle]), self._replace(paths=self.paths[middle:])

    def joined(self, first: Answer, second: Answer) -> Answer:
        """Return the answer to two parts."""
        return Answer(
            first.packs + second.packs,
            first.read + second.read,
            first.doubles + second.doubles,
            first.remarks + second.remarks,
        )

    def lost(self, why: str) -> Answer:
        """Refuse the first file, over which processes have ended."""
        return Answer(remarks=(Refused(Path(self.paths[0]), f"the process that read it ended: {why}"),))


@dataclass(frozen=True, slots=True)
class Answer:
    """What reading a chunk came to.

    Attributes:
        packs: Its runs.
        read: The files that runs came from.
        doubles: Runs that are another's of the same chunk again (copies of a file).
        remarks: What was refused, guessed or is waited for.
    """

    packs: tuple[Pack, ...] = ()
    read: tuple[str, ...] = ()
    doubles: int = 0
    remarks: tuple[Refused | Guessed | Waiting, ...] = ()


def read_chunk(chunk: Chunk, memo: dict[Any, Any]) -> Answer:
    """Read a chunk, here and now; a file that cannot be kept is refused, and the others are read.

    Args:
        chunk: The files.
        memo: What importers remember from one chunk of a root to the next.
    """
    try:
        return _read(chunk, memo)
    except Exception as error:
        if parts := chunk.halves():
            return chunk.joined(*(read_chunk(part, memo) for part in parts))
        reason = str(error) if isinstance(error, Problem) else failure(chunk.importer, error)
        return Answer(remarks=(Refused(Path(chunk.paths[0]), reason),))


def _read(chunk: Chunk, memo: dict[Any, Any]) -> Answer:
    module = cast(BulkImporter, importer(chunk.importer))
    sheet = Sheet(memo=memo)
    remarks: list[Refused | Guessed | Waiting] = []
    read: list[str] = []
    for path in chunk.paths:
        runs, doubles = len(sheet.runs), sheet.doubles
        try:
            remarks += [r for r in module.read_into(sheet, path, chunk.root) if not isinstance(r, Draft)]
        except Exception as error:
            remarks.append(Refused(Path(path), failure(chunk.importer, error)))
        if (len(sheet.runs), sheet.doubles) != (runs, doubles):
            read.append(path)
        if old := chunk.earlier.get(storable(path)):
            sheet.runs[runs:] = _superseding(sheet.runs[runs:], old)
    packs = (pack(sheet.runs, sheet.columns),) if sheet.runs else ()
    return Answer(packs, tuple(read), sheet.doubles, tuple(remarks))


def _superseding(runs: list[Run], old: Mapping[str, Sequence[str]]) -> list[Run]:
    replaced = superseded([run.key for run in runs], {run.run_id for run in runs}, old)
    return [
        replace(run, supersedes=run.supersedes + ids) if ids else run
        for run, ids in zip(runs, replaced, strict=True)
    ]


def superseded(keys: Sequence[str], new: set[str], old: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """Return what each of a file's new runs replaces: key by key, the rest by the first of them.

    Args:
        keys: The keys of the new runs.
        new: Their ids.
        old: Key in the file -> ids of the runs that it gave before.
    """
    left = {key: gone for key, ids in old.items() if (gone := tuple(i for i in ids if i not in new))}
    taken = [left.pop(key, ()) for key in keys]
    if taken:
        taken[0] += tuple(i for ids in left.values() for i in ids)
    return taken


class Worker:
    """A reading process, as its parent has it.

    Raises:
        OSError: If no process can be started.
    """

    def __init__(self) -> None:
        # -P: not from the current folder, which is anybody's. One thread: there are as many workers as cores.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", f"import {__name__} as w; w.main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "POLARS_MAX_THREADS": "1"},
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def ask(self, what: Ask[A]) -> A:
        """Let it read something.

        Raises:
            Lost: If it has ended.
        """
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            _send(process.stdin, what)
            return cast(A, _receive(process.stdout))
        except (OSError, EOFError):
            raise Lost(self._ended()) from None

    def end(self) -> None:
        """End it, whatever it does; who waits for its answer is told."""
        self._process.kill()
        self._process.wait()

    def _ended(self) -> str:
        self.end()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what was not sent need not be
                if pipe is not None:
                    pipe.close()
        code = self._process.returncode
        return f"it was killed by signal {-code}" if code < 0 else f"it ended with {code}"


def _send(pipe: IO[bytes], thing: object) -> None:
    data = pickle.dumps(thing, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.write(_LENGTH.pack(len(data)))
    pipe.write(data)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> Any:
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    data = pipe.read(length)
    if len(data) < length:
        raise EOFError
    return pickle.loads(data)


def main() -> None:
    """Answer until the parent closes the pipe."""
    # Ctrl-C goes to all processes of the terminal; the parent says what becomes of the chunk.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing else may write into the answers
    import polars  # noqa: F401 -- every answer is written with it; nobody waits for it yet

    gc.freeze()
    gc.set_threshold(200_000, 20, 20)  # parsed JSON has no cycles to be found
    memo: dict[Any, Any] = {}
    try:
        while True:
            _send(answers, _receive(asked).read(memo))
    except (EOFError, BrokenPipeError):
        os._exit(0)
