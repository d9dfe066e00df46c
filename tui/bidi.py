"""Text that runs from right to left, kept from drawing its neighbours into it."""

from __future__ import annotations

import re

LEFT_TO_RIGHT_MARK = "\u200e"
"""Without width; what follows it is no part of the text that runs the other way."""

_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


def isolated(text: str) -> str:
    """Return a text with a left-to-right mark behind it where it has letters that run the other way.

    A terminal that reorders lines would else take the numbers of the next column for a part of the text.
    """
    if text.isascii() or _RIGHT_TO_LEFT.search(text) is None:
        return text
    return text + LEFT_TO_RIGHT_MARK
