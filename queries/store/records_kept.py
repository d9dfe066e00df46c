"""Records that are only ever added: a folder of JSON files, each named by the hash of its bytes.

Nothing is edited and nothing deleted, so stores merge by copying files; a file whose name is not the hash
of what is in it was changed after it was written, and says nothing.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
from intermezzo.queries.plain_files import read_plain

from .layout import Step, Store, no_step, require_writable, saying, write_atomic

FORMAT = 1
"""Version of a record; newer ones are left alone."""

LARGEST = 8_000_000
"""Bytes of the largest record that is read."""

_NAME = re.compile(r"[0-9a-f]{24}\.json", re.ASCII)


class DamagedRecord(Exception):
    """A record cannot be trusted; the message is why."""


def record_files(folder: Path) -> list[str]:
    """Return the file names in a folder of records, sorted; equal names mean equal records."""
    with suppress(OSError):
        return sorted(n for n in os.listdir(folder) if n.endswith(".json"))
    return []


def read_records(folder: Path) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Return the records of a folder by name, without ``.json``, and by file why others say nothing."""
    found: dict[str, dict[str, Any]] = {}
    bad: dict[str, str] = {}
    for name in record_files(folder):
        try:
            found[name.removesuffix(".json")] = read_record(folder / name)
        except DamagedRecord as error:
            bad[name] = str(error)
    return found, bad


def read_record(path: Path) -> dict[str, Any]:
    """Return one record.

    Raises:
        DamagedRecord: It cannot be trusted.
    """
    try:
        data = read_plain(path, LARGEST)
    except OSError as error:
        raise DamagedRecord(f"it cannot be read ({error.strerror})") from error
    if not _NAME.fullmatch(path.name) or name_of(data) != path.name.removesuffix(".json"):
        raise DamagedRecord("it was changed after it was written (its name is the hash of what it was)")
    try:
        body = orjson.loads(data)
        version = body["format"]
    except (ValueError, KeyError, TypeError):
        raise DamagedRecord("it is no record") from None
    if not isinstance(version, int) or version > FORMAT:
        raise DamagedRecord(f"it has format {version}, newer than this intermezzo knows ({FORMAT})")
    if not isinstance(body, dict) or not isinstance(body.get("written"), str):
        raise DamagedRecord("it is no record")
    return body


def add_record(
    store: Store, folder: Path, body: Mapping[str, Any], after: Iterable[str] = (), step: Step = no_step
) -> str:
    """Add a record and return its name.

    Args:
        store: The store.
        folder: Its folder of such records.
        body: What it says; ``format`` and ``written`` are added.
        after: Times of earlier records that it comes after, whatever the clocks say.
        step: Hook for tests.

    Raises:
        StoreError: If the store cannot be written.
    """
    require_writable(store)
    told = {"format": FORMAT, **body, "written": later_than(after)}
    data = orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    name = name_of(data)
    with saying(f"The store at {store.path} cannot be written"):
        step("record begun")
        write_atomic(folder / f"{name}.json", data, store.tmp)
        step("record written")
    return name


def name_of(data: bytes) -> str:
    """Return the name of a record with these bytes."""
    return hashlib.sha256(data).hexdigest()[:24]


def later_than(times: Iterable[str]) -> str:
    """Return the time now, or just after the latest of ``times`` where a clock was ahead of ours."""
    now = datetime.datetime.now(datetime.UTC)
    for text in times:
        with suppress(ValueError, OverflowError, TypeError):
            now = max(now, datetime.datetime.fromisoformat(text) + datetime.timedelta(microseconds=1))
    return now.isoformat(timespec="microseconds")
