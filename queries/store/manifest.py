"""The manifest of a run folder: what is in it, who made it, and checksums over all of it.

``manifest.json`` is written last, and ends with a checksum over itself, so that a flipped byte in it is
seen as well as one in the Parquet files it lists. Scores are not in it, they are in ``scores.parquet``.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import orjson
from intermezzo.queries.records import Found, Run, Source

from .layout import storable

FORMAT = 1
"""Version of the manifest; a newer one is quarantined with a sentence."""

SCORES = "scores.parquet"
ITEMS = "items.parquet"
NAME = "manifest.json"

_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")
_HASH = re.compile(r"^[0-9a-f]{64}$")
_TAIL = re.compile(rb',\s*"checksum":\s*"([0-9a-f]{64})"\s*\}\s*\Z')
_TEXTS = frozenset(
    [
        "task",
        "split",
        "key",
        "subset",
        "task_version",
        "dataset_revision",
        "filter",
        "prompt_hash",
        "checkpoint",
        "train_language",
        "selection",
        "tool",
        "tool_version",
        "date",
        "importer",
        "run_id",
        "name",
        "path",
        "base_model",
        "base_revision",
        "recipe",
        "prompt",
        "sha256",
    ]
)
_NUMBERS = {
    **dict.fromkeys(("limit", "importer_version", "shots", "runs"), 2**31),
    **dict.fromkeys(("eval_seed", "train_seed", "step", "size", "mtime_ns", "rows"), 2**63),
}
_NEEDED = frozenset(("task", "run_id", "name", "path", "sha256", "importer", "importer_version"))
_RUN_FIELDS = tuple(f.name for f in fields(Run) if f.name not in ("found", "scores", "sources"))


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
        runs: The runs of the folder.
        files: The files it vouches for, by name.
        written: When it was written, ISO 8601, UTC.
    """

    runs: tuple[RunEntry, ...]
    files: Mapping[str, FileEntry]
    written: str


def valid_id(text: str) -> bool:
    """Say whether ``text`` may name a run or a run folder."""
    return _ID.match(text) is not None


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
        listed = [_entry_to_json(e) for e in entries]
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
    head = text.rstrip()[:-1].rstrip()
    digest = hashlib.sha256(head).hexdigest()
    end = b"\n}\n" if indent else b"}\n"
    return head + b',\n  "checksum": "' + digest.encode() + b'"' + end


def load(data: bytes, folder: str) -> Manifest:
    """Read a manifest.

    Args:
        data: The bytes of ``manifest.json``.
        folder: Name of the folder it was found in; it must be the name that the runs give it.

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
        runs = tuple(_entry_from_json(r) for r in body["runs"])
        written = str(body["written"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Damaged(
            f"manifest.json is not in the expected form ({type(error).__name__}: {error})"
        ) from error
    ids = [e.run.run_id for e in runs]
    if not ids or not all(map(valid_id, ids)) or len(set(ids)) != len(ids):
        raise Damaged("manifest.json names no runs, or names them wrongly")
    if folder != folder_name(ids, packed=True) and [folder] != ids:
        raise Damaged("the folder's name does not belong to the runs in its manifest.json")
    if (
        SCORES not in files
        or set(files) - {SCORES, ITEMS}
        or not all(_HASH.match(f.sha256) for f in files.values())
    ):
        raise Damaged("manifest.json lists other files than a run folder has")
    return Manifest(runs=runs, files=files, written=written)


def _entry_to_json(entry: RunEntry) -> dict[str, Any]:
    run = entry.run
    out: dict[str, Any] = _checked({name: getattr(run, name) for name in _RUN_FIELDS})
    out["found"] = _checked({f.name: getattr(run.found, f.name) for f in fields(Found)})
    out["sources"] = [
        _checked({**{f.name: getattr(s, f.name) for f in fields(Source)}, "runs": n})
        for s, n in zip(run.sources, entry.source_runs, strict=True)
    ]
    out["items"] = {"rows": entry.n_items, "partial": entry.items_partial, "texts": entry.texts}
    return out


def _entry_from_json(raw: dict[str, Any]) -> RunEntry:
    found, sources, items = raw["found"], raw["sources"], raw["items"]
    known = _checked({name: raw[name] for name in _RUN_FIELDS if name in raw})
    known["supersedes"] = tuple(map(str, known.get("supersedes") or ()))
    if not isinstance(known.get("config"), dict):
        raise TypeError("config is not an object")
    run = Run(
        found=Found(**_checked({f.name: found[f.name] for f in fields(Found) if f.name in found})),
        sources=tuple(_source(s) for s in sources),
        scores=(),
        **known,
    )
    return RunEntry(
        run=run,
        source_runs=tuple(int(s.get("runs", 1)) for s in sources),
        n_items=int(items["rows"]),
        items_partial=items["partial"],
        texts=items["texts"],
    )


def _source(raw: dict[str, Any]) -> Source:
    values = _checked({f.name: raw[f.name] for f in fields(Source) if f.name in raw})
    values["guessed"] = tuple(map(str, values.get("guessed") or ()))
    return Source(**values)


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    """Return ``values``; raise ``TypeError`` where one has not the type that the index has a column for."""
    for name, value in values.items():
        if value is None:
            if name in _NEEDED:
                raise TypeError(f"{name} is missing")
        elif name in _NUMBERS:
            if type(value) is not int or not -_NUMBERS[name] <= value < _NUMBERS[name]:
                raise TypeError(f"{name} is {str(value)[:40]!r}, not a whole number that fits")
        elif name in _TEXTS and not isinstance(value, str):
            raise TypeError(f"{name} is {str(value)[:40]!r}, not a text")
    return values


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
