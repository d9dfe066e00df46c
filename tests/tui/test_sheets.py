"""What is copied and exported."""

from __future__ import annotations

import csv
import json
import re

import pytest
from fake_ask import FakeAsk
from intermezzo.queries.matrix import matrix_of
from intermezzo.tui.grid import Grid
from intermezzo.tui.matrix_text import Asked, answer_of
from intermezzo.tui.output import Answer, Sheet
from intermezzo.tui.sheets import matrix_sheet, save_answer, save_text, tsv
from intermezzo.tui.state import MatrixState, arrangement_of


def grid(**state: object) -> Grid:
    table = FakeAsk().ask("matrix")
    return Grid(matrix_of(table.columns, table.rows), MatrixState(**state))


def saved(file, **state: object) -> str:
    view, table = grid(**state), FakeAsk().ask("matrix")
    whole = matrix_of(table.columns, table.rows)
    answer = answer_of(whole, Asked(arrangement_of(view.state)))
    return save_answer(answer, matrix_sheet(view), str(file))


def test_tsv_holds_what_is_on_screen_unrounded(tmp_path):
    file = tmp_path / "matrix.tsv"
    said = saved(file, filter="mbert", tasks=("xnli", "mlqa"), systems_by="family")
    assert said == f"wrote 7 rows to {file}"
    rows = [line.split("\t") for line in file.read_text().splitlines()]
    shown = grid(filter="mbert")
    assert rows[0] == ["system", "xnli", "mlqa"]
    assert [row[0] for row in rows[1:]] == [s.name for s in shown.matrix.systems]
    assert float(rows[1][1]) == shown.cell(0, 0).value
    assert rows[3][2] == ""


def test_the_ending_chooses_the_format_and_every_reader_gets_the_notes(tmp_path):
    for ending in ("csv", "json", "jsonl", "md", "tex", "txt"):
        saved(tmp_path / f"a.{ending}", filter="mbert", tasks=("xnli",))
    rows = list(csv.DictReader((tmp_path / "a.csv").open()))
    shown = grid(filter="mbert", tasks=("xnli",))
    assert [float(row["value"]) for row in rows] == [shown.cell(r, 0).value for r in range(len(shown.rows))]
    assert json.loads((tmp_path / "a.json").read_text())[0]["system"] == "mbert"
    assert len((tmp_path / "a.jsonl").read_text().splitlines()) == len(rows)
    for ending in ("md", "tex", "txt"):
        text = (tmp_path / f"a.{ending}").read_text()
        assert re.search(r"mbert .*\d\d\.\d", text), text
        assert not re.search(r"0\.\d{6}", text), "numbers stand as people read them"
        assert "Mean over languages x 100" in text


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_names_that_a_spreadsheet_would_run_are_quoted_and_numbers_are_not(tmp_path, start):
    sheet = Sheet(("name", "delta"), [(f"{start}cmd", -0.5)])
    save_answer(Answer(sheet), sheet, str(tmp_path / "a.csv"))
    save_answer(Answer(sheet), sheet, str(tmp_path / "a.tsv"))
    assert (tmp_path / "a.csv").read_text().splitlines()[1] == f"'{start}cmd,-0.5"
    assert (tmp_path / "a.tsv").read_text().splitlines()[1] == f"'{start}cmd\t-0.5"


def test_an_existing_file_is_never_overwritten(tmp_path):
    file = tmp_path / "matrix.csv"
    file.write_text("mine")
    said = saved(file)
    assert file.read_text() == "mine"
    assert "matrix-2.csv" in said


def test_what_cannot_be_written_is_a_sentence(tmp_path):
    assert "could not be written" in saved(tmp_path / "no" / "folder" / "x.csv")
    assert "endings" in saved(tmp_path / "x.xlsx")


def test_siblings_of_one_name_stay_two_columns():
    columns = matrix_sheet(grid(transposed=True)).columns
    assert len(columns) == len(set(columns))


def test_a_row_to_paste_has_tabs_and_no_header():
    text = tsv(matrix_sheet(grid(), only_row=2))
    assert text.startswith("xlm-r-large + qqp\t")
    assert text.count("\t") == 9
    assert "\n" not in text


def test_too_much_text_goes_to_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "wrote it to" in save_text("x" * 60_000, "copy.txt")
    assert (tmp_path / "copy.txt").stat().st_size == 60_000
