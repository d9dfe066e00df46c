"""A stretch of the list of runs is that of the whole list, sorted and filtered in plain Python."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from intermezzo.queries.records import Found, Run, Score, Source
from intermezzo.queries.store.layout import open_store
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.reader import Reader, connect
from intermezzo.queries.store.writer import write_runs

RUNS = 30


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    store = open_store(tmp_path_factory.mktemp("runs") / "store", create=True)
    runs = [_run(n) for n in range(RUNS)]
    write_runs(store, [(run, None) for run in runs])
    publish(store)
    with connect(store) as found:
        yield found


def _run(n: int) -> Run:
    found = Found(
        f"model-{n % 4}", base_model="xlmr", recipe=("direct", "mnli")[n % 2], train_seed=n % 3 or None
    )
    scores = tuple(
        Score("accuracy", 0.5, language, evidence=("logged", "recomputed")[n % 2])
        for language in ("de", "sw")
    )
    source = Source(f"/{n}.json", f"{n:064d}", 1, 1, "test", 1)
    date = None if n % 7 == 0 else f"2026-01-{n % 5 + 1:02d}"
    return Run(found, ("xnli", "pawsx")[n % 2], (source,), scores, split="test", key=str(n), date=date)


def whole(reader: Reader) -> list[dict[str, Any]]:
    return reader.ask("run_list").dicts()


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize(
    ("sort", "column"), [("date", "date"), ("system", "system"), ("seed", "train_seed"), ("items", "items")]
)
def test_stretches_make_the_sorted_list_unknown_last(
    reader: Reader, sort: str, column: str, descending: bool
) -> None:
    every = whole(reader)
    known = sorted((r for r in every if r[column] is not None), key=lambda r: r[column], reverse=descending)
    wanted = [r["run_id"] for r in (*known, *(r for r in every if r[column] is None))]
    got = []
    for first in range(0, RUNS, 7):
        page = reader.ask("run_page", sort=sort, descending=descending, first=first, most=7).dicts()
        assert [row["position"] for row in page] == list(range(first, min(first + 7, RUNS)))
        got += [row["run_id"] for row in page]
    assert got == wanted


def test_a_stretch_lies_around_a_run_and_counts_what_it_is_part_of(reader: Reader) -> None:
    every = whole(reader)
    page = reader.ask("run_page", run=every[20]["run_id"], most=6).dicts()
    assert [row["run_id"] for row in page] == [row["run_id"] for row in every[17:23]]
    assert {(row["matching"], row["whole"]) for row in page} == {(RUNS, RUNS)}
    page = reader.ask("run_page", run=every[1]["run_id"], most=6).dicts()
    assert page[0]["position"] == 0
    same = {name: value for name, value in page[1].items() if name not in {"position", "matching", "whole"}}
    assert same == every[1]


def test_words_are_looked_for_and_with_a_mark_not(reader: Reader) -> None:
    def found(words: str) -> list[dict[str, Any]]:
        return reader.ask("run_page", filter=words).dicts()

    assert {row["recipe"] for row in found("MNLI recomputed")} == {"mnli"}
    assert {row["task"] for row in found("xlmr !pawsx")} == {"xnli"}
    assert len(found("  ")) == RUNS
    assert found("nobody") == []
    assert len(reader.ask("run_page", task="xnli", concealed=False).rows) == RUNS // 2
