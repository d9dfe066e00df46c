"""How long a command takes, and how much memory it and its children take together."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Collection, Sequence
from typing import NamedTuple

import psutil

SAMPLED = 0.02
"""Seconds between two looks at the memory."""


class Measured(NamedTuple):
    """What a command took.

    Attributes:
        seconds: Wall time.
        memory: Peak of the resident memory of it and its children together, bytes.
    """

    seconds: float
    memory: int


def measure(command: Sequence[str], ends: Collection[int] = (0,)) -> Measured:
    """Run a command; one that ends otherwise than with one of ``ends`` ends the bench with its last words."""
    # Into files: a pipe that nobody empties would stop the process.
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = psutil.Popen(command, stdout=out, stderr=err)
        peak = 0
        while process.poll() is None:
            peak = max(peak, _memory(process))
            time.sleep(SAMPLED)
        seconds = time.perf_counter() - start
        err.seek(0)
        words = err.read().decode("utf-8", "replace")
    if process.returncode not in ends:
        raise SystemExit(f"{command[:3]} ended with {process.returncode}: {words[-500:]}")
    return Measured(seconds, peak)


def _memory(process: psutil.Process) -> int:
    total = 0
    try:
        for one in (process, *process.children(recursive=True)):
            total += one.memory_info().rss
    except psutil.Error:
        pass  # it has just ended
    return total
