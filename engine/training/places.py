"""Where training data are, without reading them, and how many examples there are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from intermezzo.engine.data.places import DOWNLOAD, Place, pocket_place

from .sources import TrainingSource, source

SPLITS = ("train", "validation")


def locate(wanted: TrainingSource, split: str, places: Mapping[str, str]) -> Place:
    """Say where a split of a training set would be read from.

    Args:
        wanted: The training set.
        split: ``train`` or ``validation``.
        places: Training set -> local folder, or hub id.
    """
    if wanted.parts:
        found = [locate(source(part), split, places) for part in wanted.parts]
        worst = max(found, key=lambda p: ("here", "hub", "missing").index(p.state))
        if worst.state == "missing":
            return worst
        return Place(worst.state, "; ".join(dict.fromkeys(p.said for p in found)))
    if wanted.pocket:
        return pocket_place("pocket_intents")
    given = places.get(wanted.name)
    if given is not None and Path(given).is_absolute():
        path = _below(Path(given), wanted, split)
        if path is not None:
            return Place("here", str(path), path)
        if not wanted.hub:
            return Place("missing", f"{given} has no {_names(wanted, split)}: {_how(wanted)}")
    if wanted.kind == "masked lm":
        return Place("missing", f"name a folder with LANGUAGE.txt files: [data] {wanted.name} = ...")
    if given is not None and not Path(given).is_absolute():
        return Place("hub", given)
    if wanted.hub:
        return Place("hub", wanted.hub["id"])
    said = f"name a folder that has {_names(wanted, split)} ([data] {wanted.name} = ...): {_how(wanted)}"
    return Place("missing", said)


def _names(wanted: TrainingSource, split: str) -> str:
    if wanted.kind == "masked lm":
        return "LANGUAGE.txt"
    return wanted.files.get(split) or f"{wanted.name}/{split}.jsonl"


def _how(wanted: TrainingSource) -> str:
    if wanted.files:
        return DOWNLOAD
    if wanted.kind == "masked lm":
        return "a text a line, a file a language"
    names = [n for c in wanted.columns.values() for n in ([c] if isinstance(c, str) else c)]
    return f"write one, an object a line with {', '.join(names)}"


def _below(folder: Path, wanted: TrainingSource, split: str) -> Path | None:
    if wanted.kind == "masked lm":
        return folder if any(folder.glob("*.txt")) else None
    tries = [
        *([folder / wanted.files[split]] if split in wanted.files else []),
        *(folder / name / f"{split}.jsonl" for name in (wanted.name, "")),
        *(folder / name / split / "state.json" for name in (wanted.name, "")),
    ]
    for path in tries:
        if path.is_file():
            return path.parent if path.name == "state.json" else path
    return None


def examples(wanted: TrainingSource, places: Mapping[str, str]) -> int | None:
    """Return the size of a training set: of the file that is here, else as its own card gives it.

    ``None``: not known.
    """
    if wanted.parts:
        sizes = [examples(source(part), places) for part in wanted.parts]
        return None if None in sizes else sum(s for s in sizes if s is not None)
    if wanted.kind == "masked lm":
        return None
    path = locate(wanted, "train", places).path
    if path is None:
        return wanted.examples
    try:
        stat = (path / "dataset_info.json" if path.is_dir() else path).stat()
        found = _counted(path, wanted.reader, stat.st_mtime_ns, stat.st_size)
    except (OSError, ValueError):
        found = None
    return wanted.examples if found is None else found


@lru_cache(maxsize=64)
def _counted(path: Path, reader: str, _changed: int, _size: int) -> int | None:
    """Count a file's examples by its form; what is left out of training for lack of gold is counted too."""
    if path.is_dir():
        told = json.loads((path / "dataset_info.json").read_bytes()).get("splits") or {}
        size = told.get("train", {}).get("num_examples")
        return size if isinstance(size, int) else None
    data = path.read_bytes()
    if path.suffix == ".json":
        return data.count(b'"question"')
    if reader == "tags":
        return sum(bool(block.strip()) for block in data.replace(b"\r", b"").split(b"\n\n"))
    return sum(bool(line.strip()) for line in data.splitlines())
