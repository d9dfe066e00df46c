"""By keys in a real terminal: a missing language, r, submit, progress, the number in the cell; and back."""

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


def test_a_gap_becomes_a_number_and_all_of_it_is_undone(
    tmp_path: Path, tiny_model: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "PATIENCE", 40.0)
    data = download_folder.make(tmp_path / "download")
    model = tiny_model("pair classification", download_folder.LABELS)
    store = str(tmp_path / "store")
    words = ["evaluate", "xnli", "--model", str(model), "--data", str(data), "--languages", "de"]
    words += ["--base-model", "xlm-roberta-base", "--recipe", "mnli", "--store", store]
    assert CliRunner().invoke(cli, words).exit_code == 0
    command = [sys.executable, "-m", "intermezzo.tui", "open", store]
    with driver.Terminal(command, columns=100, rows=30) as terminal:

        def press(keys: str, shown: str) -> None:
            terminal.rest()
            terminal.send(keys)
            terminal.wait_for(shown)

        terminal.wait_for("xlm-r-base + mnli")
        terminal.wait_for("1 language")
        terminal.rest()
        began = terminal.text.split("\n")[:-2]
        terminal.send("t")
        terminal.wait_until(lambda: terminal.text.split("\n")[:-2] != began, "rows and columns swapped")
        terminal.send("m")
        terminal.wait_for("median")
        terminal.rest()
        terminal.send("r")
        terminal.wait_for("The cell has a value in 1 language;")
        terminal.wait_for("6 items: 6 in each of en.")
        terminal.wait_for("About ")
        terminal.wait_for("--languages en")
        terminal.send("enter")
        terminal.wait_for("started as")
        terminal.wait_for("6/6 items (100 %)")
        terminal.wait_until(lambda: " done " in terminal.text, "the job to be done")
        terminal.send("enter")
        terminal.wait_for("en accuracy")
        terminal.send("1")
        terminal.wait_for("2 languages")
        terminal.wait_for("measured")
        # view by view back to the start; what was launched is no view, and it is said what takes it back
        press("6", "2 jobs")
        press("u", "nothing to undo; X stops a job, H in Runs takes its run out of view")
        press("1", "median")
        press("u", "· macro ·")
        press("u", "\n xlm-r-base + mnli ")
        press("u", "nothing to undo")
        press("R", "› Runs ›")
        press("H", "hide because")
        press("tried only\r", "is hidden: no number counts it now; H brings it back")
        press("u", "2 runs")
        press("u", "nothing to undo; H brings a hidden run back")
        press("1", "1 language")
        terminal.wait_until(lambda: terminal.text.split("\n")[:-2] == began, "the matrix as it was")
