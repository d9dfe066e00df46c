"""Opening files that somebody else may have put there: ordinary ones of a sensible size, and nothing else.

A name may be a pipe that never answers, a device that never ends, or a link to somebody's private file.
"""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

LARGEST_TEXT = 8_000_000
"""Bytes of the largest text that a person writes (rules, claims, experiments, mappings)."""


def at_home(path: str | os.PathLike[str]) -> Path:
    """Return a path with ``~`` and ``~name`` filled in; as it is where nobody has that name."""
    try:
        return Path(os.path.expanduser(path))
    except ValueError:  # no name at all: a NUL
        return Path(path)


def open_plain(path: Path, most: int | None = None, links: bool = False) -> BufferedReader:
    """Open an ordinary file for reading.

    Args:
        path: The file.
        most: Bytes that it may have.
        links: Whether it may be a link; the files of a store are none.

    Raises:
        OSError: It cannot be opened, is no ordinary file, or is larger; ``strerror`` says so.
    """
    try:
        # Not waiting for the other end of a pipe.
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if links else os.O_NOFOLLOW))
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, "it is a link", str(path)) from None
        raise
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no ordinary file", str(path))
        if most is not None and status.st_size > most:
            raise OSError(errno.EFBIG, f"it is larger than {most:,} bytes", str(path))
        return open(fd, "rb")
    except BaseException:
        os.close(fd)
        raise


def read_plain(path: Path, most: int, links: bool = False) -> bytes:
    """Return the bytes of an ordinary file of at most so many.

    Raises:
        OSError: See ``open_plain``.
    """
    with open_plain(path, most, links) as file:
        return file.read(most)
