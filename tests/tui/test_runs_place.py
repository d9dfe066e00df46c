"""The Runs place by keys, and moving between places."""

from __future__ import annotations

import json

import fake_runs
import pytest
from cli_store import small_store
from fake_ask import FakeAsk
from intermezzo.tui.messages import StoreChanged
from intermezzo.tui.places.runs import RunsPlace
from intermezzo.tui.running import Watcher
from screens import opened, place_of, press, screen_text, settled


def runs_of(app) -> RunsPlace:
    place = app.place
    assert isinstance(place, RunsPlace)
    return place


def lines(app) -> list[str]:
    return screen_text(app).splitlines()


async def test_a_digit_goes_to_a_place_and_another_back():
    async with opened() as (app, pilot):
        await press(app, pilot, "j", "5")
        assert lines(app)[0].strip().startswith("demo › Runs")
        assert "5 runs · by date ↓" in lines(app)[-2]
        await press(app, pilot, "1")
        assert place_of(app).state.system == "xlm-r-large + mnli"
        await press(app, pilot, "colon", *"place runs", "enter")
        assert "Runs" in lines(app)[0]


async def test_the_newest_run_comes_first_and_unknown_dates_last():
    async with opened() as (app, pilot):
        await press(app, pilot, "5")
        assert [row["run_id"][:4] for row in runs_of(app).listed] == ["3333", "2222", "1111", "5555", "4444"]
        await press(app, pilot, "S")
        assert [row["run_id"][:4] for row in runs_of(app).listed] == ["5555", "1111", "2222", "3333", "4444"]
        await press(app, pilot, "u")
        assert runs_of(app).listed[0]["run_id"].startswith("3333")


async def test_enter_shows_everything_about_a_run_and_esc_comes_back():
    async with opened((80, 60)) as (app, pilot):
        await press(app, pilot, "5", "j", "j", "enter")
        text = screen_text(app)
        assert "Run 1111aaaa00000000" in text
        assert "train_seed        1" in text
        await press(app, pilot, "G")
        text = screen_text(app)
        assert "model.layers = 12" in text
        assert "0.701235 n 5,010 ± 0.006 measured (logged 0.7)" in " ".join(text.split())
        assert "gap: the file was cut off" in text
        await press(app, pilot, "escape")
        assert runs_of(app).pane == "runs.grid"


async def test_what_differs_between_two_marked_runs_is_shown_and_nothing_else():
    async with opened() as (app, pilot):
        await press(app, pilot, "5", "c")
        assert "mark two runs with space" in lines(app)[-2]
        await press(app, pilot, "j", "space", "j", "space", "c")
        text = screen_text(app)
        assert "- 2e-05" in text or "+ 2e-05" in text
        assert "config.batch" in text
        assert "config.model.layers" not in text
        assert "2222bbbb00 against 1111aaaa00" in lines(app)[0]
        await press(app, pilot, "escape", "j")
        assert runs_of(app).state.compared == ()


async def test_the_runs_behind_a_cell_come_from_the_matrix_and_back_leads_there():
    ask = FakeAsk(systems=[("mbert", "mbert", "direct"), ("mbert + mnli", "mbert", "mnli")])
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, "R")
        assert [row["run_id"][:4] for row in runs_of(app).listed] == ["2222", "1111"]
        assert "mbert › xnli" in lines(app)[0]
        await press(app, pilot, "left_square_bracket")
        assert place_of(app).state.system == "mbert"
        await press(app, pilot, "right_square_bracket")
        assert len(runs_of(app).listed) == 2
        await press(app, pilot, "escape")
        assert len(runs_of(app).listed) == 5


async def test_a_command_that_changes_nothing_says_so_and_looking_at_a_filter_does_not():
    async with opened() as (app, pilot):
        await press(app, pilot, "5", "colon", *"sort date", "enter")
        assert "it is so already" in lines(app)[-2]
        await press(app, pilot, "slash", "enter")
        assert "already" not in lines(app)[-2]
        await press(app, pilot, "slash", *"mnli", "escape")
        assert "already" not in lines(app)[-2]
        assert len(runs_of(app).listed) == 5
        await press(app, pilot, "u")
        assert "nothing to undo; H brings a hidden run back" in lines(app)[-2]


async def test_filtering_runs_and_a_filter_that_leaves_none():
    async with opened() as (app, pilot):
        await press(app, pilot, "5", "slash", *"mnli !hidden", "enter")
        assert "filter mnli !hidden" in lines(app)[-2]
        await press(app, pilot, "escape", "slash", *"zzz", "enter")
        assert "No run is left: Esc clears the filter" in screen_text(app)
        await press(app, pilot, "enter", "space", "H", "y", "Y", "escape", "a")
        assert "without hidden and superseded" in lines(app)[-2]
        assert len(runs_of(app).listed) == 3


