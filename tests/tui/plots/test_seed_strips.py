"""Strips of train seeds."""

from __future__ import annotations

import pytest
from intermezzo.tui.plots.seeds import Strip, Strips
from rich.cells import cell_len

STRIPS = (
    Strip("sw", "Swahili", (0.60, 0.62, 0.70)),
    Strip("zh", "Chinese", (0.80, 0.80, 0.81)),
    Strip("th", "Thai", (0.7,)),
)


@pytest.mark.parametrize("size", [(30, 8), (47, 12), (80, 20)])
def test_lines_are_as_wide_as_the_pane(size):
    lines = Strips(STRIPS, True).draw(*size).lines
    assert {cell_len(line) for line in lines} == {size[0]}
    assert len(lines) >= size[1]


def test_each_seed_is_a_dot_seeds_at_one_place_are_counted_and_the_mean_is_marked():
    swahili, chinese, thai = Strips(STRIPS, True).draw(80, 12).lines[1:4]
    assert swahili.count("●") == 3
    assert swahili.index("●") < swahili.index("┃") < swahili.rindex("●")
    assert "2" in chinese.split("±0.6")[1]
    assert "64.0 ±5.3" in swahili
    assert thai.count("◉") == 1
    assert "±" not in thai


def test_the_seeds_of_the_baseline_stand_below_with_a_mark_of_their_own():
    both = (Strip("sw", "Swahili", (0.6, 0.7), (0.5, 0.55)),)
    drawing = Strips(both, True, ("B", "A")).draw(80, 12)
    assert drawing.lines[1].count("●") == 2
    assert drawing.lines[2].count("○") == 2
    assert "○ of B" in drawing.lines[-1]


def test_one_seed_each_is_said():
    assert "training variance unknown" in Strips((Strip("sw", "", (0.6,)),), True).draw(80, 20).sentence
    assert Strips((), True).draw(80, 20).sentence
