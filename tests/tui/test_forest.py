"""Forest plots as text."""

from __future__ import annotations

from intermezzo.tui.forest import Difference, bar, forest_lines, reach

GAIN = Difference("sw", 0.04, 0.02, 0.06, decided=True, text="+4.0")
LOSS = Difference("th", -0.02, -0.05, 0.01, text="-2.0")


def test_an_interval_that_holds_zero_crosses_the_axis_and_one_that_does_not_stays_off_it():
    ends = reach([GAIN, LOSS])
    gain, loss = bar(GAIN, ends, 60), bar(LOSS, ends, 60)
    assert "●" in gain
    assert gain.index("│") < gain.index("├") < gain.index("●") < gain.index("┤")
    assert "○" in loss
    assert loss.index("├") < loss.index("○") < loss.index("┼") < loss.index("┤")
    assert gain.index("│") == loss.index("┼")


def test_zero_and_all_of_every_interval_are_on_the_axis():
    low, high = reach([GAIN])
    assert low < 0 < 0.06 <= high
    assert reach([]) == (0.0, 0.0)


def test_a_difference_without_an_interval_is_a_mark_and_one_that_is_unknown_the_bare_axis():
    bare = bar(Difference("de", 0.01), (-0.05, 0.05), 21)
    assert bare.strip().replace(" ", "") == "│○"
    assert bar(Difference("de", None), (-0.05, 0.05), 21).strip() == "│"


def test_every_line_is_as_wide_as_the_pane_or_less_and_nothing_is_drawn_where_nothing_fits():
    for width in range(20, 200, 7):
        lines = forest_lines([GAIN, LOSS], width, unit_interval=True, better=("B better", "A better"))
        assert len(lines) == 1 or all(len(line) <= max(width, 74) for line in lines)
    assert "too small" in forest_lines([GAIN], 16, unit_interval=True, better=("B", "A"))[0]
    nothing = forest_lines([Difference("x", None)], 60, unit_interval=True, better=("B", "A"))
    assert nothing == ["There is no difference to draw."]
