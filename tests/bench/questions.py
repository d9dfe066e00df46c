"""The questions behind the panes, beside plain duckdb over the same data.

Asked as the app asks them, of a reader that is open; each first once, then the median of the rounds. The peer
is duckdb in this process over the same index (scores) and the same Parquet files (items), with the same
threads: a plain grouping without seeds, evidence, intervals or adjusted p values.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import bench_stores
import duckdb
from bench_pty import middle
from bench_row import BenchRow
from bench_stores import LANGUAGES, Size
from intermezzo.queries.compare import Request, compare
from intermezzo.queries.store.layout import Store
from intermezzo.queries.store.reader import Reader, connect

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3")) + 2
MATRIX = """
SELECT r.system, r.task, avg(s.value), count(*) FROM scores s JOIN runs r USING (run_id)
GROUP BY ALL ORDER BY ALL
"""
LANGUAGE = """
SELECT s.language, avg(s.value), count(*) FROM scores s JOIN runs r USING (run_id)
WHERE r.system = $system AND r.task = $task GROUP BY ALL ORDER BY ALL
"""
PAIRED = """
SELECT a.language, count(*), avg(a.credit - b.credit), stddev_samp(a.credit - b.credit) / sqrt(count(*))
FROM read_parquet($a) a JOIN read_parquet($b) b USING (language, metric, item_id) GROUP BY ALL ORDER BY ALL
"""


def rows() -> Iterator[BenchRow]:
    """Yield the rows of every size, and of 200 systems x 100 tasks."""
    for size in bench_stores.sizes():
        store = bench_stores.large(size)
        with connect(store) as reader:
            yield from _of_scores(reader, store, size.scores, "200 systems x 9 tasks")
            yield _of_items(reader, size)
            yield _long_lists(reader, size)
    wide = bench_stores.wide()
    with connect(wide) as reader:
        cells = len(reader.ask("matrix").rows)
        yield from _of_scores(reader, wide, cells, "200 systems x 100 tasks", of="cells")


def _times(asked: Callable[[], Any], peer: Callable[[], Any]) -> tuple[list[float], list[float]]:
    """Let both take turns, each once before; return milliseconds."""
    asked(), peer()
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for into, what in zip(found, (asked, peer), strict=True):
            begun = time.perf_counter()
            what()
            into.append((time.perf_counter() - begun) * 1000)
    return found


def _row(
    what: str, limit: float | None, size: int, of: str, ours: list[float], peer: list[float]
) -> BenchRow:
    return BenchRow(
        what, middle(ours), "duckdb", middle(peer), "ms", limit=limit, less=True, size=size, of=of,
        rounds=tuple(ours), peer_rounds=tuple(peer),
    )  # fmt: skip


def _plain(store: Store) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(store.results), read_only=True, config={"threads": "2"})


def _of_scores(reader: Reader, store: Store, size: int, said: str, of: str = "scores") -> Iterator[BenchRow]:
    table = reader.ask("matrix")
    first = table.dicts()[0]
    cell = {"system": first["system"], "yardstick": first["yardstick"]}
    with _plain(store) as plain:

        def fetch(sql: str, **params: str) -> Any:
            return plain.execute(sql, params).fetchall()

        limits = (100, 50) if of == "scores" else (None, None)
        found = _times(lambda: reader.ask("matrix"), lambda: fetch(MATRIX))
        yield _row(f"matrix of {said}", limits[0], size, of, *found)
        found = _times(
            lambda: reader.ask("languages", **cell),
            lambda: fetch(LANGUAGE, system=first["system"], task=first["task"]),
        )
        yield _row(f"languages of a cell, {said}", limits[1], size, of, *found)


def _of_items(reader: Reader, size: Size) -> BenchRow:
    """Compare two systems of one seed each, 40 languages x 2,000 items."""
    sql = "SELECT system, min(run_id) FROM runs WHERE items_path IS NOT NULL AND train_seed = 0 GROUP BY ALL"
    kept = reader.sql(f"{sql} ORDER BY ALL").rows[:2]
    what = f"compare {len(LANGUAGES)} languages x {bench_stores.ITEMS:,} items"
    if len(kept) < 2:
        return BenchRow(
            what, problem="this store keeps the items of one system only", size=size.items, of="items"
        )
    paths = {k: str(p) for k, p in reader.items_paths([run for _, run in kept]).items()}
    request = Request(tuple(system for system, _ in kept), task="xnli", train_seeds=(0,))

    def ours() -> Any:
        found = compare(reader, request).pairs[0].languages
        if len(found) != len(LANGUAGES) or any(x.low is None for x in found):
            raise SystemExit("the comparison is not of all items")
        return found

    with duckdb.connect(config={"threads": "2"}) as plain:
        params = {"a": paths[kept[0][1]], "b": paths[kept[1][1]]}
        found = _times(ours, lambda: plain.execute(PAIRED, params).fetchall())
    return _row(what, 100, size.items, "items", *found)


def _long_lists(reader: Reader, size: Size) -> BenchRow:
    with _plain(reader.store) as plain:
        found = _times(
            lambda: reader.ask("run_list"),
            lambda: plain.execute("SELECT * FROM runs ORDER BY run_id").fetchall(),
        )
    return _row("the list of all runs", None, size.files * 9, "runs", *found)
