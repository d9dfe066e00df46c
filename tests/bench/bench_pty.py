"""Times a program in a real pseudo-terminal: what came when is kept, and drawn only afterwards.

Drawing (pyte) takes as long as the programs do, so it would slow them on a small machine.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

sys.path.append(str(Path(__file__).resolve().parents[1] / "terminal"))

from driver import Terminal

STILL = 0.4
"""Seconds without a byte after which a program is at rest."""

PAUSE = 0.12
"""The same after a key."""


@dataclass(frozen=True)
class Press:
    """What a key came to.

    Attributes:
        first: Milliseconds from the key to the first byte.
        last: Milliseconds to the last byte.
        size: Bytes.
    """

    first: float
    last: float
    size: int


class Recorded(Terminal):
    """A program in a pseudo-terminal whose output is kept with its times."""

    def __init__(self, command: Sequence[str], **more: Any) -> None:
        self.chunks: list[tuple[float, bytes]] = []
        self._drawn = 0
        self.begun = time.perf_counter()
        super().__init__(command, **more)
        self._process = psutil.Process(self.process.pid)

    def _take(self, data: bytes) -> None:
        self.chunks.append((time.perf_counter(), data))

    def settle(self, still: float = STILL, most: float = 60) -> float:
        """Read until nothing comes for a while; return the time of the last byte since the start, seconds."""
        end = time.perf_counter() + most
        while (self._read(still) or not self.chunks) and time.perf_counter() < end:
            pass
        if not self.chunks:
            raise RuntimeError(f"nothing came within {most:g} s")
        return self.chunks[-1][0] - self.begun

    def shown(self, true: Callable[[str], bool]) -> float | None:
        """Draw what came since it was last drawn; return when the screen was first ``true``, in seconds.

        The rest is left undrawn. Times count from the start of the program.
        """
        for at in range(self._drawn, len(self.chunks)):
            when, data = self.chunks[at]
            super()._take(data)
            self._drawn = at + 1
            if true(self.text):
                return when - self.begun
        return None

    def until(self, true: Callable[[str], bool], what: str, most: float = 60) -> float:
        """Read until the screen is ``true``, looked at whenever nothing comes; return when it became so."""
        end = time.perf_counter() + most
        while time.perf_counter() < end:
            while self._read(STILL):
                pass
            found = self.shown(true)
            if found is not None:
                return found
            if self.process.poll() is not None:
                break
        raise RuntimeError(f"{what} was never on screen:\n{self.text}")

    def press(self, key: str) -> Press:
        """Press a key and read until the program rests."""
        before, start = len(self.chunks), time.perf_counter()
        self.send(key)
        self._read(5)
        while self._read(PAUSE):
            pass
        came = self.chunks[before:]
        if not came:
            raise RuntimeError(f"the program does not answer to {key}")
        size = sum(len(data) for _, data in came)
        return Press((came[0][0] - start) * 1000, (came[-1][0] - start) * 1000, size)

    def presses(self, *keys: str) -> list[Press]:
        """Press keys one after another, each once the last has come to rest."""
        return [self.press(key) for key in keys]

    def memory(self) -> int:
        """Return the resident memory of the program and its children, bytes."""
        family = (self._process, *self._process.children(recursive=True))
        return sum(one.memory_info().rss for one in family)

    def processor(self) -> float:
        """Return the processor seconds that it has taken."""
        times = self._process.cpu_times()
        return times.user + times.system


def middle(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def home(folder: Path) -> Mapping[str, str | None]:
    """Return variables that keep a program away from the user's own settings and caches."""
    folder.mkdir(parents=True, exist_ok=True)
    names = {"HOME": "", "XDG_CACHE_HOME": "cache", "XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "data",
             "XDG_STATE_HOME": "state"}  # fmt: skip
    return {**{name: str(folder / sub) for name, sub in names.items()}, "INTERMEZZO_STORE": None}


def size_of(text: str) -> tuple[int, int]:
    """Return columns and rows of ``120x40``."""
    columns, _, rows = text.partition("x")
    return int(columns), int(rows)


def environment() -> dict[str, str]:
    """Return this process's own variables."""
    return dict(os.environ)
