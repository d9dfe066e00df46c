"""The app with keys pressed: what is shown and what is asked."""

from __future__ import annotations

import json

import pytest
from fake_ask import FakeAsk
from intermezzo.queries.errors import Problem
from intermezzo.tui.messages import Progress, StoreChanged
from intermezzo.tui.places.matrix import EMPTY
from screens import opened, place_of, press, screen_text, settled
from textual.events import Key

SIZES = [(80, 24), (120, 40), (200, 60)]


def lines(app) -> list[str]:
    return screen_text(app).splitlines()


@pytest.mark.parametrize("size", SIZES)
async def test_the_first_screen_is_the_matrix_with_breadcrumb_status_and_keys(size):
    async with opened(size) as (app, _):
        shown = lines(app)
        assert shown[0].strip() == "demo › Matrix › xlm-r-large › xnli"
        assert "xnli" in shown[1]
        assert "xlm-r-large + mnli > squad" in screen_text(app)
        assert "14 systems × 9 yardsticks · macro · values" in shown[-2]
        assert "12 ms" in shown[-2]
        assert "Enter in" in shown[-1]
        assert "? help" in shown[-1]


@pytest.mark.parametrize("size", SIZES)
async def test_wide_terminals_show_three_panes_and_narrow_ones_one(size):
    async with opened(size) as (app, _):
        text = screen_text(app)
        wide = size[0] >= 120
        assert ("Swahili" in text) == wide
        assert ("● value  ├─┤ its 95 % interval" in text) == wide


async def test_enter_drills_in_and_esc_comes_out_again():
    async with opened() as (app, pilot):
        await press(app, pilot, "j", "enter")
        assert "Swahili" in screen_text(app)
        assert place_of(app).pane == "matrix.languages"
        await press(app, pilot, "enter")
        assert "├─" in screen_text(app)
        await press(app, pilot, "escape")
        assert place_of(app).pane == "matrix.grid"
        await press(app, pilot, "tab", "backspace")
        assert place_of(app).pane == "matrix.grid"


@pytest.mark.parametrize("size", SIZES)
async def test_tab_goes_round_the_panes_at_every_width(size):
    async with opened(size) as (app, pilot):
        seen = []
        for _ in range(3):
            seen.append(place_of(app).pane)
            await press(app, pilot, "tab")
        assert seen == ["matrix.grid", "matrix.languages", "matrix.plot"]
        assert place_of(app).pane == "matrix.grid"
        await press(app, pilot, "shift+tab")
        assert place_of(app).pane == "matrix.plot"
        assert "95 % interval" in screen_text(app)


@pytest.mark.parametrize("size", SIZES)
async def test_the_cursor_is_drawn_in_the_focused_pane_and_nowhere_else(size):
    def reversed_texts() -> list[str]:
        strips = app.screen._compositor.render_strips()
        segments = [
            segment for strip in strips for segment in strip if segment.style and segment.style.reverse
        ]
        return [segment.text for segment in segments]

    async with opened(size) as (app, pilot):
        assert len(reversed_texts()) == 1
        await press(app, pilot, "enter")
        languages = [text for text in reversed_texts() if "Arab" in text or "5,010" in text]
        assert len(languages) == 1
        await press(app, pilot, "escape")
        assert not [text for text in reversed_texts() if "5,010" in text]


async def test_moving_goes_by_vi_keys_and_arrows():
    async with opened() as (app, pilot):
        place = place_of(app)
        await press(app, pilot, "j", "down", "l", "right")
        assert (place.state.system, place.state.yardstick) == ("xlm-r-large + qqp", "y-udpos")
        await press(app, pilot, "G", "$")
        assert (place.state.system, place.state.yardstick) == ("mbert + mnli > squad", "y-tatoeba")
        await press(app, pilot, "g", "0")
        assert (place.state.system, place.state.yardstick) == ("xlm-r-large", "y-xnli")
        await press(app, pilot, "k", "h")
        assert (place.state.system, place.state.yardstick) == ("xlm-r-large", "y-xnli")


