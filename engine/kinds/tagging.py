"""Tagging: a tag a word, read off the word's first token.

Words are tokenised one by one, as XTREME does. A sentence that is too long is read in windows of whole
words, so that every word has a tag; a word that the tokenizer has nothing for is its unknown token.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from intermezzo.engine.examples import Example, text_sha
from intermezzo.engine.metrics import chunk_f1
from intermezzo.queries.errors import Problem

from .face import IGNORED, How, Inputs, ItemRow, Row, filled, float_array, pad_id_of, singly, sound, tokenise

if TYPE_CHECKING:
    from numpy.typing import NDArray

KINDS = ("tagging",)

SECOND = "f1@seqeval-1.2.2"
"""Metric of the rows that hold the counts of seqeval 1.2.2 where they differ from 0.0.12's."""

groups = singly


def shown(example: Example) -> str:
    """Return the words as a sentence."""
    return " ".join(example.texts)


def prepare(examples: Sequence[Example], tokenizer: Any, how: How) -> list[Row]:
    """Tokenise: a row a window of whole words."""
    import numpy as np

    before, after = _frame(tokenizer)
    room = how.max_tokens - len(before) - len(after)
    words = list(dict.fromkeys(sound(w) for e in examples for w in e.texts))
    unknown = tokenizer.unk_token_id if tokenizer.unk_token_id is not None else pad_id_of(tokenizer)
    pieces: dict[str, list[int]] = {}
    if words:
        found = tokenise(tokenizer, words, add_special_tokens=False)["input_ids"]
        pieces = {w: list(ids[:room]) or [unknown] for w, ids in zip(words, found, strict=True)}
    rows = []
    for item, example in enumerate(examples):
        tags = _targets(example, how)
        split = [pieces[sound(w)] for w in example.texts]
        for first, last in _windows([len(p) for p in split], room):
            ids, starts, target = list(before), [], [IGNORED] * len(before)
            for n in range(first, last):
                starts.append(len(ids))
                ids += split[n]
                target += [tags[n] if tags else IGNORED] + [IGNORED] * (len(split[n]) - 1)
            ids += after
            target += [IGNORED] * len(after)
            array = np.array(ids or [unknown], np.int32)
            rows.append(Row(item, array, None, tuple(starts), tuple(target) if tags else None))
    return rows


def _frame(tokenizer: Any) -> tuple[list[int], list[int]]:
    """Return the special tokens before and after a sentence."""
    plain = tokenizer("a", add_special_tokens=False)["input_ids"]
    framed = tokenizer("a")["input_ids"]
    for start in range(len(framed) - len(plain) + 1):
        if framed[start : start + len(plain)] == plain:
            return list(framed[:start]), list(framed[start + len(plain) :])
    return [], []


def _windows(sizes: Sequence[int], room: int) -> list[tuple[int, int]]:
    """Return the words (first, last + 1) of each window; an empty sentence has one without words."""
    found, first, used = [], 0, 0
    for n, size in enumerate(sizes):
        if used + size > room and n > first:
            found.append((first, n))
            first, used = n, 0
        used += size
    return [*found, (first, len(sizes))]


def _targets(example: Example, how: How) -> list[int] | None:
    if example.gold is None:
        return None
    if len(example.gold) != len(example.texts):
        raise Problem(
            f"Sentence {example.item_id} ({example.language}) has {len(example.texts)} words and "
            f"{len(example.gold)} tags."
        )
    strange = next((t for t in example.gold if t not in how.labels), None)
    if strange is not None:
        raise Problem(
            f"Sentence {example.item_id} ({example.language}) has the tag {strange!r}, which is none of "
            f"{', '.join(how.labels[:20])}."
        )
    return [how.labels.index(t) for t in example.gold]


def inputs(rows: Sequence[Row], pad_id: int, *, targets: bool = False) -> Inputs:
    """Return what the head takes; a label a token with ``targets``."""
    import numpy as np

    made = filled(rows, pad_id)
    if not targets:
        return made
    labels = np.full(made["input_ids"].shape, IGNORED, np.int64)
    for n, row in enumerate(rows):
        labels[n, : len(row.target)] = row.target
    return made | {"labels": labels}


def outputs(found: Any) -> tuple[NDArray[Any], ...]:
    """Return the labels with the largest outputs: (rows, tokens)."""
    return (float_array(found.logits).argmax(-1),)


def read(row: Row, arrays: tuple[NDArray[Any], ...], how: How) -> list[str]:
    """Return a tag for each word of the window."""
    return [how.labels[int(arrays[0][start])] for start in row.place]


def settle(example: Example, kept: Sequence[Any], how: How) -> list[str]:
    """Return the windows' tags in a row."""
    del example, how
    return [tag for tags in kept for tag in tags]


def item_rows(
    language: str, examples: Sequence[Example], predictions: Sequence[Any], how: How
) -> list[ItemRow]:
    """Return a row a sentence with its chunk counts, for each of the counts that differ."""
    asked = [(e, list(p)) for e, p in zip(examples, predictions, strict=True) if e.gold]
    gold = [tuple(e.gold or ()) for e, _ in asked]
    tags = [p for _, p in asked]
    wanted = [implementation for metric, implementation in how.metrics if metric == "f1"]
    first = chunk_f1.chunk_counts(gold, tags, wanted[0])
    rows = [
        {
            "language": language,
            "item_id": e.item_id,
            "cluster_id": e.cluster_id,
            "metric": "f1",
            **c._asdict(),
            "gold": " ".join(g),
            "prediction": " ".join(p),
            "text_sha": text_sha(shown(e)),
        }
        for (e, p), g, c in zip(asked, gold, first, strict=True)
    ]
    if chunk_f1.SEQEVAL_1_2_2 in wanted[1:]:
        second = chunk_f1.chunk_counts(gold, tags, chunk_f1.SEQEVAL_1_2_2)
        if second != first:
            rows += [
                {
                    "language": language,
                    "item_id": e.item_id,
                    "cluster_id": e.cluster_id,
                    "metric": SECOND,
                    **c._asdict(),
                }
                for (e, _), c in zip(asked, second, strict=True)
            ]
    return rows
