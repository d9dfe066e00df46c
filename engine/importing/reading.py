"""How importers read foreign files: whole, hashed, bounded, and with errors that are sentences."""

from __future__ import annotations

import hashlib
import json
import math
import os
import time
from pathlib import Path
from typing import Any

import orjson
from intermezzo.queries.errors import Problem
from intermezzo.queries.records import Source

from .draft import Refused, Waiting

MAX_JSON_BYTES = 256 * 1024 * 1024
"""JSON files above this are refused: no result file is that large, and parsing takes ten times the memory."""


class Unreadable(Problem):
    """A file cannot be read; the message says why, without naming the file."""


class Truncated(Unreadable):
    """A file ends in the middle: it may still be being written."""


def read_whole(path: str | os.PathLike[str], importer: str, version: int) -> tuple[bytes, Source]:
    """Read a file and say what it was.

    Returns:
        Its bytes, and its ``Source`` (path, sha256, size, modification time).

    Raises:
        Unreadable: It cannot be opened, or is too large.
    """
    try:
        handle = os.open(path, os.O_RDONLY)  # of a hundred thousand files, ``open`` takes seconds
        try:
            status = os.fstat(handle)
            if status.st_size > MAX_JSON_BYTES:
                raise Unreadable(
                    f"the file has {status.st_size / 1e6:,.0f} MB; result files above "
                    f"{MAX_JSON_BYTES // 2**20} MB are not read"
                )
            data = os.read(handle, status.st_size + 1)
            if len(data) != status.st_size:  # it has changed just now
                with open(handle, "rb", closefd=False) as rest:
                    data += rest.read(MAX_JSON_BYTES + 1 - len(data))
        finally:
            os.close(handle)
    except OSError as error:
        raise Unreadable(f"the file cannot be opened: {error.strerror or type(error).__name__}") from None
    source = Source(
        path=os.fspath(path),
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        mtime_ns=status.st_mtime_ns,
        importer=importer,
        importer_version=version,
    )
    return data, source


def hash_file(path: Path) -> str:
    """Return the sha256 of a file of any size, read in blocks."""
    with open(path, "rb", buffering=0) as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def load_json(data: bytes) -> Any:
    """Parse JSON as result files have it.

    ``NaN`` and ``Infinity`` are let through as floats, to be refused by key; a byte-order mark is dropped.

    Raises:
        Truncated: It ends in the middle.
        Unreadable: It is no JSON, or nested too deeply, or holds a number with thousands of digits.
    """
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        pass  # the standard library is slower, lets NaN through, and says where a file breaks off
    try:
        return json.loads(data.decode("utf-8", "surrogatepass"))
    except json.JSONDecodeError as error:
        text_end = len(error.doc.rstrip())
        if not data.strip():
            raise Truncated("the file is empty") from None
        if error.pos >= text_end or error.msg.startswith("Unterminated string"):
            raise Truncated("the file ends in the middle of its JSON") from None
        raise Unreadable(f"it is not JSON: {error.msg} at line {error.lineno}") from None
    except RecursionError:
        raise Unreadable("its JSON is nested too deeply") from None
    except UnicodeDecodeError:
        raise Unreadable("it is not UTF-8 text") from None
    except ValueError:
        raise Unreadable("it holds a number with too many digits") from None


def unread(path: Path, error: Unreadable, *, patience_s: float = 2.0) -> Refused | Waiting:
    """Say what becomes of a file that could not be read: waited for if it breaks off and is young.

    Args:
        path: The file.
        error: What was wrong with it.
        patience_s: How old, in seconds, a file that breaks off may be to be taken for one being written.
    """
    if isinstance(error, Truncated) and is_young(path, patience_s):
        return Waiting(path, f"{error}; it seems to be being written")
    return Refused(path, str(error))


def is_young(path: Path, seconds: float) -> bool:
    """Tell whether a file was modified within the last ``seconds`` (or lies in the future)."""
    try:
        return time.time() - os.stat(path).st_mtime < seconds
    except OSError:
        return False


def table(value: Any) -> dict[str, Any]:
    """Return ``value`` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str | None:
    """Return ``value`` if it is a string that is not blank, else ``None``."""
    return value if isinstance(value, str) and value.strip() else None


def whole(value: Any) -> int | None:
    """Return ``value`` if it is a whole number (a float without fraction counts, a truth value does not)."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
        return value
    return None


def number(value: Any) -> float | None:
    """Return ``value`` as a float if it is a number (finite or not), ``None`` for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf


def shorten(value: Any, limit: int = 40) -> str:
    """Return a short rendering of a foreign value, for sentences."""
    shown = repr(value)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def digest(value: Any) -> str:
    """Return a short hash of a JSON-like value, the same whatever the order of its keys."""
    text_form = json.dumps(value, sort_keys=True, default=str, ensure_ascii=True)
    return hashlib.sha256(text_form.encode()).hexdigest()[:16]
