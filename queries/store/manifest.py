"""The manifest of a run folder: what is in it, who made it, and checksums over all of it.

``manifest.json`` is written last, and ends with a checksum over itself, so that a flipped byte in it is
seen as well as one in the Parquet files it lists. Scores are not in it, they are in ``scores.parquet``.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

import orjson
from intermezzo.queries.records import Found, Run, Source

from .entry_types import RUN_FIELDS, check_entries
from .layout import storable

FORMAT = 1
"""Version of the manifest; a newer one is quarantined with a sentence."""

SCORES = "scores.parquet"
ITEMS = "items.parquet"
NAME = "manifest.json"

LARGEST = 512 * 1024 * 1024
"""Bytes of the largest manifest that is read: of a hundred thousand runs."""

MOST_ROWS = 100_000_000
"""Rows of the largest file of a run folder that is read."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_HASH = re.compile(r"[0-9a-f]{64}")
_TAIL = re.compile(rb',\s*"checksum":\s*"([0-9a-f]{64})"\s*\}\s*\Z')
_FOUND_FIELDS = tuple(f.name for f in fields(Found))
_SOURCE_FIELDS = tuple(f.name for f in fields(Source))
_run_values = attrgetter(*RUN_FIELDS)
_found_values = attrgetter(*_FOUND_FIELDS)
_source_values = attrgetter(*_SOURCE_FIELDS)
_NOT_MAKER = ("format", "written", "files", "runs", "checksum")


class Damaged(Exception):
    """A run folder cannot be trusted; the message is the reason, without the folder's name.

    Attributes:
        file: The file of the folder that is wrong.
    """

    def __init__(self, reason: str, file: str = NAME) -> None:
        super().__init__(reason)
        self.file = file


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file that a manifest vouches for.

    Attributes:
        sha256: Hash of the file.
        rows: Rows in it.
        size: Bytes.
    """

    sha256: str
    rows: int
    size: int

    @classmethod
    def of(cls, data: bytes, rows: int) -> FileEntry:
        """Return the entry of a file with these bytes."""
        return cls(sha256=hashlib.sha256(data).hexdigest(), rows=rows, size=len(data))


@dataclass(frozen=True, slots=True)
class RunEntry:
    """A run as its manifest has it: everything but the scores.

    Attributes:
        run: The run, with ``scores`` empty.
        source_runs: For each source, how many runs were read from it in all: fewer in the store means
            that an import was interrupted.
        n_items: Rows of items kept.
        items_partial: Why these are not all items, or ``None``.
        texts: Name (without suffix) of the file in ``texts/`` with the items' texts, or ``None``.
    """

    run: Run
    source_runs: tuple[int, ...] = ()
    n_items: int = 0
    items_partial: str | None = None
    texts: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest that was read and whose own checksum is right.

    Attributes:
        runs: The runs of the folder as JSON has them, types checked: the fields of ``Run``, ``found``,
            ``sources`` (each with ``runs``: how many runs came from it in all) and ``items``. They stay
            plain dictionaries because an index is made of a hundred thousand of them at once.
        files: The files it vouches for, by name.
        written: When it was written, ISO 8601, UTC.
        maker: Host and versions that wrote it.
    """

    runs: list[dict[str, Any]]
    files: Mapping[str, FileEntry]
    written: str
    maker: Mapping[str, Any]


def valid_id(text: str) -> bool:
    """Say whether ``text`` may name a run or a run folder."""
    return _ID.fullmatch(text) is not None


def folder_name(run_ids: list[str], packed: bool) -> str:
    """Return the name of the folder for these runs: the run's id, or the hash of a pack's ids."""
    if not packed:
        return run_ids[0]
    return "p" + hashlib.sha256("\n".join(sorted(run_ids)).encode()).hexdigest()[:23]


def dump(
    entries: list[RunEntry], files: Mapping[str, FileEntry], written: str, maker: Mapping[str, Any]
) -> bytes:
    """Return the bytes of a manifest.

    Args:
        entries: The runs of the folder.
        files: What the folder holds besides the manifest.
        written: Time, ISO 8601, UTC.
        maker: Host and versions, for whoever asks later.

    Raises:
        Damaged: If something in a run cannot be written as JSON.
    """
    try:
        listed = [_as_raw(entry) for entry in entries]
        check_entries(listed)
    except TypeError as error:
        raise Damaged(str(error)) from error
    body = {
        "format": FORMAT,
        "written": written,
        **maker,
        "files": {n: {"sha256": f.sha256, "rows": f.rows, "bytes": f.size} for n, f in files.items()},
        "runs": listed,
    }
    indent = orjson.OPT_INDENT_2 if len(entries) == 1 else 0
    try:
        text = orjson.dumps(body, option=indent)
    except (TypeError, ValueError):
        # A lone surrogate or a huge integer somewhere in a config: the slow way handles both.
        try:
            text = orjson.dumps(_plain(body), option=indent)
        except (TypeError, ValueError, RecursionError) as error:
            raise Damaged(f"its configuration cannot be written as JSON ({error})") from error
    return _sealed(text, b"\n}\n" if indent else b"}\n")


