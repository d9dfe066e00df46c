"""A system against its baseline, language by language."""

from __future__ import annotations

import random

import pytest
from intermezzo.tui.plots.figure import Trace, figure
from intermezzo.tui.plots.scatter import BETTER, WORSE, Point, Scatter
from rich.cells import cell_len

POINTS = (Point("ar", 0.8, 0.9), Point("sw", 0.7, 0.6), Point("zh", 0.5, 0.75))


def crowd(many: int) -> tuple[Point, ...]:
    dice = random.Random(7)
    return tuple(
        Point(f"{'abcdefgh'[n // 26]}{chr(97 + n % 26)}", x := dice.gauss(0.7, 0.08), x + dice.gauss(0, 0.03))
        for n in range(many)
    )


@pytest.mark.parametrize("size", [(24, 8), (47, 14), (80, 20), (200, 50)])
@pytest.mark.parametrize("many", [1, 3, 15, 104])
def test_a_plot_is_exactly_as_large_as_asked_and_counts_its_languages(size, many):
    drawing = Scatter(crowd(many), True).draw(*size)
    assert len(drawing.lines) == size[1]
    assert {cell_len(line) for line in drawing.lines} == {size[0]}
    better = sum(p.system > p.baseline for p in crowd(many))
    assert f"{better} ● better" in drawing.lines[-1] or size[0] == 24


def test_a_label_stands_beside_its_mark_and_marks_say_which_side_of_the_diagonal():
    text = "\n".join(Scatter(POINTS, True).draw(70, 20).lines[:-1])
    assert f"{BETTER}ar" in text
    assert f"{BETTER}zh" in text
    assert f"{WORSE}sw" in text


def test_of_a_metric_whose_lower_values_are_better_the_other_side_is():
    text = "\n".join(Scatter(POINTS, True, higher_is_better=False).draw(70, 20).lines)
    assert f"{WORSE}ar" in text
    assert f"{BETTER}sw" in text


def test_labels_never_cover_a_mark_and_never_run_into_each_other():
    points = crowd(60)
    codes = {p.label for p in points}
    lines = Scatter(points, True).draw(80, 20).lines
    words = [word for line in lines[1:-3] for word in _words(line)]
    assert words
    assert set(words) <= codes
    assert len(words) == len(set(words))
    unlabelled = int(lines[-1].split(" not  ")[1].split()[0])
    assert len(words) + unlabelled == 60


def _words(line: str) -> list[str]:
    return "".join(c if c.isalpha() else " " for c in line).split()


def test_a_point_is_found_where_plotext_draws_it():
    """Labels are put where this says; another plotext could draw elsewhere."""
    dice = random.Random(3)
    for _ in range(40):
        width, height = dice.randrange(24, 120), dice.randrange(8, 40)
        low, length = dice.uniform(-5, 5), dice.uniform(0.01, 90)
        ends = (low, low + length)
        x, y = dice.uniform(*ends), dice.uniform(*ends)
        drawn = figure([Trace([x], [y], "●", joined=False)], width, height, x=ends, y=ends)
        line, column = drawn.cell(x, y)
        assert drawn.lines[line][column] == "●"


def test_without_pairs_there_is_a_sentence():
    assert "baseline" in Scatter((), True).draw(80, 20).sentence
    assert "too small" in Scatter(POINTS, True).draw(20, 20).sentence
