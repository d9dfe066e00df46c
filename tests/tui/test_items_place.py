"""The Items place by keys, on a small store with items in five scripts."""

from __future__ import annotations

import json

import pytest
from intermezzo.tui import items_state
from intermezzo.tui.places.items import ItemsPlace
from item_store import ITEMS, right
from screens import opened, place_of, press, screen_text, settled

FROM_COMPARE = ("j", "space", "k", "space", "c", "enter")
"""mbert + mnli against mbert, then the items of the first language: zh."""


def items_of(app) -> ItemsPlace:
    place = app.place
    assert isinstance(place, ItemsPlace)
    return place


def lines(app) -> list[str]:
    return screen_text(app).splitlines()


async def test_nothing_to_show_says_what_to_do(ask):
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, "3")
        assert "There press Enter on a language." in screen_text(app)
        await press(app, pilot, *"jkGgnNty", "Y", "x", "enter", "tab", "full_stop", "q")
        assert items_of(app).pane == "items.grid"


async def test_enter_on_a_language_shows_its_items_and_back_leads_to_the_comparison(ask):
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, *FROM_COMPARE)
        assert "A mbert + mnli · B mbert · zh: all" in screen_text(app)
        assert "1 of 60 · all · only A right 22 · only B 0" in lines(app)[-2]
        assert "一个男人正在吃饭" in screen_text(app)
        await press(app, pilot, "left_square_bracket")
        assert "Compare" in lines(app)[0]
        assert "+36.7▲" in screen_text(app)


async def test_a_title_that_is_too_long_still_says_language_and_filter(ask):
    async with opened((40, 24), ask=ask) as (app, pilot):
        await press(app, pilot, *FROM_COMPARE, "f")
        [title] = [line for line in lines(app) if line.startswith(" A ")]
        assert "zh: A right, B wrong" in title


async def test_only_what_a_has_right_and_b_wrong_and_back(ask):
    wanted = [n for n in range(ITEMS) if right("mbert + mnli", "zh", n) and not right("mbert", "zh", n)]
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, *FROM_COMPARE, "f")
        place = items_of(app)
        assert [int(row.item_id) for row in place.pages[0]] == wanted
        assert f"1 of {len(wanted)} · A right, B wrong" in lines(app)[-2]
        await press(app, pilot, "f")
        assert "No item is left with: B right, A wrong. f goes on, Esc shows all." in screen_text(app)
        await press(app, pilot, "t")
        assert [int(row.item_id) for row in place.pages[0]] == wanted
        await press(app, pilot, "escape")
        assert "1 of 60 · all" in lines(app)[-2]
        await press(app, pilot, "u", "u")
        assert items_of(app).state.systems == ("mbert + mnli", "mbert")


async def test_words_of_texts_are_found_among_what_the_other_filter_leaves(ask):
    async with opened((100, 24), ask=ask) as (app, pilot):
        await press(app, pilot, *FROM_COMPARE, "j", "slash", *"第1", "enter")
        found = [row.item_id for row in items_of(app).pages[0]]
        assert found == ["1", *(str(n) for n in range(10, 20))]
        assert "1 of 11 · all · filter 第1 · only A right" in lines(app)[-2]
        await press(app, pilot, "f")
        flipped = [n for n in found if right("mbert + mnli", "zh", int(n)) > right("mbert", "zh", int(n))]
        assert [row.item_id for row in items_of(app).pages[0]] == flipped
        await press(app, pilot, "full_stop")
        assert "--only-a --filter '第1'" in " ".join(screen_text(app).split())
        await press(app, pilot, "escape", "slash", "ctrl+u", *"nothing", "enter")
        said = "No item holds 'nothing' of those with: A right, B wrong. Esc clears the filter."
        assert said in screen_text(app)
        await press(app, pilot, "escape")
        assert "1 of 22 · A right, B wrong · only" in lines(app)[-2]
        await press(app, pilot, "escape")
        assert "1 of 60 · all · only" in lines(app)[-2]
        await press(app, pilot, "u", "u", "u")
        assert items_of(app).state.filter == "第1"