async def test_columns_that_do_not_fit_scroll_into_view_under_a_frozen_header():
    async with opened() as (app, pilot):
        assert "tatoeba" not in lines(app)[1]
        await press(app, pilot, "$")
        assert "tatoeba" in lines(app)[1]
        assert "xlm-r-large + qqp" in screen_text(app)
        await press(app, pilot, "0")
        assert "xnli" in lines(app)[1]


async def test_a_gap_says_its_reason_below():
    async with opened() as (app, pilot):
        await press(app, pilot, "j", "j", "l", "l")
        assert "gap: refused: the file was cut off after 2 of 15 languages" in lines(app)[-3]


async def test_a_cell_of_which_only_the_mean_was_published_says_so():
    async with opened() as (app, pilot):
        await press(app, pilot, "$", "enter")
        assert "macro only: no per-language scores were published" in screen_text(app)


async def test_filtering_is_live_and_esc_gives_it_up():
    async with opened() as (app, pilot):
        await press(app, pilot, "slash", *"mbert")
        assert "xlm-r-large + mnli" not in screen_text(app)
        await press(app, pilot, "escape")
        assert place_of(app).state.filter == ""
        await press(app, pilot, "slash", *"squad", "enter")
        assert place_of(app).state.filter == "squad"
        assert "4 of 14 systems" in lines(app)[-2]
        await press(app, pilot, "escape")
        assert "14 systems" in lines(app)[-2]


async def test_a_filter_that_matches_nothing_says_how_to_clear_it():
    async with opened() as (app, pilot):
        await press(app, pilot, "slash", *"[zzz]", "enter")
        assert "No system holds '[zzz]'. Esc clears the filter." in screen_text(app)
        await press(app, pilot, "j", "enter", "s", "d", "y", "Y", "t", "space", "escape", "escape")
        assert place_of(app).state.filter == ""


async def test_values_and_deltas_and_a_pinned_baseline():
    async with opened() as (app, pilot):
        await press(app, pilot, "d", "j")
        assert "macro deltas" in lines(app)[1]
        assert "against xlm-r-large on 15 languages" in lines(app)[-3]
        await press(app, pilot, "b", "k")
        assert app._desk is not None
        assert "baseline xlm-r-large + m" in lines(app)[-2]
        assert "against xlm-r-large + mnli" in lines(app)[-3]


async def test_only_what_changes_the_rows_is_asked_again():
    ask = FakeAsk()
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, "s", "S", "t", "d", "space")
        assert [name for name, _ in ask.asked] == ["matrix"]
        await press(app, pilot, "m")
        assert ask.asked[-1] == ("matrix", {"aggregate": "median"})
        await press(app, pilot, "u")
        assert len(ask.asked) == 2


async def test_sorting_undo_and_redo():
    async with opened() as (app, pilot):
        await press(app, pilot, "l", "s")
        assert place_of(app).state.sort == "y-pawsx"
        assert "pawsx↓" in lines(app)[1]
        assert "by pawsx ↓" in lines(app)[-2]
        await press(app, pilot, "S")
        assert "pawsx↑" in lines(app)[1]
        await press(app, pilot, "u", "u")
        assert place_of(app).state.sort is None
        await press(app, pilot, "u")
        assert "nothing to undo" in lines(app)[-2]
        await press(app, pilot, "U", "U")
        assert (place_of(app).state.sort, place_of(app).state.descending) == ("y-pawsx", False)


async def test_marks_are_stars_and_transposing_keeps_the_cursor():
    async with opened() as (app, pilot):
        await press(app, pilot, "j", "space", "t")
        state = place_of(app).state
        assert state.marks == ("xlm-r-large + mnli",)
        assert (state.system, state.yardstick) == ("xlm-r-large + mnli", "y-xnli")
        assert "xlm-r-large" in lines(app)[1]
        assert "mnli" in lines(app)[2]
        await press(app, pilot, "t")
        assert "*xlm-r-large + mnli" in screen_text(app)


