from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from intermezzo.tui.cli import cli
from intermezzo.tui.experiments import duration


def test_shipped_plans_need_no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = CliRunner().invoke(cli, ["plan", "xstilts", "--format", "json"])
    assert found.exit_code == 1, "its data are missing here, and that is said"
    rows = json.loads(found.stdout)
    assert {r["what"] for r in rows} == {"train", "evaluate"}
    assert {r["title"] for r in rows if r["what"] == "evaluate"} >= {"xnli", "tatoeba", "bucc2018"}
    assert "Missing: ccg" in found.stderr
    read = CliRunner().invoke(cli, ["plan", "pocket"])
    assert "pocket_control > pocket_slots" in read.stdout
    assert "Left out: pocket_slots, pocket_slots" in read.stderr


def test_a_wrong_file_is_a_sentence_and_exit_2(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("models = 1")
    found = CliRunner().invoke(cli, ["plan", str(tmp_path / "x.toml")])
    assert found.exit_code == 2
    assert "models must be a list of names" in found.stderr
    assert "Traceback" not in found.stderr


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, None), (12.4, "12 s"), (200, "3:20 min"), (3900, "1:05 h")]
)
def test_durations_are_short(seconds: float | None, text: str | None) -> None:
    assert duration(seconds) == text
