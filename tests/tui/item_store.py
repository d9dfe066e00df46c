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


def right(system: str, language: str, n: int, seed: int = 1) -> bool:
    """Whether a system has an item right: the one with an intermediate task has more of them in zh and ar.

    Trained with another seed, it differs in one item of eight.
    """
    digest = hashlib.md5(f"{language}{n}".encode()).digest()
    if seed > 1 and (other := hashlib.md5(f"{system}{language}{n}{seed}".encode()).digest())[0] < 32:
        digest = other[1:]
    bar = 120 if system == "mbert" else {"zh": 200, "ar": 180, "en": 125, "hi": 120, "th": 60}[language]
    return digest[0] < bar


def run(
    system: str, recipe: str, seed: int = 1, *, stderr: float | None = None, **facts: Any
) -> tuple[Run, Items]:
    """A run of XNLI with its items and their texts."""
    found = Found(
        name=system, base_model="mbert", recipe=recipe, train_seed=seed, shots=facts.pop("shots", None)
    )
    credit = {code: [right(system, code, n, seed) for n in range(ITEMS)] for code in TEXTS}
    rows = [(code, n, ok) for code, all_of in credit.items() for n, ok in enumerate(all_of)]
    texts = {(code, n): TEXTS[code].format(n) for code, n, _ in rows}
    shas = {key: hashlib.sha256(text.encode()).hexdigest() for key, text in texts.items()}
    scores = tuple(
        Score(
            "accuracy",
            sum(c) / ITEMS,
            code,
            implementation="test acc",
            n=ITEMS,
            stderr=stderr,
            evidence="recomputed",
        )
        for code, c in credit.items()
    )
    name = system if seed == 1 else f"{system}-{seed}"
    digest = hashlib.sha256(f"{name}{recipe}{facts}".encode()).hexdigest()
    made = Run(
        found=found,
        task="xnli",
        split="test",
        sources=(Source(f"/results/{name}.jsonl", digest, 1, 1, "test", 1),),
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


def curve(system: str, seed: int) -> list[dict[str, Any]]:
    """Points as a training writes them."""
    points: list[dict[str, Any]] = []
    for step in range(50, 1001, 50):
        points.append(
            {"step": step, "loss": round(1.1 * 0.998**step + 0.02 * seed, 4), "learning_rate": 1e-5}
        )
    for step in range(200, 1001, 200):
        dev = 0.7 - 0.3 * 0.997**step + 0.01 * seed + (0.03 if system != "mbert" else 0.0)
        points.append({"step": step, "dev": round(dev, 4), "metric": "accuracy"})
    return points


def seed_store(folder: Path) -> Store:
    """Make a store of two systems with three seeds each, trained here: their curves are kept."""
    store = open_store(folder, create=True)
    runs = []
    for system, recipe in (("mbert", "direct"), ("mbert + mnli", "mnli")):
        for seed in (1, 2, 3):
            lineage = "xnli" if recipe == "direct" else "mnli > xnli"
            stages = [{"stage": {"lineage": lineage}, "curve": curve(system, seed)}]
            if recipe != "direct":
                stages.insert(0, {"stage": {"lineage": "mnli"}, "curve": curve("mbert", seed)[:3]})
            config = {"asked": {"training": {"stages": stages}}}
            runs.append(run(system, recipe, seed, stderr=0.06, config=config))
    write_runs(store, runs)
    publish(store, wait=True)
    return store
