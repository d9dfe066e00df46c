"""Aggregates: values over languages, gaps refused by name."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest
from intermezzo.queries.statistics.aggregates import (
    Aggregate,
    aggregates,
    by_group,
    macro,
    matched,
    mean_of_cells,
    micro,
    worst,
)
from intermezzo.queries.statistics.results import NotComputed

VALUES = {"en": 0.9, "de": 0.8, "sw": 0.5, "th": 0.6}
ITEMS = {"en": 100, "de": 100, "sw": 200, "th": 600}


def value(result: Aggregate | NotComputed) -> float:
    assert isinstance(result, Aggregate), result
    return result.value


def test_all_aggregates() -> None:
    got = aggregates(VALUES, ITEMS, train_language="en", mean_metric=True)
    assert value(got.macro) == pytest.approx(0.7)
    assert value(got.macro_without_train) == pytest.approx(1.9 / 3)
    assert value(got.gap) == pytest.approx(0.9 - 1.9 / 3)
    assert value(got.micro) == pytest.approx((90 + 80 + 100 + 360) / 1000)
    assert value(got.median) == pytest.approx(0.7)
    assert value(got.worst) == 0.5
    assert got.macro == Aggregate(pytest.approx(0.7), ("en", "de", "sw", "th"), 1000)
    assert isinstance(got.worst, Aggregate)
    assert got.worst.language == "sw"
    assert isinstance(got.macro_without_train, Aggregate)
    assert got.macro_without_train.items == 900


@pytest.mark.parametrize("gap", [None, float("nan")])
def test_a_gap_is_named_and_never_left_out(gap: float | None) -> None:
    got = aggregates({**VALUES, "sw": gap}, ITEMS, train_language="en", mean_metric=True)
    for result in (got.macro, got.macro_without_train, got.gap, got.micro, got.median, got.worst):
        assert isinstance(result, NotComputed)
        assert "sw" in result.reason


def test_what_an_aggregate_needs() -> None:
    unknown = aggregates(VALUES, None, train_language=None, mean_metric=False)
    assert isinstance(unknown.macro_without_train, NotComputed)
    assert isinstance(unknown.gap, NotComputed)
    assert isinstance(unknown.micro, NotComputed)
    assert isinstance(macro({}), NotComputed)
    assert isinstance(micro(VALUES, {"en": 1}), NotComputed)
    only = aggregates({"en": 0.9}, ITEMS, train_language="en", mean_metric=True)
    assert isinstance(only.gap, NotComputed)
    assert isinstance(aggregates(VALUES, train_language="fr", mean_metric=True).gap, NotComputed)


def test_worst_where_lower_is_better() -> None:
    result = worst({"en": 12.0, "sw": 80.0}, higher_is_better=False)
    assert isinstance(result, Aggregate)
    assert result.language == "sw"


def test_matched_languages_and_what_they_drop() -> None:
    got = matched({"en": 0.9, "de": 0.8, "sw": None}, {"de": 0.7, "en": 0.8, "sw": 0.4, "th": 0.5})
    assert got.languages == ("en", "de")
    assert got.dropped == {"sw": 1, "th": 1}


def test_groups_of_languages() -> None:
    got = by_group(VALUES, {"en": "Germanic", "de": "Germanic", "sw": "Bantu", "th": None})
    assert {k: value(v) for k, v in got.items()} == pytest.approx(
        {"Bantu": 0.5, "Germanic": 0.85, "unknown": 0.6}
    )


def test_real_seeds_rank_by_mean_and_by_median_differently(shared: Path) -> None:
    cells: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with (shared / "facts" / "masakhaner2_seed_f1.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            cells[row["model"]][row["lang"]].append(float(row["f1"]))
    got = {
        (model, centre): round(100 * value(mean_of_cells(cells[model], centre)), 1)
        for model in ("xlmrlarge", "xlmrbase")
        for centre in ("mean", "median")
    }
    assert got == {
        ("xlmrlarge", "mean"): 76.4,
        ("xlmrbase", "mean"): 84.5,
        ("xlmrlarge", "median"): 85.2,
        ("xlmrbase", "median"): 84.6,
    }