async def test_languages_are_sorted_in_turn_and_grouped():
    async with opened() as (app, pilot):
        await press(app, pilot, "enter", "s", "s")
        assert "── Indo-European" in screen_text(app)
        assert "by family ↑" in lines(app)[-2]
        await press(app, pilot, "S")
        assert "by family ↓" in lines(app)[-2]


async def test_the_cursor_of_the_languages_is_kept_by_name():
    async with opened() as (app, pilot):
        await press(app, pilot, "enter", "j", "j")
        language = place_of(app).state.language
        await press(app, pilot, "s")
        assert place_of(app).languages_pane.language.code == language
        assert lines(app)[0].endswith(f"› {language}")
        await press(app, pilot, "G", "g", "ctrl+d", "ctrl+u", "k")
        assert place_of(app).languages_pane.language is not None


async def test_back_and_forward_go_through_cells_and_panes():
    async with opened() as (app, pilot):
        await press(app, pilot, "j", "enter", "escape", "j", "j", "enter")
        await press(app, pilot, "left_square_bracket")
        assert (place_of(app).pane, place_of(app).state.system) == ("matrix.grid", "xlm-r-large + squad")
        await press(app, pilot, "left_square_bracket")
        assert (place_of(app).pane, place_of(app).state.system) == ("matrix.languages", "xlm-r-large + mnli")
        await press(app, pilot, "right_square_bracket")
        assert place_of(app).state.system == "xlm-r-large + squad"
        await press(app, pilot, *["left_square_bracket"] * 6)
        assert "nothing further back" in lines(app)[-2]


async def test_help_is_that_of_the_focused_pane():
    async with opened((100, 40)) as (app, pilot):
        await press(app, pilot, "question_mark")
        assert "Systems down, tasks across" in screen_text(app)
        await press(app, pilot, "G", "escape", "enter", "f1")
        assert "The languages behind the cell" in screen_text(app)
        await press(app, pilot, "q")
        assert place_of(app).pane == "matrix.languages"


async def test_the_palette_does_actions_with_arguments():
    async with opened() as (app, pilot):
        await press(app, pilot, "colon", *"filter mbert", "enter")
        assert place_of(app).state.filter == "mbert"
        await press(app, pilot, "ctrl+p", *"base", "tab", *"mbert + squad", "enter")
        assert place_of(app).state.baseline == "mbert + squad"
        await press(app, pilot, "colon", *"task xnli panx", "enter")
        assert "2 yardsticks" in lines(app)[-2]
        await press(app, pilot, "colon", *"hide", "enter", "colon", *"unhide", "enter")
        assert place_of(app).state.hidden == ()
        await press(app, pilot, "colon", *"down", "enter")
        await press(app, pilot, "colon", *"transpose now", "enter")
        assert "takes no argument" in screen_text(app)
        await press(app, pilot, "escape")
        assert not place_of(app).state.transposed


async def test_the_palette_offers_names_for_arguments():
    async with opened((100, 40)) as (app, pilot):
        await press(app, pilot, "colon", *"baseline squad")
        assert "mbert + squad" in screen_text(app)
        await press(app, pilot, "down", "enter")
        assert place_of(app).state.baseline in {"xlm-r-large + squad", "xlm-r-large + mnli > squad"}


async def test_a_baseline_that_is_not_there_is_said():
    async with opened() as (app, pilot):
        await press(app, pilot, "colon", *"baseline nobody", "enter")
        assert "there is no system 'nobody' here" in lines(app)[-2]
        assert place_of(app).state.baseline is None


async def test_the_command_and_sql_behind_the_view_can_be_copied():
    async with opened((120, 40), store_options=("--store", "my store")) as (app, pilot):
        await press(app, pilot, "b", "full_stop")
        text = screen_text(app)
        assert "intermezzo show matrix --baseline xlm-r-large --deltas --store 'my store'" in text
        assert "SELECT" in text
        # the SQL can be run as it stands
        assert "$baseline" not in text
        await press(app, pilot, "y")
        assert app.clipboard.startswith("intermezzo show matrix")
        assert "copied the command" in lines(app)[-2]


