"""What the terminal can do."""

from __future__ import annotations

import pytest
from intermezzo.tui.terminal import depth, few_colours, past_screen, prepare, usable


@pytest.mark.parametrize(
    ("environ", "tty", "said"),
    [
        ({"TERM": "dumb"}, True, "TERM=dumb"),
        ({}, True, "TERM is not set"),
        ({"TERM": "xterm-256color"}, False, "needs a terminal"),
    ],
)
def test_where_no_app_can_be_drawn_there_is_a_sentence_and_another_way(environ, tty, said):
    sentence = usable(environ, tty=tty)
    assert sentence is not None
    assert said in sentence
    assert "intermezzo show matrix" in sentence


@pytest.mark.parametrize("term", ["xterm-256color", "linux", "screen", "tmux-256color", "vt100"])
def test_usual_terminals_are_usable(term):
    assert usable({"TERM": term}, tty=True) is None


@pytest.mark.parametrize(
    ("environ", "colours"),
    [
        ({"TERM": "xterm-256color"}, "256"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "truecolor"),
        ({"TERM": "linux"}, "16"),
        ({"TERM": "screen"}, "16"),
        ({"TERM": "xterm-kitty"}, "256"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, "none"),
        ({"TERM": "xterm", "TEXTUAL_COLOR_SYSTEM": "256"}, "256"),
        ({}, "16"),
    ],
)
def test_colours_of_the_terminal(environ, colours):
    assert depth(environ) == colours


def test_over_ssh_the_app_is_calm_and_the_users_settings_stay():
    environ = {"SSH_CONNECTION": "a b c d"}
    prepare(environ)
    assert environ["TEXTUAL_ANIMATIONS"] == "none"
    assert environ["TEXTUAL_FPS"] == "30"
    mine = {"SSH_CONNECTION": "a", "TEXTUAL_FPS": "60", "TEXTUAL_ANIMATIONS": "full"}
    prepare(mine)
    assert (mine["TEXTUAL_FPS"], mine["TEXTUAL_ANIMATIONS"]) == ("60", "full")


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"TERM": "screen", "STY": "7.pts"}, "term screen-256color  into ~/.screenrc"),
        ({"TERM": "screen", "TMUX": "/tmp/t,1,0"}, "default-terminal tmux-256color"),
        ({"TERM": "screen-256color", "STY": "7.pts"}, ""),
        ({"TERM": "screen", "STY": "7.pts", "NO_COLOR": "1"}, ""),
        ({"TERM": "linux"}, ""),
    ],
)
def test_a_multiplexer_with_few_colours_is_told_how_to_show_more(environ, said):
    assert said in few_colours(environ)
    assert bool(said) == bool(few_colours(environ))


def test_what_goes_past_screen_is_whole_in_pieces_that_it_takes():
    sequence = "\x1b]52;c;" + "QUJD" * 1000 + "\a"
    pieces = past_screen(sequence).split("\x1b\\")
    assert pieces.pop() == ""
    assert all(piece.startswith("\x1bP") and len(piece) < 768 for piece in pieces)
    assert "".join(piece.removeprefix("\x1bP") for piece in pieces) == sequence
