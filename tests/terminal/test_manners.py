"""Manners on a slow, shared line: fewer bytes without colour, ctrl+z, resized while busy."""

from __future__ import annotations

import shlex
import shutil

import pytest
from driver import Terminal
from fake_terminal import COMMAND, opened

pytestmark = [pytest.mark.terminal, pytest.mark.slow]


def test_without_colour_fewer_bytes_are_sent_than_with_it_and_16_are_no_more_than_256():
    sent = {}
    for name, env in (("none", {"NO_COLOR": "1"}), ("16", {"TERM": "linux"}), ("256", {})):
        with opened("60", env=env) as terminal:
            boot = len(terminal.raw)
            sent[name] = (boot, terminal.bytes_of("G", until=lambda t=terminal: "v4" in t.line(0)))
    assert sent["none"][0] < sent["256"][0], sent
    assert sent["none"][1] < sent["256"][1], sent
    assert sent["16"][1] <= sent["256"][1], sent


@pytest.mark.parametrize("size", [(80, 24), (300, 80)])
def test_the_smallest_and_the_largest_window_are_filled(size):
    columns, rows = size
    with opened("60", columns=columns, rows=rows) as terminal:
        terminal.wait_for("xlm-r-large")
        terminal.wait_until(lambda: "? help" in terminal.line(-1), "? help")
        terminal.rest()
        assert ("Swahili" in terminal.text) == (columns >= 120)


def test_a_window_resized_in_the_middle_of_many_keys_ends_in_its_last_size():
    with opened("60") as terminal:
        for columns, rows in ((100, 30), (40, 10), (160, 50), (80, 24), (120, 40)):
            terminal.send("j", "j", "ctrl+d", "d")
            terminal.resize(columns, rows)
        terminal.wait_for("macro deltas")
        terminal.wait_for("Swahili")
        terminal.rest()
        terminal.wait_until(lambda: "? help" in terminal.line(-1), "? help")
        terminal.send("q")
        assert terminal.ended() == 0


@pytest.mark.skipif(shutil.which("bash") is None, reason="left out: there is no bash to put a job aside")
def test_ctrl_z_puts_the_app_aside_and_fg_brings_it_back():
    with Terminal(["bash", "--norc", "--noprofile", "-i"], env={"PS1": "shell> "}) as terminal:
        terminal.wait_for("shell>")
        terminal.send(shlex.join(COMMAND), "enter")
        terminal.wait_for("12 ms")
        terminal.rest()
        terminal.send("j")
        terminal.wait_until(lambda: "xlm-r-large + mnli" in terminal.line(0), "the second row")
        terminal.send("ctrl+z")
        terminal.wait_until(lambda: b"\x1b[?1049l" in terminal.raw, "the shell's own screen")
        terminal.rest()
        terminal.send("echo a$((1 + 1))b", "enter")
        terminal.wait_until(lambda: b"a2b" in terminal.raw, "the shell's answer")
        before = len(terminal.raw)
        terminal.send("fg", "enter")
        terminal.wait_until(lambda: b"\x1b[?1049h" in terminal.raw[before:], "the app's screen")
        terminal.send("j")
        terminal.wait_until(lambda: "xlm-r-large + qqp" in terminal.line(0), "the third row")
        terminal.send("q")
        terminal.wait_until(lambda: terminal.raw.count(b"\x1b[?1049l") >= 2, "the end of the app")
