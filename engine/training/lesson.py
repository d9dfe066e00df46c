"""One of a stage's tasks in memory: its rows, its head, its validation split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from intermezzo.engine.examples import DataSet
from intermezzo.engine.kinds.face import IGNORED, How, Row, how_for
from intermezzo.engine.kinds.forward import predict, score
from intermezzo.engine.kinds.registry import kind_for
from intermezzo.engine.models import Model
from intermezzo.queries.errors import Problem

from . import masked
from .order import Part
from .settings import Settings
from .sources import source

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DEV_BATCH = 32


@dataclass(slots=True)
class Lesson:
    """A task that a stage trains on.

    Attributes:
        name: The task.
        kind: Its kind.
        how: How its examples are read; ``None`` for masked LM.
        model: The shared encoder with its tokenizer.
        groups: Training examples: the rows of each.
        train: Where they came from.
        dev: The validation split, if there is one.
        settings: The stage's.
        head: Its head, once built.
        dev_rows: Rows of the validation split (masked LM).
    """

    name: str
    kind: str
    how: How | None
    model: Model
    groups: list[list[Row]]
    train: DataSet
    dev: DataSet | None
    settings: Settings
    head: Any = None
    dev_rows: Sequence[Row] = ()

    def part(self) -> Part:
        """Return what the order of batches needs to know."""
        return Part([max(len(r.ids) for r in g) for g in self.groups], [len(g) for g in self.groups])

    def inputs(self, indices: Sequence[int], seed: Sequence[int]) -> tuple[dict[str, NDArray[Any]], int]:
        """Return what the head takes for some examples, and how many targets the loss is a mean over."""
        rows = [row for i in indices for row in self.groups[i]]
        if self.how is None:
            made = masked.inputs(rows, self.model, self.settings.mask, seed)
        else:
            made = kind_for(self.kind).inputs(rows, self.model.pad_id, targets=True)
        labels = made.get("labels")
        return made, len(rows) if labels is None else int((labels != IGNORED).sum())

    def check(self) -> tuple[str, float] | None:
        """Return metric and value on the validation split, more being better; ``None`` without one."""
        if self.dev is None:
            return None
        if self.how is None:
            s = self.settings
            return "minus loss", -masked.loss(
                self.model, self.head, self.dev_rows, s.mask, 0, min(s.batch_size, _DEV_BATCH)
            )
        self.head.eval()
        if self.kind == "tagging" and not any(label.startswith("B-") for label in self.how.labels):
            return "accuracy", self._tag_accuracy(self.dev, self.how)
        scores = score(replace(self.model, module=self.head), self.dev, self.how)
        metric, implementation = self.how.metrics[0]
        values = [
            s.value
            for s in scores
            if (s.metric, s.implementation) == (metric, implementation) and s.value is not None
        ]
        return (metric, sum(values) / len(values)) if values else None

    def _tag_accuracy(self, dev: DataSet, how: How) -> float:
        """Return the share of words with the right tag: chunks mean nothing where tags are no chunks'."""
        examples = [e for found in dev.languages.values() for e in found]
        right: list[bool] = []

        def count(ready: list[tuple[int, Any]]) -> None:
            for n, tags in ready:
                right.extend(a == b for a, b in zip(examples[n].gold or (), tags, strict=True))

        predict(replace(self.model, module=self.head), examples, how, count)
        return sum(right) / max(len(right), 1)


def make_lesson(name: str, model: Model, train: DataSet, dev: DataSet | None, settings: Settings) -> Lesson:
    """Tokenise a task's training split.

    Raises:
        Problem: Nothing in it can be trained on.
    """
    tokens = min(settings.max_tokens or source(name).max_tokens, model.max_tokens)
    examples = [e for found in train.languages.values() for e in found]
    if train.kind == masked.KIND:
        rows = masked.prepare(examples, model, tokens)
        behind = [e for found in dev.languages.values() for e in found] if dev is not None else []
        dev_rows = masked.prepare(behind, model, tokens)
        groups = [[r] for r in rows if len(r.ids) > 2]
        return Lesson(name, train.kind, None, model, groups, train, dev, settings, dev_rows=dev_rows)
    how = how_for(train, train.labels, model.max_tokens, None, max_tokens=tokens)
    kind = kind_for(train.kind)
    rows = kind.prepare(examples, model.tokenizer, how)
    if train.kind == "extractive qa":
        # a question that has no answer points at the first token
        rows = [
            replace(r, target=(0, 0)) if r.target is None and not examples[r.item].gold else r for r in rows
        ]
    if getattr(model.module.config, "type_vocab_size", 2) < 2:
        rows = [replace(r, types=None) for r in rows]
    groups = [g for g in kind.groups(rows) if all(r.target is not None for r in g)]
    if not groups:
        raise Problem(f"{name}: none of its {len(examples):,} training examples has a gold label.")
    return Lesson(name, train.kind, how, model, groups, train, dev, settings)
