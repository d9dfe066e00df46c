from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from intermezzo.engine.experiments.file import SHIPPED, find_experiment, read_experiment
from intermezzo.engine.experiments.plan import make_plan
from intermezzo.engine.experiments.stages import resolve
from intermezzo.tui.cli import cli
from intermezzo.tui.experiments import duration, plan_answer
from intermezzo.tui.output import FORMATS, Look


def test_shipped_plans_need_no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = CliRunner().invoke(cli, ["plan", "xstilts", "--format", "json"])
    assert found.exit_code == 1, "its data are missing here, and that is said"
    rows = json.loads(found.stdout)
    assert {r["what"] for r in rows} == {"train", "evaluate"}
    assert {r["title"] for r in rows if r["what"] == "evaluate"} >= {"xnli", "tatoeba", "bucc2018"}
    assert "Missing: ccg" in found.stderr
    read = CliRunner().invoke(cli, ["plan", "pocket"])
    assert re.search(r"^pocket_control +1 +\d+ +\d+ +\d+ ", read.stdout, re.MULTILINE)
    assert "pocket_slots on pocket_slots: the intermediate training has the target's own data" in read.stderr
    assert "plan --probe takes a few steps" in read.stderr


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_plan_fits_a_narrow_terminal_in_one_block(name: str) -> None:
    answer = plan_answer(make_plan(resolve(read_experiment(find_experiment(name))), None))
    text = "".join(FORMATS["table"](answer, Look(width=80)))
    assert max(map(len, text.splitlines())) <= 80
    assert text.count("\nrecipe ") == 1
    assert "…" not in text


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
