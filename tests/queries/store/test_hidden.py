"""Runs out of view: what counts, what does not, and that records only ever add up."""

from __future__ import annotations

import shutil
from pathlib import Path

from intermezzo.queries.store.hidden import hide, hidings, record_names, unhide
from intermezzo.queries.store.layout import Store
from intermezzo.queries.store.publisher import publish, rebuild, stale
from intermezzo.queries.store.reader import connect
from intermezzo.queries.store.verify import verify
from intermezzo.queries.store.writer import write_runs
from store_samples import flip, new_store, run

GOOD, BAD = run("a", name="good"), run("b", file="two", name="bad", value=0.9)


def store_of_two(folder: Path) -> Store:
    store = new_store(folder)
    write_runs(store, [(GOOD, None), (BAD, None)])
    publish(store)
    return store


def seen(store: Store) -> list[str]:
    with connect(store) as reader:
        matrix = {row["system"] for row in reader.ask("matrix").dicts()}
        assert matrix == {row["system"] for row in reader.ask("languages").dicts()}
        return sorted(matrix)


def test_a_hidden_run_counts_nowhere_and_is_still_there(tmp_path: Path) -> None:
    store = store_of_two(tmp_path)
    assert seen(store) == ["bad", "good"]
    assert hide(store, [BAD.run_id], "wrong data") == [BAD.run_id]
    assert stale(store)
    assert seen(store) == ["good"]
    with connect(store) as reader:
        rows = reader.sql("SELECT run_id, hidden, hidden_why FROM run_list").rows
        assert reader.sql("SELECT count(*) FROM scores").rows == [(4,)]
    assert sorted(rows) == sorted([(GOOD.run_id, False, None), (BAD.run_id, True, "wrong data")])


def test_the_last_word_counts_whatever_the_clock_said_before(tmp_path: Path) -> None:
    store = store_of_two(tmp_path)
    hide(store, [BAD.run_id], "one")
    file = store.hidden / record_names(store)[0]
    ahead = file.read_bytes().replace(b'"written": "20', b'"written": "90')
    from intermezzo.queries.store.hidden import record_name

    (store.hidden / record_name(ahead)).write_bytes(ahead)
    assert unhide(store, [BAD.run_id]) == [BAD.run_id]
    assert seen(store) == ["bad", "good"]
    assert hide(store, [BAD.run_id], "two") == [BAD.run_id]
    assert hidings(store)[BAD.run_id].why == "two"
    assert len(record_names(store)) == 4  # nothing was overwritten


def test_saying_the_same_twice_writes_nothing(tmp_path: Path) -> None:
    store = store_of_two(tmp_path)
    assert unhide(store, [BAD.run_id]) == []
    hide(store, [BAD.run_id], "why")
    assert hide(store, [BAD.run_id, BAD.run_id], " why ") == []
    assert hide(store, [BAD.run_id], "another reason") == [BAD.run_id]


def test_the_reason_for_bringing_a_run_back_is_kept(tmp_path: Path) -> None:
    store = store_of_two(tmp_path)
    assert unhide(store, [BAD.run_id], why="it never was hidden") == []
    hide(store, [BAD.run_id], "one")
    assert unhide(store, [BAD.run_id], why=" the data were right ") == [BAD.run_id]
    told = hidings(store)[BAD.run_id]
    assert (told.hidden, told.why) == (False, "the data were right")


def test_a_run_hidden_before_it_comes_is_hidden_when_it_comes(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    hide(store, [BAD.run_id], "seen elsewhere")
    publish(store)
    write_runs(store, [(BAD, None), (GOOD, None)])
    assert seen(store) == ["good"]


def test_an_index_built_anew_hides_the_same(tmp_path: Path) -> None:
    store = store_of_two(tmp_path)
    hide(store, [BAD.run_id], "why")
    before = seen(store)
    rebuild(store)
    assert seen(store) == before == ["good"]
    shutil.rmtree(store.index_dir)
    store.index_dir.mkdir()
    assert seen(store) == ["good"]


def test_a_changed_record_says_nothing_and_is_named(tmp_path: Path) -> None:
    store = store_of_two(tmp_path)
    hide(store, [BAD.run_id], "why")
    name = record_names(store)[0]
    flip(store.hidden / name)
    (store.hidden / "scribble.json").write_text("[")
    rebuild(store)
    assert seen(store) == ["bad", "good"]
    assert sorted(d.path for d in verify(store)) == [f"hidden/{name}", "hidden/scribble.json"]
