"""An index that is begun while runs land: what is published is what building it anew gives, come what may."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from intermezzo.queries.identity import annotate
from intermezzo.queries.records import Run
from intermezzo.queries.store import ahead as ahead_module
from intermezzo.queries.store import publisher
from intermezzo.queries.store.ahead import Ahead
from intermezzo.queries.store.building import Building
from intermezzo.queries.store.layout import Store
from intermezzo.queries.store.packs import pack, write_pack
from intermezzo.queries.store.publisher import publish, rebuild
from intermezzo.queries.store.reader import connect
from intermezzo.queries.store.writer import Written, write_runs
from store_samples import contents, flip, items, new_store, run


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead_module, "AT_ONCE", 1)


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """What each index that was begun goes on from."""
    found: list[str | None] = []
    make = Building.__init__

    def noted(self: Building, store: Store, base: str | None, step: object) -> None:
        found.append(base)
        make(self, store, base, step)  # type: ignore[arg-type]

    monkeypatch.setattr(Building, "__init__", noted)
    return found


def packed(store: Store, *runs: Run) -> Written:
    scores = [(r.run_id, s) for r in runs for s in r.scores]
    names = ("metric", "value", "language", "implementation", "n", "stderr", "scope", "evidence", "gap")
    columns = {name: [getattr(s, name) for _, s in scores] for name in names}
    columns["run_id"] = [run_id for run_id, _ in scores]
    written, _ = write_pack(store, pack([replace(r, scores=()) for r in runs], columns))
    return written


def odd_runs() -> tuple[Run, ...]:
    """Runs with what is seldom there: a guess, settings that JSON has not, a run that replaces another."""
    plain = run("a", name="m1", path="here")
    (source,) = run("b", file="two").sources
    guessed = replace(
        run("b", name="m2", file="two"),
        sources=(replace(source, guessed=("the language", "the split")),),
        config={"nan": float("nan"), "\ud800": {"deep": [1, (2, 3)]}, "large": 2**70},
        date="2026-01-01",
        eval_seed=7,
    )
    return plain, guessed, run("c", name="m1", file="three", supersedes=(plain.run_id,))


def publish_with(store: Store, ahead: Ahead, landed: Sequence[Written]) -> None:
    for written in landed:
        ahead.landed(written.folders, written.told)
    publish(store, ahead=ahead)


def same_as_anew(store: Store) -> dict[str, list[tuple[object, ...]]]:
    with connect(store, fresh=False) as reader:
        found = contents(reader)
        rebuild(store)
        assert reader.refresh()
        assert contents(reader) == found
    return found


def test_what_was_begun_is_gone_on_with(tmp_path: Path, built: list[str | None]) -> None:
    store = new_store(tmp_path)
    with Ahead(store) as ahead:
        landed = [packed(store, *odd_runs()), write_runs(store, [(run("d", file="four"), items())])]
        write_runs(store, [(run("e", file="five"), None)])  # nobody says so
        publish_with(store, ahead, landed)
    assert built == [None]
    assert len(same_as_anew(store)["runs"]) == 5


def test_it_goes_on_from_what_is_published(tmp_path: Path, built: list[str | None]) -> None:
    store = new_store(tmp_path)
    packed(store, run("z", name="m1", file="zero"))
    first = publish(store).generation
    built.clear()
    with Ahead(store) as ahead:
        publish_with(store, ahead, [packed(store, *odd_runs())])
    assert built == [first]
    assert len(same_as_anew(store)["runs"]) == 4


def test_somebody_publishes_meanwhile(tmp_path: Path, built: list[str | None]) -> None:
    store = new_store(tmp_path)
    with Ahead(store) as ahead:
        written = packed(store, *odd_runs())
        ahead.landed(written.folders, written.told)
        between = publish(store).generation
        publish_with(store, ahead, [packed(store, run("d", file="four"))])
    assert built[-1] == between
    assert len(same_as_anew(store)["runs"]) == 4


def test_rules_change_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = new_store(tmp_path)
    begun = threading.Event()
    begin = Building.begin

    def noted(self: Building, *rest: object) -> None:
        begin(self, *rest)  # type: ignore[arg-type]
        begun.set()

    monkeypatch.setattr(Building, "begin", noted)
    with Ahead(store) as ahead:
        written = packed(store, *odd_runs())
        ahead.landed(written.folders, written.told)
        begun.wait()
        annotate(store, name="m1", base_model="xlm-r", recipe="direct")
        publish(store, ahead=ahead)
    same_as_anew(store)
    with connect(store) as reader:
        assert reader.sql("SELECT base_model FROM systems ORDER BY ALL NULLS LAST").rows == [
            ("xlm-r",),
            (None,),
        ]


def test_a_folder_that_is_damaged_before_it_is_taken_in_is_left_out(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    with Ahead(store) as ahead:
        written = packed(store, *odd_runs())
        flip(store.runs / written.folders[0] / "scores.parquet")
        publish_with(store, ahead, [written, packed(store, run("d", file="four"))])
    found = same_as_anew(store)
    assert (len(found["runs"]), len(found["quarantine"])) == (1, 1)


@pytest.mark.parametrize("at", ["take", "complete"])
def test_whatever_goes_wrong_with_it_is_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    import duckdb

    store = new_store(tmp_path)
    real = getattr(Building, at)
    fails = [True]

    def failing(self: Building, *rest: object) -> None:
        if fails.pop() if fails else False:
            raise duckdb.IOException("no")
        real(self, *rest)

    monkeypatch.setattr(Building, at, failing)
    with Ahead(store) as ahead:
        publish_with(store, ahead, [packed(store, *odd_runs())])
    assert not fails
    assert len(same_as_anew(store)["runs"]) == 3
    assert list(store.tmp.iterdir()) == []
    assert publisher.publish(store).changed is False
