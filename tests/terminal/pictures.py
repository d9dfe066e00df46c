"""Takes the README's pictures: the app on the demo store, driven by keys in a pseudo-terminal, as SVG.

``make pictures`` writes them to ``docs/``.
"""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pyte
from driver import Terminal
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from rich.text import Text

DOCS = Path(__file__).resolve().parents[2] / "docs"
COLUMNS, ROWS = 130, 46

PICTURES: dict[str, Sequence[str]] = {"matrix": ("l", "s", "0", "l", "g", "j")}
"""Name -> keys pressed before the picture is taken."""

THEME = TerminalTheme(
    (22, 24, 28),
    (220, 223, 228),
    [
        (40, 44, 52),
        (224, 108, 117),
        (152, 195, 121),
        (229, 192, 123),
        (97, 175, 239),
        (198, 120, 221),
        (86, 182, 194),
        (220, 223, 228),
    ],
    [
        (90, 99, 116),
        (240, 128, 137),
        (172, 215, 141),
        (249, 212, 143),
        (117, 195, 255),
        (218, 140, 241),
        (106, 202, 214),
        (255, 255, 255),
    ],
)
FORMAT = re.sub(r"@font-face \{\{.*?\n    \}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
"""Without the fonts that a reader's browser would fetch from elsewhere."""


def screen_of(keys: Sequence[str], command: Sequence[str], home: Path) -> pyte.Screen:
    """Return the app's screen after some keys."""
    env = {"HOME": str(home), "XDG_CACHE_HOME": None, "XDG_STATE_HOME": None}
    with Terminal(command, columns=COLUMNS, rows=ROWS, env=env) as terminal:
        terminal.wait_for("? help")
        terminal.wait_for(" ms")
        for key in keys:
            terminal.rest()
            terminal.send(key)
        terminal.rest()
        terminal.rest()
        return terminal.screen


def svg_of(screen: pyte.Screen, title: str) -> str:
    """Draw a screen as SVG."""
    console = Console(record=True, width=screen.columns, file=io.StringIO(), force_terminal=True)
    for y in range(screen.lines):
        line = Text()
        for x in range(screen.columns):
            cell = screen.buffer[y][x]
            fore, back = _colour(cell.fg), _colour(cell.bg)
            style = Style(color=fore, bgcolor=back, bold=cell.bold, reverse=cell.reverse)
            line.append(cell.data, style)
        console.print(line, no_wrap=True, crop=False, overflow="ignore")
    return console.export_svg(title=title, theme=THEME, code_format=FORMAT, unique_id="intermezzo")


def _colour(name: str) -> Color | None:
    if name == "default":
        return None
    if re.fullmatch("[0-9a-f]{6}", name):
        return Color.parse(f"#{name}")
    return Color.parse({"brown": "yellow"}.get(name, name))


def main() -> None:
    """Write every picture."""
    command = [sys.executable, "-m", "intermezzo.tui", "--demo"]
    for name, keys in PICTURES.items():
        with tempfile.TemporaryDirectory() as home:
            svg = svg_of(screen_of(keys, command, Path(home)), "intermezzo demo")
        (DOCS / f"{name}.svg").write_text(svg.replace(os.linesep, "\n"), encoding="utf-8")


if __name__ == "__main__":
    main()
