"""Languages: one canonical BCP 47 code for whatever spelling a file uses.

Two spellings that name the same language give the same code, so that results of different tools meet in
one row: ``eng-Latn``, ``eng_Latn``, ``en-US`` and ``en`` are ``en``; ``zho-Hant`` and ``zh_TW`` are
``zh-Hant``; ``arb_Arab`` is ``ar``. What languages exist, and which script is the usual one, comes from
langcodes and its data (CLDR, IANA); families come from ``data/families.csv`` (Glottolog).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

_PREFERRED = {"fil": "tl"}
"""Where CLDR has two codes for one language, ours: XTREME's ``tl`` (langcodes prefers ``fil``)."""

_APART = frozenset({"tw", "fat"})
"""Folded by langcodes into a macrolanguage (``ak``), yet apart here: FLORES-200 tests Twi beside Akan."""

_SCRIPTS = {
    language: script
    for script, languages in {
        "Latn": "abs ang bhp btx cbk cfm cjk ckm cnh din ekp fro gmh hmn ie iso lfn lus nag nov nrm rom tzl "
        "urh",
        "Deva": "anp bhd bns kfg",
        "Arab": "bsk",
        "Cyrl": "orv",
    }.items()
    for language in languages.split()
}
"""Usual script where CLDR has none: languages that MTEB (@a905523d) and lm-eval (@4e7e0d47) have in one."""

_NO_LANGUAGE = frozenset({"und", "mul", "mis", "zxx"})
_NO_SCRIPT = frozenset({"Zzzz", "Zyyy", "Zinh"})


@dataclass(frozen=True, slots=True)
class Language:
    """A language as the store names it.

    Attributes:
        code: Canonical BCP 47 code; the usual script and the usual region are left out (``en``, ``zh-Hant``).
        iso639_3: ISO 639-3 code (of the macrolanguage where the code is one); ``None`` if it has none.
        script: ISO 15924 code: written in the tag, else the likely one; ``None`` where unknown.
        family: Top-level family (Glottolog), ``isolate``, or ``None`` where unknown.
    """

    code: str
    iso639_3: str | None
    script: str | None
    family: str | None

    @property
    def name(self) -> str:
        """English name, e.g. ``Chinese (Traditional)``; the code where it has none."""
        return _name(self.code)


@lru_cache(maxsize=1 << 13)
def _name(code: str) -> str:
    """Return the name of a canonical code; the names take longer to load than all else, so only if asked."""
    import langcodes

    name = langcodes.Language.get(code, normalize=False).display_name()
    return code if "Unknown" in name else name


@lru_cache(maxsize=1)
def _families() -> dict[str, str]:
    text = files(__package__).joinpath("data/families.csv").read_text(encoding="utf-8")
    rows = csv.reader(line for line in text.splitlines() if not line.startswith("#"))
    next(rows)
    return {row[0]: row[1] for row in rows}


def _likely(language: str, script: str | None, territory: str | None) -> tuple[str | None, str | None]:
    """Return the likely script and territory; langcodes' ``maximize`` would answer Latn-US for a gap.

    Where CLDR has no entry: IANA's suppressed script, else ours, else the macrolanguage's (``acm``: ``ar``).
    """
    from langcodes.data_dicts import DEFAULT_SCRIPTS, LIKELY_SUBTAGS, MACROLANGUAGES

    for parts in ((language, script), (language, territory), (language,)):
        if None in parts:
            continue
        found = LIKELY_SUBTAGS.get("-".join(p for p in parts if p))
        if found:
            pieces = found.split("-")
            return pieces[1], pieces[2] if pieces[2] != "ZZ" else None
    if language in DEFAULT_SCRIPTS:
        return DEFAULT_SCRIPTS[language], None
    macro = MACROLANGUAGES.get(language)
    return _SCRIPTS.get(language) or (_likely(macro, None, None)[0] if macro else None), None


@lru_cache(maxsize=1 << 15)
def canonical(tag: str) -> Language | None:
    """Return the language that ``tag`` names, or ``None`` where it names none.

    Args:
        tag: A BCP 47 tag in any case, with ``-`` or ``_``; ISO 639-1, 639-2 and 639-3 codes.

    Returns:
        The language, or ``None`` for anything that is not the code of a language in IANA's registry:
        nonsense, names (``english``), private codes and ``und``, ``mul``, ``mis``, ``zxx``.

    An individual language that CLDR calls the predominant one of its macrolanguage is that macrolanguage
    (``cmn`` -> ``zh``, ``arb`` -> ``ar``, ``swh`` -> ``sw``); others stay themselves (``acm``, ``yue``).
    """
    if not tag.isascii() or not 2 <= len(tag) <= 60:
        return None
    import langcodes
    from langcodes.data_dicts import NORMALIZED_MACROLANGUAGES

    try:
        found = langcodes.Language.get(tag.strip())
        if found.extlangs:
            # BCP 47: the extended language subtag is the language (ar-arz is arz).
            extended = langcodes.Language.get(found.extlangs[-1])
            found = langcodes.Language.make(
                language=extended.language,
                script=found.script,
                territory=found.territory,
                variants=found.variants,
            )
    except (ValueError, AttributeError):
        return None
    language = found.language
    if language is None or language in _NO_LANGUAGE or found.private or not found.is_valid():
        return None
    if not 2 <= len(language) <= 3 or (len(language) == 3 and "qaa" <= language <= "qtz"):
        return None
    if language not in _APART:
        language = NORMALIZED_MACROLANGUAGES.get(language, language)
    language = _PREFERRED.get(language, language)
    return _language(language, found.script, found.territory, tuple(found.variants or ()))


def _language(
    language: str, script: str | None, territory: str | None, variants: tuple[str, ...]
) -> Language:
    import langcodes

    script = None if script in _NO_SCRIPT else script
    usual_script, _ = _likely(language, None, None)
    script = script or _likely(language, None, territory)[0]
    code_script = script if script != usual_script else None
    if territory == _likely(language, code_script, None)[1]:
        territory = None
    code = "-".join(p for p in (language, code_script, territory, *variants) if p)
    try:
        iso = langcodes.Language.make(language=language).to_alpha3()
    except LookupError:
        iso = None
    return Language(code, iso, script, _families().get(iso or ""))


def known() -> tuple[Language, ...]:
    """Return every language that the data tables name, by code: those of the tasks and of task names."""
    from .task_names import table_languages
    from .tasks import all_tasks

    codes = {code for task in all_tasks() for code in task.languages} | table_languages()
    found = {language.code: language for language in map(canonical, codes) if language}
    return tuple(found[code] for code in sorted(found))
