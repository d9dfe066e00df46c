"""Data sets as the engine evaluates them: examples by language, whatever they were read from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

Gold = str | tuple[str, ...] | None
"""A label, an item id, or a sequence of tags or of accepted answers; ``None`` where there is none."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_NONE_LEFT_OUT: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Example:
    """One test item.

    Attributes:
        item_id: Equal across languages exactly where the task is parallel; unique within its language.
        language: Canonical code of ``texts[0]``.
        cluster_id: Groups items that are not independent: a paragraph, a template, a parallel item.
        texts: What the model reads, by task kind: one text; a pair; question and context; the words of a
            sentence (tagging); a sentence and its translation (retrieval, the second in ``language_2``),
            where the translation is a candidate too. A sentence alone, in the language it is listed under,
            is a query; one in another language is a candidate, known by its ``item_id``.
        gold: Label; tags; accepted answers; for retrieval the id of the candidate to be found, several of
            them, or ``None`` where there is nothing to find. The candidate in a pair is known by it.
        language_2: The other language of a cross-lingual pair.
        choices: What may be chosen from (multiple choice).
        extra: What only this task knows, e.g. answer offsets.
    """

    item_id: str
    language: str
    cluster_id: str
    texts: tuple[str, ...]
    gold: Gold = None
    language_2: str | None = None
    choices: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, slots=True)
class DataSet:
    """The examples of one task and split, by language.

    Attributes:
        task: Task id.
        kind: Task kind, as in the table of tasks (``tagging``, ``bitext retrieval``, ...).
        split: ``test``, ``validation``, ...
        revision: Hash of the content, see ``revision_of``.
        source: Where it came from, for people: a folder, a hub id with its revision, ``pocket``.
        parallel: Whether equal item ids in two languages are the same item.
        languages: Examples by canonical language code.
        labels: Every label there is, in the order of the model's outputs where that matters.
        train_language: Language of the training data; ``None`` where the task has none.
        left_out: Languages that were asked for and cannot be evaluated -> why not.
    """

    task: str
    kind: str
    split: str
    revision: str
    source: str
    parallel: bool
    languages: Mapping[str, tuple[Example, ...]]
    labels: tuple[str, ...] = ()
    train_language: str | None = "en"
    left_out: Mapping[str, str] = field(default_factory=lambda: _NONE_LEFT_OUT)

    def __len__(self) -> int:
        return sum(map(len, self.languages.values()))


def shown_text(example: Example) -> str:
    """Return an example's texts as one, a line each: what the store keeps and the explorer shows."""
    return "\n".join(example.texts)


def text_sha(text: str) -> str:
    """Return the hash a text is stored under (``text_sha`` of an item row)."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def revision_of(examples: Iterable[Example]) -> str:
    """Return a short hash of what the examples hold, in their order: the same data, the same revision."""
    digest = hashlib.sha256()
    for e in examples:
        extra = sorted((str(k), repr(v)) for k, v in e.extra.items())
        row = (e.item_id, e.language, e.cluster_id, e.texts, e.gold, e.language_2, e.choices, extra)
        digest.update(repr(row).encode("utf-8", "surrogatepass"))
        digest.update(b"\0")
    return digest.hexdigest()[:16]
