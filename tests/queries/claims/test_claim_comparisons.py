"""Claims over comparisons item by item."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from claim_samples import BASE, OTHER, checked, claim, run, score
from intermezzo.queries.records import Items, Run
from intermezzo.queries.store.layout import Store, open_store
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.writer import write_runs

LANGUAGES = ("de", "en", "sw", "ur")


def items(right: dict[str, int], n: int = 400) -> Items:
    """Items of which the first so many are right, and every seventh not."""
    columns: dict[str, list[Any]] = {"language": [], "item_id": [], "metric": [], "credit": []}
    for code, count in right.items():
        for i in range(n):
            columns["language"].append(code)
            columns["item_id"].append(f"{i:04d}")
            columns["metric"].append("accuracy")
            columns["credit"].append(float(i < count and i % 7 != 0))
    return Items(columns)


def of_items(recipe: str, right: dict[str, int], **more: Any) -> tuple[Run, Items]:
    made = items(right)
    values = {
        code: [c for x, c in zip(made.columns["language"], made.columns["credit"], strict=True) if x == code]
        for code in right
    }
    scores = [score(c, sum(v) / len(v), n=len(v), stderr=None) for c, v in values.items()]
    return run(recipe, *scores, **more), made


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = open_store(tmp_path / "store", create=True)
    pairs = [
        of_items("direct", dict.fromkeys(LANGUAGES, 200)),
        of_items("mnli", {"de": 260, "en": 270, "sw": 255, "ur": 202}),
    ]
    write_runs(store, pairs)
    publish(store, wait=True)
    return store


def asked(**more: Any) -> dict[str, Any]:
    return {"compare": {"a": OTHER, "b": BASE, "task": "xnli"} | more.pop("how", {}), **more}


def test_languages_are_units_and_their_mean_has_an_interval(store: Store) -> None:
    found = checked(store, claim(**asked(units=list(LANGUAGES))))
    assert found.verdict == "undetermined", found.error
    assert {k: v for k, v in found.units.items() if v == "supported"}.keys() == {"de", "en", "sw"}
    assert found.units["ur"] == "undetermined"
    macro = found.rows[-1]
    assert macro.unit == "macro"
    assert macro.low is not None
    mean = checked(store, claim(**asked(rule="macro", units=list(LANGUAGES))))
    assert mean.verdict == "supported"
    assert mean.reasons[0] == "Judged by its row macro."
    assert mean.audit["aggregate-only"].status == "pass"
    assert mean.audit["coverage"].status == "pass"
    assert mean.artefact is not None
    assert len(mean.artefact.run_ids) == 2
    assert mean.grades["reproducibility"] == "items kept"


def test_three_of_four_languages(store: Store) -> None:
    three = checked(store, claim(**asked(rule="3 of 4", units=list(LANGUAGES))))
    assert (three.verdict, three.audit["multiplicity"].status) == ("supported", "pass")
    assert "without de it is undetermined" in three.audit["sensitivity"].why.casefold()


def test_languages_like_these_is_another_question(store: Store) -> None:
    these = checked(store, claim(**asked(rule="macro")))
    like = checked(store, claim(**asked(rule="macro", how={"over": "languages like these"})))
    assert these.rows[-1].delta == pytest.approx(like.rows[-1].delta)
    assert these.rows[-1].low != like.rows[-1].low


def test_what_cannot_be_compared_cannot_be_evaluated(store: Store) -> None:
    for how in ({"b": "nobody"}, {"task": "nothing"}, {"split": "dev"}):
        found = checked(store, claim(**asked(how=how)))
        assert found.verdict == "error"
        assert found.error


def test_runs_that_were_evaluated_otherwise_are_refused(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    pairs = [
        of_items("direct", {"de": 200}, dataset_revision="r1"),
        of_items("mnli", {"de": 260}, dataset_revision="r2"),
    ]
    write_runs(store, pairs)
    publish(store, wait=True)
    found = checked(store, claim(**asked()))
    assert found.verdict == "error"
    assert "revision" in (found.error or "")
