"""Panes of lines: only the cells that differ are repainted, and nothing that differs is left out."""

from __future__ import annotations

import pytest
from intermezzo.tui.panes.lines import BOLD, changed_span, strip_of
from rich.style import Style
from textual.strip import Strip


def strip(text: str, style: Style | None = None) -> Strip:
    return strip_of([(text, style)], 40)


@pytest.mark.parametrize(
    ("old", "new", "span"),
    [
        ("the same", "the same", None),
        ("Swahili 70.1", "Swahili 71.1", (9, 10)),
        ("short", "", (0, 5)),
        ("a......b", "c......d", (0, 8)),
        ("中文 1", "中国 1", (2, 4)),
        ("中文", "ab文", (0, 2)),
    ],
)
def test_the_cells_between_which_lines_differ(old: str, new: str, span: tuple[int, int] | None) -> None:
    assert changed_span(strip(old), strip(new)) == span


def test_a_style_is_a_difference_and_text_of_unsure_width_is_repainted_whole() -> None:
    assert changed_span(strip("abc"), strip_of([("a", None), ("b", BOLD), ("c", None)], 40)) == (1, 2)
    assert changed_span(strip("हिन्दी 1"), strip("हिन्दी 2")) == (0, 40)
