"""The matrix model: what is a row, a column, a gap; narrowing and sorting."""

from __future__ import annotations

import pytest
from intermezzo.queries.arranging import filtered, only, sorted_by, without
from intermezzo.queries.matrix import Cell, matrix_of, number_of, number_text, reason_for_gap

COLUMNS = [
    "system",
    "base_model",
    "recipe",
    "task",
    "task_group",
    "split",
    "metric",
    "implementation",
    "yardstick",
    "value",
    "delta",
    "baseline",
    "languages",
    "evidence",
    "gap",
]


def row(system: str, task: str, value: float | None, **more: object) -> tuple[object, ...]:
    record: dict[str, object] = {
        "system": system,
        "base_model": "m",
        "recipe": "direct",
        "task": task,
        "task_group": "g",
        "split": "test",
        "metric": "accuracy",
        "implementation": "x",
        "yardstick": task,
        "value": value,
        "languages": 15,
        "evidence": "logged",
    }
    record |= more
    return tuple(record.get(column) for column in COLUMNS)


@pytest.fixture
def matrix():
    return matrix_of(
        COLUMNS,
        [
            row("m", "xnli", 0.7),
            row("m + squad", "xnli", 0.8, recipe="squad", delta=0.1, baseline="m"),
            row("m + mnli", "xnli", None, recipe="mnli", gap="the file was cut off"),
            row("m", "panx", 0.5, task_group="tagging"),
            row("m + mnli", "panx", 0.6, task_group="tagging", evidence="published"),
        ],
    )


def names(matrix) -> list[str]:
    return [system.name for system in matrix.systems]


def test_rows_and_columns_keep_the_order_of_the_answer(matrix):
    assert names(matrix) == ["m", "m + squad", "m + mnli"]
    assert [y.id for y in matrix.yardsticks] == ["xnli", "panx"]
    assert matrix.cell("m + mnli", "panx").letter == "p"


def test_a_pair_nobody_evaluated_is_a_gap_with_a_reason_and_never_a_zero(matrix):
    cell = matrix.cell("m + squad", "panx")
    assert cell.value is None
    assert "not evaluated" in reason_for_gap(cell, "values", "macro")
    assert reason_for_gap(matrix.cell("m + mnli", "xnli"), "values", "macro") == "the file was cut off"


def test_siblings_of_one_task_get_a_second_label_line_saying_in_what_they_differ():
    rows = [
        row("m", "xnli", 0.7, yardstick="a"),
        row("m", "xnli", 0.7, yardstick="b", split="validation"),
        row("m", "xnli", 0.7, yardstick="c", split=None),
        row("m", "panx", 0.7, yardstick="d"),
    ]
    details = {y.id: y.detail for y in matrix_of(COLUMNS, rows).yardsticks}
    assert details == {"a": "test", "b": "validation", "c": "?", "d": ""}


def test_narrowing_to_one_sibling_takes_the_second_line_away():
    rows = [row("m", "xnli", 0.7, yardstick="a"), row("m", "xnli", 0.7, yardstick="b", split="dev")]
    assert only(matrix_of(COLUMNS, rows), ["a"]).yardsticks[0].detail == ""


def test_sorting_by_a_yardstick_puts_gaps_last_in_both_directions(matrix):
    value = lambda cell: cell.value  # noqa: E731
    down = sorted_by(matrix, "xnli", descending=True, number=value)
    up = sorted_by(matrix, "xnli", descending=False, number=value)
    assert names(down) == ["m + squad", "m", "m + mnli"]
    assert names(up) == ["m", "m + squad", "m + mnli"]


def test_sorting_by_a_system_sorts_yardsticks_and_by_an_unknown_key_nothing(matrix):
    value = lambda cell: cell.value  # noqa: E731
    assert [y.id for y in sorted_by(matrix, "m", descending=False, number=value).yardsticks] == [
        "panx",
        "xnli",
    ]
    assert sorted_by(matrix, "gone", descending=True, number=value) == matrix
    assert names(sorted_by(matrix, "name", descending=True, number=value)) == ["m + squad", "m + mnli", "m"]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("", ["m", "m + squad", "m + mnli"]),
        ("SQUAD", ["m + squad"]),
        ("m !mnli", ["m", "m + squad"]),
        ("direct", ["m"]),
        ("squad mnli", []),
        ("!", []),
        ("[b]", []),
    ],
)
def test_a_filter_needs_every_word_and_no_refused_one(matrix, text, left):
    assert names(filtered(matrix, text)) == left


def test_hiding_and_tasks_narrow_without_touching_cells(matrix):
    assert names(without(matrix, ["m", "nobody"])) == ["m + squad", "m + mnli"]
    assert [y.id for y in without(matrix, ["panx"]).yardsticks] == ["xnli"]
    assert [y.id for y in only(matrix, ["tagging"]).yardsticks] == ["panx"]
    assert only(matrix, ()) == matrix


@pytest.mark.parametrize(
    ("number", "unit", "signed", "text"),
    [
        (0.7918, True, False, "79.2"),
        (0.013, True, True, "+1.3"),
        (-0.013, True, True, "-1.3"),
        (0.0001, True, True, "0.0"),
        (-0.0001, True, False, "0.0"),
        (1.0, True, False, "100.0"),
        (12.3456, False, False, "12.35"),
        (-3.21, False, True, "-3.21"),
        (None, True, False, "·"),
        (float("nan"), True, False, "·"),
        (float("inf"), False, True, "·"),
    ],
)
def test_numbers_as_people_read_them(number, unit, signed, text):
    assert number_text(number, unit_interval=unit, signed=signed) == text


def test_a_cell_without_a_delta_says_why():
    base = Cell("m", "y", value=0.7)
    other = Cell("m + mnli", "y", value=0.7, baseline="m")
    assert "pin one with b" in reason_for_gap(base, "deltas", "macro")
    assert "no language in common with m" in reason_for_gap(other, "deltas", "macro")
    assert "per-language scores" in reason_for_gap(base, "values", "transfer-gap")
    assert number_of(Cell("m", "y", value=0.7, transfer_gap=0.2), "values", "transfer-gap") == 0.2


def test_what_is_missing_behind_a_number_is_still_said():
    cell = Cell("m", "y", value=0.7, gap="2 languages without a value: th sw")
    assert reason_for_gap(cell, "values", "macro") == "2 languages without a value: th sw"


def test_columns_that_a_question_does_not_have_are_unknown():
    matrix = matrix_of(["system", "yardstick", "value"], [("a", "y", 0.5)])
    assert matrix.cell("a", "y").evidence is None
    assert matrix.yardsticks[0].unit_interval