async def test_marks_of_systems_are_carried_through_places_that_know_none(tmp_path):
    file = tmp_path / "views.json"
    async with opened(state_file=file) as (app, pilot):
        await press(app, pilot, "j", "space", "5")
        assert app._marked() == ("xlm-r-large + mnli",)
        await press(app, pilot, "1")
        assert "1 marked" in lines(app)[-2]
        await press(app, pilot, "5")
        app.leave()
    kept = json.loads(file.read_text())["stores"]["demo"]
    assert kept["_here"] == "runs"
    async with opened(state_file=file) as (app, pilot):
        assert isinstance(app.place, RunsPlace)
        await press(app, pilot, "1")
        assert "*xlm-r-large + mnli" in screen_text(app)


async def test_a_place_out_of_sight_asks_again_when_it_is_seen():
    ask = FakeAsk()
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, "5", "1")
        ask.generation = "g2"
        ask.asked.clear()
        app.post_message(StoreChanged("g2"))
        await settled(app, pilot)
        assert {name for name, _ in ask.asked} == {"matrix"}
        await press(app, pilot, "5")
        assert "run_page" in [name for name, _ in ask.asked]


async def test_the_command_behind_the_runs():
    async with opened((120, 40), store_options=("--demo",)) as (app, pilot):
        await press(app, pilot, "5", "slash", *"mnli", "enter", "full_stop")
        assert "intermezzo show runs --filter mnli --demo" in screen_text(app)
        await press(app, pilot, "escape", "tab", "full_stop")
        assert "intermezzo runs show 3333cccc00000000 --demo" in screen_text(app)


@pytest.mark.parametrize("size", [(20, 5), (30, 8)])
async def test_tiny_terminals_break_nothing(size):
    async with opened(size) as (app, pilot):
        await press(app, pilot, "5", *"jkGg$0lh", "enter", "G", "tab", "space", "j", "space", "c", "q")
        await pilot.resize_terminal(120, 40)
        await settled(app, pilot)
        assert "mbert" in screen_text(app)


async def test_a_run_is_hidden_with_its_reason_and_brought_back(tmp_path):
    watcher = Watcher(small_store(tmp_path / "store"))
    reader = watcher.connect()
    try:
        async with opened(ask=reader) as (app, pilot):
            await press(app, pilot, "5", "slash", *"stilt xnli", "enter")
            run = runs_of(app).state.run
            await press(app, pilot, "H", *"wrong seed", "enter")
            assert "is hidden: no number counts it now; H brings it back" in lines(app)[-2]
            watcher.check()
            app.post_message(StoreChanged(reader.generation))
            await settled(app, pilot)
            assert runs_of(app).state.run == run
            assert "hidden" in lines(app)[2]
            await press(app, pilot, "enter")
            told = [text for _, text in runs_of(app).detail.lines]
            assert any("hidden_why" in text and "wrong seed" in text for text in told)
            assert any("scores.parquet" in text for text in told)
            await press(app, pilot, "escape", "H")
            assert "in view again" in lines(app)[-2]
    finally:
        watcher.close()


def _ask_of_many(monkeypatch: pytest.MonkeyPatch, many: int) -> FakeAsk:
    runs = [
        {**fake_runs.RUNS[0], "run_id": f"{n:016d}", "date": f"2026-01-01T{n // 60:02d}:{n % 60:02d}"}
        for n in range(many)
    ]
    monkeypatch.setattr(fake_runs, "RUNS", runs)
    return FakeAsk()


async def test_a_long_list_is_fetched_in_stretches_and_the_cursor_goes_anywhere(monkeypatch):
    ask = _ask_of_many(monkeypatch, 1_300)
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, "5")
        place = runs_of(app)
        assert "1,300 runs" in lines(app)[-2]
        assert len(place.listed) == 400
        assert place.state.run == f"{1_299:016d}"
        await press(app, pilot, "G")
        assert place.state.run == f"{0:016d}"
        assert len(place.listed) <= 400
        for _ in range(30):
            await press(app, pilot, "ctrl+u")
        moved = place.table.row
        assert place.state.run == f"{1_299 - moved:016d}"
        assert "…" not in "".join(lines(app)[1:20])
        # sorted otherwise, the cursor stays on its run
        await press(app, pilot, "S")
        assert place.state.run == f"{1_299 - moved:016d}"
        assert place.table.row == 1_299 - moved
        pages = [params for name, params in ask.asked if name == "run_page"]
        assert all(params["most"] == 400 for params in pages)
        assert "run_list" not in [name for name, _ in ask.asked]


async def test_a_long_list_is_exported_whole(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    async with opened((120, 30), ask=_ask_of_many(monkeypatch, 500)) as (app, pilot):
        await press(app, pilot, "5", "x", "enter")
        assert "wrote 500 rows to" in lines(app)[-2]
        assert len((tmp_path / "runs.csv").read_text().splitlines()) == 501
