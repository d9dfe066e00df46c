"""The Compare place by keys, on a small store with items."""

from __future__ import annotations

import json
import threading

import pytest
from intermezzo.tui.places.compare import ComparePlace
from intermezzo.tui.plots.reading import read_plot
from screens import opened, place_of, press, screen_text, settled


def compare_of(app) -> ComparePlace:
    place = app.place
    assert isinstance(place, ComparePlace)
    return place


def lines(app) -> list[str]:
    return screen_text(app).splitlines()


def line_with(app, word: str) -> str:
    return next(line for line in lines(app) if word in line)


TWO = ("j", "space", "k", "space", "c")
"""Mark mbert + mnli, then mbert, and compare: A is the first that was marked."""


async def test_nothing_to_compare_says_what_to_do(ask):
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, "2")
        assert "mark two systems or more with space" in screen_text(app)
        await press(app, pilot, *"jkGg", "enter", "s", "S", "t", "p", "y", "Y", "x", "full_stop")
        assert "there is no view to name a command for yet" in lines(app)[-2]
        await press(app, pilot, "tab", "tab", "q")
        assert compare_of(app).pane == "compare.grid"


async def test_two_marked_systems_are_compared_language_by_language(ask):
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, *TWO)
        assert "A mbert + mnli  -  B mbert" in screen_text(app)
        assert "+36.7▲" in line_with(app, " zh ")
        assert "+24.1 to +49.2" in line_with(app, " zh ")
        assert "-28.3▼" in line_with(app, " th ")
        assert "all ties" not in line_with(app, " hi ")
        assert "+5.7" in line_with(app, "macro · these")
        assert "A wins 3 (2 sure) · loses 1 (1 sure) · ties 1 · by delta ↓ · holm" in lines(app)[-2]
        assert compare_of(app).shown.keys[:5] == ("zh", "ar", "en", "hi", "th")


async def test_the_line_below_says_what_the_columns_cannot(ask):
    async with opened((120, 40), ask=ask) as (app, pilot):
        await press(app, pilot, *TWO)
        assert "only A right 22, only B 0" in lines(app)[-3]
        await press(app, pilot, "j", "j", "j")
        assert lines(app)[-3].strip().startswith("A and B earn the same on each of the 60 common items")
        await press(app, pilot, "j", "j", "j", "j")
        assert "macro (languages like these)" in lines(app)[-3]


async def test_sorting_swapping_filtering_and_undoing_them(ask):
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, *TWO, "s")
        assert compare_of(app).shown.keys[:5] == ("ar", "en", "hi", "th", "zh")
        await press(app, pilot, "t")
        assert "-36.7▼" in line_with(app, " zh ")
        await press(app, pilot, "slash", *"indo-european", "enter")
        assert compare_of(app).shown.keys[:2] == ("en", "hi")
        assert len(compare_of(app).shown.languages) == 2
        await press(app, pilot, "u", "u", "u")
        assert "+36.7▲" in line_with(app, " zh ")
        assert compare_of(app).shown.keys[0] == "zh"
        await press(app, pilot, "u", "u")
        assert "mark two systems or more" in screen_text(app)
        await press(app, pilot, "U")
        assert "+36.7▲" in line_with(app, " zh ")


async def test_a_filter_that_leaves_nothing_of_a_pair_keeps_what_is_over_languages(ask):
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, *TWO, "slash", *"zzz", "enter")
        assert "over languages" in screen_text(app)
        await press(app, pilot, "enter")
        assert "put the cursor on a language" in lines(app)[-2]
        await press(app, pilot, "escape")
        assert len(compare_of(app).shown.languages) == 5


async def test_what_differs_is_refused_and_compared_all_the_same_when_insisted(ask):
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, "G", "space", "k", "space", "c")
        assert "Refused: mbert + " in screen_text(app)
        assert "differ in selection" in screen_text(app)
        await press(app, pilot, "tab")
        assert "Refused" in screen_text(app)
        await press(app, pilot, "tab")
        assert "selection different: A t" in screen_text(app)
        await press(app, pilot, "escape", "i")
        assert "macro · these" in screen_text(app)
        assert "insisted" in lines(app)[-2]


async def test_more_than_two_systems_are_compared_pair_by_pair_with_ranks(ask):
    async with opened((120, 40), ask=ask) as (app, pilot):
        await press(app, pilot, "space", "j", "space", "j", "space", "c")
        assert "pair 1 of 3" in lines(app)[-2]
        await press(app, pilot, "n", "n")
        assert "pair 3 of 3" in lines(app)[-2]
        told = "\n".join(text for _, text in compare_of(app).notes.lines)
        assert "Ranks" in told
        await press(app, pilot, "n")
        assert "pair 1 of 3" in lines(app)[-2]


async def test_one_mark_compares_the_cursor_with_it_and_no_mark_with_the_baseline(ask):
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, "space", "j", "c")
        assert compare_of(app).state.systems == ("mbert + mnli", "mbert")
        await press(app, pilot, "1", "colon", *"unmark", "enter", "j", "c")
        assert compare_of(app).state.systems == ("mbert + qqp", "mbert")
        await press(app, pilot, "left_square_bracket", "left_square_bracket")
        assert compare_of(app).state.systems == ("mbert + mnli", "mbert")


