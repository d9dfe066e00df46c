"""One process at a time: locks that go with the process, however it ends."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from intermezzo.queries.errors import Problem
from intermezzo.queries.store.layout import saying

T = TypeVar("T")

PAUSE = 0.5
"""Seconds between two tries."""

_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
"""What file systems say that know no locks."""

log = logging.getLogger("intermezzo.engine")


class Busy(Problem):
    """Another process is at it, and will have done it."""


@contextmanager
def alone(lock: Path, said: str) -> Iterator[None]:
    """Be the only process that is at something.

    Args:
        lock: File that stands for it; its folder must exist.
        said: Sentence for the others.

    Raises:
        Busy: Another process is at it.
        Problem: The file cannot be written.
    """
    with saying(f"{lock} cannot be written"):
        file = lock.open("a")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(said) from None
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise Problem(f"{lock} cannot be locked: {error.strerror}.") from error
            log.warning("%s cannot be locked here: see to it yourself that nothing is started twice.", lock)
        if not same_file(file.fileno(), lock):
            raise Busy(said)  # it was done, and its lock removed, between the two lines above
        yield


def same_file(opened: int, path: Path) -> bool:
    """Say whether an open file is still the one of that name: a lock on a removed one is worth nothing."""
    try:
        return os.path.samestat(os.fstat(opened), path.stat())
    except FileNotFoundError:
        return False


def when_free(do: Callable[[], T], told: Callable[[], None]) -> T:
    """Do something as soon as no other process is at it.

    Args:
        do: Does it; whoever was at it before may have done it.
        told: Called once where it has to wait.
    """
    said = False
    while True:
        try:
            return do()
        except Busy:
            if not said:
                told()
                said = True
            time.sleep(PAUSE)
