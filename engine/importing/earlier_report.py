"""What the last import of a root said of its files: repeated for those that have not changed since."""

from __future__ import annotations

import hashlib
from dataclasses import fields

import orjson
from intermezzo.queries.plain_files import read_plain
from intermezzo.queries.store import manifest
from intermezzo.queries.store.layout import Store, storable
from intermezzo.queries.store.writer import FileStatus

_FIELDS = tuple(f.name for f in fields(FileStatus))


def said_before(store: Store, root: str) -> list[FileStatus]:
    """Return what the store keeps of the last import of ``root``, in order; nothing if that is damaged."""
    name = hashlib.sha256(storable(root).encode()).hexdigest()[:24] + ".json"
    try:
        body = orjson.loads(read_plain(store.imports / name, manifest.LARGEST))
        said = [FileStatus(**{key: entry[key] for key in _FIELDS}) for entry in body["files"]]
        sound = all(
            isinstance(text, str) for status in said for text in (status.path, status.status, status.reason)
        )
        return said if sound else []
    except (OSError, ValueError, TypeError, KeyError):
        return []
