"""The SQL place by keys."""

from __future__ import annotations

import pytest
from intermezzo.tui.places.sql import SqlPlace
from intermezzo.tui.sql_state import completed, remembered
from screens import opened, press, screen_text, settled
from textual.events import Key


@pytest.fixture(autouse=True)
def _own_config(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def sql_of(app) -> SqlPlace:
    place = app.place
    assert isinstance(place, SqlPlace)
    return place


def lines(app) -> list[str]:
    return screen_text(app).splitlines()


def typed(app, text: str) -> None:
    sql_of(app).editor.text = text
    sql_of(app).editor.move_cursor(sql_of(app).editor.document.end)


async def test_enter_behind_a_semicolon_runs_and_the_rows_are_a_table(ask):
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, "7")
        assert "It reads the index of this store" in screen_text(app)
        await press(app, pilot, "enter")
        assert "mbert + mnli" in screen_text(app)
        assert "4 rows" in lines(app)[-2]
        await press(app, pilot, "y")
        assert app.clipboard.startswith("mbert + ")
        await press(app, pilot, "l", "l", "l", "y")
        assert float(app.clipboard) == 0.53


async def test_digits_and_letters_are_typed_in_the_editor_and_move_in_the_rows(ask):
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, "7")
        typed(app, "")
        await press(app, pilot, *"select 12 as q;", "enter")
        assert sql_of(app).answer.rows == [(12,)]
        await press(app, pilot, "1")
        assert "Matrix" in lines(app)[0]


async def test_ctrl_u_clears_lines_however_they_are_wrapped(ask):
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, "7")
        typed(app, "SELECT 1,\n" + "2 + " * 40 + "3;")
        await press(app, pilot, "ctrl+u")
        assert sql_of(app).editor.text == "SELECT 1,\n"
        await press(app, pilot, "ctrl+u", "ctrl+u", "ctrl+u", *"select 7;", "enter")
        assert sql_of(app).answer.rows == [(7,)]


async def test_tab_completes_tables_and_columns(ask):
    async with opened((120, 40), ask=ask) as (app, pilot):
        await press(app, pilot, "7")
        typed(app, "SELECT transfer_g")
        await press(app, pilot, "tab")
        assert sql_of(app).editor.text == "SELECT transfer_gap "
        typed(app, "SELECT * FROM run")
        await press(app, pilot, "tab")
        assert "run_list" in lines(app)[-2]
        assert sql_of(app).pane == "sql.editor"


async def test_more_rows_than_the_limit_and_what_is_refused_are_said(ask):
    async with opened((100, 30), ask=ask) as (app, pilot):
        await press(app, pilot, "7")
        typed(app, "SELECT * FROM range(20000)")
        await press(app, pilot, "ctrl+r")
        await press(app, pilot, "G")
        assert "10,000 rows; there are more: 10,000 is the limit here" in lines(app)[-2]
        assert "9999" in screen_text(app)
        await press(app, pilot, "enter")
        typed(app, "COPY runs TO 'x.csv'")
        await press(app, pilot, "ctrl+r")
        assert "Refused: SQL here reads the index only" in screen_text(app)
        await press(app, pilot, "enter")
        typed(app, "SELECT * FROM items")
        await press(app, pilot, "ctrl+r")
        assert "In the app place 3 shows items" in " ".join(screen_text(app).split())
        await press(app, pilot, "u")
        await press(app, pilot, "u")
        assert "10,000 rows" in lines(app)[-2]


async def test_ctrl_c_stops_what_runs(ask):
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, "7")
        typed(app, "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b")
        await pilot.press("ctrl+r")
        place = sql_of(app)
        while place._confined is None or place._confined._child is None:
            await pilot.pause()
        await press(app, pilot, "ctrl+c")
        assert "stopped" in lines(app)[-2]
        await press(app, pilot, "enter")
        typed(app, "SELECT 5 AS five")
        await press(app, pilot, "ctrl+r")
        assert place.answer is not None
        assert place.answer.rows == [(5,)]


