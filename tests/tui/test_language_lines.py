"""The languages of a cell as text."""

from __future__ import annotations

import pytest
from fake_ask import FakeAsk
from intermezzo.queries.language_rows import LanguageRow, language_rows, sorted_languages
from intermezzo.tui.language_lines import delta_bar, language_lines, language_sentence, scale_of, whiskers
from rich.cells import cell_len


def rows(system: str = "mbert + mnli", task: str = "xnli", **params: str) -> tuple[LanguageRow, ...]:
    table = FakeAsk().ask("languages", system=system, yardstick=f"y-{task}", **params)
    return language_rows(table.columns, table.rows)


def lines(width: int, **options: object) -> list[str]:
    asked = {"show": "values", "by": "value", "unit_interval": True} | options
    found = sorted_languages(rows(), asked["by"], descending=False)
    return [line.text for line in language_lines(found, width, **asked)]


@pytest.mark.parametrize("width", [20, 30, 44, 60, 80, 120, 200])
@pytest.mark.parametrize("show", ["values", "deltas"])
@pytest.mark.parametrize("by", ["value", "family"])
def test_every_line_is_as_wide_as_asked(width, show, by):
    assert {cell_len(line) for line in lines(width, show=show, by=by)} == {width}


def test_wide_and_strange_names_keep_columns_straight():
    strange = [
        LanguageRow(
            "zh",
            language_name="中文很长的名字很长的名字",
            value=0.5,
            low=0.4,
            high=0.6,
            family="汉藏",
            script="Hans",
            n=10,
        ),
        LanguageRow("ar", language_name="العربية\u202e", value=0.6, seeds=3, family="a\x1bb"),
        LanguageRow("👩\u200d👧", language_name="[bold]", gap="refused [/]"),
    ]
    made = language_lines(strange, 80, show="values", by="value", unit_interval=True)
    assert {cell_len(line.text) for line in made} == {80}
    assert "\x1b" not in "".join(line.text for line in made)


def test_grouping_by_family_makes_a_heading_each():
    made = lines(80, by="family")
    headings = [line for line in made if line.startswith("──")]
    assert len(headings) == len({row.family for row in rows()})


def test_gaps_have_their_reason_where_the_bar_would_be():
    assert any("th" in line and "the file holds 60 of 5010 items" in line for line in lines(80))


def test_a_delta_over_different_items_is_refused_with_the_reason():
    row = LanguageRow("sw", value=0.5, baseline_value=0.4, refused="other number of items: 60 against 5010")
    (_, line) = language_lines([row], 80, show="deltas", by="value", unit_interval=True)
    assert "other number of items: 60 against 5010" in line.text


def test_whiskers_show_the_interval_around_the_value():
    assert whiskers(0.5, 0.25, 0.75, (0.0, 1.0), 9) == "  ├─●─┤  "
    assert whiskers(0.5, None, None, (0.0, 1.0), 9) == "    ●    "
    assert whiskers(0.5, 0.49, 0.51, (0.0, 1.0), 9) == "    ●    "


def test_delta_bars_go_to_both_sides_of_zero():
    assert delta_bar(0.1, (-0.1, 0.1), 9) == "    │━━━●"
    assert delta_bar(-0.1, (-0.1, 0.1), 9) == "●━━━│    "
    assert delta_bar(0.0, (-0.1, 0.1), 9) == "    ●    "


def test_the_axis_covers_all_intervals_and_zero_stays_in_the_middle():
    assert scale_of(rows(), "values", unit_interval=True)[0] == min(
        r.low for r in rows() if r.low is not None
    )
    low, high = scale_of(rows(), "deltas", unit_interval=True)
    assert low == -high
    assert scale_of((), "values", unit_interval=True) == (0.0, 1.0)
    assert scale_of([LanguageRow("a", value=0.5)], "values", unit_interval=True)[0] < 0.5


def test_the_train_language_is_marked_and_a_mismatch_shown():
    assert any(line.startswith("en†") for line in lines(80))
    assert any(line.startswith("ur") and "≠" in line for line in lines(80))


def test_a_language_says_where_it_comes_from():
    row = next(row for row in rows() if row.code == "ur")
    sentence = language_sentence(row, unit_interval=True)
    assert "recomputed" in sentence
    assert "≠ logged 50.0" in sentence
    assert sentence.endswith("runs/xnli/test-ur.tsv")
    assert "gap: x" in language_sentence(LanguageRow("a", gap="x"), unit_interval=True)