async def test_the_command_behind_a_comparison_and_its_export(ask, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    async with opened((120, 40), ask=ask, store_options=("--store", "s")) as (app, pilot):
        await press(app, pilot, *TWO, "m", "full_stop")
        text = " ".join(screen_text(app).split())
        assert "intermezzo show compare 'mbert + mnli' mbert --yardstick" in text
        assert "--adjust bh --store s" in text
        await press(app, pilot, "escape", "colon", *"export all.json", "enter")
        rows = json.loads((tmp_path / "all.json").read_text())
        assert rows[0]["language"] == "zh"
        assert abs(rows[0]["delta"] - 22 / 60) < 1e-12
        await press(app, pilot, "Y")
        assert app.clipboard.startswith("zh\t60\t")
        await press(app, pilot, "y")
        assert app.clipboard == "+36.7", "as it is shown; Y copies it unrounded"


async def test_a_comparison_is_resumed(ask, tmp_path):
    file = tmp_path / "views.json"
    async with opened(ask=ask, state_file=file) as (app, pilot):
        await press(app, pilot, *TWO, "s")
        app.leave()
    async with opened(ask=ask, state_file=file) as (app, pilot):
        await settled(app, pilot)
        assert "+36.7▲" in line_with(app, " zh ")
        assert compare_of(app).state.sort == "language"
        await press(app, pilot, "1")
        assert len(place_of(app).state.marks) == 2


async def test_a_task_that_they_do_not_share_is_a_sentence(ask):
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, *TWO, "colon", *"task pawsx", "enter")
        assert "has no score on pawsx" in screen_text(app)
        await press(app, pilot, "u")
        assert "+36.7▲" in line_with(app, " zh ")


@pytest.mark.parametrize("size", [(20, 5), (30, 8)])
async def test_tiny_terminals_break_nothing(size, ask):
    async with opened(size, ask=ask) as (app, pilot):
        await press(app, pilot, *TWO, *"jkGgs$0", "tab", "G", "tab", "G", "escape")
        await pilot.resize_terminal(120, 40)
        await settled(app, pilot)
        assert "+36.7▲" in screen_text(app)


async def test_the_digit_of_the_place_compares_what_is_marked_as_c_does(ask):
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, "j", "space", "k", "space", "2")
        place = compare_of(app)
        assert place.state.systems == ("mbert + mnli", "mbert")
        assert "+36.7▲" in line_with(app, " zh ")
        await press(app, pilot, "t", "1", "2")
        assert place.state.systems == ("mbert", "mbert + mnli"), "what was swapped stays so"
        await press(app, pilot, "1", "colon", *"unmark", "enter", "j", "j", "2")
        assert place.state.systems == ("mbert", "mbert + mnli"), "without marks nothing is taken over"
        await press(app, pilot, "1", "space", "k", "space", "5", "2")
        assert place.state.systems == ("mbert + qqp", "mbert + mnli"), "by way of another place, too"
        await press(app, pilot, "u")
        assert place.state.systems == ("mbert", "mbert + mnli")


async def test_one_mark_and_the_digit_compare_the_cursor_with_it(ask):
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, "space", "j", "2")
        assert compare_of(app).state.systems == ("mbert + mnli", "mbert")
        await press(app, pilot, "1", "2")
        assert compare_of(app).state.systems == ("mbert + mnli", "mbert")


async def test_the_palette_completes_tasks(ask):
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, *TWO, "colon", *"task xn")
        assert [offer for offer, _, _ in app.screen._offers] == ["task xnli"]
        await press(app, pilot, "enter")
        assert compare_of(app).state.task == "xnli"
        assert "+36.7▲" in line_with(app, " zh ")


async def test_what_was_stopped_says_so_and_the_number_of_the_place_asks_again(ask, monkeypatch):
    go = threading.Event()

    def waiting(reader, request):
        go.wait(30)
        return read_plot(reader, request)

    monkeypatch.setattr("intermezzo.tui.plots.finding.read_plot", waiting)
    async with opened((120, 40), ask=ask) as (app, pilot):
        await press(app, pilot, *TWO, "tab")
        compare_of(app).action_plot("histogram")
        await pilot.pause()
        assert "histogram · A - B" in screen_text(app)
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert "Stopped. The number of the place" in screen_text(app)
        go.set()
        await press(app, pilot, "2")
        assert "Stopped" not in screen_text(app)
        assert "items" in screen_text(app)


async def test_a_terminal_that_grows_has_the_line_between_the_panes(ask):
    async with opened((80, 24), ask=ask) as (app, pilot):
        await press(app, pilot, *TWO)
        await pilot.resize_terminal(160, 40)
        await settled(app, pilot)
        grown = screen_text(app).splitlines()[2:-3]
    async with opened((160, 40), ask=ask) as (app, pilot):
        await press(app, pilot, *TWO)
        assert [line[:90] for line in grown] == [line[:90] for line in screen_text(app).splitlines()[2:-3]]
