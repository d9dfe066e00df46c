"""Vectors in a file while they are computed, so that a killed evaluation goes on after its last batch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intermezzo.queries.errors import Problem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def vector_key(what: Any, texts: Sequence[str]) -> str:
    """Return a hash of everything that decides the vectors: model, encoding, texts in their order."""
    digest = hashlib.sha256(repr(what).encode())
    for text in texts:
        digest.update(text.encode("utf-8", "surrogatepass"))
        digest.update(b"\0")
    return digest.hexdigest()[:24]


def open_vectors(
    folder: Path, key: str, count: int, width: int
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Open or make the file of vectors with this key, as arrays that write through to it.

    Args:
        folder: Made where it does not exist.
        key: See ``vector_key``: another key is another file.
        count: Vectors.
        width: Numbers of each.

    Returns:
        (count, width) vectors, zeros where there is none yet, and one byte each: 1 where there is one.

    Raises:
        Problem: There is no space, or the folder cannot be written.
    """
    import numpy as np

    data, flags = folder / f"{key}.vectors", folder / f"{key}.done"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        sizes = (count * width * 4, count)
        files = tuple(zip((data, flags), sizes, strict=True))
        if any(not path.exists() or path.stat().st_size != size for path, size in files):
            for path, size in files:
                _reserve(path, size)
        if not count:
            return np.zeros((0, width), np.float32), np.zeros(0, np.uint8)
        vectors = np.memmap(data, np.float32, "r+", shape=(count, width))
        done = np.memmap(flags, np.uint8, "r+", shape=(count,))
        # Where the machine itself went down, a flag may have reached the disk before its vector.
        done[~vectors.any(1)] = 0
        return vectors, done
    except OSError as error:
        why = error.strerror or error
        raise Problem(f"No room for {count:,} vectors in {folder}: {why}. Free some space.") from error


def _reserve(path: Path, size: int) -> None:
    """Make a file of zeros whose blocks exist: running out of space later would kill the process."""
    import os

    with path.open("wb") as stream:
        if size:
            os.posix_fallocate(stream.fileno(), 0, size)
