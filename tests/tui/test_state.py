"""View states: transitions, timelines, commands and questions, resuming."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from intermezzo.queries.matrix import AGGREGATES
from intermezzo.tui import resume
from intermezzo.tui.state import (
    LIMIT,
    MatrixState,
    Timeline,
    from_record,
    languages_call,
    question_call,
    to_record,
    with_aggregate,
    with_baseline,
    with_cursor_of,
    with_language_sort,
    with_mark,
    with_show,
    with_sort,
)

START = MatrixState()


def test_sorting_by_the_same_column_again_goes_back_to_the_order_of_the_store():
    once = with_sort(START, "xnli")
    assert (once.sort, once.descending) == ("xnli", True)
    assert with_sort(once, "xnli") == START
    assert with_sort(once, "name").descending is False


def test_pinning_a_baseline_shows_deltas_and_pinning_it_again_goes_back_to_direct():
    pinned = with_baseline(START, "mbert")
    assert (pinned.baseline, pinned.show) == ("mbert", "deltas")
    assert with_baseline(pinned, "mbert").baseline is None


def test_marks_are_kept_in_order_and_taken_away_by_marking_again():
    state = with_mark(with_mark(START, "b"), "a")
    assert state.marks == ("b", "a")
    assert with_mark(state, "b").marks == ("a",)


def test_aggregates_and_language_sorts_go_round():
    state = START
    seen = []
    for _ in AGGREGATES:
        seen.append(state.aggregate)
        state = with_aggregate(state)
    assert tuple(seen) == AGGREGATES
    assert state == START
    assert with_language_sort(START).language_sort == "n"
    assert with_language_sort(START, "family").language_descending is False


def test_the_question_behind_a_view_leaves_open_what_is_not_set():
    assert question_call(START) == ("matrix", {})
    state = replace(START, baseline="mbert", aggregate="median", metric="f1", filter="x", transposed=True)
    assert question_call(state) == ("matrix", {"baseline": "mbert", "aggregate": "median", "metric": "f1"})
    assert question_call(replace(START, aggregate="transfer-gap")) == ("matrix", {})


def test_the_languages_of_no_cell_are_not_asked_for():
    assert languages_call(START) is None
    state = replace(START, system="mbert", yardstick="y1")
    assert languages_call(state) == ("languages", {"system": "mbert", "yardstick": "y1"})


def test_undo_and_redo_are_exact_and_a_new_step_forgets_the_undone():
    time = Timeline(START).then(with_show(START)).then(with_mark(with_show(START), "a"))
    assert time.back().now == with_show(START)
    assert time.back().back().now == START
    assert time.back().back().back().now == START
    assert time.back().back().forward().forward() == time
    assert time.back().then(with_mark(START, "b")).forward().now == with_mark(START, "b")


def test_a_step_that_changes_nothing_is_no_step():
    time = Timeline(START)
    assert time.then(START) is time
    assert time.back() is time


def test_a_timeline_forgets_the_oldest():
    time: Timeline[int] = Timeline(0)
    for n in range(1, LIMIT + 50):
        time = time.then(n)
    assert len(time.past) == LIMIT
    assert time.past[0] == 49


def test_undo_leaves_the_cursor_where_it_is():
    moved = replace(START, show="deltas", system="b", yardstick="y2", pane="matrix.plot")
    undone = with_cursor_of(START, moved)
    assert undone.show == "values"
    assert (undone.system, undone.yardstick, undone.pane) == ("b", "y2", "matrix.plot")


def test_a_state_survives_json():
    state = replace(
        START,
        aggregate="worst",
        show="deltas",
        baseline="a\ud800",
        sort="y",
        marks=("a", "b"),
        system="δ [b]",
        transposed=True,
    )
    assert from_record(json.loads(json.dumps(to_record(state)))) == state


@pytest.mark.parametrize(
    "record",
    [
        None,
        [],
        "x",
        {},
        {
            "aggregate": "best",
            "show": 3,
            "marks": "ab",
            "descending": 1,
            "filter": None,
            "pane": "gone",
            "tasks": [1],
        },
        {"unknown": True},
    ],
)
def test_a_broken_record_keeps_what_is_usual(record):
    assert from_record(record) == START


def test_views_are_kept_by_store(tmp_path):
    file = tmp_path / "deep" / "views.json"
    assert resume.save(file, "one", {"matrix": {"filter": "x"}})
    assert resume.save(file, "two", {"matrix": {"filter": "y"}})
    assert resume.load(file, "one") == {"matrix": {"filter": "x"}}
    assert resume.load(file, "two") == {"matrix": {"filter": "y"}}
    assert resume.load(file, "three") == {}
    assert [p.name for p in file.parent.iterdir()] == ["views.json"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"stores": 3}', '{"stores": {"one": 3}}', "\x00" * 20, "[" * 100_000]
)
def test_a_broken_file_is_like_none_and_is_mended_by_the_next_save(tmp_path, text):
    file = tmp_path / "views.json"
    file.write_text(text)
    assert resume.load(file, "one") == {}
    assert resume.save(file, "one", {"matrix": {}})
    assert resume.load(file, "one") == {"matrix": {}}


def test_only_so_many_stores_are_remembered(tmp_path):
    file = tmp_path / "views.json"
    for n in range(resume.KEPT + 5):
        resume.save(file, f"s{n}", {"n": n})
    assert resume.load(file, "s0") == {}
    assert resume.load(file, f"s{resume.KEPT + 4}") == {"n": resume.KEPT + 4}


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path):
    (tmp_path / "file").write_text("")
    assert resume.save(tmp_path / "file" / "views.json", "one", {}) is False
