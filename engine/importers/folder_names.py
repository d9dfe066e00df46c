"""What folders are called where files do not say: tasks and languages that the tables know, and no others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from intermezzo.queries.languages import canonical
from intermezzo.queries.naming import telling
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
        used: The parts of the path that say nothing else: they are no part of a system's name.
        ending: The part that only ends in it (``mnli_xnli``); what comes before tells systems apart.
    """

    task: str | None = None
    language: str | None = None
    used: tuple[str, ...] = ()
    ending: str | None = None

    @property
    def told(self) -> str:
        """Say what was read where, for a report of guesses."""
        what = f"the task, {self.task}, is" if self.language is None else "task and language are"
        names = ", ".join((*(() if self.ending is None else (f"the end of {self.ending}",)), *self.used))
        return f"{what} from names on the path: {names}"


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
    for read in (read_name, _ending):
        for part in reversed(parts):
            found = read(part)
            if found.task is None:
                continue
            if found.language is not None:
                return found
            for other in reversed(parts):
                language = language_of(found.task, other) if other != part else None
                if language:
                    return found._replace(language=language, used=(*found.used, other))
            return found
    return Place()


def _ending(name: str) -> Place:
    """Read a name that ends in a target task, after whatever came before it: ``mnli_xnli``, ``xlmr-panx-de``.

    Only tasks of several languages count: a folder ``xlmr-mnli`` is more often who was trained than on what
    it is tested.
    """
    words = _WORDS.split(name.strip())
    for at in range(1, len(words)):
        task, language, *_ = read_name("_".join(words[at:]))
        known = known_task(task) if task else None
        if known is not None and len(known.languages) > 1:
            return Place(task, language, (), name)
    return Place()


def task_for(place: Place, parts: Sequence[str]) -> str:
    """Return the task, or what to call an unknown one: the innermost folder that is no mere seed or step."""
    return place.task or telling("/".join(parts))


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
