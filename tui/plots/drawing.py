"""What a plot comes to: lines of text, or a sentence where nothing can be drawn."""

from __future__ import annotations

from dataclasses import dataclass

LEAST_WIDTH, LEAST_HEIGHT = 24, 7
"""Cells and lines below which nothing readable can be drawn."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A plot.

    Attributes:
        lines: Its lines, each as wide as asked or narrower, harmless and without colour.
        fixed: How many of them stay where the others scroll: an axis above.
        sentence: What is said instead, where there are no lines.
    """

    lines: tuple[str, ...] = ()
    fixed: int = 0
    sentence: str = ""


TOO_SMALL = Drawing(sentence="This pane is too small for a plot.")
"""What is said below the least size."""
