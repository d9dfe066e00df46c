"""One-shot commands from start to end, beside duckdb in a Python of its own.

Each is a process whose output is thrown away: seconds of the wall and of the processor (user and
system), and its peak memory; medians over the rounds, taking turns. The peer is `python -c` with duckdb
that asks the plain SQL of the module `questions` over the same index or item files and prints the rows,
without seeds, evidence or adjusted p values. Start-up alone is `intermezzo --help`, beside a click
program of one command.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import bench_stores
from bench_pty import middle
from bench_row import BenchRow
from bench_stores import LANGUAGES, Size
from intermezzo.queries.store.layout import Store
from intermezzo.queries.store.reader import connect
from questions import LANGUAGE, MATRIX, PAIRED

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
WITH_ITEMS = """
SELECT system, min(run_id) FROM runs WHERE items_path IS NOT NULL AND train_seed = 0 GROUP BY ALL ORDER BY ALL
"""
INTERMEZZO = (str(Path(sys.executable).with_name("intermezzo")),)
MINIMAL = "import click\n@click.command()\ndef say():\n    'Say.'\nsay(['--help'])"
ASK = """
import json, sys, duckdb
file, sql, params = sys.argv[1:]
with duckdb.connect(file, read_only=file != ":memory:", config={"threads": "2"}) as plain:
    for row in plain.execute(sql, json.loads(params)).fetchall():
        print(*row, sep=",")
"""
# by a small process: Linux counts the memory of whoever starts a program among that program's
WATCH = """
import os, sys, time
begun = time.perf_counter()
away = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[away])
_, status, used = os.wait4(child, 0)
wall = time.perf_counter() - begun
print([os.waitstatus_to_exitcode(status), wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6])
"""
FIGURES = (("wall", "s"), ("processor", "s"), ("peak memory", "MB"))


def rows() -> Iterator[BenchRow]:
    """Yield three rows a command: start-up, and each command at every size of store."""
    yield from _rows("intermezzo --help", [*INTERMEZZO, "--help"], [sys.executable, "-c", MINIMAL], "click")
    for size in bench_stores.sizes():
        yield from _of_store(bench_stores.large(size), size)


def _of_store(store: Store, size: Size) -> Iterator[BenchRow]:
    with connect(store) as reader:
        first = reader.ask("matrix").dicts()[0]
        kept = reader.sql(WITH_ITEMS).rows[:2]
        paths = {run: str(path) for run, path in reader.items_paths([run for _, run in kept]).items()}
    index, show = str(store.results), [*INTERMEZZO, "show"]
    told = ["--store", str(store.path), "--format", "csv"]
    cell = {"system": first["system"], "task": first["task"]}
    one = ["--system", cell["system"], "--task", cell["task"]]
    yield from _rows(
        "show matrix", [*show, "matrix", *told], _plain(index, MATRIX, {}), "duckdb", size.scores, "scores"
    )
    languages, plain = [*show, "languages", *one, *told], _plain(index, LANGUAGE, cell)
    yield from _rows("show languages of a cell", languages, plain, "duckdb", size.scores, "scores")
    what = f"show compare, {len(LANGUAGES)} languages x {bench_stores.ITEMS:,} items"
    if len(kept) < 2:
        yield BenchRow(what, problem="this store keeps the items of one system only", of="items")
        return
    (a, run_a), (b, run_b) = kept
    pair = [*show, "compare", a, b, "--task", "xnli", "--train-seed", "0", *told]
    both = _plain(":memory:", PAIRED, {"a": paths[run_a], "b": paths[run_b]})
    yield from _rows(what, pair, both, "duckdb", size.items, "items")


def _plain(file: str, sql: str, params: dict[str, str]) -> list[str]:
    return [sys.executable, "-c", ASK, file, sql, json.dumps(params)]


def _rows(
    what: str, ours: Sequence[str], peer: Sequence[str], name: str, size: int | None = None, of: str = ""
) -> Iterator[BenchRow]:
    mine, peers = [], []
    for _ in range(ROUNDS):
        mine.append(_once(ours))
        peers.append(_once(peer))
    for at, (figure, unit) in enumerate(FIGURES):
        found, theirs = [r[at] for r in mine], [r[at] for r in peers]
        yield BenchRow(
            f"{what}: {figure}", middle(found), name, middle(theirs), unit, less=True, size=size, of=of,
            rounds=tuple(found), peer_rounds=tuple(theirs),
        )  # fmt: skip


def _once(command: Sequence[str]) -> tuple[float, float, float]:
    """Run a command; return seconds of the wall and of the processor, and its peak memory in MB."""
    watched = subprocess.run(
        [sys.executable, "-S", "-c", WATCH, *command], stdout=subprocess.PIPE, check=True
    )
    code, wall, processor, memory = json.loads(watched.stdout)
    if code:
        raise SystemExit(f"{' '.join(command)[:100]} ended with {code}")
    return wall, processor, memory
