"""Small files that would be huge when read: refused by name before that, and what is beside them is read."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from intermezzo.engine.importers import lm_eval_lines, table_rows
from lm_eval_files import DATE, import_all, results, row, sample, write, write_samples
from test_long_table import MAPPING, read
from test_long_table import write as write_table

ROWS = 10_000_001
COLUMNS = ("model", "task", "lang", "metric", "score", "seed")


def test_a_parquet_file_of_millions_of_equal_rows(tmp_path: Path) -> None:
    """A few kilobytes a column: a page says how often the value is repeated."""
    one = pl.repeat("x", ROWS, eager=True, dtype=pl.Categorical)
    path = tmp_path / "scores.parquet"
    pl.DataFrame([one.alias(name) for name in COLUMNS]).write_parquet(path)
    (tmp_path / "scores.mapping.toml").write_text(MAPPING)
    assert path.stat().st_size < 1_000_000
    (refused,) = read(tmp_path).refused
    assert "10,000,001 rows" in refused.reason


def test_a_parquet_file_of_long_equal_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_rows, "MAX_BYTES", 1 << 20)
    path = tmp_path / "scores.parquet"
    pl.DataFrame({name: ["x" * 2_000_000] for name in COLUMNS}).write_parquet(path)
    (tmp_path / "scores.mapping.toml").write_text(MAPPING)
    assert path.stat().st_size < 20_000
    (refused,) = read(tmp_path).refused
    assert "when unpacked" in refused.reason


def test_a_csv_that_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_rows, "_MAX_LINE", 1000)
    write_table(tmp_path, "model,task,lang,metric,score\n" + "x" * 2000)
    (refused,) = read(tmp_path).refused
    assert "longer than 1,000 characters" in refused.reason


def test_a_line_of_samples_that_is_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lm_eval_lines, "MAX_LINE_BYTES", 1 << 20)
    write(tmp_path, results(row("xnli_fr", n=2, acc=0.5)))
    write_samples(tmp_path, "xnli_fr", [sample(0, 1.0), {**sample(1, 0.0), "odd": "x" * (40 << 20)}])
    found = import_all(tmp_path)
    assert any("the line has more than 1 MB" in r.reason for r in found.refused)
    assert [s.metric for d in found.drafts for s in d.run.scores] == ["accuracy"]


BODIES = {
    "lists": "[" * 5_000_000,
    "tables": '{"results": ' * 100_000,
    "digits": '{"results": {"xnli_fr": {"acc,none": ' + "9" * 2_000_000 + "}}}",
}


@pytest.mark.parametrize("body", BODIES)
def test_json_that_is_nested_or_long_without_end(tmp_path: Path, body: str) -> None:
    write(tmp_path / "good", results(row("xnli_fr")))
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / f"results_{DATE}.json").write_text(BODIES[body])
    found = import_all(tmp_path)
    assert len(found.drafts) == 1
    assert all(refused.reason for refused in found.refused)
