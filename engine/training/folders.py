"""A stage's folder in the store: what it is, how far it is, what came of it.

``STORE/stages/<stage id>/``: ``stage.json``, ``curve.jsonl``, ``checkpoint.json`` and its weights while it
trains, ``model/`` and ``done.json`` when it is done. All of it can be made again: the index has none of it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from intermezzo.queries.store.layout import Store, swept_tmp, write_atomic


def stage_folder(store: Store, stage_id: str) -> Path:
    """Return the folder of a stage."""
    return store.path / "stages" / stage_id


def model_folder(store: Store, stage_id: str) -> Path:
    """Return where the weights of a stage are when it is done."""
    return stage_folder(store, stage_id) / "model"


def read_done(store: Store, stage_id: str) -> dict[str, Any] | None:
    """Return what came of a stage, or ``None`` where it is not done."""
    return read_json(stage_folder(store, stage_id) / "done.json")


def read_progress(store: Store, stage_id: str) -> dict[str, Any] | None:
    """Return how far the last checkpoint of a stage is (``step``, ``steps``), or ``None``."""
    return read_json(stage_folder(store, stage_id) / "checkpoint.json")


def read_json(path: Path) -> dict[str, Any] | None:
    """Return an object that a file holds, or ``None`` where there is no such file or no object in it."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def write_json(path: Path, content: Any) -> None:
    """Replace a file of a stage's folder by an object, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tmp = swept_tmp(path.parents[2])
    write_atomic(path, json.dumps(content, ensure_ascii=False, indent=1).encode(), tmp)


def done_stages(store: Store) -> dict[str, dict[str, Any]]:
    """Return what came of every finished stage of a store, by id."""
    folder = store.path / "stages"
    ids = sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []
    return {i: found for i in ids if (found := read_done(store, i)) is not None}


def read_curve(store: Store, stage_id: str) -> list[dict[str, Any]]:
    """Return the learning curve of a stage so far; a torn last line is left out."""
    found = []
    try:
        text = (stage_folder(store, stage_id) / "curve.jsonl").read_text("utf-8", "replace")
    except OSError:
        return []
    for line in text.splitlines():
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict):
            found.append(row)
    return found


def last_step(store: Store, stage_id: str) -> int | None:
    """Return the step of the last point of a stage's learning curve, without reading all of it."""
    try:
        with (stage_folder(store, stage_id) / "curve.jsonl").open("rb") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - 1000, 0))
            lines = file.read().splitlines()
    except OSError:
        return None
    for line in reversed(lines):
        try:
            return int(json.loads(line)["step"])
        except (ValueError, TypeError, KeyError):
            continue
    return None
