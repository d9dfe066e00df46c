"""What is printed: exact data for scripts, harmless and aligned text for people."""

from __future__ import annotations

import csv
import datetime
import io
import json
from decimal import Decimal

import pytest
from intermezzo.tui.output import FORMATS, Answer, Look, Sheet, emit, look_of
from intermezzo.tui.text_table import cut, shown_width, table_lines

COLUMNS = ("system", "value", "n", "note")
HOSTILE = "a\x1b[31mred\x9b0m\u202etxt"


def text_of(format_name: str, *rows: tuple[object, ...], width: int | None = None, bold: bool = False) -> str:
    answer = Answer(Sheet(COLUMNS, rows))
    return "".join(FORMATS[format_name](answer, Look(width=width, bold=bold)))


@pytest.mark.parametrize("format_name", list(FORMATS))
def test_no_format_lets_a_control_character_through(format_name: str) -> None:
    text = text_of(format_name, (HOSTILE, 0.5, 3, "line\nbreak\ttab\x00\x7f"))
    assert not set(text) & set("\x1b\x9b\u202e\x00\x7f\t")
    assert "red" in text


def test_json_keeps_the_data_exactly() -> None:
    rows = [(HOSTILE, 0.1 + 0.2, None, "日本語 \ud800"), ("b", float("nan"), 2**70, "\x7f\U000e0041")]
    found = json.loads(text_of("json", *rows))
    assert found == [
        {"system": HOSTILE, "value": 0.1 + 0.2, "n": None, "note": "日本語 \ud800"},
        {"system": "b", "value": None, "n": 2**70, "note": "\x7f\U000e0041"},
    ]
    assert [json.loads(line) for line in text_of("jsonl", *rows).splitlines()] == found


def test_json_of_what_sql_may_return() -> None:
    row = (datetime.date(2026, 1, 16), Decimal("0.25"), [1, None, {"a": b"\x01"}], {1: Decimal(7)})
    [found] = json.loads(text_of("json", row))
    assert found == {"system": "2026-01-16", "value": 0.25, "n": [1, None, {"a": "01"}], "note": {"1": 7}}


def test_an_empty_answer_is_still_json_and_csv() -> None:
    assert json.loads(text_of("json")) == []
    assert text_of("jsonl") == ""
    assert text_of("csv") == "system,value,n,note\n"


@pytest.mark.parametrize("start", ["=1+1", "+x", "-x", "@SUM(A1)", "\t=1", "\r=1", " =1"])
def test_csv_cells_that_a_spreadsheet_would_run_are_quoted(start: str) -> None:
    [row] = list(csv.DictReader(io.StringIO(text_of("csv", (start, -0.5, -3, "a + b")))))
    assert row["system"].startswith("'")
    assert (row["value"], row["n"], row["note"]) == ("-0.5", "-3", "a + b")


def test_csv_numbers_are_unrounded_and_unknown_is_empty() -> None:
    assert text_of("csv", ("a,b", 0.1 + 0.2, None, True)).splitlines()[1] == '"a,b",0.30000000000000004,,true'


def test_tables_line_up_by_what_a_terminal_shows() -> None:
    lines = text_of(
        "table", ("日本語", 1.5, 10, "x"), ("e\u0301a", 22.25, 3, "y"), ("abc", None, 0, "z")
    ).splitlines()
    ends = {shown_width(line[: line.rindex(mark)]) for line, mark in zip(lines[1:], "xyz", strict=True)}
    assert len(ends) == 1
    assert lines[3].split() == ["abc", "·", "0", "z"]
    # numbers stand under each other on their right
    assert {
        shown_width(line[: line.index(n) + len(n)])
        for line, n in zip(lines[1:3], ("1.5", "22.25"), strict=True)
    } == {shown_width(lines[0][: lines[0].index("value") + 5])}


def test_a_pipe_cuts_nothing() -> None:
    assert "y" * 500 in text_of("table", ("x" * 300, 1.0, 1, "y" * 500))


def test_a_narrow_terminal_cuts_text_and_never_numbers() -> None:
    path = "/home/someone/results/" + "deep/" * 20 + "results_2026.json"
    text = text_of("table", (path, 0.123456, 1234567890, "a sentence that goes on and on and on"), width=60)
    _, line = text.splitlines()
    assert shown_width(line) <= 60
    assert "0.123456" in line
    assert "1234567890" in line
    assert line.count("…") == 2
    assert ".json" in line  # names and paths keep their end
    assert "  a se" in line  # sentences keep their start


def test_a_wide_table_breaks_into_blocks_that_repeat_its_keys() -> None:
    heads = [["system"], *([f"task{n}"] for n in range(10))]
    rows = [["xlm-r", *["12.3l"] * 10], ["mbert", *["45.6l"] * 10]]
    lines = list(table_lines(heads, rows, right=[False, *[True] * 10], width=30, keys=1))
    assert all(len(line) <= 30 for line in lines)
    starts = [line for line in lines if line.startswith("system")]
    assert len(starts) > 1
    assert sum(line.count("task") for line in starts) == 10
    assert sum(line.count("12.3l") for line in lines) == 10


@pytest.mark.parametrize("width", [1, 2, 5, 7, 9])
def test_cutting_keeps_to_the_width(width: int) -> None:
    for text in ("abcdefghijkl", "日本語日本語日本語", "words and words", "e\u0301" * 20):
        short = cut(text, width)
        assert shown_width(short) <= width
        assert "…" in short


def test_markdown_survives_pipes_and_markup() -> None:
    lines = text_of("markdown", ("a|b", 1.0, 1, "<b>*x*_[y](z)`")).splitlines()
    assert lines[1] == "|---|---:|---:|---|"
    assert lines[2] == r"| a\|b | 1 | 1 | \<b\>\*x\*\_\[y\](z)\` |"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colour_only_on_a_terminal_and_only_where_wanted() -> None:
    env = {"COLUMNS": "80", "TERM": "xterm"}
    assert look_of(Terminal(), env) == Look(width=80, bold=True)
    assert look_of(Terminal(), env | {"NO_COLOR": ""}) == Look(width=80, bold=False)
    assert look_of(Terminal(), env | {"TERM": "dumb"}) == Look(width=80, bold=False)
    assert look_of(io.StringIO(), env) == Look()


def test_what_is_read_and_what_scripts_get_may_differ() -> None:
    answer = Answer(
        Sheet(("value",), [(0.791,)]),
        lambda: [Sheet(("value",), [("79.1",)], caption="one"), Sheet(("b",), [(2,)])],
    )
    out = io.StringIO()
    emit(answer, "table", out)
    assert out.getvalue() == "one\nvalue\n79.1\n\nb\n2\n"
    out = io.StringIO()
    emit(answer, "csv", out)
    assert out.getvalue() == "value\n0.791\n"
