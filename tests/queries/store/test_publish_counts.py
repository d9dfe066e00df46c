"""What a publish of one run costs, as counts: it must not grow with the store."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from intermezzo.queries.store.building import Building
from intermezzo.queries.store.layout import Store
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.writer import write_runs
from store_samples import new_store, run

TASKS = ("xnli", "pawsx", "udpos", "panx")
LANGUAGES = ("af", "de", "en", "fi", "hi", "sw", "ta", "zh")
CHANGES = {"INSERT", "BATCH_INSERT", "DELETE_OPERATOR", "UPDATE", "MERGE_INTO"}
LARGE = {"runs", "scores", "sources", "language_scores", "stated_means"}
"""Tables that grow with the runs; systems and yardsticks are but the rows and columns of the matrix."""


class Counting:
    """A connection that adds up the rows that statements work with.

    Attributes:
        scores: Rows that came of the table of scores, once filtered and joined with the runs that are wanted.
        written: Rows put into, changed in or deleted from the large tables.
    """

    def __init__(self, con: Any) -> None:
        self._con = con
        self.scores = self.written = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._con, name)

    def execute(self, sql: str, params: Any = None) -> Any:
        self._con.execute("PRAGMA enable_profiling = 'no_output'")
        rows = self._con.execute(sql, params or {}).fetchall()
        profile = json.loads(self._con.get_profiling_information(format="json") or "{}")
        self._con.execute("PRAGMA disable_profiling")
        changed = re.search(r"^(?:INSERT INTO|DELETE FROM|UPDATE|MERGE INTO) (\w+)", sql, re.MULTILINE)
        for operator in profile.get("operator", ()):
            self._count(operator, changed is not None and changed[1] in LARGE)
        return Rows(rows)

    def _count(self, node: dict[str, Any], large: bool) -> None:
        below = node.get("children", ())
        if any(child.get("extra_info", {}).get("Table") == "building.main.scores" for child in below):
            self.scores += node["intermediate_rows"]
        if large and node["type"] in CHANGES:
            self.written += sum(child["intermediate_rows"] for child in below)
        for child in below:
            self._count(child, large)


class Rows:
    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self._rows = rows

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._rows


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Counting]:
    """The connections of the indexes that are made, counting."""
    made: list[Counting] = []
    begin = Building.begin

    def begun(self: Building, *more: Any) -> None:
        if not isinstance(self.con, Counting):
            self.con = Counting(self.con)  # type: ignore[assignment]
            made.append(self.con)  # type: ignore[arg-type]
        begin(self, *more)

    monkeypatch.setattr(Building, "begin", begun)
    return made


def filled(folder: Path, systems: int) -> Store:
    store = new_store(folder)
    runs = [
        run("a", file=f"{n}-{task}", name=f"org/model-{n}", task=task, languages=LANGUAGES)
        for n in range(systems)
        for task in TASKS
    ]
    write_runs(store, [(one, None) for one in runs])
    publish(store)
    return store


def test_a_run_more_costs_the_same_in_a_large_store(tmp_path: Path, counted: list[Counting]) -> None:
    """Columns are still looked through for the runs of a system; what is worked with is its own scores."""
    costs = []
    for systems in (5, 40):
        folder = tmp_path / str(systems)
        folder.mkdir()
        store = filled(folder, systems)
        new = (
            run("of a new system", file="new", name="org/new", languages=LANGUAGES),
            run("another seed", file="more", name="org/model-1", languages=LANGUAGES),
        )
        write_runs(store, [(one, None) for one in new])
        counted.clear()
        publish(store)
        (con,) = counted
        costs.append((con.scores, con.written))
    assert costs[0] == costs[1]
    scores, written = costs[0]
    assert written > 2 * len(LANGUAGES)
    assert scores > 2 * len(LANGUAGES)
