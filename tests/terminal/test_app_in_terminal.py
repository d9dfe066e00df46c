"""The app in a real terminal: bytes of a move and a page, resizing, leaving, refusing."""

from __future__ import annotations

import pytest
from driver import Terminal
from fake_terminal import COMMAND, opened

pytestmark = [pytest.mark.terminal, pytest.mark.slow]


@pytest.mark.parametrize("env", [{}, {"NO_COLOR": "1"}, {"TERM": "linux"}, {"COLORTERM": "truecolor"}])
def test_a_move_costs_600_bytes_and_a_page_12_kilobytes_at_80x24(env):
    with opened("60", env=env) as terminal:
        boot = len(terminal.raw)
        moves = [
            terminal.bytes_of(key, until=lambda where=where: where in terminal.line(0))
            for key, where in (
                ("j", "xlm-r-large + mnli v0 › xnli"),
                ("l", "› pawsx"),
                ("k", "xlm-r-large v0 › pawsx"),
            )
        ]
        terminal.send("ctrl+d")
        terminal.rest()
        pages = [
            terminal.bytes_of("ctrl+d", until=lambda: "v1" in terminal.line(0)),
            terminal.bytes_of("G", until=lambda: "v4" in terminal.line(0)),
            terminal.bytes_of("d", until=lambda: "macro deltas" in terminal.line(1)),
        ]
    assert max(moves) <= 600, moves
    assert max(pages) <= 12_000, pages
    assert boot <= 60_000


def test_without_colour_no_colour_is_sent():
    with opened(env={"NO_COLOR": "1"}) as terminal:
        terminal.send("j", "d")
        terminal.wait_for("macro deltas")
        raw = bytes(terminal.raw)
    assert b"38;" not in raw
    assert b"48;" not in raw


def test_256_colours_are_sent_as_numbers_and_never_as_truecolor():
    with opened() as terminal:
        raw = bytes(terminal.raw)
    assert b"48;5;" in raw
    assert b"48;2;" not in raw


def test_sixteen_colours_are_sent_to_terminals_that_have_no_more():
    with opened(env={"TERM": "linux"}) as terminal:
        raw = bytes(terminal.raw)
    assert b"48;5;" not in raw
    assert b"48;2;" not in raw


def test_resizing_changes_between_one_pane_and_three():
    with opened() as terminal:
        assert "Swahili" not in terminal.text
        terminal.resize(140, 40)
        terminal.wait_for("Swahili")
        terminal.resize(20, 5)
        terminal.rest()
        terminal.resize(80, 24)
        terminal.wait_for("xlm-r-large + mnli > squad")


def test_leaving_restores_the_terminal_and_ends_with_zero(tmp_path):
    with opened(env={"FAKE_STATE_FILE": str(tmp_path / "views.json")}) as terminal:
        terminal.send("d")
        terminal.wait_for("macro deltas")
        terminal.send("q")
        assert terminal.ended() == 0
        assert bytes(terminal.raw).rstrip().endswith((b"\x1b[?25h", b"\x1b[?1004l", b"\x1b[?1049l")) or (
            b"\x1b[?1049l" in terminal.raw
        )
    assert (tmp_path / "views.json").exists()


def test_esc_alone_is_understood():
    with opened() as terminal:
        terminal.send("enter")
        terminal.wait_for("Swahili")
        terminal.send("esc")
        terminal.wait_gone("Swahili")


@pytest.mark.parametrize("term", ["dumb", None])
def test_a_terminal_that_cannot_move_its_cursor_is_refused_with_a_sentence(term):
    with Terminal(COMMAND, env={"TERM": term}) as terminal:
        terminal.wait_for("cannot be drawn here")
        assert terminal.ended() == 1
        assert b"\x1b" not in terminal.raw
