"""What the entries of an MTEB split are about: language, pair of languages or subset of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from intermezzo.engine.importing.reading import text
from intermezzo.engine.importing.sheet import Places
from intermezzo.queries.task_names import mteb_languages

from .mteb_places import SLIPS, Place, place, subset_codes

MET_ENTRIES = 30_000
"""Entries of which is remembered what they are about."""


class About(NamedTuple):
    """What the entries of a split are about.

    Attributes:
        places: Their places.
        doubled: Which are there a second time.
        languages: Subset -> languages as found, for subsets of more than two.
        guessed: Sentences on what had to be inferred.
    """

    places: Places
    doubled: frozenset[int]
    languages: dict[str, list[str]]
    guessed: tuple[str, ...]


class _Met(NamedTuple):
    subsets: list[Any]
    codes: list[Any]
    about: About


@dataclass(slots=True)
class _Memory:
    """What was worked out for entries met before: most files of a task have the same subsets."""

    met: dict[Any, _Met] = field(default_factory=dict)
    entries: int = 0

    def put(self, key: Any, met: _Met) -> None:
        """Remember one, and forget all others where they have become too many."""
        self.entries += len(met.subsets)
        if self.entries > MET_ENTRIES:
            self.met.clear()
            self.entries = len(met.subsets)
        self.met[key] = met


_memory = _Memory()


def about_entries(task: str, entries: Sequence[dict[str, Any]]) -> About:
    """Return what entries are about."""
    try:
        subsets = [e["hf_subset"] for e in entries]
        codes = [e["languages"] for e in entries]
        met = _memory.met.get(key := (task, len(subsets), subsets[0], subsets[-1]))
    except (KeyError, TypeError):
        return _worked_out(task, entries)
    if met is not None and met.subsets == subsets and met.codes == codes:
        return met.about
    about = _worked_out(task, entries)
    _memory.put(key, _Met(subsets, codes, about))
    return about


def _worked_out(task: str, entries: Sequence[dict[str, Any]]) -> About:
    """Work out what entries are about; where two would be about the same, the later is told by its name."""
    guessed: dict[str, None] = {}
    try:
        if any(type(e["languages"]) is not list for e in entries):
            raise TypeError("languages is no list")
        found = [place(e["hf_subset"], *e["languages"]) for e in entries]
    except (KeyError, TypeError, AttributeError):
        found = [place(text(e.get("hf_subset")), *_codes(task, e, guessed)) for e in entries]
    doubled: set[int] = set()
    if len(set(found)) != len(found):
        seen: set[Place] = set()
        for i, one in enumerate(found):
            if one in seen:
                one = found[i] = one._replace(subject=text(entries[i].get("hf_subset")) or "default")
                if one in seen:
                    doubled.add(i)
            seen.add(one)
    if len(entries) < 200 and any(SLIPS.keys() & set(_listed(e)) for e in entries):
        guessed["cmo (Central Mnong) is taken as cmn, Chinese: the subsets are zh-CN and zh-TW"] = None
    languages = {
        str(e.get("hf_subset")): [str(code) for code in e["languages"]]
        for e in entries
        if isinstance(e.get("languages"), list) and len(e["languages"]) > 2
    }
    return About(Places.of(found), frozenset(doubled), languages, tuple(guessed))


def _listed(entry: dict[str, Any]) -> list[str]:
    listed = entry.get("languages")
    return [code for code in listed if isinstance(code, str)] if isinstance(listed, list) else []


def _codes(task: str, entry: dict[str, Any], guessed: dict[str, None]) -> list[str]:
    """Return the language codes of an entry that is not as usual: from its subset, or from MTEB's table."""
    if listed := _listed(entry):
        return listed
    subset = text(entry.get("hf_subset"))
    codes = subset_codes(subset) if subset else ()
    if codes:
        return list(codes)
    alone = mteb_languages().get(task)
    if alone is not None and subset in (None, "default"):
        guessed[f"the file does not say its language: {alone} by MTEB's table of tasks"] = None
        return [alone]
    return []
