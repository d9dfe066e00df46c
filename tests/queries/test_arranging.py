"""A matrix arranged: groups, means over tasks that never hide what is missing, sorting inside groups."""

from __future__ import annotations

import pytest
from intermezzo.queries.arranging import Arrangement, arranged, filtered
from intermezzo.queries.matrix import Cell, Matrix, System, Yardstick, with_intervals
from intermezzo.queries.task_means import MEAN, coverage

SYSTEMS = (
    System("xlmr", "xlmr", "direct", model_family="XLM-R"),
    System("mt5-base", "mt5-base", "direct", model_family="mT5"),
    System("xlmr + mnli", "xlmr", "mnli", model_family="XLM-R"),
    System("mystery"),
)
YARDSTICKS = (
    Yardstick("x", "xnli", "xnli", group="reasoning"),
    Yardstick("n", "panx", "panx", group="tagging"),
    Yardstick("p", "pawsx", "pawsx", group="reasoning"),
    Yardstick("m1", "mlqa", "mlqa", group="qa"),
    Yardstick("m2", "mlqa", "mlqa", group="qa"),
    Yardstick("b", "bpb", "bpb", group="modelling", unit_interval=False, higher_is_better=False),
)
NUMBERS = {
    "xlmr": {"x": 0.8, "n": 0.6, "p": 0.9, "m1": 0.5, "m2": 0.7, "b": 3.0},
    "xlmr + mnli": {"x": 0.82, "p": 0.86, "b": 2.5},
    "mt5-base": {"n": 0.5},
    "mystery": {"b": 9.0},
}


@pytest.fixture
def matrix() -> Matrix:
    cells = {}
    for name, of in NUMBERS.items():
        for yardstick, value in of.items():
            delta = value - NUMBERS["xlmr"][yardstick] if name == "xlmr + mnli" else None
            rung = "published" if yardstick == "p" else "measured"
            baseline = "xlmr" if delta is not None else None
            cells[name, yardstick] = Cell(name, yardstick, value, delta, evidence=rung, baseline=baseline)
    return Matrix(SYSTEMS, YARDSTICKS, cells)


def names(matrix: Matrix) -> list[str]:
    return [system.name for system in matrix.systems]


def ids(matrix: Matrix) -> list[str]:
    return [yardstick.id for yardstick in matrix.yardsticks]


def test_systems_stand_in_their_families_in_the_order_in_which_these_appear(matrix):
    found = arranged(matrix, Arrangement(systems_by="family"))
    assert names(found.matrix) == ["xlmr", "xlmr + mnli", "mt5-base", "mystery"]
    assert found.system_groups == (("XLM-R", 2), ("mT5", 1), ("base model unknown", 1))
    assert found.yardstick_groups == ()
    by_model = arranged(matrix, Arrangement(systems_by="base-model"))
    assert [label for label, _ in by_model.system_groups] == ["xlmr", "mt5-base", "base model unknown"]


def test_sorting_stays_inside_the_groups(matrix):
    how = Arrangement(systems_by="family", sort="x", descending=True)
    assert names(arranged(matrix, how).matrix) == ["xlmr + mnli", "xlmr", "mt5-base", "mystery"]
    ungrouped = Arrangement(sort="n", descending=False)
    assert names(arranged(matrix, ungrouped).matrix) == ["mt5-base", "xlmr", "xlmr + mnli", "mystery"]


def test_tasks_stand_in_their_groups_with_a_mean_behind_each_of_several_and_over_all(matrix):
    found = arranged(matrix, Arrangement(tasks_by="task-group", means=True))
    assert ids(found.matrix) == ["x", "p", "mean:reasoning", "n", "m1", "m2", "b", "mean"]
    assert found.yardstick_groups == (
        ("reasoning", 3),
        ("tagging", 1),
        ("qa", 2),
        ("modelling", 1),
        ("", 1),
    )
    assert ids(arranged(matrix, Arrangement(means=True)).matrix)[-1] == MEAN


