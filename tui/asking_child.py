"""The matrix, asked ahead: a child reads it from the store while this process imports what will draw it.

Importing Textual takes about as long as importing DuckDB and asking it, and Python does one thing at a time:
two processes halve the wait. What the child has is a convenience: where it has nothing, the app asks itself.
"""

from __future__ import annotations

import marshal
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from intermezzo.queries.store.layout import Store


@dataclass(frozen=True, slots=True)
class First:
    """An answer that was had ahead.

    Attributes:
        generation: Who answered.
        question: What was asked.
        params: Its parameters.
        columns: Column names.
        rows: Rows, in order.
        ms: Milliseconds that it took.
    """

    generation: str
    question: str
    params: dict[str, Any]
    columns: list[str]
    rows: list[tuple[Any, ...]]
    ms: float


class AskingChild:
    """A child that asks for the matrix as it was left.

    Args:
        store: The store.
        state_file: Where views are kept.
        state_key: What this store's are kept under.
    """

    def __init__(self, store: Store, state_file: Path, state_key: str) -> None:
        read, write = os.pipe()
        # nothing but the command line has run yet: no thread, no lock is copied
        self._child = os.fork()
        if self._child == 0:
            try:
                os.close(read)
                with open(write, "wb") as pipe:
                    pipe.write(asked(store, state_file, state_key))
            except BaseException:
                os._exit(1)
            os._exit(0)
        os.close(write)
        self._pipe = read

    def first(self) -> First | None:
        """Wait for the child and return what it has; ``None`` where that is nothing. To be called once."""
        with open(self._pipe, "rb") as pipe:
            data = pipe.read()
        with suppress(OSError):
            os.waitpid(self._child, 0)
        return First(*marshal.loads(data)) if data else None

    def give_up(self) -> None:
        """End the child: ``first`` then has nothing."""
        with suppress(OSError):
            os.kill(self._child, signal.SIGKILL)


def asked(store: Store, state_file: Path, state_key: str) -> bytes:
    """Ask what the app would ask first; return the fields of a ``First``, marshalled.

    Nothing where the app was left elsewhere than in the matrix, or where no index is published yet.
    """
    # not by a Reader: what that imports besides takes a quarter of the time that the question does
    from intermezzo.queries.questions import question
    from intermezzo.queries.store import generations

    from . import resume, state

    saved = resume.load(state_file, state_key)
    opened = generations.newest(store) if saved.get(resume.HERE, "matrix") == "matrix" else None
    if opened is None:
        return b""
    name, params = state.question_call(state.from_record(saved.get("matrix")))
    generation, connection = opened
    entry, begun = question(name), time.perf_counter()
    connection.execute(entry.sql, {p: params.get(p) for p in entry.params})
    columns = [d[0] for d in connection.description or ()]
    rows = connection.fetchall()
    return marshal.dumps((generation, name, params, columns, rows, (time.perf_counter() - begun) * 1000))
