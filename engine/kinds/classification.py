"""Classification of a text or of a pair of texts: the label with the largest output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from intermezzo.engine.examples import Example, shown_text, text_sha
from intermezzo.engine.metrics.accuracy import accuracy_credits
from intermezzo.queries.errors import Problem

from .face import (
    How,
    Inputs,
    ItemRow,
    Row,
    filled,
    float_array,
    pad_id_of,
    rows_of,
    singly,
    tokenise,
    tokenise_pairs,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

KINDS = ("classification", "pair classification")

groups = singly
shown = shown_text


def prepare(examples: Sequence[Example], tokenizer: Any, how: How) -> list[Row]:
    """Tokenise; of an input that is too long, the longer text loses its end first."""
    if not examples:
        return []
    first = [e.texts[0] for e in examples]
    if how.kind == "pair classification":
        found = tokenise_pairs(tokenizer, first, [e.texts[1] for e in examples], how.max_tokens)
    else:
        found = tokenise(tokenizer, first, truncation=True, max_length=how.max_tokens)
    targets = [_target(e, how) for e in examples]
    return rows_of(found, range(len(examples)), pad_id_of(tokenizer), targets)


def _target(example: Example, how: How) -> int | None:
    if example.gold is None:
        return None
    if example.gold not in how.labels:
        raise Problem(
            f"Item {example.item_id} ({example.language}) has the label {example.gold!r}, which is none of "
            f"{', '.join(how.labels[:8])}."
        )
    return how.labels.index(str(example.gold))


def inputs(rows: Sequence[Row], pad_id: int, *, targets: bool = False) -> Inputs:
    """Return what the head takes; a label a row with ``targets``."""
    import numpy as np

    made = filled(rows, pad_id)
    return made | ({"labels": np.array([r.target for r in rows], np.int64)} if targets else {})


def outputs(found: Any) -> tuple[NDArray[Any], ...]:
    """Return the logits: (rows, labels)."""
    return (float_array(found.logits),)


def read(row: Row, arrays: tuple[NDArray[Any], ...], how: How) -> str:
    """Return the label with the largest output, the first of equal ones."""
    del row
    return how.labels[int(arrays[0].argmax())]


def settle(example: Example, kept: Sequence[Any], how: How) -> str:
    """Return the one row's label."""
    del example, how
    return str(kept[0])


def item_rows(
    language: str, examples: Sequence[Example], predictions: Sequence[Any], how: How
) -> list[ItemRow]:
    """Return a row an item: 1 for the right label, 0 for any other."""
    del how
    asked = [(e, str(p)) for e, p in zip(examples, predictions, strict=True) if e.gold is not None]
    item_credits = accuracy_credits([str(e.gold) for e, _ in asked], [p for _, p in asked])
    return [
        {
            "language": language,
            "language_2": e.language_2,
            "item_id": e.item_id,
            "cluster_id": e.cluster_id,
            "metric": "accuracy",
            "credit": credit,
            "gold": str(e.gold),
            "prediction": p,
            "text_sha": text_sha(shown(e)),
        }
        for (e, p), credit in zip(asked, item_credits, strict=True)
    ]
