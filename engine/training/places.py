"""Where training data are, without reading them: here, on the hub, or missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from .sources import TrainingSource, source

SPLITS = ("train", "validation")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a training set would be read from.

    Attributes:
        state: ``here``; ``hub`` (it would be fetched; not tried); ``missing``.
        said: The folder, hub id, or what is missing and how to get it.
        path: File or folder of the training split, if it is a local one.
    """

    state: Literal["here", "hub", "missing"]
    said: str
    path: Path | None = None


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
        return Place(worst.state, "; ".join(p.said for p in found))
    if wanted.pocket:
        if find_spec("hassil") and find_spec("home_assistant_intents"):
            return Place("here", "pocket")
        return Place("missing", "the pocket suite is not installed: pip install 'intermezzo[engine,pocket]'")
    given = places.get(wanted.name)
    if given is not None and Path(given).is_absolute():
        path = _below(Path(given), wanted, split)
        if path is not None:
            return Place("here", str(path), path)
        if not wanted.hub:
            return Place("missing", f"{given} has no {_names(wanted, split)}")
    if wanted.kind == "masked lm":
        return Place("missing", f"name a folder with LANGUAGE.txt files: [data] {wanted.name} = ...")
    if given is not None and not Path(given).is_absolute():
        return Place("hub", given)
    if wanted.hub:
        return Place("hub", wanted.hub["id"])
    return Place("missing", f"name a folder that has {_names(wanted, split)}: [data] {wanted.name} = ...")


def _names(wanted: TrainingSource, split: str) -> str:
    return wanted.files.get(split) or f"{wanted.name}/{split}.jsonl"


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
