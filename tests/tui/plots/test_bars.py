"""Languages as rows of a plot: values with intervals, or the way from the baseline."""

from __future__ import annotations

import pytest
from intermezzo.queries.language_rows import LanguageRow
from intermezzo.tui.plots.bars import Bars, Ways, ways_of
from rich.cells import cell_len

CODES = ("en", "de", "es", "fr", "ru", "el", "hi", "ur", "ar", "tr", "sw", "th", "vi", "zh", "bg")


def language(n: int, **more: object) -> LanguageRow:
    value = 0.9 - n * 0.01
    facts = {
        "value": value,
        "low": value - 0.01,
        "high": value + 0.01,
        "baseline_value": 0.8,
        "delta": value - 0.8,
    }
    code = CODES[n] if n < len(CODES) else f"x{n}"
    return LanguageRow(code, language_name=f"Language {n}", **(facts | more))  # type: ignore[arg-type]


ROWS = tuple(language(n) for n in range(15))


@pytest.mark.parametrize("size", [(24, 8), (46, 14), (80, 20), (150, 40), (200, 7)])
@pytest.mark.parametrize("many", [1, 15, 60])
def test_lines_are_as_wide_as_the_pane_and_no_language_is_left_out(size, many):
    width, height = size
    rows = tuple(language(n) for n in range(many))
    for plot in (Bars(rows, True), Ways(ways_of(rows), True)):
        drawing = plot.draw(width, height)
        assert {cell_len(line) for line in drawing.lines} == {width}
        assert len(drawing.lines) >= height
        words = " ".join(drawing.lines).split()
        assert all(row.code in words for row in rows)
        assert "\x1b" not in "".join(drawing.lines)


def test_a_value_stands_in_its_interval_and_left_of_a_larger_one():
    lines = Bars((language(0), language(9)), True).draw(80, 10).lines
    first, second = lines[1], lines[2]
    for line in (first, second):
        assert line.index("├") < line.index("●") < line.index("┤")
    assert second.index("●") < first.index("●")
    assert "90.0" in first


def test_the_axis_stays_and_its_numbers_stand_over_the_values():
    drawing = Bars((language(0), language(10)), True).draw(80, 10)
    assert drawing.fixed == 1
    axis, first = drawing.lines[:2]
    assert abs(axis.index("90") - first.index("●")) <= 1


def test_gaps_give_their_reason_and_values_without_an_interval_are_told_apart():
    rows = (language(0), language(1, value=None, gap="cut off"), language(2, low=None, high=None))
    lines = Bars(rows, True).draw(60, 10).lines
    assert "cut off" in lines[2]
    assert "○" in lines[3]
    assert "├" not in lines[3]
    assert "○ interval unknown" in lines[-1]
    assert "interval unknown" not in Bars(rows[:1], True).draw(60, 10).lines[-1]


def test_the_way_goes_from_the_baseline_to_the_system():
    gain, loss = language(0), language(14)
    lines = (
        Ways(ways_of((gain, loss, language(10, baseline_value=None, delta=None))), True).draw(80, 10).lines
    )
    assert lines[1].index("○") < lines[1].index("━") < lines[1].index("●")
    assert lines[2].index("●") < lines[2].index("━") < lines[2].index("○")
    assert "+10.0" in lines[1]
    assert "no value of the baseline" in lines[3]


def test_equal_values_share_a_mark():
    same = language(0, baseline_value=0.9, delta=0.0)
    assert "◉" in Ways(ways_of((same, language(5))), True).draw(80, 10).lines[1]


@pytest.mark.parametrize(
    ("plot", "size", "said"),
    [
        (Bars((), True), (80, 20), "No language"),
        (Bars((LanguageRow("a", gap="x"),), True), (80, 20), "No language"),
        (Bars(ROWS, True), (12, 20), "too small"),
        (Bars(ROWS, True), (80, 3), "too small"),
        (Ways(ways_of((LanguageRow("a", value=0.5),)), True), (80, 20), "baseline"),
    ],
)
def test_what_cannot_be_drawn_is_said(plot, size, said):
    drawing = plot.draw(*size)
    assert drawing.lines == ()
    assert said in drawing.sentence


def test_many_languages_stand_in_columns_where_there_is_width():
    assert len(Bars(tuple(language(n) for n in range(30)), True).draw(80, 20).lines) == 20
    assert len(Bars(tuple(language(n) for n in range(30)), True).draw(40, 20).lines) == 32
