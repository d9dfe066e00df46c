"""The app on a real store: runs written elsewhere appear, the files of a watched folder are imported."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from intermezzo.queries.records import Found, Run, Score, Source, identified
from intermezzo.queries.store.layout import Store, open_store
from intermezzo.queries.store.writer import write_runs
from intermezzo.tui.app import IntermezzoApp
from intermezzo.tui.messages import StoreChanged
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
