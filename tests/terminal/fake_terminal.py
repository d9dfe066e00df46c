"""The app on invented numbers, in a real terminal."""

from __future__ import annotations

import sys
from pathlib import Path

from driver import Terminal

APP = Path(__file__).parents[1] / "tui" / "fake_app.py"
COMMAND = [sys.executable, str(APP)]


def opened(*arguments: str, **options: object) -> Terminal:
    terminal = Terminal([*COMMAND, *arguments], **options)
    terminal.wait_for("12 ms")
    terminal.rest()
    return terminal
