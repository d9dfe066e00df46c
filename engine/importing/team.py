"""Several reading processes, for whoever has much to read."""

from __future__ import annotations

import queue
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

from .worker import Answer, Ask, Chunk, Lost, Worker

A = TypeVar("A")


PROCESSES = 2
"""How many read: what is left to one on most login nodes, beside the one that writes."""


class Office:
    """Where teams are hired; the first, if wanted, before it is known whether there is work for it."""

    def __init__(self) -> None:
        self._waiting: list[Team] = []

    def ahead(self) -> None:
        """Hire a team now, so that it is there when work is."""
        self._waiting.append(Team())

    def team(self) -> Team:
        """Return a team: the one that waits, else a new one."""
        return self._waiting.pop() if self._waiting else Team()

    def close(self) -> None:
        """Send away who had nothing to do."""
        for team in self._waiting:
            team.close()


class Team:
    """Reading processes, and which of them have nothing to do.

    Attributes:
        lost: How processes ended that did not end in their time.
    """

    def __init__(self) -> None:
        self.lost: list[str] = []
        self._closed = False
        self._lock = Lock()
        self._all: list[Worker] = []
        # None stands for a process that the machine would not give: its share is read in this one
        self._free: queue.SimpleQueue[Worker | None] = queue.SimpleQueue()
        for _ in range(PROCESSES):
            self._free.put(self._hire())

    @property
    def pids(self) -> list[int]:
        """The ids of the processes."""
        with self._lock:
            return [worker.pid for worker in self._all]

    def answers(self, chunks: Iterable[Chunk]) -> Generator[tuple[Chunk, Answer], None, None]:
        """Yield the chunks in order, each with what reading it came to."""
        ahead: deque[tuple[Chunk, Future[Answer]]] = deque()
        pool = ThreadPoolExecutor(PROCESSES)
        try:
            for chunk in chunks:
                ahead.append((chunk, pool.submit(self.read, chunk)))
                # one more than there are processes: none waits while their answers are written
                if len(ahead) > PROCESSES + 1:
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

    def complaints(self) -> list[str]:
        """Return a sentence on the processes that ended before they were done, if any did."""
        if not self.lost:
            return []
        times = "once" if len(self.lost) == 1 else f"{len(self.lost)} times"
        return [
            f"A process that reads files ended {times} before it was done ({self.lost[-1]}); "
            "its files were given to another."
        ]

    def read(self, what: Ask[A], again: bool = False) -> A:
        """Let a free process read something; where it ends over it, half by half, to find what it was.

        Args:
            what: What to read; what has no halves is read twice before it is given up.
            again: Whether this is the second time.
        """
        worker = self._free.get()
        if worker is None:
            try:
                return what.read({})
            finally:
                self._free.put(None)
        try:
            answer = worker.ask(what)
        except Lost as lost:
            why = str(lost)
        except BaseException:
            self._free.put(worker)  # what cannot be sent is nothing to it
            raise
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
            return what.lost(why)
        if halves := what.halves():
            return what.joined(self.read(halves[0]), self.read(halves[1]))
        return what.lost(why) if again else self.read(what, again=True)

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
