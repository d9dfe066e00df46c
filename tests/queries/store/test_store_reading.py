"""Asking questions: parameters, threads, interruption, refreshing."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from pathlib import Path
from textwrap import indent

import pytest
from intermezzo.queries.errors import Problem
from intermezzo.queries.store.layout import Store
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.reader import Interrupted, connect
from intermezzo.queries.store.writer import write_runs
from store_samples import items, new_store, run

ENDLESS = "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range * b.range % 7 = 3"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = new_store(tmp_path)
    write_runs(made, [(run("a", name="m1"), items()), (run("b", name="m2", task="pawsx"), None)])
    return made


def test_what_nobody_published_is_there_when_asked_freshly(store: Store) -> None:
    with connect(store) as reader:
        assert reader.sql("SELECT count(*) FROM runs").rows == [(2,)]
        write_runs(store, [(run("c"), None)])
        with connect(store, fresh=False) as old:
            assert old.sql("SELECT count(*) FROM runs").rows == [(2,)]
        with connect(store) as new:
            assert new.sql("SELECT count(*) FROM runs").rows == [(3,)]
        assert reader.refresh()
        assert reader.sql("SELECT count(*) FROM runs").rows == [(3,)]


ALONE = "asked.sql(HEAVY)"
BESIDE_ANOTHER = """
def stopped():
    with suppress(reader.Interrupted):
        asked.sql("SELECT sum(hash(i)) FROM range(100000000000) t(i)")

slow = threading.Thread(target=stopped)
slow.start()
time.sleep(0.3)
asked.sql(HEAVY)
reader.HEAVY = float("inf")  # the other one owes nothing itself
asked.interrupt()
slow.join()
"""


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="memory is read from Linux' /proc")
@pytest.mark.parametrize("asking", [ALONE, BESIDE_ANOTHER], ids=["alone", "beside another"])
def test_what_a_query_took_is_given_back(store: Store, asking: str) -> None:
    """DuckDB's allocator keeps some 18 MB of this one; in a process of its own, since it is one for all."""
    script = f"""
import re, sys, threading, time
from contextlib import suppress
from pathlib import Path
from intermezzo.queries.store import reader
from intermezzo.queries.store.layout import open_store

HEAVY = "SELECT count(*) FROM (SELECT DISTINCT md5(i::VARCHAR) FROM range(200000) t(i))"

def taken():
    return int(re.search(r"Anonymous:\\s+(\\d+)", Path("/proc/self/smaps_rollup").read_text())[1]) / 1000

reader.HEAVY = 0
with reader.connect(open_store(Path(sys.argv[1]))) as asked:
    asked.sql("SELECT 1")
    before = taken()
{indent(asking, "    ")}
    print(taken() - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(store.path)], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 8


def test_questions_take_parameters_and_leave_the_rest_open(store: Store) -> None:
    with connect(store) as reader:
        everything = reader.ask("languages")
        one = reader.ask("languages", task="pawsx")
    at = one.columns.index("task")
    assert {row[at] for row in everything.rows} == {"xnli", "pawsx"}
    assert {row[at] for row in one.rows} == {"pawsx"}
    assert one.dicts()[0]["task"] == "pawsx"
    assert one.ms > 0
    with pytest.raises(FrozenInstanceError):
        one.ms = 0  # type: ignore[misc]


def test_unknown_questions_and_parameters_are_told_with_what_there_is(store: Store) -> None:
    with connect(store) as reader:
        with pytest.raises(Problem, match=r"no question 'matirx'.*matrix"):
            reader.ask("matirx")
        with pytest.raises(Problem, match=r"no parameter.*nonsense.*task"):
            reader.ask("matrix", nonsense=1)
        with pytest.raises(Problem, match="no_such_table"):
            reader.sql("SELECT * FROM no_such_table")


def test_an_index_cannot_be_written_through_a_reader(store: Store) -> None:
    with connect(store) as reader, pytest.raises(Problem, match="read-only"):
        reader.sql("DELETE FROM runs")


def test_many_threads_may_ask_at_once_while_generations_change(store: Store) -> None:
    with connect(store) as reader, ThreadPoolExecutor(4) as pool:
        asked = [
            pool.submit(reader.sql, "SELECT count(*), count(DISTINCT run_id) FROM runs") for _ in range(40)
        ]
        write_runs(store, [(run("c"), None)])
        publish(store)
        assert reader.refresh()
        asked += [
            pool.submit(reader.sql, "SELECT count(*), count(DISTINCT run_id) FROM runs") for _ in range(40)
        ]
        seen = [f.result().rows[0] for f in asked]
    assert set(seen) <= {(2, 2), (3, 3)}
    assert seen[-1] == (3, 3)


def test_a_running_query_is_interrupted_and_the_next_one_is_not(store: Store) -> None:
    said: list[BaseException] = []
    done = threading.Event()
    with connect(store) as reader:

        def work() -> None:
            try:
                reader.sql(ENDLESS)
            except Interrupted as error:
                said.append(error)
            done.set()

        thread = threading.Thread(target=work)
        thread.start()
        while not done.wait(0.05):
            reader.interrupt()
        thread.join()
        assert len(said) == 1
        reader.interrupt()
        assert reader.sql("SELECT 1").rows == [(1,)]


def test_one_process_may_read_while_it_publishes(store: Store) -> None:
    with connect(store) as reader:
        for key in "cde":
            write_runs(store, [(run(key), None)])
            publish(store)
            assert reader.refresh()
        assert reader.sql("SELECT count(*) FROM runs").rows == [(5,)]


def test_reading_has_its_own_cursor_in_every_thread(store: Store) -> None:
    # One cursor may hold one result: two threads on the same would lose rows or fail.
    with connect(store) as reader, ThreadPoolExecutor(2) as pool:
        wide = [pool.submit(reader.sql, "FROM range(200000)") for _ in range(6)]
        assert {len(f.result().rows) for f in wide} == {200000}


def test_no_query_loses_its_memory_to_another_that_ends(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intermezzo.queries.store.reader.HEAVY", 0)
    text = "SELECT count(*) FROM (SELECT DISTINCT md5(i::VARCHAR) FROM range($n) t(i))"
    with connect(store) as one, connect(store) as other, ThreadPoolExecutor(4) as pool:
        sizes = [1, 200_000, 10, 150_000] * 10
        asked = [pool.submit((one, other)[k % 2].sql, text, {"n": n}) for k, n in enumerate(sizes)]
        assert [future.result().rows[0][0] for future in asked] == sizes
