"""Columns behind text in any script: where they stand, whatever a terminal thinks of the text's width."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyte
import pytest
from intermezzo.tui.anchoring import _render, anchored
from intermezzo.tui.bidi import LEFT_TO_RIGHT_MARK
from intermezzo.tui.panes.lines import DIM, strip_of
from intermezzo.tui.text import fit, is_sure, most_cells, wrapped
from intermezzo.tui.text_table import shown_width, table_lines
from langcodes import Language
from rich.cells import cell_len
from rich.console import Console

CODES = (
    "af am ar as az be bg bn bo bs ca cs cy da de dv dz el en es et eu fa fi fo fr ga gl gu he "
    "hi hr ht hu hy id is it ja jv ka kk km kn ko ky lo lt lv mk ml mn mr ms mt my ne nl nqo or "
    "pa pl ps pt qu ro ru sa sat sd si sk sl sq sr sv sw ta te tg th ti tr tt ug uk ur uz vi yi "
    "yo yue zh zh-Hant zu "
)
NAMES = tuple(dict.fromkeys(Language.get(code).autonym() for code in CODES.split()))
TEXTS = (
    *NAMES,
    "رجل يأكل الطعام رقم 12",
    "איש אוכל (number 3) לחם",
    "एक आदमी खाना खा रहा है",
    "मैंने क्ष\u200dत्र देखा",
    "ผู้ชายกำลังกินข้าว น้ำ",
    "လူတစ်ယောက် အစားအစာ စားနေသည်",
    "ශ්\u200dරී ලංකා",
    "Tie\u0302\u0301ng Vie\u0323\u0302t",
    "一个男人正在吃饭",
    "\u1112\u1161\u11ab\u1100\u1173\u11af",
    "👩\u200d👩\u200d👧 and 👍🏽",
    "🇩🇪🇫🇷 ✈️ 1️⃣ ⚠️ ☎︎",
    "ﷺ ﷽",
    "z̷͓̈a̴͎͝l̸̰̐g̵o",
)
"""The names of languages in their own scripts, and sentences that are odd in one way each."""
SIZES = (6, 11, 30)


def row(text: str, width: int) -> str:
    """A row as a pane draws it: a text, a number behind it, and the border of the next pane."""
    strip = strip_of([(fit(text, width), None), (" 94.6 ", DIM), ("│", None)], width + 7)
    assert strip.cell_length == width + 7
    return _render(strip, Console(width=200, force_terminal=True, color_system="256"))


@pytest.mark.parametrize("width", SIZES)
def test_what_stands_behind_a_text_is_where_it_belongs(width):
    screen = pyte.Screen(width + 7, 2)
    stream = pyte.Stream(screen)
    for text in TEXTS:
        stream.feed("\x1b[H\x1b[2J" + "#" * (width + 7) + "\r" + row(text, width))
        cells = "".join(screen.buffer[0][x].data for x in range(width, width + 7))
        assert cells == " 94.6 │", text
        assert "#" not in screen.display[0], text
        assert not screen.display[1].strip(), text
        assert screen.cursor.y == 0


def test_without_anchors_columns_would_move():
    screen = pyte.Screen(40, 1)
    pyte.Stream(screen).feed(fit("🇩🇪🇫🇷 1️⃣", 12) + "│")
    assert screen.buffer[0][12].data != "│"


REPORT = """
import os, select, sys, termios, tty
fd, out = sys.stdin.fileno(), open(sys.argv[1], "w")
tty.setraw(fd)
for line in open(sys.argv[2], encoding="utf-8", newline="").read().split("\\n"):
    sys.stdout.write("\\x1b[H\\x1b[2J" + line + "\\x1b[6n")
    sys.stdout.flush()
    answer = b""
    while not answer.endswith(b"R") and select.select([fd], [], [], 20)[0]:
        answer += os.read(fd, 100)
    out.write(answer.decode().lstrip("\\x1b[").rstrip("R") + "\\n")