async def test_copying_a_cell_a_row_and_languages():
    async with opened() as (app, pilot):
        await press(app, pilot, "y")
        assert float(app.clipboard) > 0
        await press(app, pilot, "Y")
        assert app.clipboard.startswith("xlm-r-large\t0.")
        await press(app, pilot, "j", "j", "l", "l", "y")
        assert "nothing to copy" in lines(app)[-2]
        await press(app, pilot, "enter", "Y")
        assert app.clipboard.split("\t")[0] == place_of(app).languages_pane.language.code
        assert "copied 20 cells (OSC 52)" in lines(app)[-2]
        await press(app, pilot, "g", "y")
        assert float(app.clipboard) > 0
        assert "copied 1 cell (OSC 52)" in lines(app)[-2]


async def test_more_than_a_terminal_takes_goes_to_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    async with opened() as (app, _):
        app._copy("x" * 50_001, "much")
        assert (tmp_path / "intermezzo-copy.txt").read_text() == "x" * 50_001
        assert "wrote it to" in app._said


async def test_exporting_asks_for_a_name_and_says_where_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    async with opened() as (app, pilot):
        await press(app, pilot, "x", "enter")
        assert "wrote 126 rows to" in lines(app)[-2]
        assert (tmp_path / "matrix.csv").read_text().startswith("system,base_model,recipe,task,")
        await press(app, pilot, "enter", "x", "escape")
        await press(app, pilot, "colon", *"export languages.md", "enter")
        assert "Swahili" in (tmp_path / "languages.md").read_text()


async def test_what_is_not_here_yet_says_so():
    async with opened() as (app, pilot):
        await press(app, pilot, "c")
        assert "mark two systems with space" in lines(app)[-2]
        await press(app, pilot, "j")
        assert "not in this version yet" not in lines(app)[-2]


async def test_q_comes_out_of_a_pane_and_leaves_the_app_from_the_matrix():
    async with opened() as (app, pilot):
        await press(app, pilot, "enter", "q")
        assert place_of(app).pane == "matrix.grid"
        await pilot.press("q")
        await pilot.pause()
        assert app.return_value == 0
        assert not app.is_running or app._exit


async def test_an_empty_store_says_what_to_do():
    async with opened(ask=FakeAsk(systems=[])) as (app, pilot):
        for line in EMPTY.split("\n"):
            assert line in screen_text(app)
        await press(
            app,
            pilot,
            *"jklhGg0$",
            "enter",
            "escape",
            "s",
            "S",
            "d",
            "m",
            "t",
            "b",
            "space",
            "y",
            "Y",
            "u",
            "full_stop",
        )
        assert app.is_running


async def test_a_store_that_fails_says_why_and_a_later_answer_mends_it():
    ask = FakeAsk(fail={"matrix": Problem("The index is damaged. Say: intermezzo index --rebuild")})
    async with opened(ask=ask) as (app, pilot):
        assert "The index is damaged." in screen_text(app)
        ask.fail.clear()
        app.post_message(StoreChanged("g2"))
        await settled(app, pilot)
        assert "xlm-r-large + mnli" in screen_text(app)


async def test_languages_that_fail_do_not_hide_the_matrix():
    ask = FakeAsk(fail={"languages": Problem("No such column.")})
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, "enter")
        assert "No such column." in screen_text(app)
        ask.fail.clear()
        await press(app, pilot, "escape", "enter")
        assert "Swahili" in screen_text(app)


async def test_new_runs_appear_and_the_cursor_stays_by_name():
    ask = FakeAsk()
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, "j", "j", "l")
        ask.systems.insert(0, ("a new system", "new", "direct"))
        ask.generation = "g2"
        app.post_message(StoreChanged("g2"))
        await settled(app, pilot)
        assert "a new system" in screen_text(app)
        assert (place_of(app).state.system, place_of(app).state.yardstick) == ("xlm-r-large + qqp", "y-pawsx")


