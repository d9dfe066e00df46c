"""Runs moved between stores: each exactly once, checked, with what belongs to them; nothing else changes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest
from intermezzo.queries.store.hidden import hide, hidings, record_names, unhide
from intermezzo.queries.store.known import known_sources
from intermezzo.queries.store.layout import Store, StoreError, open_store
from intermezzo.queries.store.moving import move_runs
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.reader import connect
from intermezzo.queries.store.records_kept import add_record
from intermezzo.queries.store.verify import read_folder, run_folders, verify
from intermezzo.queries.store.writer import write_runs
from store_samples import flip, items, new_store, run

TEXTS = {hashlib.sha256(t.encode()).hexdigest(): t for t in ("hello", "habari")}
A, B, C = (run(key, file=key, name=f"org/{key}", path=f"{key}-s1/out.json") for key in "abc")
PACK = [run(key, file="pack", name="org/pack", value=0.1 * n) for n, key in enumerate("pqr", 1)]


def store_in(folder: Path, name: str) -> Store:
    (folder / name).mkdir()
    return new_store(folder / name)


@pytest.fixture
def other(tmp_path: Path) -> Store:
    """A run with items and texts, one without items, and a pack of three."""
    store = store_in(tmp_path, "other")
    write_runs(store, [(A, items(texts=TEXTS)), (B, None)])
    write_runs(store, [(r, None) for r in PACK])
    publish(store)
    return store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_in(tmp_path, "here")


def ids(*runs: object) -> list[str]:
    return sorted(r.run_id for r in runs)  # type: ignore[attr-defined]


def rows(store: Store, sql: str) -> list[tuple[object, ...]]:
    with connect(store) as reader:
        return reader.sql(sql).rows


SCORES = "SELECT run_id, metric, value, language, n FROM scores ORDER BY ALL"
RUNS = "SELECT * EXCLUDE (folder, items_path, identity_why) FROM runs ORDER BY run_id"


def contents(store: Store) -> dict[str, bytes]:
    return {str(p.relative_to(store.path)): p.read_bytes() for p in store.path.rglob("*") if p.is_file()}


def test_everything_comes_and_reads_the_same(other: Store, store: Store) -> None:
    before = contents(other)
    moved = move_runs(other, store)
    assert sorted(moved.added) == ids(A, B, *PACK)
    assert (moved.present, moved.refused, moved.texts) == ([], [], 1)
    assert rows(store, SCORES) == rows(other, SCORES)
    assert rows(store, RUNS) == rows(other, RUNS)  # who wrote it when is part of it
    assert verify(store) == []
    with connect(store) as reader:
        assert list(reader.items_paths([A.run_id])) == [A.run_id]
    assert contents(other) == before


def test_merging_twice_adds_nothing(other: Store, store: Store) -> None:
    move_runs(other, store)
    publish(store)
    before = contents(store)
    again = move_runs(other, store)
    assert (again.added, sorted(again.present), again.texts) == ([], ids(A, B, *PACK), 0)
    assert contents(store) == before


def test_stores_that_overlap_come_to_the_same_both_ways(other: Store, store: Store) -> None:
    write_runs(store, [(A, items(texts=TEXTS)), (C, None)])
    moved = move_runs(other, store)
    assert sorted(moved.added) == ids(B, *PACK)
    assert moved.present == [A.run_id]
    back = move_runs(store, other)
    assert back.added == [C.run_id]
    assert rows(store, SCORES) == rows(other, SCORES)
    assert len(run_folders(store)) == len(run_folders(other)) == 4


@pytest.mark.parametrize("published", [True, False])
def test_a_pack_of_which_part_is_here_brings_the_rest(other: Store, store: Store, published: bool) -> None:
    write_runs(store, [(PACK[1], None)])
    if published:
        publish(store)
    moved = move_runs(other, store)
    assert moved.present == [PACK[1].run_id]
    assert set(ids(PACK[0], PACK[2])) <= set(moved.added)
    assert rows(store, SCORES) == rows(other, SCORES)
    assert verify(store) == []
    # of the file that all three came from, all runs are here: it need not be read again
    assert "/results/pack.json" in known_sources(store)
    theirs = {
        r["run_id"]: n.written
        for f in run_folders(other)
        for n in [read_folder(other.runs / f)]
        for r in n.runs
    }
    ours = {
        r["run_id"]: n.written
        for f in run_folders(store)
        for n in [read_folder(store.runs / f)]
        for r in n.runs
    }
    assert {i: ours[i] for i in ids(PACK[0], PACK[2])} == {i: theirs[i] for i in ids(PACK[0], PACK[2])}


def test_only_the_chosen_runs_go_with_what_belongs_to_them(other: Store, store: Store) -> None:
    hide(other, [PACK[0].run_id, B.run_id], "wrong data")
    moved = move_runs(other, store, [A.run_id, PACK[0].run_id])
    assert sorted(moved.added) == ids(A, PACK[0])
    assert rows(store, "SELECT run_id, hidden FROM runs ORDER BY hidden") == [
        (A.run_id, False),
        (PACK[0].run_id, True),
    ]
    assert list(hidings(store)) == [PACK[0].run_id]
    assert (moved.hidden, moved.texts) == (1, 1)
    # the file of the pack is not all here, and counts as one to be read again
    assert "/results/pack.json" not in known_sources(store)
    assert sorted(move_runs(other, store).added) == ids(B, *PACK[1:])


def test_the_last_word_on_a_hidden_run_holds_wherever_it_was_said(other: Store, store: Store) -> None:
    hide(other, [A.run_id], "wrong")
    move_runs(other, store)
    unhide(store, [A.run_id])
    move_runs(other, store)
    assert not hidings(store)[A.run_id].hidden
    move_runs(store, other)
    assert not hidings(other)[A.run_id].hidden
    assert record_names(store) == record_names(other)


def test_damaged_runs_are_named_and_the_rest_comes(other: Store, store: Store) -> None:
    flip(other.runs / A.run_id / "items.parquet")
    flip(next(p for p in other.texts.iterdir()))
    (other.runs / "halfway").mkdir()
    hide(other, [B.run_id], "why")
    flip(other.hidden / record_names(other)[0])
    moved = move_runs(other, store)
    assert sorted(moved.added) == ids(B, *PACK)
    assert {r.path for r in moved.refused} == {
        f"runs/{A.run_id}", "runs/halfway", f"hidden/{record_names(other)[0]}"
    }  # fmt: skip
    assert "items.parquet was changed after it was written" in next(
        r.reason for r in moved.refused if A.run_id in r.path
    )
    assert list(store.texts.iterdir()) == []
    assert verify(store) == []


def test_texts_that_are_damaged_stay_and_come_once_they_are_whole(other: Store, store: Store) -> None:
    (texts,) = other.texts.iterdir()
    whole = texts.read_bytes()
    texts.write_bytes(whole[: len(whole) // 2])
    moved = move_runs(other, store)
    assert A.run_id in moved.added
    assert [r.path for r in moved.refused] == [f"texts/{texts.name}"]
    assert list(store.texts.iterdir()) == []
    texts.write_bytes(whole)
    again = move_runs(other, store)
    assert (again.refused, again.texts, again.added) == ([], 1, [])


def test_a_whole_run_takes_the_place_of_a_damaged_one(other: Store, store: Store) -> None:
    move_runs(other, store)
    flip(store.runs / A.run_id / "items.parquet")
    publish(store)
    assert move_runs(other, store).added == [A.run_id]
    assert verify(store) == []


def test_a_store_that_may_only_be_read_can_be_moved_from(other: Store, store: Store) -> None:
    if os.getuid() == 0:
        # root may write anywhere: the store says itself that it is not written
        source = Store(other.path, False, store.path / "home")
    else:
        for folder in (other.path, *other.path.rglob("*")):
            if folder.is_dir():
                folder.chmod(0o555)
        source = open_store(other.path)
    before = contents(other)
    try:
        assert len(move_runs(source, store).added) == 5
        assert contents(other) == before
    finally:
        for folder in (other.path, *other.path.rglob("*")):
            if folder.is_dir():
                folder.chmod(0o755)


def test_a_store_cannot_be_merged_with_itself(other: Store, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(other.path)
    with pytest.raises(StoreError, match="same store"):
        move_runs(other, open_store(tmp_path / "link"))


def test_claims_are_only_ever_added(other: Store, store: Store) -> None:
    for kind in ("claims", "verifications"):
        theirs = add_record(other, other.path / kind, {"claim": "theirs"})
        both = add_record(other, other.path / kind, {"claim": "both"})
        shutil.copy(other.path / kind / f"{both}.json", store.path / kind)
        (other.path / kind / ".hidden").write_text("no")
        (other.path / kind / "notes.toml").write_text("no record")
    ours = add_record(store, store.claims, {"claim": "ours"})
    moved = move_runs(other, store)
    assert moved.statements == 2
    assert [r.path for r in moved.refused] == ["claims/notes.toml", "verifications/notes.toml"]
    assert len(list(store.claims.iterdir())) == 3
    assert (store.claims / f"{ours}.json").exists()
    assert sorted(p.name for p in store.verifications.iterdir()) == sorted([f"{theirs}.json", f"{both}.json"])


def test_a_run_replaced_there_is_replaced_here(other: Store, store: Store) -> None:
    newer = run("b", file="b", name="org/b", path="b-s1/out.json", content="changed", value=0.7)
    write_runs(other, [(newer, None)])
    for order in ([newer.run_id], None):
        move_runs(other, store, order)
    assert rows(store, "SELECT run_id, superseded_by FROM runs WHERE superseded_by IS NOT NULL") == [
        (B.run_id, newer.run_id)
    ]


def test_rules_come_with_the_runs_and_strange_names_are_said(other: Store, store: Store) -> None:
    other.systems_toml.write_text(
        '# theirs\n[[system]]\nname = "org/a"\nbase_model = "big"\nrecipe = "mnli"\n\n'
        '[[system]]\nname = "org/b"\nbase_model = "big"\nrecipe = "direct"\n\n'
        '[[system]]\npath = "{recipe}-s{seed}/**"\nbase_model = "other"\n'
    )
    store.systems_toml.write_text('# ours\n[[system]]\nname = "org/a"\nbase_model = "big"\nrecipe = "qqp"\n')
    write_runs(store, [(C, None)])
    publish(store)
    moved = move_runs(other, store)
    assert moved.rules.added == ("name 'org/b'", "pattern '{recipe}-s{seed}/**'")
    assert "stays" in moved.rules.conflicts[0]
    assert moved.renamed == [
        "org/a (a-s1/out.json) is big + qqp here, big + mnli there: systems.toml, line 2: name 'org/a'.",
        "org/c (c-s1/out.json) is other + c here, org/c here until now: systems.toml, line 12: "
        "pattern '{recipe}-s{seed}/**'.",
    ]
    assert rows(store, "SELECT system FROM runs WHERE found_name = 'org/b'") == [("big",)]


def test_of_chosen_runs_only_their_rules_come(other: Store, store: Store) -> None:
    other.systems_toml.write_text(
        '[[system]]\nname = "org/a"\nbase_model = "big"\nrecipe = "mnli"\n\n'
        '[[system]]\nname = "org/b"\nbase_model = "big"\nrecipe = "direct"\n\n[models]\nx = "y"\n'
    )
    assert move_runs(other, store, [A.run_id]).rules.added == ("name 'org/a'",)
    assert "org/b" not in store.systems_toml.read_text()


def test_a_wrong_systems_toml_stops_no_run(other: Store, store: Store) -> None:
    other.systems_toml.write_text("[[system]\n")
    moved = move_runs(other, store)
    assert len(moved.added) == 5
    (refusal,) = moved.refused
    assert refusal.path == "systems.toml"
    assert "not valid TOML" in refusal.reason
    assert not store.systems_toml.exists()


def test_a_store_without_an_index_or_folders_of_its_own_is_read_all_the_same(
    other: Store, store: Store
) -> None:
    for name in ("index", "hidden", "claims", "verifications", "imports", "texts"):
        shutil.rmtree(other.path / name)
    moved = move_runs(Store(other.path, False, other.path), store)
    assert len(moved.added) == 5
    assert len(moved.refused) == 1  # the texts are gone
    assert json.loads(json.dumps([r._asdict() for r in moved.refused]))[0]["path"].startswith("texts/")
