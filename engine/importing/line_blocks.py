"""Files of lines in blocks of whole lines, hashed in passing: of any file only a block is in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

BLOCK_BYTES = 2**20
"""So much of a file is read at once: what stays in a processor's cache while it is hashed and parsed."""


class Digest(Protocol):
    """A hash that takes in bytes."""

    def update(self, data: memoryview, /) -> None:
        """Take in bytes."""
        ...


class Block(NamedTuple):
    """Some lines of a file.

    Attributes:
        offset: Where in the file they begin, in bytes.
        data: Their bytes, which hold until the next block is asked for; ``None`` for a line that is too long.
    """

    offset: int
    data: memoryview | None


def blocks_of(path: Path, digest: Digest, max_line: int) -> Iterator[Block]:
    """Yield the lines of a file.

    Args:
        path: The file.
        digest: Takes in all its bytes.
        max_line: A line that has not ended after so many bytes is passed over.

    Raises:
        OSError: It cannot be read.
    """
    buffer = bytearray(BLOCK_BYTES)
    offset = kept = 0  # so many bytes of a line that goes on stand at the beginning of the buffer
    too_long = False
    with open(path, "rb", buffering=0) as handle:
        while True:
            if kept == len(buffer):
                buffer = buffer + bytearray(len(buffer))
            view = memoryview(buffer)
            size = kept + handle.readinto(view[kept:])
            digest.update(view[kept:size])
            start, end = 0, buffer.rfind(b"\n", kept, size) + 1
            if size == kept:
                end = size  # the last line has no end
            if too_long:
                too_long = not end and size > kept
                start = buffer.find(b"\n", 0, size) + 1 if end else size
                end = end or size
            if start < end:
                yield Block(offset + start, view[start:end])
            if size == kept:
                return
            offset, kept = offset + end, size - end
            buffer[:kept] = buffer[end:size]
            if kept > max_line:
                yield Block(offset, None)
                too_long, offset, kept = True, offset + kept, 0


@dataclass(slots=True)
class LineNumbers:
    """Numbers of the lines of a file, counted only where one is asked for.

    Attributes:
        path: The file.
    """

    path: Path
    _offset: int = 0
    _lines: int = 0

    def at(self, offset: int) -> int:
        """Return the number, from 1, of the line that begins at an offset; it may not be before the last one.

        Raises:
            OSError: The file cannot be read.
        """
        with open(self.path, "rb", buffering=0) as handle:
            handle.seek(self._offset)
            while self._offset < offset and (data := handle.read(min(BLOCK_BYTES, offset - self._offset))):
                self._lines += data.count(b"\n")
                self._offset += len(data)
        return self._lines + 1
