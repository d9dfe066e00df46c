"""By keys in a real terminal: a language that is missing, r, submit, progress, the number in the cell."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import download_folder
import pytest
from click.testing import CliRunner
from intermezzo.tui.cli import cli

sys.path.append(str(Path(__file__).parents[1] / "terminal"))
import driver

pytestmark = [pytest.mark.terminal, pytest.mark.slow]


def test_a_gap_becomes_a_number(
    tmp_path: Path, tiny_model: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "PATIENCE", 150.0)
    data = download_folder.make(tmp_path / "download")
    model = tiny_model("pair classification", download_folder.LABELS)
    store = str(tmp_path / "store")
    words = ["evaluate", "xnli", "--model", str(model), "--data", str(data), "--languages", "de"]
    words += ["--base-model", "xlm-roberta-base", "--recipe", "mnli", "--store", store]
    assert CliRunner().invoke(cli, words).exit_code == 0
    command = [sys.executable, "-m", "intermezzo.tui", "open", store]
    with driver.Terminal(command, columns=100, rows=30) as terminal:
        terminal.wait_for("xlm-r-base + mnli")
        terminal.wait_for("1 language")
        terminal.send("r")
        terminal.wait_for("The cell has a value in 1 language;")
        terminal.wait_for("6 items: 6 in each of en.")
        terminal.wait_for("About ")
        assert "--languages en" in terminal.text
        terminal.send("enter")
        terminal.wait_for("started as")
        terminal.wait_for("6/6 items (100 %)")
        terminal.wait_until(lambda: " done " in terminal.text, "the job to be done")
        terminal.send("enter")
        terminal.wait_for("en accuracy")
        terminal.send("1")
        terminal.wait_for("2 languages")
        assert "measured" in terminal.text
