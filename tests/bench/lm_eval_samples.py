"""Import of lm-evaluation-harness results with their samples, 4.2 kB a line, beside parsing the same bytes.

``BENCH_LINES`` names the sizes, ``100000,1000000`` unless told; the largest writes 4.4 GB into the temporary
folder. The peers are one process that parses every line and keeps the number, gold and answer of it: with
the standard library's json, and with orjson. Ours also hashes the files, writes items and texts, recomputes
the scores and publishes.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench_row import BenchRow
from lm_eval_tree import write_tree
from measured import measure

MILLION = 1_000_000
SECONDS = 10.0
"""Wanted for a million lines."""

PARSED = """
import sys, glob
from {module} import loads
kept = []
for path in glob.iglob(sys.argv[1] + '/*/samples_*.jsonl'):
    with open(path, 'rb') as lines:
        for line in lines:
            one = loads(line)
            kept.append((one['doc_id'], one['target'], str(one['filtered_resps']), one[one['metrics'][0]]))
print(len(kept))
"""


def rows() -> Iterator[BenchRow]:
    """Yield the rows of every size."""
    for size in map(int, os.environ.get("BENCH_LINES", "100000,1000000").split(",")):
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            tree = Path(folder) / "tree"
            note = f"{write_tree(tree, size) / 1e9:.2f} GB"
            os.sync()  # ours syncs what it writes, and would wait for what the tree's writing left
            ours = [sys.executable, "-m", "intermezzo.tui", "import", "--store", f"{folder}/store", str(tree)]
            peers = [
                (f"{module} alone", measure([sys.executable, "-c", PARSED.format(module=module), str(tree)]))
                for module in ("json", "orjson")
            ]
            first = measure(ours)
            again = measure(ours)
        limit = SECONDS if size == MILLION else None
        for peer, parsed in peers:
            yield BenchRow(
                "import of lm-eval samples", first.seconds, peer, parsed.seconds, "s", limit=limit, less=True,
                size=size, of="lines", note=note,
            )  # fmt: skip
        peer, parsed = peers[-1]
        yield BenchRow(
            "the same, memory of all processes", first.memory / 1e6, peer, parsed.memory / 1e6, "MB",
            less=True, size=size, of="lines",
        )  # fmt: skip
        yield BenchRow(
            "second import, nothing new", again.seconds, peer, parsed.seconds, "s", less=True, size=size,
            of="lines",
        )  # fmt: skip
