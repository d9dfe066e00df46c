"""Runs land exactly once, whole, in their order, whoever repeats the write."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from intermezzo.queries.errors import Problem
from intermezzo.queries.records import Found, Items, Run, Score, Source, identified
from intermezzo.queries.store import manifest
from intermezzo.queries.store.known import known_sources, present_runs
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.verify import run_folders, verify
from intermezzo.queries.store.writer import write_runs
from store_samples import items, new_store, run, source


def test_a_run_with_items_has_its_own_folder_and_runs_without_share_one(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    alone, packed, other = run("alone"), run("packed"), run("other")
    written = write_runs(store, [(packed, None), (alone, items()), (other, None)])
    assert sorted(written.added) == sorted([alone.run_id, packed.run_id, other.run_id])
    folders = run_folders(store)
    assert len(folders) == 2
    assert alone.run_id in folders
    pack = next(f for f in folders if f != alone.run_id)
    assert sorted(p.name for p in (store.runs / pack).iterdir()) == ["manifest.json", "scores.parquet"]
    assert (store.runs / alone.run_id / "items.parquet").exists()
    assert list(store.tmp.iterdir()) == []
    assert verify(store) == []


def test_a_second_write_changes_nothing(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    pairs = [(run("a"), None), (run("b"), items())]
    write_runs(store, pairs)
    before = {p: p.read_bytes() for p in store.runs.rglob("*") if p.is_file()}
    again = write_runs(store, pairs)
    assert again.added == []
    assert sorted(again.unchanged) == sorted(r.run_id for r, _ in pairs)
    assert {p: p.read_bytes() for p in store.runs.rglob("*") if p.is_file()} == before


@pytest.mark.parametrize("published", [False, True])
def test_of_an_overlapping_batch_only_the_new_runs_are_written(tmp_path: Path, published: bool) -> None:
    store = new_store(tmp_path)
    write_runs(store, [(run("a"), None), (run("b"), None)])
    if published:
        publish(store)
    written = write_runs(store, [(run("b"), None), (run("c"), None), (run("c"), None)])
    assert written.added == [run("c").run_id]
    assert written.unchanged == [run("b").run_id]
    assert publish(store).runs == 3


def test_a_run_in_two_packs_counts_once(tmp_path: Path) -> None:
    # Two imports at once cannot know of each other: here the second does not see the first's pack.
    store = new_store(tmp_path)
    write_runs(store, [(run("a"), None), (run("b"), None)])
    hidden = tmp_path / "hidden"
    (pack,) = store.runs.iterdir()
    pack.rename(hidden)
    write_runs(store, [(run("b"), None), (run("c"), None)])
    hidden.rename(pack)
    assert publish(store).runs == 3
    with duckdb.connect(str(store.results), read_only=True) as con:
        rows = con.execute("SELECT run_id, count(*) FROM scores GROUP BY run_id ORDER BY run_id").fetchall()
        sources = con.execute("SELECT path, runs, status FROM sources").fetchall()
    assert rows == [(r, 2) for r in sorted(run(k).run_id for k in "abc")]
    assert sources == [("/results/one.json", 3, "read")]


def test_items_are_sorted_by_language_metric_and_item(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    one = run("a")
    write_runs(store, [(one, items())])
    path = store.runs / one.run_id / "items.parquet"
    rows = duckdb.sql(f"SELECT language, metric, item_id FROM '{path}'").fetchall()
    assert len(rows) == 20
    assert rows == sorted(rows)


def test_names_that_are_not_utf8_are_kept_readable(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    odd = identified(
        Run(
            found=Found("mod\udc80el"),
            task="xnli",
            sources=(Source("/a/b\udc80.json", "0" * 64, 1, 1, "sample", 1),),
            scores=(Score("accuracy", 0.5, "en", locator="key \ud800"),),
            config={"deep": [{"k\udc81": "v\udc82", "huge": 2**80}]},
        )
    )
    write_runs(store, [(odd, Items({"language": ["en"], "item_id": ["i\udc83"], "metric": ["accuracy"]}))])
    publish(store)
    assert list(known_sources(store)) == ["/a/b\\udc80.json"]
    with duckdb.connect(str(store.results), read_only=True) as con:
        assert con.execute("SELECT found_name FROM runs").fetchall() == [("mod\\udc80el",)]


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_what_is_no_number_is_refused_by_name(tmp_path: Path, number: float) -> None:
    store = new_store(tmp_path)
    bad = run("a", value=number)
    with pytest.raises(Problem, match=f"{bad.run_id}.*accuracy"):
        write_runs(store, [(bad, None)])
    assert run_folders(store) == []
    assert list(store.tmp.iterdir()) == []


def test_a_seed_that_does_not_fit_is_refused_by_name(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    with pytest.raises(Problem, match="eval_seed"):
        write_runs(store, [(replace(run("a"), eval_seed=2**64), None)])
    assert run_folders(store) == []


def test_a_run_id_cannot_leave_the_store(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    with pytest.raises(Problem, match="cannot name a run"):
        write_runs(store, [(replace(run("a"), run_id="../evil"), None)])


def test_a_file_counts_as_read_only_when_all_its_runs_are_here(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    pairs = [(run("a"), items()), (run("b"), items())]
    write_runs(store, pairs)
    assert list(known_sources(store)) == ["/results/one.json"]
    # An import that was killed between the two.
    (store.runs / run("b").run_id).rename(tmp_path / "gone")
    assert known_sources(store) == {}
    publish(store)
    assert known_sources(store) == {}
    assert present_runs(store, [r.run_id for r, _ in pairs]) == {run("a").run_id}
    assert write_runs(store, pairs).added == [run("b").run_id]
    publish(store)
    known = known_sources(store)["/results/one.json"]
    assert known == (100, 5, source("one").sha256, "sample", 1)


def test_texts_are_kept_once_for_all_runs(tmp_path: Path) -> None:
    import hashlib

    store = new_store(tmp_path)
    texts = {hashlib.sha256(t.encode()).hexdigest(): t for t in ("hello", "habari")}
    write_runs(store, [(run("a"), items(texts=texts)), (run("b"), items(texts=texts))])
    (kept,) = store.texts.iterdir()
    assert dict(duckdb.sql(f"SELECT text_sha, text FROM '{kept}'").fetchall()) == texts
    assert verify(store) == []
    publish(store)
    with duckdb.connect(str(store.results), read_only=True) as con:
        assert con.execute("SELECT DISTINCT texts_path FROM runs").fetchall() == [(f"texts/{kept.name}",)]


def test_a_manifest_comes_back_as_it_was(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    one = replace(run("a"), config={"seed": 3, "what": ["ä", None]}, supersedes=("x1", "x2"), limit=5)
    write_runs(store, [(one, items())])
    found = manifest.load((store.runs / one.run_id / "manifest.json").read_bytes(), one.run_id)
    entry = manifest.run_of(found.runs[0])
    assert entry.run == replace(one, scores=())
    assert entry.n_items == 20
    assert found.files["scores.parquet"].rows == 2


def test_unequal_item_columns_are_refused(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    with pytest.raises(Problem, match="Items"):
        write_runs(store, [(run("a"), Items({"language": ["en"], "item_id": [], "metric": ["accuracy"]}))])
