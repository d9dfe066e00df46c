"""Collapsed and identical runs, rank ranges, detectable differences."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from intermezzo.queries.statistics.flags import (
    Detectable,
    Output,
    RankRange,
    collapsed,
    detectable,
    detectable_of,
    detectable_unpaired,
    identical,
    rank_ranges,
)
from intermezzo.queries.statistics.paired import paired
from intermezzo.queries.statistics.results import Comparison, NotComputed


def flagged(values: list[float | None], chance: float | None = None) -> list[int]:
    return [i for i, reason in enumerate(collapsed(values, chance)) if reason]


def test_at_chance() -> None:
    assert flagged([0.34, 0.353, 0.36, 0.8], 1 / 3) == [0, 1]
    assert flagged([0.0, 0.8], None) == []
    assert flagged([0.0, 0.02, 0.0201], 0.0) == [0, 1]


def test_far_below_four_siblings() -> None:
    assert flagged([0.8, 0.81, 0.79, 0.8, 0.6]) == [4]
    assert flagged([0.8, 0.81, 0.79, 0.6]) == []
    assert flagged([0.8, 0.81, 0.79, None, 0.6]) == []


def test_siblings_that_agree_to_the_last_digit_make_no_collapse_of_a_small_step() -> None:
    assert flagged([0.8961, 0.8961, 0.8962, 0.8960, 0.8928]) == []


def test_several_collapsed_runs_do_not_hide_each_other() -> None:
    assert flagged([0.8, 0.81, 0.79, 0.8, 0.82, 0.1, 0.12]) == [5, 6]


def test_real_seeds(shared: Path) -> None:
    cells: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    hashes: dict[str, list[Output]] = defaultdict(list)
    with (shared / "facts" / "masakhaner2_seed_f1.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            cells[row["lang"], row["model"]].append((row["seed"], float(row["f1"])))
            name = f"{row['model']} seed {row['seed']}"
            hashes[row["lang"]].append(Output(f"{row['lang']} {name}", name, row["blob_sha"]))
    found = [
        (model, value)
        for (_, model), runs in cells.items()
        for (_, value), reason in zip(runs, collapsed([v for _, v in runs], 0.0), strict=True)
        if reason
    ]
    assert len(found) == 16
    assert sum(model == "xlmrlarge" for model, _ in found) == 15
    assert {value for _, value in found} == {0.0}
    pairs = [pair for outputs in hashes.values() for pair in identical(outputs)]
    assert len(pairs) == 114
    models = [{o.training.split()[0] for o in pair} for pair in pairs]
    assert models.count({"afriberta", "mbert"}) == 112


def test_identical_leaves_out_what_may_be_equal() -> None:
    outputs = [
        Output("r1", "a seed 1", "x"),
        Output("r2", "a seed 2", "x"),
        Output("r3", "a seed 1", "x"),
        Output("r4", "b", "x", trained=False),
        Output("r5", "c seed 1", None),
        Output("r6", "d seed 1", None),
    ]
    assert [(a.run, b.run) for a, b in identical(outputs)] == [("r1", "r2"), ("r2", "r3")]


def test_rank_ranges() -> None:
    signs = {("a", "b"): "+", ("a", "c"): "+", ("c", "d"): "", ("d", "a"): "-", ("x", "a"): "+"}
    assert rank_ranges(["a", "b", "c", "d"], signs) == {
        "a": RankRange(1, 1),
        "b": RankRange(2, 4),
        "c": RankRange(2, 4),
        "d": RankRange(2, 4),
    }
    assert rank_ranges(["a", "b"], {}) == {"a": RankRange(1, 2), "b": RankRange(1, 2)}


def test_detectable_difference_names_its_source() -> None:
    rng = np.random.default_rng(0)
    comparison = paired(rng.random(100), rng.random(100))
    assert isinstance(comparison, Comparison)
    got = detectable_of(comparison)
    assert isinstance(got, Detectable)
    assert got.difference == pytest.approx(2.8 * comparison.stderr)
    assert "100 items" in got.source
    assert "1 seed" in got.source
    alone = detectable_unpaired(0.75, 5010)
    assert isinstance(alone, Detectable)
    assert alone.difference == pytest.approx(2.8 * np.sqrt(2 * 0.75 * 0.25 / 5010))
    for bad in (None, 0.0, -1.0, float("nan")):
        assert isinstance(detectable(bad, "nothing"), NotComputed)
    assert isinstance(detectable_unpaired(1.0, 100), NotComputed)
