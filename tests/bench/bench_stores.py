"""Generated stores that look like real ones, made once and kept: fine-tuned encoders on XTREME's tasks.

``large``: 200 systems (20 base models x 10 recipes), 5 seeds, a result file for every checkpoint; each file
has nine tasks in 40 languages. 1,000 files are 9,000 runs and 360,000 scores, 10,000 files 3.6 M scores; of
some runs the outputs are kept, 40 languages x 2,000 parallel items each. ``wide``: 200 systems x 100 tasks.

They are written by the program's own writer and publisher, into ``.bench`` of the checkout (or
``$BENCH_FOLDER``), under a name that changes with this file.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from intermezzo.queries.records import Found, Items, Run, Score, Source, identified, item_set_hash
from intermezzo.queries.store.layout import Store, open_store
from intermezzo.queries.store.packs import pack, write_pack
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.writer import write_runs
from intermezzo.queries.tasks import all_tasks
from intermezzo.queries.tasks import task as task_of

LANGUAGES = (
    "af", "ar", "bg", "bn", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "he", "hi", "hu", "id",
    "it", "ja", "jv", "ka", "kk", "ko", "ml", "mr", "ms", "my", "nl", "pt", "ru", "sw", "ta", "te", "th",
    "tl", "tr", "ur", "vi", "yo", "zh",
)  # fmt: skip
TASKS = ("xnli", "pawsx", "udpos", "panx", "xquad", "mlqa", "tydiqa", "bucc2018", "tatoeba")
RECIPES = (
    "direct", "mnli", "qqp", "squadv2", "hellaswag", "cosmosqa", "socialiqa", "ccg", "mnli > squadv2",
    "mnli + squadv2",
)  # fmt: skip
FAMILIES = ("infoxlm", "mbert", "mdeberta-v3", "rembert", "xlm-roberta")
SIZES = ("base", "large", "small", "xl")
SEEDS = 5
ITEMS = 2_000
"""Items of each language of a run whose outputs are kept."""

LABELS = ("entailment", "neutral", "contradiction")


@dataclass(frozen=True)
class Size:
    """How large a store is.

    Attributes:
        files: Result files; nine runs each.
        outputs: Runs whose items are kept.
    """

    files: int
    outputs: int

    @property
    def scores(self) -> int:
        """Scores in it."""
        return self.files * len(TASKS) * len(LANGUAGES)

    @property
    def items(self) -> int:
        """Items in it."""
        return self.outputs * len(LANGUAGES) * ITEMS


SMALL, LARGE = Size(1_000, 13), Size(10_000, 125)


def sizes() -> list[Size]:
    """Return the sizes to measure: ``BENCH_STORES``, result files with runs whose items are kept."""
    asked = os.environ.get("BENCH_STORES")
    if not asked:
        return [SMALL, LARGE]
    return [Size(*map(int, one.split("x"))) for one in asked.split(",")]


def folder() -> Path:
    """Return where generated stores and peers' environments are kept."""
    return Path(os.environ.get("BENCH_FOLDER") or Path(__file__).resolve().parents[2] / ".bench")


def large(size: Size) -> Store:
    """Return the store of that size; it is made where there is none."""
    return _kept(f"large-{size.files}-{size.outputs}", lambda store: _fill_large(store, size))


def wide() -> Store:
    """Return the store of 200 systems x 100 tasks in 8 languages."""
    return _kept("wide-200-100", _fill_wide)


def _kept(name: str, fill: Any) -> Store:
    key = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    path = folder() / f"{name}-{key}"
    if not path.exists():
        begun = time.perf_counter()
        made = path.with_name(f"{path.name}.{os.getpid()}")
        shutil.rmtree(made, ignore_errors=True)
        made.parent.mkdir(parents=True, exist_ok=True)
        store = open_store(made, create=True)
        fill(store)
        written = time.perf_counter()
        publish(store)
        os.rename(made, path)
        took = f"written in {written - begun:.0f} s, published in {time.perf_counter() - written:.0f} s"
        print(f"{path.name}: {took}", file=sys.stderr)
    store = open_store(path)
    publish(store)
    return store


# what is in them


def systems() -> list[tuple[str, str]]:
    """Return base model and recipe of every system."""
    return [(f"lab/{family}-{size}", recipe) for family in FAMILIES for size in SIZES for recipe in RECIPES]


def _chance() -> np.random.Generator:
    return np.random.default_rng(2020)


