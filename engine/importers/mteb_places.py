"""What the subsets of MTEB's tasks are about: languages, pairs of them, or something else."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from intermezzo.queries.languages import canonical

_REGION = re.compile(r"[a-z]{2,3}-[A-Z]{2}")

_SAME_CODE = {"kor-Hang": "ko", "jpn-Hira": "ja", "jpn-Kana": "ja"}
"""MTEB writes Korean and Japanese with a part of their usual script (Kore, Jpan)."""

SLIPS = {"cmo-Hans": "zh", "cmo-Hant": "zh-Hant"}
"""Where MTEB's files say Central Mnong (MASSIVE) they mean ``cmn``: the subsets are zh-CN and zh-TW."""


class Place(NamedTuple):
    """What a subset's score is about; see ``records.Score``."""

    language: str | None
    language_2: str | None
    subject: str | None


@lru_cache(maxsize=1 << 15)
def place(subset: str | None, *languages: str) -> Place:
    """Return what a subset is about, from its name and its language codes as found.

    Two codes are a cross-lingual pair; more are no language of ours. The subset is the subject unless it only
    repeats the languages.
    """
    found = [_code(language) for language in languages]
    if not found or len(found) > 2:
        return Place(None, None, subset or "default")
    language, language_2 = found[0], found[-1] if len(found) == 2 else None
    if language_2 == language:
        language_2 = None
    if language is None:
        return Place(None, language_2, subset or "default")
    same = (language,) if language_2 is None else (language, language_2)
    if subset is None or subset == "default" or same == (_code(subset),) or same == subset_codes(subset):
        return Place(language, language_2, None)
    return Place(language, language_2, subset)


def _code(tag: str) -> str | None:
    if tag in _SAME_CODE:
        return _SAME_CODE[tag]
    found = canonical(SLIPS.get(tag, tag))
    return found.code if found is not None else None


@lru_cache(maxsize=1 << 14)
def subset_codes(subset: str) -> tuple[str, ...]:
    """Return the languages that a subset's name is made of, or none.

    ``de``, ``zh-CN``; ``de-en``, ``eng_Latn-fra_Latn`` for a pair; ``en-en`` is ``en``.
    """
    whole = _code(subset)
    if whole is not None and (_REGION.fullmatch(subset) or not {"-", "_"} & set(subset)):
        return (whole,)
    for i, sign in enumerate(subset):
        if sign in "-_":
            first, second = _code(subset[:i]), _code(subset[i + 1 :])
            if first is not None and second is not None:
                return (first,) if first == second else (first, second)
    return (whole,) if whole is not None else ()
