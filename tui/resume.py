"""Where the app was left, kept in the user's state folder: one JSON file, one entry a store."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

KEPT = 50
"""Stores remembered; the one left longest ago is forgotten."""

HERE, MARKS, TOURED = "_here", "_marks", "_toured"
"""What is kept among the views: the place that was left, the marks, whether the tour was seen."""


def default_file() -> Path:
    """Return the path of the file in the user's state folder."""
    import platformdirs

    return Path(platformdirs.user_state_dir("intermezzo")) / "views.json"


def load(path: Path, store: str) -> dict[str, Any]:
    """Return what was saved for a store, by place; empty where nothing readable was."""
    entry = _read(path).get(store)
    return entry if isinstance(entry, dict) else {}


def words(value: object) -> tuple[str, ...]:
    """Return a list of text as it was saved; none where it is anything else."""
    good = isinstance(value, list) and all(isinstance(word, str) for word in value)
    return tuple(value) if isinstance(value, list) and good else ()


def save(path: Path, store: str, places: dict[str, Any]) -> bool:
    """Write what a store's places looked like; return whether it could be written.

    The file is replaced as a whole, so that a reader never sees half of it. Leaving the app must not
    fail because a home folder is full or read-only: the view is then not kept.
    """
    stores = _read(path)
    stores.pop(store, None)
    stores[store] = places
    kept = dict(list(stores.items())[-KEPT:])
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".views-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"format": 1, "stores": kept}, file, indent=1)
        Path(temporary).replace(path)
    except (OSError, ValueError):
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        return False
    return True


def _read(path: Path) -> dict[str, Any]:
    try:
        whole = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    stores = whole.get("stores") if isinstance(whole, dict) else None
    return stores if isinstance(stores, dict) else {}
