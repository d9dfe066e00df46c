"""Pages of items: who is right, one item in all its languages, texts, what is not kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from intermezzo.queries.errors import Problem
from intermezzo.queries.items import ItemsPage, ItemsRequest, items_page
from intermezzo.queries.items_sql import items_sql
from intermezzo.queries.locked import locked_connection
from intermezzo.queries.store.reader import connect
from small_items import run, store_of

A = {"de": {"1": 1.0, "2": 1.0, "3": 0.0, "10": 0.0}, "sw": {"1": 0.0, "2": 1.0}}
B = {"de": {"1": 1.0, "2": 0.0, "3": 1.0, "10": 0.0}, "sw": {"1": 1.0, "2": 1.0}}


def page(folder: Path, runs: list[Any], *systems: str, **asked: Any) -> ItemsPage:
    with connect(store_of(folder, runs)) as reader:
        return items_page(reader, ItemsRequest(systems or ("A", "B"), **({"task": "xnli"} | asked)))


def two() -> list[Any]:
    return [run("A", A, predictions={"1": "ja"}, texts={"1": "Satz eins"}), run("B", B)]


def test_a_language_is_counted_and_filtered_by_who_is_right(tmp_path: Path) -> None:
    found = page(tmp_path, two(), language="de")
    assert [row.item_id for row in found.rows] == ["1", "2", "3", "10"]
    assert found.counts == {"all": 4, "only-a": 1, "only-b": 1, "both-right": 1, "both-wrong": 1, "differ": 1}
    assert found.languages == ("de", "sw")
    first = found.rows[0]
    assert (first.text, first.gold, first.prediction_a, first.credit_b) == ("Satz eins", "yes", "ja", 1.0)


@pytest.mark.parametrize(("which", "ids"), [("only-a", ["2"]), ("only-b", ["3"]), ("both-wrong", ["10"])])
def test_each_filter_keeps_its_items(tmp_path: Path, which: Any, ids: list[str]) -> None:
    found = page(tmp_path, two(), language="de", which=which)
    assert ([row.item_id for row in found.rows], found.total) == (ids, 1)


@pytest.mark.parametrize(
    ("words", "ids"),
    [("EINS satz", ["1"]), ("!ja", ["2", "3", "10"]), ("10", ["10"]), ("yes !1", ["2", "3"]), ("nein", [])],
)
def test_words_are_looked_for_in_ids_texts_gold_and_predictions_and_sql_finds_the_same(
    tmp_path: Path, words: str, ids: list[str]
) -> None:
    with connect(store_of(tmp_path, two())) as reader:
        found = items_page(reader, ItemsRequest(("A", "B"), "xnli", "de", filter=words, limit=1))
        assert ([row.item_id for row in found.rows], found.total) == (ids[:1], len(ids))
        assert found.counts["all"] == len(ids)
        runs = sorted({run for part in found.parts for run in part.runs})
        with locked_connection(reader, items=runs) as sql:
            table = sql.run(items_sql(found))
    at = table.columns.index("item_id")
    assert [row[at] for row in table.rows] == ids
    texts = {"1": "Satz eins"}
    assert [row[-1] for row in table.rows] == [texts.get(item) for item in ids]


def test_words_and_who_is_right_are_asked_for_together(tmp_path: Path) -> None:
    found = page(tmp_path, two(), language="de", which="both-right", filter="yes !2")
    assert [row.item_id for row in found.rows] == ["1"]
    assert found.counts == {"all": 3, "only-a": 0, "only-b": 1, "both-right": 1, "both-wrong": 1, "differ": 1}


def test_a_page_is_a_part_of_the_whole(tmp_path: Path) -> None:
    found = page(tmp_path, two(), language="de", limit=2, offset=1)
    assert ([row.item_id for row in found.rows], found.total) == (["2", "3"], 4)


def test_one_item_in_all_its_languages(tmp_path: Path) -> None:
    found = page(tmp_path, two(), item="1")
    assert [(row.language, row.right_a, row.right_b) for row in found.rows] == [
        ("de", True, True),
        ("sw", False, True),
    ]


def test_of_one_system_alone(tmp_path: Path) -> None:
    found = page(tmp_path, two(), "A", language="sw")
    assert [(row.credit_a, row.credit_b) for row in found.rows] == [(0.0, None), (1.0, None)]


def test_of_several_seeds_one_is_shown_and_named(tmp_path: Path) -> None:
    runs = [run("A", A, seed=s) for s in (3, 2)] + [run("B", B)]
    found = page(tmp_path, runs, language="de")
    assert found.seeds == (2, None)
    assert "train seed 2" in found.notes[-1]


def test_counts_of_tags_are_right_when_all_are_found_and_none_too_many(tmp_path: Path) -> None:
    tags = {"de": {"de:1": (2, 2, 2), "de:2": (1, 2, 1), "de:3": (0, 0, 0)}}
    facts = {"task": "udpos", "metric": "f1", "implementation": "x"}
    found = page(tmp_path, [run("A", tags, **facts)], "A", task="udpos", language="de")
    assert [(row.counts_a, row.right_a) for row in found.rows] == [
        ((2, 2, 2), True),
        ((1, 2, 1), False),
        ((0, 0, 0), True),
    ]


def test_what_is_not_kept_is_said(tmp_path: Path) -> None:
    runs = [run("A", A), run("B", B, keep_items=False)]
    with pytest.raises(Problem, match="No items of B are kept"):
        page(tmp_path, runs, language="de")
    with pytest.raises(Problem, match="there are de, sw"):
        page(tmp_path / "2", runs, "A", language="fr")
    with pytest.raises(Problem, match="No item '77'"):
        page(tmp_path / "3", runs, "A", item="77")
