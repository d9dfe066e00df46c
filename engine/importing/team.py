"""Several reading processes at work on one list of chunks."""

from __future__ import annotations

import queue
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock

from .draft import Refused
from .worker import Answer, Chunk, Lost, Worker, halves, joined, read_chunk


class Team:
    """Reading processes, and which of them have nothing to do.

    Attributes:
        lost: How processes ended that did not end in their time.
    """

    def __init__(self, size: int) -> None:
        self.lost: list[str] = []
        self._size = size
        self._closed = False
        self._lock = Lock()
        self._all: list[Worker] = []
        # None stands for a process that the machine would not give: its share is read in this one
        self._free: queue.SimpleQueue[Worker | None] = queue.SimpleQueue()
        for _ in range(size):
            self._free.put(self._hire())

    @property
    def pids(self) -> list[int]:
        """The ids of the processes."""
        with self._lock:
            return [worker.pid for worker in self._all]

    def answers(self, chunks: Iterable[Chunk]) -> Generator[tuple[Chunk, Answer], None, None]:
        """Yield the chunks in order, each with what reading it came to."""
        ahead: deque[tuple[Chunk, Future[Answer]]] = deque()
        pool = ThreadPoolExecutor(self._size)
        try:
            for chunk in chunks:
                ahead.append((chunk, pool.submit(self._read, chunk)))
                # one more than there are processes: none waits while their answers are written
                if len(ahead) > self._size + 1:
                    first, future = ahead.popleft()
                    yield first, future.result()
            while ahead:
                first, future = ahead.popleft()
                yield first, future.result()
        finally:
            self.close()  # first: the threads wait for their processes
            pool.shutdown(cancel_futures=True)

    def close(self) -> None:
        """End all processes, whatever they do."""
        with self._lock:
            self._closed = True
            workers, self._all = self._all, []
        for worker in workers:
            worker.end()

    def _hire(self) -> Worker | None:
        with self._lock:
            if self._closed:
                return None
            try:
                worker = Worker()
            except OSError:
                return None
            self._all.append(worker)
            return worker

    def _read(self, chunk: Chunk) -> Answer:
        """Let a free process read a chunk; where it ends over it, halve by halve, to find the file it was."""
        worker = self._free.get()
        if worker is None:
            try:
                return read_chunk(chunk, {})
            finally:
                self._free.put(None)
        try:
            answer = worker.ask(chunk)
        except Lost as lost:
            why = str(lost)
        else:
            self._free.put(worker)
            return answer
        with self._lock:
            closed = self._closed
            if worker in self._all:
                self._all.remove(worker)
        if not closed:
            self.lost.append(why)
        self._free.put(self._hire())
        if closed:
            return Answer()
        if len(chunk.paths) == 1:
            return Answer(remarks=(Refused(Path(chunk.paths[0]), f"the process that read it ended: {why}"),))
        one, two = halves(chunk)
        return joined(self._read(one), self._read(two))
