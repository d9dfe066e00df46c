"""Copying: what reaches the terminal, and tmux around the app, which drops it unless told not to."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from driver import Terminal

pytestmark = [pytest.mark.terminal, pytest.mark.slow]

RESULTS = Path(__file__).parents[1] / "fixtures" / "xtreme_two_systems"


def command(tmp_path: Path) -> list[str]:
    results = shutil.copytree(RESULTS, tmp_path / "results")
    return [sys.executable, "-m", "intermezzo.tui", "open", str(results)]


def test_a_cell_reaches_the_terminal_as_osc_52(tmp_path):
    with Terminal(command(tmp_path), env={"TMUX": None, "STY": None}) as terminal:
        terminal.wait_for("accuracy")
        terminal.rest()
        terminal.send("y")
        terminal.wait_for("copied 1 cell (OSC 52)")
        terminal.rest()
        sent = re.search(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07", bytes(terminal.raw))
        assert sent is not None
        assert base64.b64decode(sent[1]) == b"66.7"
        assert "not copied" not in terminal.text


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_tmux_that_drops_it_is_told_of_and_one_that_does_not_has_it(tmp_path):
    config = tmp_path / "tmux.conf"
    config.write_text("set -s set-clipboard external\n")
    socket = tmp_path / "socket"  # a server of our own, not the user's
    tmux = ["tmux", "-S", str(socket)]
    with Terminal(
        [*tmux, "-f", str(config), "new-session", *command(tmp_path)], env={"TMUX": None}
    ) as terminal:
        try:
            terminal.wait_for("accuracy")
            terminal.rest()
            terminal.send("y")
            terminal.wait_for("not copied: tmux drops it: say  tmux set -s set-clipboard on")
            subprocess.run([*tmux, "set", "-s", "set-clipboard", "on"], check=True)
            terminal.send("y")
            terminal.wait_for("copied 1 cell (OSC 52)")
            terminal.rest()
            assert "not copied" not in terminal.text
            shown = subprocess.run([*tmux, "show-buffer"], capture_output=True, text=True)
            assert shown.stdout == "66.7"
        finally:
            subprocess.run([*tmux, "kill-server"], check=False)


@pytest.mark.skipif(shutil.which("screen") is None, reason="GNU screen is not installed")
def test_screen_hands_it_to_the_terminal_around_it(tmp_path):
    config = tmp_path / "screenrc"
    config.write_text("startup_message off\n")
    sockets = tmp_path / "sockets"
    sockets.mkdir(mode=0o700)
    env = {"TMUX": None, "STY": None, "SCREENDIR": str(sockets)}
    with Terminal(["screen", "-c", str(config), *command(tmp_path)], env=env) as terminal:
        try:
            terminal.wait_for("accuracy")
            terminal.rest()
            terminal.send("Y")
            terminal.wait_for("(OSC 52)")
            terminal.rest()
            sent = re.search(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07", bytes(terminal.raw))
            assert sent is not None
            assert b"\t" in base64.b64decode(sent[1])
        finally:
            subprocess.run(
                ["screen", "-X", "quit"], env={**os.environ, "SCREENDIR": str(sockets)}, check=False
            )
