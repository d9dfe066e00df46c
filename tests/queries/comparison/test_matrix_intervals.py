"""Intervals of a matrix: each cell has that of its comparison, judged over the matrix as one family."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from intermezzo.queries.compare import Request, compare
from intermezzo.queries.intervals import matrix_intervals
from intermezzo.queries.matrix import matrix_of
from intermezzo.queries.store.layout import Store
from intermezzo.queries.store.reader import connect
from small_items import run, store_of


@pytest.fixture
def store(tmp_path: Path) -> Store:
    rng = random.Random(30)

    def items(rate: float) -> dict[str, dict[str, float]]:
        return {c: {str(i): float(rng.random() < rate) for i in range(100)} for c in ("de", "en", "sw")}

    def facts(recipe: str) -> dict[str, Any]:
        return {"base": "xlm-r", "recipe": recipe}

    runs = [
        run("d", items(0.6), **facts("direct")),
        run("m", items(0.8), **facts("mnli")),
        run("q", items(0.62), **facts("qqp")),
        run("h", items(0.8), keep_items=False, **facts("hellaswag")),
        run("d", items(0.5), task="pawsx", **facts("direct")),
        run("m", items(0.7), task="pawsx", **facts("mnli")),
    ]
    return store_of(tmp_path, runs)


def test_cells_with_items_get_the_interval_of_their_comparison_and_one_family(store: Store) -> None:
    with connect(store) as reader:
        table = reader.ask("matrix")
        matrix = matrix_of(table.columns, table.rows)
        found = matrix_intervals(reader, matrix)
        told: list[tuple[int, int]] = []
        matrix_intervals(reader, matrix, progress=lambda *done: told.append(done))
        ps = {}
        for (system, yardstick), cell in found.cells.items():
            if "hellaswag" in system:
                assert (cell.low, cell.p_adjusted) == (None, None)
                assert "Not all items" in str(cell.reason)
                continue
            request = Request((system, "xlm-r"), yardstick=yardstick)
            macro = compare(reader, request).pairs[0].macro()
            assert macro is not None
            assert (cell.low, cell.high, cell.p) == (macro.low, macro.high, macro.p)
            ps[system, yardstick] = macro.p
    assert len(found.cells) == 4
    assert "the 4 cells" in found.family
    assert told[-1] == (4, 4)
    # the cell without items counts in the family all the same
    least = min(ps, key=lambda k: ps[k])
    assert found.cells[least].p_adjusted == pytest.approx(4 * ps[least])


def test_other_aggregates_have_no_interval_and_say_so(store: Store) -> None:
    with connect(store) as reader:
        table = reader.ask("matrix", aggregate="median")
        found = matrix_intervals(reader, matrix_of(table.columns, table.rows), "median")
    assert all("median has no interval" in str(cell.reason) for cell in found.cells.values())


def test_it_stops_when_told_to(store: Store) -> None:
    with connect(store) as reader:
        table = reader.ask("matrix")
        found = matrix_intervals(reader, matrix_of(table.columns, table.rows), should_stop=lambda: True)
    assert (found.cells, found.stopped) == ({}, True)
