"""What folders are called where files do not say: tasks and languages that the tables know, and no others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from intermezzo.queries.languages import canonical
from intermezzo.queries.tasks import task as known_task

_SPLITS = {
    "test": "test",
    "predict": "test",
    "dev": "validation",
    "valid": "validation",
    "validation": "validation",
    "val": "validation",
    "train": "train",
}
_WORDS = re.compile(r"[_.\-]+")


class Place(NamedTuple):
    """What a name or a path says.

    Attributes:
        task: Task id, or ``None``.
        language: Canonical code, or ``None``; only ever one that the task has.
        used: The parts of the path that say so.
    """

    task: str | None = None
    language: str | None = None
    used: tuple[str, ...] = ()


def read_name(name: str) -> Place:
    """Read one name: a task id (``panx``), or one with one of its languages (``xnli_de``, ``panx-sw``)."""
    words = _WORDS.sub("_", name.strip().casefold())
    if _task_id(words):
        return Place(words, None, (name,))
    for at, sign in enumerate(words):
        if sign != "_" or not _task_id(words[:at]):
            continue
        language = language_of(words[:at], words[at + 1 :])
        if language:
            return Place(words[:at], language, (name,))
    return Place()


def read_path(parts: Sequence[str]) -> Place:
    """Read the folders of a path, the innermost first; a language counts only beside a known task."""
    for part in reversed(parts):
        found = read_name(part)
        if found.task is None:
            continue
        if found.language is not None:
            return found
        for other in reversed(parts):
            language = language_of(found.task, other) if other != part else None
            if language:
                return Place(found.task, language, (part, other))
        return found
    return Place()


def language_of(task: str, code: str) -> str | None:
    """Return the canonical code that ``code`` means, if it is a language of that task."""
    known = known_task(task)
    found = canonical(code.replace("_", "-"))
    return found.code if known and found and found.code in known.languages else None


def split_of(word: str) -> str | None:
    """Return the split that a word of a name means (``dev``: ``validation``), or ``None``."""
    return _SPLITS.get(word.casefold())


def without(parts: Sequence[str], used: Sequence[str]) -> str:
    """Return a path without the parts that say task and language: the system's name."""
    return "/".join(part for part in parts if part not in used and part)


def _task_id(name: str) -> bool:
    found = known_task(name)
    return found is not None and found.id == name
