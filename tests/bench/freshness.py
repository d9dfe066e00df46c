"""A run written elsewhere appears in the app.

The app is open on a copy of the store; another process writes a run of a new system and ends without
publishing. Timed from when the run is acknowledged until the app counts its system. There is no peer:
harlequin shows a result until its query is typed again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import bench_stores
from app_in_terminal import NUMBER
from bench_pty import Recorded, home, middle
from bench_row import BenchRow
from intermezzo.queries.store.layout import open_store
from intermezzo.queries.store.reader import connect

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
WRITE = """
import sys, time
from intermezzo.queries.records import Found, Run, Score, Source
from intermezzo.queries.store.layout import open_store
from intermezzo.queries.store.writer import write_runs
name = sys.argv[2]
scores = tuple(Score("accuracy", 0.5, language, n=100) for language in ("en", "de", "sw"))
source = Source(f"/data/{name}.json", name.encode().hex().ljust(64, "0")[:64], 1, 1, "test", 1)
write_runs(open_store(sys.argv[1]), [(Run(Found(name), "xnli", (source,), scores, split="test"), None)])
print(time.perf_counter())
"""


def rows() -> Iterator[BenchRow]:
    """Yield a row for each size."""
    for size in bench_stores.sizes():
        store = bench_stores.large(size)
        with tempfile.TemporaryDirectory(prefix="bench-", dir=bench_stores.folder()) as folder:
            copy = Path(folder) / "store"
            # what is in a store is replaced, never changed: links do
            shutil.copytree(store.path, copy, copy_function=os.link)
            taken = list(_appearances(copy, Path(folder) / "home"))
        yield BenchRow(
            "a run written elsewhere is on screen", middle(taken), unit="s", limit=2, less=True,
            size=size.scores, of="scores", rounds=tuple(taken),
        )  # fmt: skip


def _appearances(store: Path, place: Path) -> Iterator[float]:
    with connect(open_store(store)) as reader:
        systems = len(reader.ask("system_list").rows) + 1
    command = [sys.executable, "-m", "intermezzo.tui", "--store", str(store)]
    with Recorded(command, columns=120, rows=40, env=home(place)) as terminal:
        terminal.until(lambda screen: NUMBER.search(screen) is not None, "a number of the matrix")
        for n in range(ROUNDS):
            name = f"new-{n}"
            writer = [sys.executable, "-c", WRITE, str(store), name]
            done = subprocess.run(writer, capture_output=True, text=True, check=True)
            acknowledged = float(done.stdout)
            found = terminal.until(lambda screen, n=n: f"{systems + n} systems" in screen, "the new run")
            yield found + terminal.begun - acknowledged
