"""Forest plots as text."""

from __future__ import annotations

from intermezzo.tui.plots.forest import Difference, Forest, bar, reach
from rich.cells import cell_len

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


def test_every_line_is_as_wide_as_the_pane_and_nothing_is_drawn_where_nothing_fits():
    for width in range(20, 200, 7):
        drawing = Forest((GAIN, LOSS), True, ("B better", "A better")).draw(width, 12)
        assert drawing.sentence or {cell_len(line) for line in drawing.lines} == {width}
        assert drawing.sentence or len(drawing.lines) == 12
    assert "too small" in Forest((GAIN,), True, ("B", "A")).draw(16, 12).sentence
    nothing = Forest((Difference("x", None),), True, ("B", "A")).draw(60, 12)
    assert nothing.sentence == "There is no difference to draw."


def test_the_axis_stays_above_and_has_zero_where_the_rows_have_it():
    drawing = Forest((GAIN, LOSS), True, ("B better", "A better")).draw(60, 8)
    assert drawing.fixed == 2
    axis, gain = drawing.lines[1:3]
    assert axis.index(" 0 ") + 1 == gain.index("│")
    assert "+5" in axis


def test_the_legend_is_broken_and_not_cut():
    lines = Forest((GAIN, LOSS), True, ("B", "A")).draw(36, 12).lines
    assert " ".join(" ".join(lines[-4:]).split()).endswith("├─┤ plain 95 %")


def test_one_interval_much_wider_than_the_others_reaches_beyond_the_axis_and_says_so():
    usual = [Difference(f"x{n}", 0.02, -0.01, 0.05) for n in range(9)]
    wild = Difference("sl", 0.01, -2.0, 2.0)
    low, high = reach([*usual, wild])
    assert -0.1 < low < 0 < 0.05 <= high < 0.1
    lines = Forest((*usual, wild), True, ("B", "A")).draw(60, 20).lines
    assert "‹" in lines[11]
    assert "›" in lines[11]
    assert all("├" in line and "┤" in line for line in lines[2:11])
    assert "beyond the axis" in " ".join(lines[-2:])
    assert "beyond" not in "".join(Forest(tuple(usual), True, ("B", "A")).draw(60, 20).lines)


def test_every_difference_is_on_the_axis_even_where_its_interval_is_not():
    for size in (0.01, 0.3, 0.9):
        low, high = reach([Difference("a", size, size - 3, size + 3), Difference("b", -size / 2)])
        assert low <= -size / 2 < size <= high