out.close()
os.rename(sys.argv[1], sys.argv[1] + ".done")
"""
"""Writes each line of a file to the terminal and asks it where the cursor is then."""


@contextmanager
def tmux(folder: Path, *command: str) -> Iterator[list[str]]:
    """A program in a tmux of its own, 60 cells wide; gives the words that tmux is spoken to with."""
    words = ["tmux", "-L", f"imz-{folder.name}", "-f", "/dev/null"]
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
    size = ["new-session", "-d", "-x", "60", "-y", "10"]
    subprocess.run([*words, *size, *command], check=True, timeout=60, env=env)
    try:
        yield words
    finally:
        subprocess.run([*words, "kill-server"], check=False, timeout=60)


def until(true: Callable[[], bool]) -> None:
    for _ in range(600):
        if true():
            return
        time.sleep(0.1)


needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")


@pytest.mark.terminal
@needs_tmux
def test_tmux_says_that_the_cursor_is_where_it_belongs(tmp_path):
    report, asked, done = tmp_path / "report.py", tmp_path / "lines", tmp_path / "answers.done"
    report.write_text(REPORT)
    lines = [row(text, width) for text in TEXTS for width in SIZES]
    asked.write_text("\n".join(lines), encoding="utf-8", newline="")
    with tmux(tmp_path, sys.executable, str(report), str(tmp_path / "answers"), str(asked)):
        until(done.exists)
    expected = [f"1;{width + 8}" for _ in TEXTS for width in SIZES]
    assert done.read_text().splitlines() == expected


@pytest.mark.terminal
@needs_tmux
def test_a_line_to_read_loses_nothing_to_what_stands_behind_it(tmp_path):
    texts = ["एक आदमी खाना खा रहा है 0", "လူတစ်ယောက် 12 စားနေသည်", "தமிழ் is Tamil, 3"]
    console = Console(width=60, force_terminal=True, color_system="256")
    lines = []
    for text in texts:
        (line,) = wrapped(text, 50)
        lines.append(_render(strip_of([("  " + line, None)], 50), console))
    shown = tmp_path / "shown"
    shown.write_text("\r\n".join([*lines, "end"]), encoding="utf-8", newline="")
    with tmux(tmp_path, "sh", "-c", f"cat '{shown}'; sleep 60") as words:

        def screen() -> list[str]:
            asked = [words[0], "-u", *words[1:], "capture-pane", "-p"]
            env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
            return (
                subprocess.run(asked, capture_output=True, timeout=60, env=env).stdout.decode().splitlines()
            )

        until(lambda: "end" in screen())
        assert [line.strip() for line in screen()[:3]] == texts


@pytest.mark.parametrize("text", TEXTS)
def test_text_is_cut_and_wrapped_so_that_no_terminal_makes_it_wider_than_its_column(text):
    for width in range(2, 25):
        cut = fit(text, width)
        assert cell_len(cut) == width
        assert most_cells(cut.rstrip(" ")) <= width
        assert all(most_cells(line) <= width for line in wrapped(text, width))
    assert "".join(wrapped(text, 7)).replace(" ", "") == text.replace(" ", "")


def test_marks_and_joined_characters_stay_with_what_they_are_on():
    assert fit("e\u0301e\u0301e\u0301e\u0301", 3).startswith("e\u0301e\u0301…")
    assert fit("👩\u200d👩\u200d👧👩\u200d👩\u200d👧", 8).rstrip() == "👩\u200d👩\u200d👧…"
    assert wrapped("हिन्दी", 2)[0] == "हि"


def test_only_text_of_unsure_width_is_held_and_only_what_runs_to_the_left_gets_a_mark():
    for sure in (
        "plain + mnli > squad 94.6 ├─●─┤ ▲",
        "中文 naïve Ελληνικά русский 日本語 한국어",
        "⠑⠤ █▌ ≠ ✓✗ …",
    ):
        assert is_sure(sure)
        assert anchored(sure) == sure
    held = anchored("12  العربية  94.6")
    assert held.startswith("12  \x1b7")
    assert held.endswith("94.6")
    assert LEFT_TO_RIGHT_MARK in held
    assert LEFT_TO_RIGHT_MARK not in anchored("ไทย 94.6")


def test_printed_tables_keep_their_columns_and_hold_what_runs_to_the_left():
    rows = [[text, "94.6", "end"] for text in TEXTS]
    lines = list(table_lines([["text"], ["value"], [""]], rows, right=[False, True, False]))
    places = {shown_width(line[: line.rindex("94.6")]) for line in lines[1:]}
    assert len(places) == 1
    arabic = next(line for line in lines if "العربية" in line)
    assert arabic.split("  ")[0].rstrip().endswith(LEFT_TO_RIGHT_MARK)
    assert not any(LEFT_TO_RIGHT_MARK in line for line in lines if "中文" in line)
