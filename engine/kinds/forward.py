"""Running a head over examples of all languages together, in batches sorted by token count."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

from intermezzo.engine.batches import in_budget
from intermezzo.engine.examples import DataSet, Example
from intermezzo.queries.records import Score

from .face import How, ItemRow, Kind, Row, Sink
from .registry import kind_for
from .scoring import scores

if TYPE_CHECKING:
    from intermezzo.engine.models import Model

Watch = Callable[[int, int], None]
"""Called after every batch: items finished, items in all."""


def predict(
    model: Model,
    examples: Sequence[Example],
    how: How,
    sink: Sink,
    *,
    done: Collection[int] = frozenset(),
    watch: Watch | None = None,
) -> None:
    """Predict examples of any languages; items go to ``sink`` in the batch that finishes them.

    Args:
        model: With the head that the kind needs.
        examples: In an order that is the same each time; batches are cut from all of them, finished or
            not, so that a resumed pass computes what an undisturbed one does.
        how: How they are read.
        sink: Takes (index, prediction).
        done: Indices that are finished already.
        watch: Told how far it is.

    Raises:
        Problem: Memory does not suffice for one row; an example that the kind cannot read.
    """
    kind = kind_for(how.kind)
    rows = kind.prepare(examples, model.tokenizer, how)
    if getattr(model.module.config, "type_vocab_size", 2) < 2:
        rows = [Row(r.item, r.ids, None, r.place, r.target) for r in rows]
    parts: list[list[int]] = [[] for _ in examples]
    for n, row in enumerate(rows):
        parts[row.item].append(n)
    kept: dict[int, dict[int, Any]] = {}
    finished = set(done)

    def forward(batch: list[int]) -> list[Any]:
        return _read(model, kind, [rows[n] for n in batch], how)

    batches = in_budget(
        [len(r.ids) for r in rows], how.token_budget, forward, done=lambda n: rows[n].item in finished
    )
    for batch, found in batches:
        ready = []
        for n, one in zip(batch, found, strict=True):
            item = rows[n].item
            if item in finished:
                continue
            so_far = kept.setdefault(item, {})
            so_far[n] = one
            if len(so_far) == len(parts[item]):
                ready.append((item, kind.settle(examples[item], [so_far[m] for m in parts[item]], how)))
                finished.add(item)
                del kept[item]
        sink(ready)
        if watch:
            watch(len(finished), len(examples))


def _read(model: Model, kind: Kind, rows: Sequence[Row], how: How) -> list[Any]:
    import torch

    with torch.inference_mode():
        arrays = kind.outputs(
            model.module(
                **{
                    name: torch.from_numpy(array).to(model.device)
                    for name, array in kind.inputs(rows, model.pad_id).items()
                }
            )
        )
    return [kind.read(row, tuple(a[n] for a in arrays), how) for n, row in enumerate(rows)]


def item_rows(data: DataSet, predictions: Sequence[Any], how: How) -> list[ItemRow]:
    """Return the item rows of a whole data set from predictions in its order, language by language."""
    kind = kind_for(how.kind)
    rows: list[ItemRow] = []
    at = 0
    for language, examples in data.languages.items():
        rows += kind.item_rows(language, examples, predictions[at : at + len(examples)], how)
        at += len(examples)
    return rows


def score(model: Model, data: DataSet, how: How) -> list[Score]:
    """Predict and score a data set in memory, e.g. a validation split while training."""
    examples = [e for found in data.languages.values() for e in found]
    predictions: list[Any] = [None] * len(examples)

    def keep(ready: list[tuple[int, Any]]) -> None:
        for n, prediction in ready:
            predictions[n] = prediction

    predict(model, examples, how, keep)
    return scores(item_rows(data, predictions, how), how)
