"""Processes that use one store at once (run by test_concurrency.py).

Usage: busy.py importer STORE NUMBER | shell STORE MODE | app STORE RUNS
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import duckdb
from intermezzo.queries.store.known import known_sources
from intermezzo.queries.store.layout import open_store
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.reader import connect
from intermezzo.queries.store.writer import write_runs
from store_samples import items, run

ROUNDS = 4


def importer(path: str, number: int) -> None:
    """Write runs of one's own, and packs that overlap with those of all others; publish each time."""
    store = open_store(path)
    for i in range(ROUNDS):
        own = f"own {number} {i}"
        write_runs(store, [(run(own, file=own), items())])
        # The four packs of a round have runs in common, never all of them.
        write_runs(
            store, [(run(f"{i} {j}", file=f"shared {i} {j}"), None) for j in range(number, number + 8)]
        )
        publish(store)
        known_sources(store)
    print("done")


def shell(path: str, mode: str) -> None:
    """Keep results.duckdb open until told to go."""
    with duckdb.connect(str(open_store(path).results), read_only=mode == "read_only") as con:
        if mode == "read_write":
            con.execute("CREATE TABLE scratch AS SELECT 1 AS one")
        print("open", con.execute("SELECT count(*) FROM runs").fetchall()[0][0], flush=True)
        sys.stdin.readline()
        print("still", con.execute("SELECT count(*) FROM runs").fetchall()[0][0], flush=True)


def app(path: str, runs: int) -> None:
    """Look again and again, as the app does, until all runs are there."""
    store = open_store(path)
    seen = [0]
    with connect(store, fresh=False) as reader:
        print("looking", flush=True)
        while seen[-1] < runs:
            publish(store, wait=False)
            reader.refresh()
            ((count, doubled),) = reader.sql(
                "SELECT count(*), count(*) - count(DISTINCT run_id) FROM runs"
            ).rows
            ((scores,),) = reader.sql("SELECT count(*) FROM scores").rows
            assert doubled == 0
            assert scores == 2 * count
            assert count >= seen[-1], "runs vanished"
            reader.ask("matrix")
            seen.append(count)
    print("done", len(seen))


if __name__ == "__main__":
    what, where, how = sys.argv[1:4]
    if what == "shell":
        shell(where, how)
    else:
        {"importer": importer, "app": app}[what](where, int(how))