async def test_one_item_in_all_its_languages(ask):
    async with opened((100, 60), ask=ask) as (app, pilot):
        await press(app, pilot, *FROM_COMPARE, "j", "j", "enter")
        text = screen_text(app)
        assert "Item 2" in text
        for code, sample in (("zh", "第2个问题"), ("ar", "رجل يأكل الطعام رقم 2"), ("th", "ผู้ชายกำลังกินข้าว 2")):
            assert sample in text, code
        told = [line for _, line in items_of(app).item.lines]
        assert told[0] == "zh"
        await press(app, pilot, "escape", "n")
        assert "th: all" not in text
        assert items_of(app).state.row == 2
        assert items_of(app).state.language == "ar"


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_columns_before_the_text_stand_straight_in_every_script(size, ask):
    from rich.cells import cell_len

    async with opened(size, ask=ask) as (app, pilot):
        await press(app, pilot, *FROM_COMPARE)
        for _ in range(5):
            shown = [line for line in lines(app) if " entailment  " in line or "contradiction" in line]
            starts = {cell_len(line[: line.index("entailment")]) for line in shown if "entailment" in line}
            assert len(starts) == 1
            strips = app.screen._compositor.render_strips()
            assert {strip.cell_length for strip in strips} == {size[0]}
            await press(app, pilot, "n")


async def test_pages_are_read_as_they_come_into_sight(ask, monkeypatch):
    monkeypatch.setattr(items_state, "PAGE", 7)
    monkeypatch.setattr("intermezzo.tui.places.items.PAGE", 7)
    async with opened((80, 12), ask=ask) as (app, pilot):
        await press(app, pilot, *FROM_COMPARE)
        assert 8 not in items_of(app).pages
        await press(app, pilot, "G")
        await settled(app, pilot)
        assert items_of(app).row.item_id == "59"
        assert "…   …" not in screen_text(app)
        assert 4 not in items_of(app).pages


async def test_the_command_copies_and_exports(ask, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    async with opened((120, 40), ask=ask, store_options=("--store", "s")) as (app, pilot):
        await press(app, pilot, *FROM_COMPARE, "f", "full_stop")
        text = " ".join(screen_text(app).split())
        assert "intermezzo show items 'mbert + mnli' mbert --yardstick" in text
        assert "--language zh --only-a" in text
        await press(app, pilot, "escape", "y")
        assert app.clipboard.startswith("一个男人")
        await press(app, pilot, "colon", *"export flips.json", "enter")
        assert len(json.loads((tmp_path / "flips.json").read_text())) == 22


async def test_one_system_alone_from_the_languages_of_the_matrix(ask):
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, "j", "enter", "i")
        place = items_of(app)
        assert place.state.systems == ("mbert + mnli",)
        assert "right " in lines(app)[-2]
        await press(app, pilot, "colon", *"language sw", "enter")
        assert "No items in 'sw' are kept" in screen_text(app)
        await press(app, pilot, "u", "1")
        assert place_of(app).pane == "matrix.languages"


@pytest.mark.parametrize("size", [(20, 5), (30, 8)])
async def test_tiny_terminals_break_nothing(size, ask):
    async with opened(size, ask=ask) as (app, pilot):
        await press(app, pilot, *FROM_COMPARE, *"jkGgfft0$", "enter", "G", "tab", "escape")
        await pilot.resize_terminal(120, 40)
        await settled(app, pilot)
        assert "mbert" in screen_text(app)


async def test_undone_to_the_beginning_there_is_nothing_of_what_was_shown(ask):
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, *FROM_COMPARE)
        await press(app, pilot, "j", "enter")
        await press(app, pilot, "u")
        assert items_of(app).page is None
        assert lines(app)[0].rstrip() == " demo › Items"
        await press(app, pilot, "2")
        await press(app, pilot, "u")
        assert lines(app)[0].rstrip() == " demo › Compare"
        assert "There is nothing to compare yet." in screen_text(app)
        await press(app, pilot, "U")
        assert "A mbert + mnli  -  B mbert" in screen_text(app)
