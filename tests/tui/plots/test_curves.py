"""Learning curves as lines of text."""

from __future__ import annotations

import math

import pytest
from intermezzo.tui.plots.axes import ends_of, place, tick_labels, ticks
from intermezzo.tui.plots.curves import MARKS, Series, curve_lines, thinned
from rich.cells import cell_len


def seed(number: int, points: int = 60) -> Series:
    steps = [step * 25 for step in range(points)]
    return Series(f"seed {number}", tuple((s, number + math.exp(-s / 300)) for s in steps))


@pytest.mark.parametrize("size", [(24, 7), (40, 12), (78, 20), (198, 50)])
@pytest.mark.parametrize("many", [1, 3, 5, 40])
def test_a_plot_is_exactly_as_large_as_asked(size, many):
    lines = curve_lines([seed(n) for n in range(many)], *size)
    assert len(lines) == size[1]
    assert {cell_len(line) for line in lines} == {size[0]}


def test_several_curves_have_marks_of_their_own_and_stand_in_the_order_of_their_values():
    lines = curve_lines([seed(1), seed(5), seed(9)], 70, 20)
    rows = {mark: [n for n, line in enumerate(lines[:-1]) if mark in line] for mark in MARKS[:3]}
    assert max(rows["×"]) < min(rows["○"])
    assert max(rows["○"]) < min(rows["●"])
    assert lines[-1].split("  ")[1:4] == ["● seed 1 1.01", "○ seed 5 5.01", "× seed 9 9.01"]


def test_more_curves_than_the_legend_has_room_for_are_counted():
    lines = curve_lines([seed(n) for n in range(9)], 40, 12)
    assert lines[-1].rstrip().endswith("and 3 more")


@pytest.mark.parametrize(
    ("series", "size", "said"),
    [
        ([], (60, 20), "no points"),
        ([Series("loss", ((1.0, math.nan), (math.inf, 2.0)))], (60, 20), "no points"),
        ([seed(1)], (20, 20), "too small"),
        ([seed(1)], (60, 4), "too small"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_a_sentence(series, size, said):
    (line,) = curve_lines(series, *size)
    assert said in line


def test_one_point_equal_values_and_a_name_with_escapes_are_drawn():
    assert "●" in "".join(curve_lines([Series("dev", ((100.0, 0.5),))], 60, 12))
    lines = curve_lines([Series("e\x1b[2Jvil", ((1.0, 0.5), (2.0, 0.5)))], 60, 12)
    assert "\x1b" not in "".join(lines)


def test_long_curves_are_thinned_but_keep_their_spikes():
    points = [(float(n), 9.0 if n == 777 else 0.5) for n in range(5000)]
    thin = thinned(points, 50)
    assert len(thin) <= 102
    assert (777.0, 9.0) in thin
    assert thin[0][0] == 0


@pytest.mark.parametrize(
    "ends", [(0.0, 1.0), (-3.2, 17.5), (0.761, 0.958), (0.0, 120000.0), (1e-7, 9e-7), (5.0, 5.0001)]
)
@pytest.mark.parametrize("most", [1, 2, 5, 9])
def test_ticks_are_round_few_inside_and_told_apart_by_their_labels(ends, most):
    found = ticks(ends, most)
    assert len(found) <= most
    assert all(ends[0] - 1e-9 <= tick <= ends[1] + 1e-9 for tick in found)
    labels = tick_labels(found)
    assert len(set(labels)) == len(found)


def test_numbers_at_ticks_are_written_short():
    assert tick_labels([0.0, 500.0, 1000.0]) == ["0", "500", "1,000"]
    assert tick_labels([0.0, 20000.0, 40000.0]) == ["0", "20k", "40k"]
    assert tick_labels([0.75, 0.8, 0.85]) == ["0.75", "0.80", "0.85"]
    assert tick_labels([-0.5, 0.0, 0.5]) == ["-0.5", "0.0", "0.5"]


def test_an_axis_has_a_length_whatever_it_holds():
    assert ends_of([5.0]) == (4.75, 5.25)
    low, high = ends_of([0.0, 0.0])
    assert low < 0 < high
    assert place(-9.0, (0.0, 1.0), 11) == 0
    assert place(0.5, (0.0, 1.0), 11) == 5
