"""Progress of a long command, on stderr: one living line on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import IO

from intermezzo.queries.harmless import harmless

LIVE_SECONDS = 0.1
"""Least time between two updates of the living line."""

PLAIN_SECONDS = 15.0
"""Least time between two lines where stderr is no terminal."""


def progress_text(done: int, total: int, seconds: float, what: str = "files", first: int = 0) -> str:
    """Return how far it is: ``1,200/10,000 files · 410/s · 0:21 left``.

    Args:
        done: How many are done.
        total: How many there are; 0: not known yet.
        seconds: How long it took so far, since there were ``first``.
        what: What is counted.
        first: How many were done before.
    """
    if not total:
        return f"looking for {what} ..."
    text = f"{done:,}/{total:,} {what}"
    if done <= first or seconds <= 0 or done >= total:
        return text
    rate = (done - first) / seconds
    left = round((total - done) / rate)
    hours, minutes = divmod(left // 60, 60)
    clock = f"{hours}:{minutes:02}:{left % 60:02}" if hours else f"{minutes}:{left % 60:02}"
    return f"{text} · {rate:,.0f}/s · {clock} left" if rate >= 1 else f"{text} · {clock} left"


class Meter:
    """Tells progress as it comes; ``close`` takes the living line away."""

    def __init__(self, stream: IO[str] | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._clock = clock
        self._start = self._last = clock()
        self._first, self._what = 0, ""
        self._live = self._stream.isatty()
        self._drawn = False

    def begin(self) -> None:
        """Say that it has begun, before anything can be counted."""
        if self._live:
            self._last = float("-inf")
            self(0, 0)

    def __call__(self, done: int, total: int, what: str = "files") -> None:
        """Tell how far it is, if it is time to."""
        now = self._clock()
        if done and (what != self._what or done < self._first):
            # What came before is loading, or what an earlier attempt has done: neither says how fast it goes.
            self._start, self._first, self._what = now, done, what
        if now - self._last < (LIVE_SECONDS if self._live else PLAIN_SECONDS):
            return
        self._last = now
        text = harmless(progress_text(done, total, now - self._start, what, self._first))
        self._stream.write(f"\r{text}\x1b[K" if self._live else f"{text}\n")
        self._stream.flush()
        self._drawn = self._live

    def close(self) -> None:
        """Take the living line away."""
        if self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._drawn = False
