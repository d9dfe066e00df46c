"""Per-item outputs row by row, as importers find them, into the columns that a run keeps."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from intermezzo.engine.metrics.figure import mean_figure
from intermezzo.queries.records import ITEM_COLUMNS, Items, Score, item_set_hash
from intermezzo.queries.tasks import task as known_task

from .lm_eval_lines import MAX_TEXT, cut

Row = Mapping[str, Any]
"""One item and metric: some of ``ITEM_COLUMNS``."""


def items_of(rows: Iterable[Row], texts: dict[str, str] | None = None, partial: str | None = None) -> Items:
    """Return rows as columns; what a row does not have is unknown there."""
    listed = list(rows)
    columns = {name: [row.get(name) for row in listed] for name in ITEM_COLUMNS}
    return Items(columns, partial, texts or {})


def keep_text(texts: dict[str, str], text: str | None) -> str | None:
    """Add an item's text, cut to ``MAX_TEXT`` characters, to ``texts``; return its hash."""
    if not text:
        return None
    text = text[:MAX_TEXT]
    sha = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    texts[sha] = text
    return sha


def unique(ids: Iterable[str]) -> list[str]:
    """Return ids with ``#2``, ``#3`` after those that come again."""
    seen: Counter[str] = Counter()
    found = []
    for item_id in ids:
        seen[item_id] += 1
        found.append(item_id if seen[item_id] == 1 else f"{item_id}#{seen[item_id]}")
    return found


def own_ids(task: str, language: str | None, ids: Iterable[str]) -> list[str]:
    """Return item ids, with the language before them where the task's items are not parallel."""
    known = known_task(task)
    if language is None or (known is not None and known.parallel):
        return list(ids)
    return [f"{language}:{item_id}" for item_id in ids]


def shown(value: Any) -> str | None:
    """Return a label or an answer as text: strings as they are, numbers as written, lists with `` | ``."""
    if isinstance(value, str):
        return cut(value)
    if isinstance(value, bool | int | float):
        return str(value)
    if isinstance(value, list):
        return cut(" | ".join(part for part in map(shown, value) if part is not None))
    return None


def rescored(score: Score, item_credits: Sequence[float], ids: list[str]) -> Score:
    """Return a score recomputed as the mean of its items' credits; what the file said is kept in ``logged``.

    The standard error is s / sqrt(n) with s the sample standard deviation (n - 1).
    """
    figure = mean_figure(item_credits)
    return replace(
        score,
        value=figure.value,
        stderr=figure.stderr,
        n=figure.n,
        evidence="recomputed",
        logged=score.value,
        item_set=item_set_hash(ids),
        gap=figure.reason,
    )