async def test_keys_are_answered_while_a_question_runs_and_ctrl_c_stops_it():
    ask = FakeAsk()
    async with opened(ask=ask) as (app, pilot):
        ask.gate.clear()
        await pilot.press("m")
        await pilot.press("j", "l")
        assert place_of(app).state.yardstick == "y-pawsx"
        assert app._desk.busy()
        await pilot.press("ctrl+c")
        assert not app._desk.busy()
        assert "stopped" in lines(app)[-2]
        await pilot.press("ctrl+c")
        assert "nothing runs; q leaves" in lines(app)[-2]


async def test_progress_of_an_import_is_shown():
    async with opened() as (app, pilot):
        app.post_message(Progress("importing 10 of 200 files"))
        await pilot.pause()
        assert "importing 10 of 200 files" in lines(app)[-2]
        app.post_message(Progress(""))
        await pilot.pause()
        assert "importing" not in lines(app)[-2]


async def test_a_view_is_resumed_where_it_was_left(tmp_path):
    file = tmp_path / "views.json"
    async with opened(state_file=file) as (app, pilot):
        await press(app, pilot, "j", "d", "l", "s", "enter", "q", "q")
    assert json.loads(file.read_text())["stores"]["demo"]["matrix"]["show"] == "deltas"
    async with opened(state_file=file) as (app, _):
        state = place_of(app).state
        assert (state.show, state.sort, state.yardstick) == ("deltas", "y-pawsx", "y-pawsx")
        assert state.system == "xlm-r-large + mnli"


async def test_a_view_of_systems_that_are_gone_is_no_error(tmp_path):
    file = tmp_path / "views.json"
    gone = {
        "system": "gone",
        "yardstick": "gone",
        "sort": "gone",
        "hidden": ["x"],
        "marks": ["gone"],
        "pane": "matrix.plot",
    }
    file.write_text(json.dumps({"stores": {"demo": {"matrix": gone}}}))
    async with opened(state_file=file) as (app, pilot):
        await press(app, pilot, "escape")
        assert "xlm-r-large" in screen_text(app)


@pytest.mark.parametrize("size", [(20, 5), (30, 8), (40, 10)])
async def test_tiny_terminals_do_not_break_anything(size):
    async with opened(size) as (app, pilot):
        await press(
            app, pilot, *"jlGg$0", "d", "enter", "tab", "escape", "question_mark", "escape", "colon", "escape"
        )
        await pilot.resize_terminal(120, 40)
        await settled(app, pilot)
        assert "Swahili" in screen_text(app)
        await pilot.resize_terminal(*size)
        await settled(app, pilot)


async def test_strange_names_reach_the_screen_harmless_and_straight():
    names = [
        "[bold]x[/]",
        "中文模型 + 很长很长的名字很长很长的名字",
        "\x1b[2Jclear",
        "👩\u200d👩\u200d👧",
        "مرحبا \u202egnp",
        "a\nb\tc",
    ]
    ask = FakeAsk(systems=[(name, name, "direct") for name in names])
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, *"jjjjj")
        text = screen_text(app)
        assert "[bold]x[/]" in text
        assert "\x1b" not in text
        assert "\u202e" not in text
        await press(app, pilot, "enter", "escape", "t", "d", "y")
        assert "\x1b" not in screen_text(app)


