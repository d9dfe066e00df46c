"""The keys that arrange the matrix: group, hide, average, judge; each undone again."""

from __future__ import annotations

import pytest
from item_store import item_store
from screens import opened, place_of, press, reading, screen_text


def lines(app) -> list[str]:
    return screen_text(app).splitlines()


def matrix_lines(app) -> list[str]:
    """The matrix without the frame: undoing leaves the cursor where it is."""
    return [line.partition("▏")[0] for line in lines(app)[1:-3]]


@pytest.mark.parametrize(
    ("key", "seen"),
    [
        ("f", "── mbert ──"),
        ("F", " xtreme ──"),
        ("minus", "13 of 14 systems"),
        ("vertical_line", "8 yardsticks"),
    ],
)
async def test_what_a_key_does_is_seen_and_undone_and_done_again(key, seen):
    async with opened((160, 30)) as (app, pilot):
        before = matrix_lines(app)
        assert seen not in screen_text(app)
        await press(app, pilot, key)
        assert seen in screen_text(app)
        await press(app, pilot, "u")
        assert matrix_lines(app) == before
        await press(app, pilot, "U")
        assert seen in screen_text(app)


async def test_groups_of_systems_go_round_and_the_cursor_steps_over_their_names():
    async with opened() as (app, pilot):
        shown = []
        for _ in range(3):
            await press(app, pilot, "f")
            shown.append(place_of(app).state.systems_by)
        assert shown == ["family", "base-model", None]
        await press(app, pilot, "f")
        await press(app, pilot, "g")
        first = place_of(app).state.system
        systems = {first}
        for _ in range(13):
            await press(app, pilot, "j")
            systems.add(place_of(app).state.system)
        assert len(systems) == 14
        assert None not in systems


async def test_hidden_rows_and_columns_come_back_all_at_once_and_that_too_is_undone():
    async with opened() as (app, pilot):
        await press(app, pilot, "plus")
        assert "nothing is hidden" in lines(app)[-2]
        await press(app, pilot, "minus")
        await press(app, pilot, "minus")
        await press(app, pilot, "vertical_line")
        assert "12 of 14 systems × 8 yardsticks" in lines(app)[-2]
        assert "3 hidden" in lines(app)[-2]
        assert "xnli" not in lines(app)[1]
        await press(app, pilot, "plus")
        assert "14 systems × 9 yardsticks" in lines(app)[-2]
        await press(app, pilot, "u")
        assert "3 hidden" in lines(app)[-2]
        for _ in range(3):
            await press(app, pilot, "u")
        assert place_of(app).state.hidden == ()


async def test_means_are_no_yardsticks_and_have_no_languages():
    async with opened() as (app, pilot):
        await press(app, pilot, "M")
        assert "means stand in the last columns: $ goes there" in lines(app)[-2]
        await press(app, pilot, "u")
        assert not place_of(app).state.means
        await press(app, pilot, "U")
        assert "14 systems × 9 yardsticks" in lines(app)[-2]
        await press(app, pilot, "0")
        column = next(
            n for n, axis in enumerate(place_of(app).grid_pane.grid.columns) if "mean" in axis.label
        )
        for _ in range(column):
            await press(app, pilot, "l")
        await press(app, pilot, "enter")
        assert "A mean over tasks: their languages differ." in screen_text(app)


async def test_deltas_are_judged_by_their_items_and_no_more_after_undo(tmp_path):
    with reading(item_store(tmp_path / "store")) as ask:
        async with opened((100, 30), ask=ask) as (app, pilot):
            await press(app, pilot, "I")
            assert place_of(app).state.show == "deltas"
            assert "deltas judged (Holm)" in lines(app)[-2]
            await press(app, pilot, "j")
            judged = place_of(app).grid_pane.grid.cell(1, 0)
            assert judged.low is not None
            assert "[+1.6, +9.7] against mbert on 5 languages · adjusted p" in lines(app)[-3]
            await press(app, pilot, "u")
            assert place_of(app).state.show == "values"
            assert "judged" not in lines(app)[-2]
            await press(app, pilot, "d")
            assert place_of(app).grid_pane.grid.cell(1, 0).low is None


async def test_after_filtering_the_cursor_is_on_a_number_where_there_is_one():
    async with opened() as (app, pilot):
        place = place_of(app)
        gaps = [
            (row.label, column)
            for r, row in enumerate(place.grid_pane.grid.rows)
            for column in range(len(place.grid_pane.grid.columns))
            if not place.grid_pane.grid.has_number(r, column)
        ]
        name, column = next((name, column) for name, column in gaps if column)
        for _ in range(column):
            await press(app, pilot, "l")
        await press(app, pilot, "colon", *f"filter {name}", "enter")
        pane = place_of(app).grid_pane
        shown = [n for n, row in enumerate(pane.grid.rows) if not row.heading]
        assert any(pane.grid.has_number(row, pane.column) for row in shown)


async def test_a_picture_of_the_screen_is_written_without_the_prompt(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    async with opened() as (app, pilot):
        await press(app, pilot, "f")
        await press(app, pilot, "x")
        await press(app, pilot, "ctrl+u", *"grouped.svg", "enter")
        assert "wrote the screen to" in lines(app)[-2]
    picture = (tmp_path / "grouped.svg").read_text("utf-8")
    assert picture.startswith("<svg")
    assert "mbert" in picture
    assert "export" not in picture


async def test_help_lists_the_keys_that_arrange_and_what_clipboards_need():
    async with opened((120, 100)) as (app, pilot):
        await press(app, pilot, "question_mark")
        text = screen_text(app)
        keys = (
            "group systems by model family", "group tasks:", "means over the tasks", "95 % intervals",
            "hide the row under the cursor", "hide the column", "show all that is hidden",
        )  # fmt: skip
        for told in keys:
            assert told in text, told
        assert "set-clipboard on" in text
        await press(app, pilot, "escape")
        assert "macro values" in lines(app)[1]


async def test_what_changes_in_the_matrix_while_it_is_out_of_sight_is_said():
    said = "the matrix changed, out of sight: Esc goes there, u undoes it"
    async with opened((80, 24)) as (app, pilot):
        await press(app, pilot, "m")
        assert said not in screen_text(app)
        await press(app, pilot, "enter", "m")
        assert said in screen_text(app)
        await press(app, pilot, "d")
        assert said not in screen_text(app), "of the languages, too"
        await press(app, pilot, "p", "t")
        assert said in screen_text(app)
    async with opened((140, 40)) as (app, pilot):
        await press(app, pilot, "enter", "m")
        assert said not in screen_text(app)


async def test_a_command_that_changes_nothing_says_so():
    async with opened() as (app, pilot):
        for typed, said in (
            ("aggregate macro", "it is so already"),
            ("task", "it is so already"),
            ("unmark", "nothing is marked"),
            ("unhide", "nothing is hidden"),
        ):
            await press(app, pilot, "colon", *typed, "enter")
            assert said in lines(app)[-2], typed
        await press(app, pilot, "slash", "enter")
        assert "already" not in lines(app)[-2], "looked at and left: nobody asked for a change"


async def test_marks_and_what_is_hidden_are_said_whatever_else_the_line_has_to_say():
    async with opened((80, 24)) as (app, pilot):
        await press(
            app, pilot, "s", "space", "vertical_line", "slash", *"!a-word-that-no-name-holds", "enter"
        )
        assert "1 marked · 1 hidden" in lines(app)[-2]
