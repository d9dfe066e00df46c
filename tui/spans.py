"""Sentences that differ in their numbers alone, said once: ``t with 3.7 to 52.5 df``."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def spanned(texts: Iterable[str | None]) -> list[str]:
    """Return each text once; those alike but for their numbers together, with the ends of each."""
    alike: dict[str, list[list[str]]] = {}
    for text in texts:
        if text:
            alike.setdefault(_NUMBER.sub("\0", text), []).append(_NUMBER.findall(text))
    found = []
    for shape, numbers in alike.items():
        ends = [(min(column, key=_value), max(column, key=_value)) for column in zip(*numbers, strict=True)]
        spans = iter(low if _value(low) == _value(high) else f"{low} to {high}" for low, high in ends)
        found.append(re.sub("\0", lambda _: next(spans), shape))  # noqa: B023
    return found


def _value(number: str) -> float:
    return float(number.replace(",", ""))


def span(numbers: Iterable[int | None]) -> str:
    """Return ``60``, or ``60 to 5,010``; empty where none is known."""
    known = [number for number in numbers if number is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
