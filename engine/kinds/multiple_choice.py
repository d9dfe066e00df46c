"""Multiple choice: each choice is read behind the question, and the one with the largest output is taken.

The gold answer and the prediction are the choice's number from 0, as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from intermezzo.engine.examples import Example
from intermezzo.queries.errors import Problem

from . import classification
from .face import How, Inputs, Row, filled, float_array, pad_id_of, rows_of, tokenise_pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray

KINDS = ("multiple choice",)

item_rows = classification.item_rows


def shown(example: Example) -> str:
    """Return question and choices, a line each."""
    return "\n".join((*example.texts, *(f"{n}. {c}" for n, c in enumerate(example.choices))))


def prepare(examples: Sequence[Example], tokenizer: Any, how: How) -> list[Row]:
    """Tokenise: a row a choice; of what is too long, the longer of question and choice loses its end."""
    asked = [(i, n) for i, e in enumerate(examples) for n in range(len(e.choices))]
    bare = next((e for e in examples if len(e.choices) < 2), None)
    if bare is not None:
        raise Problem(
            f"Item {bare.item_id} ({bare.language}) has {len(bare.choices)} choices to choose from."
        )
    if not asked:
        return []
    found = tokenise_pairs(
        tokenizer,
        [" ".join(examples[i].texts) for i, _ in asked],
        [examples[i].choices[n] for i, n in asked],
        how.max_tokens,
    )
    targets = [_target(examples[i]) for i, _ in asked]
    return rows_of(found, [i for i, _ in asked], pad_id_of(tokenizer), targets)


def _target(example: Example) -> int | None:
    if example.gold is None:
        return None
    gold = str(example.gold)
    if not (gold.isascii() and gold.isdigit() and int(gold) < len(example.choices)):
        raise Problem(
            f"Item {example.item_id} ({example.language}) has the answer {gold!r}, "
            f"and its choices are 0 to {len(example.choices) - 1}."
        )
    return int(gold)


def groups(rows: Sequence[Row]) -> list[list[Row]]:
    """Return the choices of each item together."""
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.item, []).append(row)
    return list(found.values())


def inputs(rows: Sequence[Row], pad_id: int, *, targets: bool = False) -> Inputs:
    """Return what the head takes.

    Without targets each row is a choice by itself: (rows, 1, longest). With them rows are whole items of
    equally many choices: (items, choices, longest).
    """
    import numpy as np

    made = filled(rows, pad_id)
    if not targets:
        return {name: array[:, None] for name, array in made.items()}
    items = groups(rows)
    sizes = {len(item) for item in items}
    if len(sizes) > 1:
        raise Problem(f"Items with {' and '.join(map(str, sorted(sizes)))} choices cannot share a batch.")
    shape = (len(items), sizes.pop(), -1)
    made = {name: array.reshape(shape) for name, array in made.items()}
    return made | {"labels": np.array([item[0].target for item in items], np.int64)}


def outputs(found: Any) -> tuple[NDArray[Any], ...]:
    """Return the logits: (rows, 1)."""
    return (float_array(found.logits),)


def read(row: Row, arrays: tuple[NDArray[Any], ...], how: How) -> float:
    """Return the choice's output."""
    del row, how
    return float(arrays[0].reshape(-1)[0])


def settle(example: Example, kept: Sequence[Any], how: How) -> str:
    """Return the number of the choice with the largest output, the first of equal ones."""
    del example, how
    return str(max(range(len(kept)), key=lambda n: (kept[n], -n)))
