"""Stores with known items for tests of comparisons; every arm is a dictionary of credits or counts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from intermezzo.queries.records import Found, Items, Run, Score, Source, identified
from intermezzo.queries.store.layout import Store, open_store
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.writer import write_runs

Credits = Mapping[str, Mapping[str, Any]]
"""Language -> item id -> credit, or (tp, predicted, gold)."""


def value_of(items: Mapping[str, Any]) -> float:
    """The metric's value: the mean of credits, or F1 of counts."""
    listed = [credit for credit in items.values() if credit is not None]
    if isinstance(listed[0], tuple):
        tp, predicted, gold = (sum(c[i] for c in listed) for i in range(3))
        return 2 * tp / (predicted + gold)
    return sum(listed) / len(listed)


def run(
    name: str,
    given: Credits,
    *,
    task: str = "xnli",
    metric: str = "accuracy",
    implementation: str = "test acc",
    seed: int | None = None,
    clusters: Mapping[str, str] | None = None,
    predictions: Mapping[str, str] | None = None,
    keep_items: bool = True,
    item_metric: str | None = None,
    recipe: str | None = None,
    base: str | None = None,
    shots: int | None = None,
    texts: Mapping[str, str] | None = None,
    score_values: Mapping[str, float] | None = None,
    n: int | None = None,
    **facts: Any,
) -> tuple[Run, Items | None]:
    """A run with its items; ``score_values`` says other values than the items have."""
    text = json.dumps([name, task, metric, seed, str(given), str(facts), str(predictions), str(score_values)])
    digest = hashlib.sha256(text.encode()).hexdigest()
    source = Source(f"/results/{name}/{digest[:8]}", digest, 1, 1, "test", 1)
    said = {code: value_of(items) for code, items in given.items()} | dict(score_values or {})
    scores = tuple(
        Score(
            metric,
            said[code],
            code,
            implementation=implementation,
            n=n or len(items),
            evidence="recomputed" if keep_items else "logged",
        )
        for code, items in given.items()
    )
    made = identified(
        Run(
            found=Found(name=name, base_model=base, recipe=recipe, train_seed=seed, shots=shots),
            task=task,
            split="test",
            sources=(source,),
            scores=scores,
            importer="test",
            importer_version=1,
            **facts,
        )
    )
    if not keep_items:
        return made, None
    rows = [(code, item, credit) for code, items in given.items() for item, credit in items.items()]
    counted = isinstance(rows[0][2], tuple)
    shas = {item: hashlib.sha256(t.encode()).hexdigest() for item, t in (texts or {}).items()}
    columns: dict[str, list[Any]] = {
        "language": [code for code, _, _ in rows],
        "item_id": [item for _, item, _ in rows],
        "cluster_id": [(clusters or {}).get(item) for _, item, _ in rows],
        "metric": [item_metric or metric] * len(rows),
        "gold": ["yes"] * len(rows),
        "prediction": [(predictions or {}).get(item) for _, item, _ in rows],
        "text_sha": [shas.get(item) for _, item, _ in rows],
    }
    if counted:
        for at, column in enumerate(("tp", "n_pred", "n_gold")):
            columns[column] = [credit[at] for _, _, credit in rows]
    else:
        columns["credit"] = [credit for _, _, credit in rows]
    return made, Items(columns, texts={shas[item]: t for item, t in (texts or {}).items()})


def store_of(folder: Path, runs: Sequence[tuple[Run, Items | None]]) -> Store:
    """A store that holds these runs."""
    store = open_store(folder / "store", create=True)
    write_runs(store, list(runs))
    publish(store, wait=True)
    return store
