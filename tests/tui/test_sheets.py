"""What is copied and exported."""

from __future__ import annotations

import csv
import json

from fake_ask import FakeAsk
from intermezzo.queries.matrix import matrix_of
from intermezzo.tui.grid import Grid
from intermezzo.tui.sheets import matrix_sheet, save_sheet, save_text, tsv
from intermezzo.tui.state import MatrixState


def grid(**state: object) -> Grid:
    table = FakeAsk().ask("matrix")
    return Grid(matrix_of(table.columns, table.rows), MatrixState(**state))


def test_a_csv_holds_what_is_on_screen_unrounded(tmp_path):
    file = tmp_path / "matrix.csv"
    said = save_sheet(matrix_sheet(grid(filter="mbert", tasks=("xnli", "mlqa"))), str(file))
    assert str(file) in said
    rows = list(csv.reader(file.open()))
    assert rows[0] == ["system", "xnli", "mlqa"]
    assert [row[0] for row in rows[1:]] == [s.name for s in grid(filter="mbert").matrix.systems]
    cell = grid(filter="mbert").cell(0, 0)
    assert float(rows[1][1]) == cell.value
    assert rows[3][2] == ""


def test_json_and_markdown_by_the_ending(tmp_path):
    save_sheet(matrix_sheet(grid()), str(tmp_path / "a.json"))
    assert json.loads((tmp_path / "a.json").read_text())[0]["system"] == "xlm-r-large"
    save_sheet(matrix_sheet(grid()), str(tmp_path / "a.md"))
    assert "| --- |" in (tmp_path / "a.md").read_text().replace("|---|", "| --- |")


def test_an_existing_file_is_never_overwritten(tmp_path):
    file = tmp_path / "matrix.csv"
    file.write_text("mine")
    said = save_sheet(matrix_sheet(grid()), str(file))
    assert file.read_text() == "mine"
    assert "matrix-2.csv" in said


def test_what_cannot_be_written_is_a_sentence(tmp_path):
    assert "could not be written" in save_sheet(
        matrix_sheet(grid()), str(tmp_path / "no" / "folder" / "x.csv")
    )
    assert "endings" in save_sheet(matrix_sheet(grid()), str(tmp_path / "x.xlsx"))


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
    assert "written to" in save_text("x" * 60_000, "copy.txt")
    assert (tmp_path / "copy.txt").stat().st_size == 60_000