async def test_no_color_draws_blocks_and_no_colours(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened() as (app, _):
        assert any(block in screen_text(app) for block in "▂▃▄▅▆")
        for strip in app.screen._compositor.render_strips():
            for segment in strip:
                style = segment.style
                assert style is None or style.bgcolor is None or style.bgcolor.is_default
                assert style is None or style.color is None or style.color.is_default


async def test_a_click_moves_the_cursor():
    async with opened() as (app, pilot):
        await pilot.click("#grid", offset=(45, 5))
        assert place_of(app).state.system == "xlm-r-large + hellaswag"
        assert place_of(app).state.yardstick == "y-udpos"


async def test_a_long_paste_into_the_filter_is_cut():
    from textual import events

    async with opened() as (app, pilot):
        await press(app, pilot, "slash")
        assert app.focused is not None
        app.focused.post_message(events.Paste("x" * 10_000))
        await press(app, pilot, "enter")
        assert len(place_of(app).state.filter) <= 2_000


async def test_what_is_typed_before_the_prompt_is_there_goes_into_it():
    async with opened() as (app, pilot):
        place = place_of(app)
        # a burst, as of a paste or a slow link: nothing is drawn or mounted between the keys
        for key, character in (("slash", "/"), *zip("qqp", "qqp", strict=True), ("enter", "\r"), ("t", "t")):
            app.post_message(Key(key, character))
        await settled(app, pilot)
        assert place.state.filter == "qqp"
        assert place.state.transposed
        assert "filter qqp" in screen_text(app)
        await press(app, pilot, "j", "slash", *"x", "escape")
        assert place.state.filter == "qqp"


@pytest.mark.parametrize("typed", ["می\u200cخواهم", "क्\u200dष", "你\u3000好", "👨\u200d👩"])
async def test_joiners_and_the_spaces_of_other_scripts_are_typed_as_they_are(typed):
    async with opened() as (app, pilot):
        for key, character in (("slash", "/"), *((letter, letter) for letter in typed), ("enter", "\r")):
            app.post_message(Key(key, character))
        await settled(app, pilot)
        assert place_of(app).state.filter == typed
        await press(app, pilot, "7")
        for letter in typed:
            app.post_message(Key(letter, letter))
        await settled(app, pilot)
        assert app.place.editor.text.endswith(typed)


async def test_what_is_typed_before_the_palette_is_there_goes_into_it():
    async with opened() as (app, pilot):
        words = [("space" if letter == " " else letter, letter) for letter in "filter qqp"]
        for key, character in (("colon", ":"), *words, ("enter", "\r"), ("t", "t")):
            app.post_message(Key(key, character))
        await settled(app, pilot)
        assert place_of(app).state.filter == "qqp"
        assert place_of(app).state.transposed


async def test_the_palette_completes_what_the_matrix_is_sorted_by_and_several_tasks():
    async with opened() as (app, pilot):
        await press(app, pilot, "colon", *"sort xn")
        assert [offer for offer, _, _ in app.screen._offers] == ["sort xnli"]
        await press(app, pilot, "enter")
        assert place_of(app).state.sort == "y-xnli"
        await press(app, pilot, "colon", *"sort nothing", "enter")
        assert "there is no system or task 'nothing' here to sort by" in screen_text(app)
        await press(app, pilot, "colon", *"task pawsx xn", "tab", "enter")
        assert place_of(app).state.tasks == ("pawsx", "xnli")


async def test_the_palette_limits_runs_to_a_system_or_task():
    async with opened() as (app, pilot):
        await press(app, pilot, "5", "colon", *"system mbert")
        assert "system mbert" in [offer for offer, _, _ in app.screen._offers]
        await press(app, pilot, "enter", "colon", *"task xnl", "enter")
        assert (app.place.state.system, app.place.state.task) == ("mbert", "xnli")
        await press(app, pilot, "colon", *"system", "enter")
        assert app.place.state.system is None


async def test_the_title_of_the_languages_changes_together_with_them():
    """While others are read, the last cell's stay under their own title; once that takes long, it is said."""
    ask = FakeAsk()
    async with opened((120, 40), ask=ask) as (app, pilot):
        place, pane = place_of(app), place_of(app).languages_pane
        title, rows = pane.title, pane.rows
        assert rows
        ask.gate.clear()
        await pilot.press("l")
        place._rested()
        await pilot.pause()
        meanwhile = (pane.title, pane.rows)
        place.show_languages_now()
        at_last = (pane.title, pane.rows)
        ask.gate.set()
        assert meanwhile == (title, rows)
        assert "pawsx" in at_last[0]
        assert at_last[1] == ()
        await settled(app, pilot)
        assert pane.rows
        assert pane.rows != rows
