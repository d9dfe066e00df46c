"""From a folder that nobody has explained to deltas, by keyboard, in a real terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from driver import Terminal

XTREME = Path(__file__).parents[1] / "fixtures" / "xtreme_two_systems"
COMMAND = [sys.executable, "-m", "intermezzo.tui"]


@pytest.mark.slow
def test_names_are_accepted_in_the_app_and_deltas_are_there(tmp_path: Path) -> None:
    subprocess.run([*COMMAND, "import", str(XTREME)], cwd=tmp_path, check=True, capture_output=True)
    with Terminal(COMMAND, columns=80, rows=24, cwd=tmp_path, env={"HOME": str(tmp_path)}) as terminal:
        terminal.wait_for("xlmr-mnli-s2")
        terminal.send("n")
        terminal.wait_for("Who these runs are: 2 names not known")
        terminal.wait_for("xlmr-direct-s1")
        # `xlmr` alone does not say which size: the base model is typed
        for key, recipe, seed in (("e", "direct", 1), ("e", "mnli", 2)):
            terminal.send(key)
            terminal.wait_for(f"base_model =, recipe = {recipe}, train_seed = {seed}")
            terminal.rest()
            terminal.send("ctrl+u")
            terminal.rest()
            terminal.send(*f"base_model = xlm-roberta-large, recipe = {recipe}, train_seed = {seed}")
            terminal.rest()
            terminal.send("enter")
            terminal.wait_for(f"seed {seed}")
            terminal.wait_for("1 rule written to systems.toml")
        terminal.wait_for("0 names not known")
        terminal.send("esc")
        terminal.wait_until(lambda: "xlmr-mnli-s2" not in terminal.text, "the matrix with the new names")
        terminal.wait_for("xlm-r-large + mnli")
        terminal.send("d")
        terminal.wait_for("macro deltas")