def test_a_mean_takes_each_task_once_and_says_of_how_many_it_is(matrix):
    found = arranged(matrix, Arrangement(means=True)).matrix
    whole = found.cell("xlmr", MEAN)
    # mlqa counts once, by the mean of its two yardsticks; bits per byte cannot be averaged with the others
    assert whole.value == pytest.approx((0.8 + 0.6 + 0.9 + 0.6) / 4)
    assert coverage(whole, "values") == "4/4"
    assert whole.gap is None
    part = found.cell("xlmr + mnli", MEAN)
    assert part.value == pytest.approx((0.82 + 0.86) / 2)
    assert coverage(part, "values") == "2/4"
    assert part.gap == "2 of 4 tasks without a number: panx mlqa"
    assert found.cell("mystery", MEAN).value is None
    assert found.cell("mystery", MEAN).gap == "no task shown has a number here"


def test_a_mean_is_as_well_founded_as_its_weakest_part(matrix):
    found = arranged(matrix, Arrangement(means=True)).matrix
    assert found.cell("xlmr", MEAN).evidence == "published"
    assert found.cell("mt5-base", MEAN).evidence == "measured"
    unknown = {**matrix.cells, ("mt5-base", "x"): Cell("mt5-base", "x", 0.4, evidence=None)}
    with_unknown = arranged(Matrix(SYSTEMS, YARDSTICKS, unknown), Arrangement(means=True)).matrix
    assert with_unknown.cell("mt5-base", MEAN).evidence is None


def test_a_mean_of_deltas_is_over_the_tasks_that_have_one(matrix):
    found = arranged(matrix, Arrangement(show="deltas", means=True)).matrix
    cell = found.cell("xlmr + mnli", MEAN)
    assert cell.delta == pytest.approx((0.02 - 0.04) / 2)
    assert (coverage(cell, "deltas"), cell.baseline) == ("2/4", "xlmr")
    assert found.cell("xlmr", MEAN).delta is None


def test_a_mean_is_over_the_tasks_shown_and_no_others(matrix):
    shown = arranged(matrix, Arrangement(tasks=("reasoning",), means=True)).matrix
    assert shown.cell("xlmr", MEAN).value == pytest.approx(0.85)
    hidden = arranged(matrix, Arrangement(hidden=("mlqa", "b"), means=True)).matrix
    assert ids(hidden) == ["x", "n", "p", "mean"]
    assert coverage(hidden.cell("xlmr", MEAN), "values") == "3/3"


def test_systems_are_sorted_by_a_mean_and_a_mean_can_be_hidden(matrix):
    how = Arrangement(means=True, sort="mean")
    assert names(arranged(matrix, how).matrix) == ["xlmr + mnli", "xlmr", "mt5-base", "mystery"]
    groups = Arrangement(means=True, tasks_by="task-group", hidden=("mean:reasoning",))
    assert "mean:reasoning" not in ids(arranged(matrix, groups).matrix)


def test_one_task_has_no_mean(matrix):
    assert ids(arranged(matrix, Arrangement(tasks=("xnli",), means=True)).matrix) == ["x"]
    assert ids(arranged(matrix, Arrangement(tasks=("gone",), means=True, tasks_by="task-group")).matrix) == []


@pytest.mark.parametrize(
    ("text", "systems", "tasks"),
    [
        ("mt5", ["mt5-base"], 6),
        ("xnli", ["xlmr", "mt5-base", "xlmr + mnli", "mystery"], 1),
        ("XLMR mlqa", ["xlmr", "xlmr + mnli"], 2),
        ("!reasoning", ["xlmr", "mt5-base", "xlmr + mnli", "mystery"], 4),
        ("!mnli reasoning", ["xlmr", "mt5-base", "mystery"], 2),
        ("nobody", [], 6),
        ("!nobody", ["xlmr", "mt5-base", "xlmr + mnli", "mystery"], 6),
    ],
)
def test_a_word_narrows_the_systems_that_hold_it_or_else_the_tasks(matrix, text, systems, tasks):
    found = filtered(matrix, text)
    assert names(found) == systems
    assert len(found.yardsticks) == tasks


def test_intervals_are_put_into_the_cells_they_are_of(matrix):
    intervals = pytest.importorskip("intermezzo.queries.intervals")
    found = {("xlmr + mnli", "x"): intervals.CellInterval(0.01, 0.03, 0.002, 0.004)}
    judged = with_intervals(matrix, found)
    assert judged.cell("xlmr + mnli", "x").significant
    assert judged.cell("xlmr + mnli", "x").value == 0.82
    assert judged.cell("xlmr", "x") == matrix.cell("xlmr", "x")
