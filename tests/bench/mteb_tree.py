"""Import of result trees in the shapes of MTEB's public one, beside parsing the same bytes.

``BENCH_FILES`` names the sizes, ``1000,10000,100000`` unless told; the largest writes 1.5 GB into the
temporary folder. MTEB's own loader is not run: the package is no part of this environment.
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench_row import BenchRow
from measured import measure

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
        body = orjson.loads(data.replace(b': NaN', b': null'))
    files += 1
    rows += sum(map(len, body.get('scores', {}).values()))
print(f'{files:,} files, {rows:,} entries')
"""


def rows() -> Iterator[BenchRow]:
    """Yield the rows of every size."""
    for size in map(int, os.environ.get("BENCH_FILES", "1000,10000,100000").split(",")):
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            tree = Path(folder) / "tree"
            write_tree(tree, size)
            ours = [sys.executable, "-m", "intermezzo.tui", "import", "--store", f"{folder}/store", str(tree)]
            peer = measure([sys.executable, "-c", ORJSON, str(tree)])
            first = measure(ours)
            again = measure(ours)
        parsed = size / peer.seconds
        for what, taken in (("import", first), ("second import", again)):
            said = f"{what} of {size:,} MTEB files ({taken.seconds:.1f} s, {taken.memory / 1e6:,.0f} MB)"
            rate = size / taken.seconds
            yield BenchRow(said, rate, "orjson alone", parsed, "files/s", rate / parsed)


def write_tree(tree: Path, size: int) -> None:
    """Write so many files, the same for the same size."""
    chance = random.Random(size)
    for i in range(size):
        model, task = f"lab__model-{i // FILES_A_MODEL}", f"Task{i % FILES_A_MODEL}"
        path = tree / "results" / model / "0123456789abcdef" / f"{task}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(_content(chance, task)))


def _content(chance: random.Random, task: str) -> dict[str, Any]:
    # Most files have one subset, some very many: 12 on average, as in the public tree.
    count = chance.choice((1, 1, 1, 1, 1, 2, 4, 8, 30, 71))
    if chance.random() < OLD_SHARE:
        inside = {LANGUAGES[i % 8][:2]: _numbers(chance) for i in range(min(count, 8))}
        return {
            "mteb_version": "1.0.2",
            "mteb_dataset_name": task,
            "test": {**inside, "evaluation_time": 2.5},
        }
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
