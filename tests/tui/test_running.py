"""The app on a real store: runs written elsewhere appear, the files of a watched folder are imported."""

from __future__ import annotations

import json
import os
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from intermezzo.engine.importing.watching import Watched
from intermezzo.queries.records import Found, Run, Score, Source, identified
from intermezzo.queries.store import publisher
from intermezzo.queries.store.landing import publishing
from intermezzo.queries.store.layout import Store, open_store
from intermezzo.queries.store.publisher import stale
from intermezzo.queries.store.writer import write_runs
from intermezzo.tui.app import IntermezzoApp
from intermezzo.tui.messages import Noticed, StoreChanged, Watching
from intermezzo.tui.running import Watcher
from screens import place_of, screen_text, settled

FIXTURE = Path(__file__).parents[1] / "fixtures" / "xtreme_two_systems"


def a_run(name: str, value: float) -> Run:
    source = Source(f"/somewhere/{name}.json", f"{name:0<64}", 10, 1, "by hand", 1)
    scores = tuple(Score("accuracy", value + n / 100, language) for n, language in enumerate(("en", "sw")))
    found = Found(name, base_model=name, recipe="direct")
    return identified(
        Run(found, "xnli", (source,), scores, split="test", importer="by hand", importer_version=1)
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = open_store(tmp_path / "store", create=True)
    write_runs(made, [(a_run("first", 0.7), None)])
    return made


@pytest.mark.slow
async def test_a_run_written_elsewhere_appears(store):
    watcher = Watcher(store)
    app = IntermezzoApp(watcher.connect, store_name="real")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        assert "first" in screen_text(app)
        assert "Swahili" in screen_text(app)
        assert watcher.check() is None
        write_runs(store, [(a_run("second", 0.6), None)])
        generation = watcher.check()
        assert generation is not None
        app.post_message(StoreChanged(generation))
        await settled(app, pilot)
        assert "second" in screen_text(app)
        assert place_of(app).state.system == "first"
        for key in ("m", "m", "m", "m", "m", "m", "d", "b", "t", "enter", "s", "full_stop", "escape"):
            await pilot.press(key)
            await settled(app, pilot)
            assert "failed" not in screen_text(app)
    watcher.close()


@pytest.mark.slow
async def test_the_files_of_a_watched_folder_are_imported(tmp_path):
    results = tmp_path / "results"
    results.mkdir()
    store = open_store(tmp_path / "store", create=True)
    watcher, told = Watcher(store, results), []
    watcher.progress = told.append
    app = IntermezzoApp(watcher.connect, store_name="real")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        assert "This store has no runs yet." in screen_text(app)
        shutil.copytree(FIXTURE, results, dirs_exist_ok=True)
        generation = watcher.check()
        assert generation is not None
        app.post_message(StoreChanged(generation))
        await settled(app, pilot)
        assert place_of(app).matrix.systems
        assert told[-1] == ""
    watcher.close()


def test_a_check_before_the_store_is_open_says_nothing(store):
    watcher = Watcher(store)
    assert watcher.check() is None
    watcher.close()


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def lm_eval_file(value: float) -> str:
    scores = {"xnli_sw": {"alias": "xnli_sw", "acc,none": value, "acc_stderr,none": 0.01}}
    body = {"results": scores, "configs": {"xnli_sw": {"task": "xnli_sw"}}, "versions": {"xnli_sw": 1.0},
            "n-shot": {"xnli_sw": 0}, "config": {"model": "hf", "model_args": "pretrained=org/lm"},
            "model_name": "org/lm"}  # fmt: skip
    return json.dumps(body)


@pytest.mark.slow
async def test_files_appear_change_and_are_waited_for_while_the_app_is_open(tmp_path):
    results = tmp_path / "results"
    (results / "org__lm").mkdir(parents=True)
    store, clock = open_store(tmp_path / "store", create=True), Clock()
    folder = Watched(results, clock)
    folder.look()
    watcher = Watcher(store, results, folder, clock)
    app = IntermezzoApp(watcher.connect, store_name="results")
    watcher.watching = lambda sentence: app.post_message(Watching(sentence))
    watcher.notice = lambda sentence: app.post_message(Noticed(sentence))

    async def later(seconds: float = 20.0) -> str:
        """Let time pass, look, and return the screen."""
        clock.now += seconds
        generation = watcher.check()
        if generation is not None:
            app.post_message(StoreChanged(generation))
        await settled(app, pilot)
        return screen_text(app)

    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        first = await later()
        assert "watching results" in first.splitlines()[0]
        assert "joined" not in first
        file = results / "org__lm" / "results_2026-01-16T10-00-00.000000.json"
        whole = lm_eval_file(0.5)
        file.write_text(whole[: len(whole) // 2])
        assert "1 being written" in (await later()).splitlines()[0]
        file.write_text(whole)
        await later()
        shown = await later()
        assert "watching results, 1 file joined" in shown.splitlines()[0]
        assert "50.0" in shown
        file.write_text(lm_eval_file(0.625))
        await later()
        shown = await later()
        assert "62.5" in shown
        assert "50.0" not in shown
        # what cannot be used is told once, and the rest goes on
        broken = file.with_name("results_2026-01-17T10-00-00.000000.json")
        broken.write_text(whole[:-9])
        os.utime(broken, (10**9, 10**9))
        await later()
        assert "refused: " in (await later()).splitlines()[-2]
        await pilot.press("j")
        await settled(app, pilot)
        assert "refused: " not in await later()
        results.rename(tmp_path / "away")
        assert "cannot be read" in (await later()).splitlines()[-2]
        await pilot.press("j")
        assert "cannot be read" not in await later()
        assert "62.5" in screen_text(app)
    watcher.close()


def test_looks_come_later_while_nothing_happens_and_soon_again_when_something_does(tmp_path):
    results = tmp_path / "results"
    results.mkdir()
    clock = Clock()
    looks = []

    class Counted(Watched):
        def look(self):
            looks.append(clock.now)
            return super().look()

    watcher = Watcher(open_store(tmp_path / "store", create=True), results, Counted(results, clock), clock)
    watcher.connect()
    for second in range(100):
        clock.now = float(second)
        watcher.check()
    assert looks[:5] == [0.0, 2.0, 6.0, 14.0, 29.0]
    assert len(looks) <= 10
    (results / "notes.txt").touch()
    for second in range(100, 118):
        clock.now = float(second)
        watcher.check()
    gaps = [after - before for before, after in pairwise(looks)]
    assert 1.0 in gaps
    watcher.close()


@pytest.mark.slow
def test_a_store_is_looked_at_whole_only_where_something_landed_or_now_and_then(store, monkeypatch):
    looked, clock = [], Clock()

    def counted(asked: Store) -> bool:
        looked.append(clock.now)
        return stale(asked)

    monkeypatch.setattr(publisher, "stale", counted)
    watcher = Watcher(store, clock=clock)
    watcher.connect()

    def looks(times: int) -> list[str | None]:
        looked.clear()
        found = []
        for _ in range(times):
            clock.now += 0.25
            found.append(watcher.check())
        return found

    assert looks(8) == [None] * 8
    assert len(looked) == 1
    write_runs(store, [(a_run("second", 0.6), None)])
    first, *others = looks(8)
    assert first is not None
    assert others == [None] * 7
    # once more afterwards: another run may have landed within the same tick of the clock
    assert looked == [clock.now - 7 * 0.25, clock.now - 6 * 0.25]
    assert looks(80) == [None] * 80
    assert len(looked) == 2
    watcher.close()


def test_what_another_was_to_publish_and_did_not_is_published_after_all(store):
    watcher = Watcher(store)
    watcher.connect()
    assert watcher.check() is None
    write_runs(store, [(a_run("second", 0.6), None)])
    with publishing(store, wait=True) as mine:
        assert mine
        assert watcher.check() is None
    assert watcher.check() is not None
    watcher.close()


def test_that_the_index_is_being_built_is_told_once(store):
    for wanted in (["building the index, once", ""], [""]):
        watcher, told = Watcher(store), []
        watcher.progress = told.append
        watcher.connect()
        watcher.close()
        assert told == wanted
