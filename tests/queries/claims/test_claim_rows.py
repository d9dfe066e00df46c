"""Rows that bear on a claim: which are refused, so that no verdict rests on nonsense."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest
from intermezzo.queries.claims.rows import NEEDED, CannotEvaluate, rows_of

GOOD = {"unit": "sw", "delta": 0.1, "low": 0.05, "high": 0.15, "n": 10, "rung": "logged"}


def rows(*records: dict[str, Any]) -> list[Any]:
    columns = list(records[0])
    return rows_of(columns, [tuple(r[name] for name in columns) for r in records])


def test_a_row_as_it_should_be() -> None:
    [found] = rows(GOOD | {"system": "a", "baseline": "b", "yardstick": "y", "n": Decimal(10)})
    assert (found.unit, found.delta, found.n, found.named) == ("sw", 0.1, 10, True)


@pytest.mark.parametrize(
    ("odd", "sentence"),
    [
        ({"unit": None}, "A row has no unit"),
        ({"delta": "much"}, "delta of 'sw' is 'much': no number"),
        ({"delta": 0.2}, "is not inside its own interval"),
        ({"low": 0.3}, "is not inside its own interval"),
        ({"n": -1}, "a whole number of items"),
        ({"n": 1.5}, "a whole number of items"),
        ({"rung": "high"}, "The rung of 'sw' is 'high'"),
        ({"rung": None}, "The rung of 'sw' is 'None'"),
        ({"unit": "a\x1b[2Jb", "rung": "x\x1b"}, "�[2Jb"),
    ],
)
def test_nonsense_is_refused(odd: dict[str, Any], sentence: str) -> None:
    with pytest.raises(CannotEvaluate) as fault:
        rows(GOOD | odd)
    assert sentence in str(fault.value)


@pytest.mark.parametrize("name", NEEDED)
def test_each_column_is_needed(name: str) -> None:
    with pytest.raises(CannotEvaluate, match=f"lack {name}"):
        rows({k: v for k, v in GOOD.items() if k != name})


def test_a_number_that_is_none_is_a_gap() -> None:
    [found] = rows(GOOD | {"delta": math.nan})
    assert (found.delta, found.low) == (None, None)
    [found] = rows(GOOD | {"high": math.inf})
    assert (found.delta, found.low, found.high) == (0.1, None, None)


def test_a_unit_comes_once_and_rows_are_not_endless() -> None:
    with pytest.raises(CannotEvaluate, match="comes twice"):
        rows(GOOD, GOOD)
    with pytest.raises(CannotEvaluate, match="more than 10,000 rows"):
        rows(*(GOOD | {"unit": str(i)} for i in range(10_001)))