async def test_history_and_saved_questions(ask):
    async with opened((100, 30), ask=ask) as (app, pilot):
        await press(app, pilot, "7", "enter", "colon", *"save best", "enter")
        assert "saved as" in lines(app)[-2]
        await press(app, pilot, "colon", *"saved coverage", "enter")
        assert "SELECT * FROM coverage;" in sql_of(app).editor.text
        await press(app, pilot, "escape", "colon", *"saved best", "enter")
        assert sql_of(app).editor.text.startswith("SELECT system, task")
        await press(app, pilot, "escape", "colon", *"history", "enter")
        assert sql_of(app).pane == "sql.editor"


async def test_the_statement_is_resumed_and_its_command_shown(ask, tmp_path):
    file = tmp_path / "views.json"
    async with opened(ask=ask, state_file=file) as (app, pilot):
        await press(app, pilot, "7", "ctrl+r", "full_stop")
        assert "intermezzo sql" in screen_text(app)
        await press(app, pilot, "escape")
        app.leave()
    async with opened(ask=ask, state_file=file) as (app, pilot):
        await press(app, pilot, "1", "7")
        await settled(app, pilot)
        assert sql_of(app).state.history


async def test_what_gave_no_rows_is_not_run_by_itself_when_the_app_is_opened_again(ask, tmp_path):
    file = tmp_path / "views.json"
    for statement, again in (("SELECT 42 AS answer", True), ("SELECT nothing_there", False)):
        async with opened(ask=ask, state_file=file) as (app, pilot):
            await press(app, pilot, "1", "7")
            sql_of(app).editor.text = statement
            await press(app, pilot, "ctrl+r")
            app.leave()
        async with opened(ask=ask, state_file=file) as (app, pilot):
            await press(app, pilot, "1", "7")
            assert sql_of(app).editor.text == statement
            assert (sql_of(app).answer is not None) == again
            assert sql_of(app)._asked == (statement if again else "")


@pytest.mark.parametrize("size", [(20, 5), (30, 8)])
async def test_tiny_terminals_break_nothing(size, ask):
    async with opened(size, ask=ask) as (app, pilot):
        await press(app, pilot, "7", "ctrl+r", *"jlGg$0", "tab", "escape")
        await pilot.resize_terminal(120, 40)
        await settled(app, pilot)
        assert "mbert" in screen_text(app)


def test_completion_goes_as_far_as_all_names_agree():
    names = ["matrix", "matched_languages", "metric"]
    assert completed("SELECT mat", names) == ("", ["matched_languages", "matrix"])
    assert completed("FROM matr", names) == ("ix ", ["matrix"])
    assert completed("FROM zz", names) == ("", [])
    assert completed("dist", names) == ("inct ", ["distinct"])
    assert completed("DIST", names) == ("INCT ", ["DISTINCT"])
    assert completed("FROM ", names) == ("", [])


def test_the_history_keeps_each_statement_once_newest_last():
    assert remembered(("a", "b"), "a") == ("b", "a")


def burst(app, text: str) -> None:
    """Press keys as a paste without brackets does: nothing is drawn or mounted between them."""
    names = {"\r": "enter", "\x15": "ctrl+u", " ": "space", ";": "semicolon", "\x12": "ctrl+r"}
    for character in text:
        app.post_message(Key(names.get(character, character), character))


async def test_what_is_typed_in_one_burst_with_the_key_that_opens_the_editor_goes_into_it(ask):
    async with opened(ask=ask) as (app, pilot):
        burst(app, "7\x15select 41 as q;\r")
        await settled(app, pilot)
        assert sql_of(app).answer.rows == [(41,)]
        burst(app, "\r\x15select 42 as q\x121")
        await settled(app, pilot)
        assert "Matrix" in lines(app)[0]
        burst(app, "7\r\x15select 43 as q;\r")
        await settled(app, pilot)
        assert sql_of(app).answer.rows == [(43,)]


async def test_what_the_editor_cannot_do_now_is_said(ask):
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, "7", "ctrl+p", *"copy", "enter")
        assert "there is nothing to copy here" in screen_text(app)
        assert app.focused is not None
