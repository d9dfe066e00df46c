"""Colours of cells: levels chosen from the xterm 256 cube, with truecolor, 16-colour and no-colour forms.

Values go from dark to light, deltas from orange over nothing to blue: never red against green, and
the number is always printed. Everything here is numbers; widgets turn it into styles.
"""

from __future__ import annotations

from typing import Literal

Depth = Literal["truecolor", "256", "16", "none"]
"""What the terminal can show."""

RGB = tuple[int, int, int]
"""Red, green, blue; 0..255."""

SEQUENTIAL_256: tuple[int, ...] = (17, 24, 30, 66, 72, 108, 150, 186)
"""Background of values, lowest first: xterm colour numbers. None is near white: that is the cursor's."""

DIVERGING_256: tuple[int | None, ...] = (214, 172, 130, 94, None, 24, 25, 68, 75)
"""Background of deltas, biggest loss first; the middle is left uncoloured."""

SEQUENTIAL_16: tuple[int | None, ...] = (None, 4, 6, 7)
"""Background of values on 16-colour terminals."""

DIVERGING_16: tuple[int | None, ...] = (3, None, 4)
"""Background of deltas on 16-colour terminals."""

GLYPHS = "▁▂▃▄▅▆▇█"
"""Level of a value where there is no colour."""

MARKS_256: dict[str, int] = {"●": 33, "○": 166, "×": 30, "▲": 133, "◆": 136, "◇": 245}
"""Colours of the marks in plots: told apart without red against green, on dark and on light backgrounds.
Marks differ in shape too; the others, and all of them below 256 colours, have the terminal's own."""

DELTA_STEPS = (0.005, 0.01, 0.02, 0.05)
"""Where the levels of a delta begin, in the unit interval: half a point is the first that is coloured."""

_ANSI_16: tuple[RGB, ...] = (
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205),
    (229, 229, 229), (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255),
    (255, 0, 255), (0, 255, 255),
    (255, 255, 255),
)  # fmt: skip
_CUBE = (0, 95, 135, 175, 215, 255)


def xterm_rgb(number: int) -> RGB:
    """Return the colour of an xterm number (0..255), as xterm draws it by default."""
    if number < 16:
        return _ANSI_16[number]
    if number < 232:
        n = number - 16
        return (_CUBE[n // 36], _CUBE[n // 6 % 6], _CUBE[n % 6])
    grey = 8 + 10 * (number - 232)
    return (grey, grey, grey)


def luminance(colour: RGB) -> float:
    """Return the relative luminance (WCAG 2.1), 0..1."""

    def linear(channel: int) -> float:
        c = channel / 255
        return c / 12.92 if c <= 0.03928 else float(((c + 0.055) / 1.055) ** 2.4)

    r, g, b = colour
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)


def contrast(a: RGB, b: RGB) -> float:
    """Return the contrast ratio of two colours (WCAG 2.1), 1..21."""
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def text_on(background: RGB) -> bool:
    """Whether text on this background is white rather than black."""
    return contrast((255, 255, 255), background) >= contrast((0, 0, 0), background)


def levels(depth: Depth, kind: Literal["values", "deltas"]) -> int:
    """Return how many levels there are; those of deltas are odd, the middle meaning none."""
    if kind == "deltas":
        return len(DIVERGING_16) if depth == "16" else len(DIVERGING_256)
    return len(SEQUENTIAL_16) if depth == "16" else len(SEQUENTIAL_256)


def background(depth: Depth, kind: Literal["values", "deltas"], level: int) -> int | None:
    """Return the xterm number of a level's background; ``None`` leaves the cell uncoloured."""
    if depth == "none":
        return None
    if depth == "16":
        return (DIVERGING_16 if kind == "deltas" else SEQUENTIAL_16)[level]
    return (DIVERGING_256 if kind == "deltas" else SEQUENTIAL_256)[level]


def value_level(value: float, low: float, high: float, *, count: int, higher_is_better: bool = True) -> int:
    """Return the level of a value inside its column's range, 0 (worst) .. count - 1 (best).

    A range narrower than a tenth of its upper end is widened to that, so that nearly equal values look so.
    """
    least = abs(high) / 10 or 1.0
    if high - low < least:
        middle = (high + low) / 2
        low, high = middle - least / 2, middle + least / 2
    share = min(max((value - low) / (high - low), 0.0), 1.0)
    if not higher_is_better:
        share = 1 - share
    return min(int(share * count), count - 1)


def delta_level(delta: float, *, count: int, unit: float = 1.0, higher_is_better: bool = True) -> int:
    """Return the level of a delta, 0 (biggest loss) .. count - 1 (biggest gain); the middle is none.

    Args:
        delta: Natural unit.
        count: Odd number of levels.
        unit: What counts as 1: the biggest delta of the column where the metric has no unit interval.
        higher_is_better: Direction of the metric: a lower perplexity is a gain.
    """
    size = abs(delta) / (unit or 1.0)
    steps = sum(size >= step for step in DELTA_STEPS)
    middle = count // 2
    if middle < len(DELTA_STEPS):
        steps = 0 if steps == 0 else middle if steps > len(DELTA_STEPS) // 2 else 1
    gain = (delta > 0) == higher_is_better
    return middle + steps if gain else middle - steps


def mark_colour(mark: str, depth: Depth) -> int | None:
    """Return the xterm number of a plot's mark; ``None`` leaves it uncoloured."""
    return MARKS_256.get(mark) if depth in {"256", "truecolor"} else None


def glyph(level: int, count: int) -> str:
    """Return the level as a block from low to full, for terminals without colour."""
    return GLYPHS[min(level * len(GLYPHS) // count, len(GLYPHS) - 1)]


def delta_glyph(level: int, count: int) -> str:
    """Return the size of a delta as a block, nothing for none; whether gain or loss, its sign says."""
    middle = count // 2
    size = abs(level - middle)
    return GLYPHS[size * len(GLYPHS) // middle - 1] if size else " "