def _level(tasks: int, languages: int) -> np.ndarray[Any, Any]:
    """Return systems x tasks x languages: what each would score with much training and no noise."""
    chance = _chance()
    model = np.repeat(chance.normal(0, 0.05, len(systems()) // len(RECIPES)), len(RECIPES))
    recipe = np.tile(np.r_[0, chance.normal(0.005, 0.012, len(RECIPES) - 1)], len(systems()) // len(RECIPES))
    task, language = chance.uniform(0.45, 0.8, tasks), np.sort(chance.normal(0, 0.09, languages))[::-1]
    both = chance.normal(0, 0.02, (len(systems()), tasks, languages))
    found = model[:, None, None] + recipe[:, None, None] + task[:, None] + language + both
    return np.clip(found, 0.02, 0.98)


def _source(path: str, importer: str = "table") -> Source:
    digest = hashlib.sha256(path.encode()).hexdigest()
    return Source(f"/data/results/{path}", digest, 20_000, 1_700_000_000_000_000_000, importer, 1)


def _run(system: tuple[str, str], seed: int | None, step: int | None, task: str, path: str) -> Run:
    model, recipe = system
    found = Found(
        f"{model.partition('/')[2]} {recipe}", path, model, None, recipe, train_seed=seed, step=step
    )
    return Run(
        found, task, (_source(path),), (), split="test", key=f"{path}#{task}", train_language="en",
        tool="trainer", date="2026-05-01T10:00:00", selection="dev of en", importer="table",
        importer_version=1, config={"learning_rate": 2e-5, "batch": 32, "epochs": 3},
    )  # fmt: skip


def _metric(task: str) -> str:
    known = task_of(task)
    return known.primary_metric if known else "accuracy"


def _fill_large(store: Store, size: Size) -> None:
    level, chance = _level(len(TASKS), len(LANGUAGES)), _chance()
    steps = max(1, size.files // (len(systems()) * SEEDS))
    files = [
        (s, seed, step)
        for step in range(1, steps + 1)
        for seed in range(SEEDS)
        for s in range(len(systems()))
    ][: size.files]
    # the best trained checkpoints, system after system
    kept = sorted((f for f in files if f[2] == steps), key=lambda f: (f[0], f[1]))[: size.outputs]
    with_items = set(kept)
    present: set[str] = set()
    for start in range(0, len(files), 500):
        runs, values = [], []
        for s, seed, step in files[start : start + 500]:
            learned = 1 - 0.5 ** (10 * step / steps)
            path = f"{systems()[s][0]}/{systems()[s][1].replace(' ', '')}/seed-{seed}/step-{step}.csv"
            for t, task in enumerate(TASKS):
                if t == 0 and (s, seed, step) in with_items:
                    continue
                runs.append(identified(_run(systems()[s], seed, step * 1000, task, path)))
                values.append(level[s, t] * learned + chance.normal(0, 0.006, len(LANGUAGES)))
        write_pack(store, pack(runs, _columns(runs, np.array(values), LANGUAGES, ITEMS)), present)
    for runs_and_items in _outputs(level, kept):
        write_runs(store, [runs_and_items])


def _columns(
    runs: list[Run], values: np.ndarray[Any, Any], languages: tuple[str, ...], n: int
) -> dict[str, list[Any]]:
    count = len(languages)
    flat = np.clip(values, 0.0, 1.0).round(5).ravel()
    return {
        "run_id": [run.run_id for run in runs for _ in range(count)],
        "metric": [_metric(run.task) for run in runs for _ in range(count)],
        "value": flat.tolist(),
        "language": list(languages) * len(runs),
        "n": [n] * len(flat),
        "stderr": np.sqrt(flat * (1 - flat) / n).round(6).tolist(),
        "scope": ["language"] * len(flat),
        "evidence": ["logged"] * len(flat),
    }


def _outputs(level: np.ndarray[Any, Any], kept: list[tuple[int, int, int]]) -> Iterator[tuple[Run, Items]]:
    """Yield runs of XNLI with 40 x 2,000 items; what is hard for one system is hard for the others, too."""
    chance = _chance()
    ids = [f"{i:05d}" for i in range(ITEMS)]
    hard = chance.normal(0, 1, ITEMS)
    order = sorted(range(len(LANGUAGES)), key=lambda i: LANGUAGES[i])
    gold = chance.integers(0, 3, ITEMS)
    words = ("the", "not", "every", "some", "river", "house", "sings", "slowly", "because", "people", "never")
    texts = {
        language: [f"{language}: {' '.join(chance.choice(words, 12))}." for _ in ids]
        for language in LANGUAGES
    }
    shas = {lang: [hashlib.sha256(t.encode()).hexdigest() for t in found] for lang, found in texts.items()}
    shared = {
        "language": [LANGUAGES[i] for i in order for _ in ids],
        "item_id": ids * len(LANGUAGES),
        "cluster_id": ids * len(LANGUAGES),
        "metric": ["accuracy"] * (len(ids) * len(LANGUAGES)),
        "gold": [LABELS[g] for g in gold] * len(LANGUAGES),
        "text_sha": [sha for i in order for sha in shas[LANGUAGES[i]]],
    }
    every = {sha: t for lang in LANGUAGES for sha, t in zip(shas[lang], texts[lang], strict=True)}
    item_set = item_set_hash(ids)
    for s, seed, step in kept:
        path = f"{systems()[s][0]}/{systems()[s][1].replace(' ', '')}/seed-{seed}/predictions.jsonl"
        right = np.empty((len(LANGUAGES), ITEMS), bool)
        for row, i in enumerate(order):
            wanted = level[s, 0, i]
            drawn = chance.normal(0, 1, ITEMS) + hard
            right[row] = drawn <= np.quantile(drawn, wanted)
        said = np.where(right, gold, (gold + chance.integers(1, 3, right.shape)) % 3)
        scores = tuple(
            Score(
                "accuracy", float(right[row].mean()), LANGUAGES[i], n=ITEMS, evidence="recomputed",
                stderr=float(right[row].std() / np.sqrt(ITEMS)), item_set=item_set,
            )
            for row, i in enumerate(order)
        )  # fmt: skip
        run = replace(_run(systems()[s], seed, step * 1000, TASKS[0], path), scores=scores)
        columns = {
            **shared,
            "credit": right.ravel().astype(float).tolist(),
            "prediction": [LABELS[p] for p in said.ravel().tolist()],
        }
        yield identified(run), Items(columns, texts=every)


def _fill_wide(store: Store) -> None:
    known = [one.id for one in all_tasks()]
    tasks = [*known, *(f"probe_{n:02d}" for n in range(100 - len(known)))][:100]
    languages = LANGUAGES[:8]
    level = _level(len(tasks), len(languages))
    present: set[str] = set()
    for s, system in enumerate(systems()):
        path = f"{system[0]}/{system[1].replace(' ', '')}.csv"
        runs = [identified(_run(system, 1, None, task, path)) for task in tasks]
        write_pack(store, pack(runs, _columns(runs, level[s], languages, 1_000)), present)
