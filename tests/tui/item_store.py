"""A small store with items: four systems in five languages and scripts, two selected on other data."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from intermezzo.queries.records import Found, Items, Run, Score, Source, identified
from intermezzo.queries.store.layout import Store, open_store
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.writer import write_runs

TEXTS = {
    "en": "A man is eating. A person eats food, number {}.",
    "zh": "一个男人正在吃饭，第{}个问题。",
    "ar": "رجل يأكل الطعام رقم {}",
    "hi": "एक आदमी खाना खा रहा है {}",
    "th": "ผู้ชายกำลังกินข้าว {}",
}
ITEMS = 60


def right(system: str, language: str, n: int) -> bool:
    """Whether a system has an item right: the one with an intermediate task has more of them in zh and ar."""
    digest = hashlib.md5(f"{language}{n}".encode()).digest()
    bar = 120 if system == "mbert" else {"zh": 200, "ar": 180, "en": 125, "hi": 120, "th": 60}[language]
    return digest[0] < bar


def run(system: str, recipe: str, **facts: Any) -> tuple[Run, Items]:
    """A run of XNLI with its items and their texts."""
    found = Found(
        name=system, base_model="mbert", recipe=recipe, train_seed=1, shots=facts.pop("shots", None)
    )
    credit = {code: [right(system, code, n) for n in range(ITEMS)] for code in TEXTS}
    rows = [(code, n, ok) for code, all_of in credit.items() for n, ok in enumerate(all_of)]
    texts = {(code, n): TEXTS[code].format(n) for code, n, _ in rows}
    shas = {key: hashlib.sha256(text.encode()).hexdigest() for key, text in texts.items()}
    scores = tuple(
        Score("accuracy", sum(c) / ITEMS, code, implementation="test acc", n=ITEMS, evidence="recomputed")
        for code, c in credit.items()
    )
    digest = hashlib.sha256(f"{system}{recipe}{facts}".encode()).hexdigest()
    made = Run(
        found=found,
        task="xnli",
        split="test",
        sources=(Source(f"/results/{system}.jsonl", digest, 1, 1, "test", 1),),
        scores=scores,
        train_language="en",
        importer="test",
        importer_version=1,
        date="2026-01-16T10:00:00",
        **facts,
    )
    items = Items(
        {
            "language": [code for code, _, _ in rows],
            "item_id": [str(n) for _, n, _ in rows],
            "cluster_id": [None] * len(rows),
            "metric": ["accuracy"] * len(rows),
            "gold": ["entailment"] * len(rows),
            "prediction": ["entailment" if ok else "contradiction" for _, _, ok in rows],
            "credit": [float(ok) for _, _, ok in rows],
            "text_sha": [shas[code, n] for code, n, _ in rows],
        },
        texts={shas[key]: text for key, text in texts.items()},
    )
    return identified(made), items


def item_store(folder: Path) -> Store:
    """Make the store."""
    store = open_store(folder, create=True)
    runs = [
        run("mbert", "direct"),
        run("mbert + mnli", "mnli"),
        run("mbert + sst2", "sst2", selection="target-language dev"),
        run("mbert + qqp", "qqp", selection="train-language dev"),
    ]
    write_runs(store, runs)
    publish(store, wait=True)
    return store
