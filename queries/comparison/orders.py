"""What the languages of a comparison are sorted by: words, without what comparing needs."""

from __future__ import annotations

from typing import Literal, get_args

LanguageOrder = Literal["delta", "language", "family", "n", "p"]
ORDERS: tuple[LanguageOrder, ...] = get_args(LanguageOrder)
"""What languages are sorted by."""

LARGEST_FIRST = frozenset({"delta", "n"})
"""Orders that begin with the largest, as usual; the others begin with the smallest."""
