"""What a tool's task name says: which task, which language, which part of it.

Tools write languages into task names (``xnli_fr``, ``belebele_acm_Arab``, ``mlqa_ar_de``) and nowhere else.
``data/task_names.toml`` is the table that splits them; a name that no row covers stays whole and unknown.
No language is ever guessed from a suffix: a code counts only where the row of that benchmark lists it.
MTEB's files name the language themselves; ``data/mteb_tasks.csv`` lists the tasks that are known there.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from .languages import canonical

_LANGUAGE_SLOTS = ("language", "language_2", "prompt_language")
_SLOTS = (*_LANGUAGE_SLOTS, "subset", "prompt")
_KEYS = {"pattern", "task", "tools", "split", *_SLOTS}
_SLOT = re.compile(r"\{([a-z_0-9]+)\}")


@dataclass(frozen=True, slots=True)
class TaskName:
    """A task name taken apart; ``None`` where the name does not say.

    Attributes:
        task: Task id (``xnli``); the whole name where it is unknown.
        language: Canonical code of the language evaluated; ``None`` for a group over languages.
        language_2: The other side of a pair (MLQA's context, the pivot of a translation); ``None`` if equal.
        prompt_language: Language of the prompt where it is not that of the items.
        subset: Part of the task that is a yardstick of its own (``native``, ``cross-lingual``, a subject).
        prompt: Prompt variant that is part of the name (``direct``, ``en_cot``, ``prompt_1``).
        split: Split that this tool evaluates for this task, if the table knows it.
        known: Whether the table has a row for the name.
    """

    task: str
    language: str | None = None
    language_2: str | None = None
    prompt_language: str | None = None
    subset: str | None = None
    prompt: str | None = None
    split: str | None = None
    known: bool = True


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    task: str
    split: str | None
    fixed: Mapping[str, str | None]
    """Slots that the pattern does not hold: the same for every name of the rule."""
    values: Mapping[str, Mapping[str, str]]
    """For each slot of the pattern: what may stand there -> what it means."""


def _values(spec: str, lists: Mapping[str, str], is_language: bool, where: str) -> dict[str, str]:
    """Read ``"de fr jp=ja @list"``: what a slot accepts, and what each spelling means."""
    found: dict[str, str] = {}
    for word in spec.split():
        if word.startswith("@"):
            found |= _values(lists[word[1:]], lists, is_language, where)
            continue
        spelling, _, meaning = word.partition("=")
        meaning = meaning or spelling
        if is_language:
            language = canonical(meaning)
            if language is None:
                raise ValueError(f"task_names.toml, {where}: {meaning!r} is no language code")
            meaning = language.code
        found[spelling] = meaning
    return found


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("data/task_names.toml").read_text(encoding="utf-8"))


@cache
def _rule(number: int) -> _Rule:
    """Return a row of the table, made when a name first begins as its names do: most never are."""
    entry, lists = _table()["rule"][number], _table()["lists"]
    pattern = entry["pattern"]
    if unknown := set(entry) - _KEYS:
        raise ValueError(f"task_names.toml, {pattern}: unknown keys {sorted(unknown)}")
    values: dict[str, dict[str, str]] = {}
    expression = ""
    at = 0
    for slot in _SLOT.finditer(pattern):
        name = slot.group(1)
        if name not in _SLOTS or name not in entry or name in values:
            raise ValueError(f"task_names.toml, {pattern}: what does {{{name}}} accept?")
        values[name] = _values(entry[name], lists, name in _LANGUAGE_SLOTS, pattern)
        # Longest first: `computer_science` before `computer`, `en_cot` before `en`.
        choices = "|".join(re.escape(c) for c in sorted(values[name], key=len, reverse=True))
        expression += re.escape(pattern[at : slot.start()]) + f"(?P<{name}>{choices})"
        at = slot.end()
    expression += re.escape(pattern[at:])
    fixed: dict[str, str | None] = {}
    for name in _SLOTS:
        if name in values or name not in entry:
            continue
        fixed[name] = entry[name]
        if name in _LANGUAGE_SLOTS:
            (fixed[name],) = _values(entry[name], lists, True, pattern).values()
    return _Rule(
        re.compile(expression),
        entry["task"],
        entry.get("split"),
        fixed,
        values,
    )


def _rules() -> Iterator[_Rule]:
    return map(_rule, range(len(_table()["rule"])))


@lru_cache(maxsize=64)
def _rules_of(tool: str) -> tuple[tuple[int, str], ...]:
    """Return the numbers of a tool's rows, each with what all its names begin with.

    A row for ``lm-eval`` counts for ``lm-eval-0.4``, too, not the other way.
    """
    return tuple(
        (number, entry["pattern"].partition("{")[0])
        for number, entry in enumerate(_table()["rule"])
        if "tools" not in entry or any(tool == name or tool.startswith(f"{name}-") for name in entry["tools"])
    )


@lru_cache(maxsize=1)
def _mteb() -> tuple[tuple[str, str, str, str], ...]:
    text = files(__package__).joinpath("data/mteb_tasks.csv").read_text(encoding="utf-8")
    rows = csv.reader(line for line in text.splitlines() if not line.startswith("#"))
    next(rows)
    return tuple((name, kind, main_score, language) for name, kind, main_score, language in rows)


@lru_cache(maxsize=1)
def mteb_tasks() -> dict[str, tuple[str, str]]:
    """Return MTEB's tasks: name -> (MTEB's type, name of its main score)."""
    return {name: (kind, main_score) for name, kind, main_score, _ in _mteb()}


@lru_cache(maxsize=1)
def mteb_languages() -> dict[str, str]:
    """Return the language (canonical code) of each of MTEB's tasks that has no more than one."""
    return {name: language for name, _, _, language in _mteb() if language}


