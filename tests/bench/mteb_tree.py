"""Import of result trees in the shapes of MTEB's public one, beside its own loader and mere parsing.

``BENCH_FILES`` names the sizes, ``1000,10000,100000`` unless told; the largest writes 1.5 GB into the
temporary folder. The loader is mteb's ``ResultCache.load_results``, in an environment of its own; above
``BENCH_PEER_FILES`` files (10,000) it takes minutes and is left out.

The trees are made, of the public one's shapes and number of files. ``BENCH_TREE`` names a checkout of the
public one (embeddings-benchmark/results), whose real files say more each: then that is measured as well.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench_row import BenchRow
from bench_stores import folder
from intermezzo.queries.task_names import mteb_languages, mteb_tasks
from measured import measure

ASKED = "mteb==2.26.24"
CONSTRAINTS = Path(__file__).resolve().parents[2] / "constraints.txt"

FILES_A_MODEL = 150
NAN_SHARE = 0.19
OLD_SHARE = 0.02
LANGUAGES = ("eng-Latn", "deu-Latn", "fra-Latn", "swa-Latn", "zho-Hans", "tha-Thai", "urd-Arab", "rus-Cyrl")
NUMBERS = tuple(f"{kind}_at_{k}" for kind in ("ndcg", "map", "recall", "mrr") for k in (1, 3, 5, 10, 20, 100))
ORJSON = """
import sys, glob, orjson
rows = files = 0
for path in glob.iglob(sys.argv[1] + '/results/*/*/*.json'):
    data = open(path, 'rb').read()
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError:
        try:
            body = orjson.loads(data.replace(b': NaN', b': null'))
        except orjson.JSONDecodeError:
            continue
    files += 1
    scores = body.get('scores') if isinstance(body, dict) else None
    rows += sum(map(len, scores.values())) if isinstance(scores, dict) else 0
print(f'{files:,} files, {rows:,} entries')
"""


LOADER = """
import sys
from mteb.cache import ResultCache
found = ResultCache(sys.argv[1]).load_results(
    include_remote=False, require_model_meta=False, load_experiments="no_experiments"
)
print(sum(len(model.task_results) for model in found.model_results))
"""
BUDGET = (20.0, 600.0)
"""Seconds and MB wanted, all processes together, of the public tree ..."""

BUDGET_FILES = 100_000
"""... which has a few more files than this."""


def rows() -> Iterator[BenchRow]:
    """Yield the rows of every size, and of the public tree where there is one."""
    python = mteb_python()
    most = int(os.environ.get("BENCH_PEER_FILES", "10000"))
    for size in map(int, os.environ.get("BENCH_FILES", "1000,10000,100000").split(",")):
        with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
            tree = Path(scratch) / "tree"
            write_tree(tree, size)
            os.sync()  # ours syncs what it writes, and would wait for what the tree's writing left
            loader = python if size <= most else "mteb's loader is not run at this size"
            yield from _import_of("MTEB files", tree, size, loader)
    if public := os.environ.get("BENCH_TREE"):
        tree = Path(public)
        size = sum(1 for _ in tree.glob("results/*/*/*.json"))
        yield from _import_of("the public MTEB tree", tree, size, "mteb's loader takes minutes")


def _import_of(name: str, tree: Path, size: int, loader: Path | str) -> Iterator[BenchRow]:
    """Yield what importing a tree takes.

    Args:
        name: What it is.
        tree: The tree.
        size: Its files.
        loader: The Python of mteb's loader, or why that is not run.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        ours = [sys.executable, "-m", "intermezzo.tui", "import", "--store", f"{scratch}/store", str(tree)]
        parsed = measure([sys.executable, "-c", ORJSON, str(tree)])
        loaded = None if isinstance(loader, str) else measure([str(loader), "-c", LOADER, str(tree)])
        first = measure(ours, ends=(0, 1))  # 1: a few files of the public tree are refused, each by name
        again = measure(ours, ends=(0, 1))
    seconds, most = BUDGET if size >= BUDGET_FILES else (None, None)
    peers = [("orjson alone", parsed, "")]
    peers += [("mteb's loader", loaded, "")] if loaded else [("", None, str(loader))]
    for peer, taken, note in peers:
        pair = (taken.seconds, taken.memory / 1e6) if taken else (None, None)
        yield _row(f"import of {name}", "s", size, first.seconds, peer, pair[0], seconds, note)
        yield _row(f"{name}: memory", "MB", size, first.memory / 1e6, peer, pair[1], most, note)
    yield _row(
        f"{name}: second import, nothing new", "s", size, again.seconds, "orjson alone", parsed.seconds
    )


def _row(
    what: str, unit: str, size: int, ours: float, peer: str, peers: float | None, limit: float | None = None,
    note: str = "",
) -> BenchRow:  # fmt: skip
    return BenchRow(what, ours, peer, peers, unit, limit=limit, less=True, size=size, of="files", note=note)


def mteb_python() -> Path | str:
    """Return the Python of an environment with mteb, made once; or the sentence why there is none."""
    place = folder() / "mteb"
    python = place / "bin" / "python"
    done_once = place / "installed"
    if done_once.exists():
        return python
    for step in (
        [sys.executable, "-m", "venv", str(place)],
        [str(python), "-m", "pip", "install", "-qq", "--constraint", str(CONSTRAINTS), ASKED],
    ):
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip() or done.stdout.strip()).split("\n")[-1][:200]
            return f"mteb could not be installed: {last}"
    done_once.touch()
    return python


def tasks() -> list[str]:
    """Return names of tasks as the loader knows them: retrieval in one language."""
    named = mteb_tasks().items()
    return [name for name, told in named if told == ("Retrieval", "ndcg_at_10") and name in mteb_languages()]


def write_tree(tree: Path, size: int) -> None:
    """Write so many files, the same for the same size."""
    chance = random.Random(size)
    names = tasks()[:FILES_A_MODEL]
    for i in range(size):
        model, task = f"lab__model-{i // len(names)}", names[i % len(names)]
        path = tree / "results" / model / "0123456789abcdef" / f"{task}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(_content(chance, task)))


def _content(chance: random.Random, task: str) -> dict[str, Any]:
    # Most files have one subset, some very many: 12 on average, as in the public tree.
    count = chance.choice((1, 1, 1, 1, 1, 2, 4, 8, 30, 71))
    if chance.random() < OLD_SHARE:
        inside = {**_numbers(chance), "evaluation_time": 2.5}
        return {"mteb_version": "1.0.2", "mteb_dataset_name": task, "test": inside}
    entries = []
    for i in range(count):
        language = LANGUAGES[i % 8]
        entry = {
            **_numbers(chance),
            "hf_subset": f"part-{i}" if count > 1 else "default",
            "languages": [language],
        }
        entries.append({**entry, "scores_per_experiment": [_numbers(chance)] if i % 3 == 0 else []})
    if chance.random() < NAN_SHARE:
        entries[0]["mrr_at_100"] = float("nan")
    return {
        "dataset_revision": "fedcba9876543210",
        "task_name": task,
        "mteb_version": "1.18.0",
        "scores": {"test": entries},
        "evaluation_time": 12.5,
    }


def _numbers(chance: random.Random) -> dict[str, float]:
    found = {name: round(chance.random(), 5) for name in NUMBERS}
    return {**found, "main_score": found["ndcg_at_10"]}