def dump_entries(entries: Sequence[RunEntry]) -> tuple[list[bytes], list[dict[str, Any]]]:
    """Return runs as a manifest of many has them, for ``assemble``, and as reading those gives them back.

    What is ``None`` is left out.

    Raises:
        Damaged: If something in a run cannot be written as JSON.
    """
    raws = [_as_raw(entry) for entry in entries]
    try:
        check_entries(raws)
    except TypeError as error:
        raise Damaged(str(error)) from error
    written: list[bytes] = []
    for i, whole in enumerate(raws):
        raw = raws[i] = {name: value for name, value in whole.items() if value is not None}
        try:
            written.append(orjson.dumps(raw))
        except (TypeError, ValueError):
            try:
                raws[i] = _plain(raw)
                written.append(orjson.dumps(raws[i]))
            except (TypeError, ValueError, RecursionError) as error:
                raise Damaged(f"its configuration cannot be written as JSON ({error})") from error
    return written, raws


def assemble(
    entries: Sequence[bytes], files: Mapping[str, FileEntry], written: str, maker: Mapping[str, Any]
) -> bytes:
    """Return the bytes of a manifest of runs that ``dump_entries`` has written already; else as ``dump``."""
    body = {
        "format": FORMAT,
        "written": written,
        **maker,
        "files": {n: {"sha256": f.sha256, "rows": f.rows, "bytes": f.size} for n, f in files.items()},
        "runs": [orjson.Fragment(entry) for entry in entries],
    }
    return _sealed(orjson.dumps(body), b"}\n")


def _sealed(text: bytes, end: bytes) -> bytes:
    """Return a manifest with the checksum over itself at its end."""
    head = text.rstrip()[:-1].rstrip()
    digest = hashlib.sha256(head).hexdigest()
    return head + b',\n  "checksum": "' + digest.encode() + b'"' + end


def load(data: bytes, folder: str, types: bool = True) -> Manifest:
    """Read a manifest.

    Args:
        data: The bytes of ``manifest.json``.
        folder: Name of the folder it was found in; it must be the name that the runs give it.
        types: Also look at the type of every value; what goes into an index is looked at.

    Raises:
        Damaged: With the reason, if it is not a whole and right manifest of that folder.
    """
    match = _TAIL.search(data[-200:])
    if match is None:
        raise Damaged("manifest.json is cut short or not a manifest")
    head = data[: len(data[:-200]) + match.start()]
    if hashlib.sha256(head).hexdigest() != match.group(1).decode():
        raise Damaged("manifest.json was changed after it was written (its checksum is wrong)")
    try:
        body = orjson.loads(data)
        number = body["format"]
        if not isinstance(number, int) or number > FORMAT:
            raise Damaged(f"manifest.json has format {number}, newer than this intermezzo knows ({FORMAT})")
        files = {
            str(n): FileEntry(sha256=str(f["sha256"]), rows=int(f["rows"]), size=int(f["bytes"]))
            for n, f in body["files"].items()
        }
        runs = body["runs"]
        if types:
            check_entries(runs)
        written = str(body["written"])
        ids = [str(r["run_id"]) for r in runs]
        # Names of files: whoever wrote the manifest shall not choose others.
        texts = {name for r in runs if (name := r["items"].get("texts")) is not None}
        named = all(map(valid_id, ids)) and all(map(_HASH.fullmatch, texts))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Damaged(
            f"manifest.json is not in the expected form ({type(error).__name__}: {error})"
        ) from error
    if not ids or not named or len(set(ids)) != len(ids):
        raise Damaged("manifest.json names no runs, or names them wrongly")
    if folder != folder_name(ids, packed=True) and [folder] != ids:
        raise Damaged("the folder's name does not belong to the runs in its manifest.json")
    if any(not 0 <= f.rows <= MOST_ROWS for f in files.values()):
        raise Damaged(f"manifest.json speaks of more than {MOST_ROWS:,} rows in a file")
    if (
        SCORES not in files
        or set(files) - {SCORES, ITEMS}
        or not all(_HASH.fullmatch(f.sha256) for f in files.values())
    ):
        raise Damaged("manifest.json lists other files than a run folder has")
    maker = {key: value for key, value in body.items() if key not in _NOT_MAKER}
    return Manifest(runs=runs, files=files, written=written, maker=maker)


def run_of(raw: dict[str, Any]) -> RunEntry:
    """Return a manifest's run as a record; its scores are in ``scores.parquet`` and left empty."""
    known = {name: raw[name] for name in RUN_FIELDS if name in raw}
    known["supersedes"] = tuple(known.get("supersedes") or ())
    sources = []
    for s in raw["sources"]:
        values = {name: s[name] for name in _SOURCE_FIELDS if name in s}
        sources.append(Source(**{**values, "guessed": tuple(values.get("guessed") or ())}))
    items = raw["items"]
    return RunEntry(
        run=Run(
            found=Found(**{name: raw["found"].get(name) for name in _FOUND_FIELDS}),
            sources=tuple(sources),
            scores=(),
            **known,
        ),
        source_runs=tuple(s.get("runs", 1) for s in raw["sources"]),
        n_items=items["rows"],
        items_partial=items.get("partial"),
        texts=items.get("texts"),
    )


def _as_raw(entry: RunEntry) -> dict[str, Any]:
    run = entry.run
    out: dict[str, Any] = dict(zip(RUN_FIELDS, _run_values(run), strict=True))
    out["found"] = dict(zip(_FOUND_FIELDS, _found_values(run.found), strict=True))
    out["sources"] = [
        {**dict(zip(_SOURCE_FIELDS, _source_values(s), strict=True)), "runs": n}
        for s, n in zip(run.sources, entry.source_runs, strict=True)
    ]
    out["items"] = {"rows": entry.n_items, "partial": entry.items_partial, "texts": entry.texts}
    return out


def _plain(value: Any) -> Any:
    """Return ``value`` with what JSON cannot hold written as text."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**64 else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {storable(str(k)): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(v) for v in value]
    return json.dumps(value, default=str)