@lru_cache(maxsize=1 << 16)
def read_task_name(tool: str, name: str) -> TaskName:
    """Take a task name apart.

    Args:
        tool: Who wrote the name: ``lm-eval-0.4``, ``lm-eval-0.3``, ``mteb``, ``jiant``, ``xtreme``, ...
        name: The name as found.

    Returns:
        Its parts; with ``known=False``, ``task=name`` and all else ``None`` where no row covers it. A task of
        MTEB without an id of its own here is known under its own name.
    """
    for number, prefix in _rules_of(tool):
        if not name.startswith(prefix):
            continue
        rule = _rule(number)
        match = rule.pattern.fullmatch(name)
        if match is None:
            continue
        parts = dict(rule.fixed) | {k: rule.values[k][v] for k, v in match.groupdict().items()}
        language, language_2, subset = (parts.get(k) for k in ("language", "language_2", "subset"))
        if language_2 and language_2 == language:
            # Both sides in one language is the plain task: MLQA's de-de cell is XTREME's de.
            language_2 = subset = None
        return TaskName(
            rule.task,
            language,
            language_2,
            parts.get("prompt_language"),
            subset,
            parts.get("prompt"),
            rule.split,
        )
    return TaskName(name, known=tool == "mteb" and name in mteb_tasks())


def table_languages() -> frozenset[str]:
    """Return the canonical code of every language that the table names."""
    found: set[str] = set()
    for rule in _rules():
        for slot in _LANGUAGE_SLOTS:
            found |= set(rule.values.get(slot, {}).values())
            fixed = rule.fixed.get(slot)
            if fixed:
                found.add(fixed)
    return frozenset(found)


@lru_cache(maxsize=1)
def _languages_of_tasks() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for rule in _rules():
        languages = set(rule.values.get("language", {}).values()) | {rule.fixed.get("language")}
        found.setdefault(rule.task, set()).update(code for code in languages if code)
    return found


def task_languages(task: str) -> frozenset[str]:
    """Return the canonical codes of the languages in which the table knows ``task``."""
    return frozenset(_languages_of_tasks().get(task, ()))


def table_tasks() -> frozenset[str]:
    """Return the id of every task that the table can produce."""
    return frozenset(rule.task for rule in _rules())
