"""What the words of a table's row say: which run it belongs to, and which score of that run it is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from intermezzo.queries.errors import Problem
from intermezzo.queries.languages import canonical
from intermezzo.queries.metrics import canonical_metric, metric
from intermezzo.queries.naming import normal_recipe
from intermezzo.queries.records import Scope
from intermezzo.queries.task_names import read_task_name
from intermezzo.queries.tasks import task as known_task

from .table_mapping import TEXT_ROLES, TableMapping, nearest
from .table_rows import Cell

GAPS = frozenset({"", "na", "n/a", "null", "none", "-", "--", "\N{EN DASH}", "\N{EM DASH}"})
"""What tables write where there is no value."""

_MACRO_LANGUAGES = frozenset({"avg", "avg.", "average", "mean", "macro", "overall", "all"})
_SCOPES: dict[str, Scope] = {
    "language": "language",
    "macro": "macro",
    "group": "group",
    "average": "macro",
    "mean": "macro",
    "avg": "macro",
}
WORDS = tuple(role for role in TEXT_ROLES if role not in ("locator", "prediction_hash"))
"""Roles whose words repeat from row to row: what they mean is worked out once."""

NUMBERS = ("seed", "step", "shots")
"""Numbers that tell runs apart, by role."""


class RunKey(NamedTuple):
    """What makes rows one run; the fields are those of ``Run`` and ``Found``."""

    system: str
    task: str
    base_model: str | None = None
    recipe: str | None = None
    prompt: str | None = None
    subset: str | None = None
    split: str | None = None
    task_version: str | None = None
    train_language: str | None = None
    source: str | None = None
    date: str | None = None
    tool: str | None = None
    tool_version: str | None = None
    train_seed: int | None = None
    step: int | None = None
    shots: int | None = None


class ScoreKey(NamedTuple):
    """Which score of a run a row is: two rows of one run with one key are duplicates."""

    metric: str
    language: str | None
    language_2: str | None
    implementation: str | None
    scope: Scope
    subject: str | None


class BadCell(Exception):
    """A cell that cannot be used.

    Attributes:
        column: Its column.
        reason: Why, as a sentence.
        kind: What refusals of this kind share.
    """

    def __init__(self, column: str | None, reason: str, kind: str = "") -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason
        self.kind = kind or reason


def text_of(cell: Cell) -> str | None:
    """Return a cell as text, ``None`` where it is empty."""
    if cell is None:
        return None
    if isinstance(cell, float):
        if math.isnan(cell):
            return None
        cell = int(cell) if cell.is_integer() else cell
    text = str(cell).strip()
    return text or None


def whole_of(cell: Cell, column: str | None) -> int | None:
    """Return a cell as a whole number from 0 up, ``None`` where it is empty; ``5010.0`` counts.

    Raises:
        BadCell: It is none.
    """
    text = text_of(cell)
    if text is None or text.casefold() in GAPS or text.casefold() == "nan":
        return None
    digits = text[:-2] if text.endswith(".0") else text
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):
        raise BadCell(column, f"{text!r} is no whole number", "no whole number")
    return int(digits)


def read_words(
    mapping: TableMapping, words: Mapping[str, Cell], metrics: Sequence[str]
) -> list[tuple[RunKey, ScoreKey]]:
    """Read the words of a row.

    Args:
        mapping: What the columns mean.
        words: Role -> cell, constants included.
        metrics: The metric columns of a wide table; else empty.

    Returns:
        Run (without its numbers) and score of the row's value, or of each of its metric columns.

    Raises:
        BadCell: A word cannot be used.
    """
    said: dict[str, str | None] = {}
    for role in TEXT_ROLES:
        text = text_of(words.get(role))
        if text is not None and not _encodable(text):
            raise BadCell(mapping.columns.get(role), "it is not UTF-8 text", "not UTF-8")
        said[role] = mapping.maps.get(role, {}).get(text, text) if text is not None else None
    for role in ("system", "task"):
        if said[role] is None:
            raise BadCell(mapping.columns.get(role), f"the {role} is empty")
    if not metrics and said["metric"] is None:
        raise BadCell(mapping.columns.get("metric"), "the metric is empty")
    if said["recipe"]:
        try:
            said["recipe"] = normal_recipe(said["recipe"])
        except Problem as problem:
            raise BadCell(mapping.columns.get("recipe"), str(problem), "recipe") from None
    language, subject, scope = _language(mapping, said)
    language_2 = _code(said["language_2"])
    if said["language_2"] and language_2 is None:
        raise BadCell(
            mapping.columns.get("language_2"), f"{said['language_2']!r} is no language code", "language"
        )
    task, subset, split = str(said["task"]), said["subset"], said["split"]
    if mapping.task_names:
        raw = text_of(words.get("language"))
        name = read_task_name(mapping.task_names, f"{task}_{raw}" if raw and scope == "language" else task)
        if name.known:
            task, subset, split = name.task, subset or name.subset, split or name.split
            language, language_2 = name.language or language, name.language_2 or language_2
            subject = None if language else subject
    if (known := known_task(task)) is not None:
        task = known.id
    run = RunKey(
        system=str(said["system"]),
        task=task,
        base_model=said["base_model"],
        recipe=said["recipe"],
        prompt=said["prompt"],
        subset=subset,
        split=split,
        task_version=said["task_version"],
        train_language=_code(said["train_language"]) or said["train_language"],
        source=said["source"],
        date=said["date"],
        tool=said["tool"],
        tool_version=said["tool_version"],
    )
    scores = []
    for name_of_metric in metrics or [str(said["metric"])]:
        metric_id, computed_by = _metric(said["tool"], name_of_metric)
        implementation = said["implementation"] or computed_by
        scores.append((run, ScoreKey(metric_id, language, language_2, implementation, scope, subject)))
    return scores


def _language(mapping: TableMapping, said: Mapping[str, str | None]) -> tuple[str | None, str | None, Scope]:
    """Return language code, the word where it is no code, and scope."""
    word, scope_word = said["language"], said["scope"]
    scope: Scope
    if scope_word is None:
        macro = word is None or word.casefold() in _MACRO_LANGUAGES
        scope, word = ("macro", None) if macro else ("language", word)
    elif (found := _SCOPES.get(scope_word.casefold())) is None:
        hint = nearest(scope_word, tuple(_SCOPES))
        raise BadCell(mapping.columns.get("scope"), f"unknown scope {scope_word!r}; {hint}", "scope")
    else:
        scope = found
    if scope != "language":
        if word is not None and word.casefold() not in _MACRO_LANGUAGES:
            raise BadCell(
                mapping.columns.get("language"),
                f"the row is a {scope} score and names the language {word!r}: it cannot be both",
                "scope and language",
            )
        return None, None, scope
    if word is None:
        raise BadCell(mapping.columns.get("language"), "the language is empty")
    code = _code(word)
    return code, None if code else word, scope


def _code(word: str | None) -> str | None:
    language = canonical(word) if word else None
    return language.code if language else None


def _metric(tool: str | None, name: str) -> tuple[str, str | None]:
    """Return metric id and implementation; without a tool nobody says who computed it."""
    found, implementation = canonical_metric(tool or "", name)
    if metric(found) is None and metric(folded := canonical_metric(tool or "", name.lower())[0]) is not None:
        found = folded
    return found, implementation if tool else None


def _encodable(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
