"""The questions over small stores: what becomes one number, what is refused, what stays a gap."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from intermezzo.queries.records import Evidence, Found, Run, Score, Source
from intermezzo.queries.store.layout import Store, open_store
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.reader import connect
from intermezzo.queries.store.writer import write_runs
from intermezzo.queries.tasks import xtreme_cells

BASE, OTHER = "xlm-r", "xlm-r + mnli"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store", create=True)


def run(recipe: str, scores: list[Score], *, seed: int | None = None, **more: Any) -> Run:
    found = Found(f"xlm-r-{recipe}", base_model="xlm-r", recipe=recipe, train_seed=seed)
    name = json.dumps([recipe, seed, [repr(s) for s in scores], sorted(map(str, more.items()))])
    source = Source(f"/results/{abs(hash(name))}", f"{abs(hash(name)):064x}", 1, 1, "test", 1)
    facts = {"task": "xnli", "split": "test", "importer": "test", "importer_version": 1} | more
    return Run(found=found, sources=(source,), scores=tuple(scores), **facts)


def score(language: str | None, value: float | None, **more: Any) -> Score:
    return Score(
        **(
            {"metric": "accuracy", "value": value, "language": language, "implementation": "x", "n": 100}
            | more
        )
    )


def ask(store: Store, runs: list[Run], question: str, **params: Any) -> list[dict[str, Any]]:
    write_runs(store, [(r, None) for r in runs])
    publish(store, wait=True)
    table = connect(store).ask(question, **params)
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def cell(rows: list[dict[str, Any]], system: str, **where: Any) -> dict[str, Any]:
    (found,) = [r for r in rows if r["system"] == system and all(r[k] == v for k, v in where.items())]
    return found


def test_macro_is_the_plain_mean_over_languages_and_the_train_language_is_told_apart(store: Store) -> None:
    rows = ask(store, [run("direct", [score("en", 0.9), score("sw", 0.5), score("ur", 0.4)])], "matrix")
    found = cell(rows, BASE)
    assert found["value"] == pytest.approx(0.6)
    assert (found["languages"], found["evidence"], found["baseline"], found["delta"]) == (
        3,
        "logged",
        None,
        None,
    )
    assert found["macro_without_train"] == pytest.approx(0.45)
    assert found["transfer_gap"] == pytest.approx(0.45)
    assert (found["worst"], found["median"], found["micro"]) == pytest.approx((0.4, 0.5, 0.6))


def test_delta_is_over_the_languages_that_both_have(store: Store) -> None:
    direct = run("direct", [score("en", 0.9), score("sw", 0.5)])
    trained = run("mnli", [score("sw", 0.6), score("ur", 0.1)])
    found = cell(ask(store, [direct, trained], "matrix"), OTHER)
    assert found["value"] == pytest.approx(0.35)
    assert (found["baseline"], found["matched_languages"]) == (BASE, 1)
    assert found["delta"] == pytest.approx(0.1)


def test_other_items_or_another_number_of_items_give_no_delta_and_say_so(store: Store) -> None:
    direct = run("direct", [score("sw", 0.5, n=5010), score("ur", 0.5, item_set="a")])
    trained = run("mnli", [score("sw", 0.6, n=2490), score("ur", 0.6, item_set="b")])
    assert cell(ask(store, [direct, trained], "matrix"), OTHER)["delta"] is None
    refused = {r["language"]: (r["delta"], r["refused"]) for r in ask(store, [], "languages", system=OTHER)}
    assert refused == {"sw": (None, "other number of items: 2490 against 5010"), "ur": (None, "other items")}


def test_another_split_is_another_column(store: Store) -> None:
    rows = ask(
        store,
        [run("direct", [score("sw", 0.5)]), run("mnli", [score("sw", 0.6)], split="validation")],
        "matrix",
    )
    assert cell(rows, OTHER, split="validation")["delta"] is None
    assert cell(rows, OTHER, split="test")["gap"] == "no run in this store"


def test_seeds_are_averaged_language_by_language_and_join_the_error(store: Store) -> None:
    runs = [run("direct", [score("sw", v, stderr=0.03)], seed=s) for s, v in ((1, 0.4), (2, 0.5), (3, 0.6))]
    (found,) = ask(store, runs, "languages")
    assert found["value"] == pytest.approx(0.5)
    assert found["seeds"] == 3
    assert found["stderr"] == pytest.approx((0.03**2 + 0.01 / 3) ** 0.5)
    assert cell(ask(store, [], "matrix"), BASE)["seeds"] == 3


def test_the_newest_run_of_a_place_counts_language_by_language(store: Store) -> None:
    old = run("direct", [score("sw", 0.1), score("ur", 0.2)], date="2024-01-01")
    new = run("direct", [score("sw", 0.7)], date="2025-01-01")
    rows = ask(store, [old, new], "languages")
    assert {r["language"]: r["value"] for r in rows} == {"sw": 0.7, "ur": 0.2}


def test_a_cell_is_as_well_founded_as_its_weakest_language(store: Store) -> None:
    rungs: dict[str, Evidence] = {"en": "measured", "sw": "logged", "ur": "recomputed"}
    rows = ask(store, [run("direct", [score(k, 0.5, evidence=v) for k, v in rungs.items()])], "matrix")
    assert cell(rows, BASE)["evidence"] == "logged"


def test_without_a_standard_error_there_is_no_interval(store: Store) -> None:
    (found,) = ask(store, [run("direct", [score("sw", 0.5)])], "languages")
    assert (found["stderr"], found["low"], found["high"]) == (None, None, None)


def test_an_interval_stays_inside_the_range_of_the_metric(store: Store) -> None:
    (found,) = ask(store, [run("direct", [score("sw", 0.99, stderr=0.01)])], "languages")
    assert found["high"] == 1.0
    assert found["low"] == pytest.approx(0.99 - 1.959964 * 0.01)


def test_a_language_without_a_value_is_said_not_left_out(store: Store) -> None:
    gap = score("ur", None, gap="the file says NaN")
    found = cell(ask(store, [run("direct", [score("sw", 0.5), gap])], "matrix"), BASE)
    assert (found["value"], found["languages"]) == (0.5, 1)
    assert found["gap"] == "1 language without a value: ur (the file says NaN)"


def test_a_stated_mean_is_never_spread_over_languages(store: Store) -> None:
    direct = run("direct", [score(None, 0.792, scope="macro", evidence="published", n=None)])
    trained = run("mnli", [score(None, 0.804, scope="macro", evidence="published", n=None)])
    found = cell(ask(store, [direct, trained], "matrix"), OTHER)
    assert (found["value"], found["languages"], found["stated_only"]) == (0.804, None, True)
    assert found["delta"] == pytest.approx(0.012)
    assert ask(store, [], "languages") == []
    median = cell(ask(store, [], "matrix", aggregate="median"), OTHER)
    assert (median["value"], median["gap"]) == (None, "only a mean over languages is stated")


def test_a_pinned_baseline_stands_for_every_system(store: Store) -> None:
    direct, trained = run("direct", [score("sw", 0.5)]), run("mnli", [score("sw", 0.6)])
    rows = ask(store, [direct, trained], "matrix", baseline=OTHER)
    assert cell(rows, BASE)["delta"] == pytest.approx(-0.1)
    assert cell(rows, OTHER)["delta"] is None


def test_an_alternate_implementation_is_shown_only_when_asked_for(store: Store) -> None:
    first = score("de", 0.702, metric="f1", implementation="xtreme seqeval-0.0.12")
    other = score("de", 0.704, metric="f1", implementation="xtreme seqeval-1.2.2")
    rows = ask(store, [run("direct", [first, other], task="udpos")], "matrix")
    assert cell(rows, BASE)["implementation"] == "xtreme seqeval-0.0.12"
    asked = ask(store, [], "matrix", metric="f1", implementation="xtreme seqeval-1.2.2")
    assert cell(asked, BASE)["value"] == 0.704


def test_an_alternate_implementation_alone_stands_for_its_task(store: Store) -> None:
    only = score("de", 0.704, metric="f1", implementation="xtreme seqeval-1.2.2")
    rows = ask(store, [run("direct", [only], task="udpos")], "matrix")
    assert cell(rows, BASE)["value"] == 0.704


def test_a_base_model_with_values_in_the_first_columns_comes_first(store: Store) -> None:
    runs = [
        replace(made, found=replace(made.found, name=f"{base}-{made.found.recipe}", base_model=base))
        for task, base in (("pocket_intents", "a-model"), ("xnli", "b-model"))
        for made in (run("direct", [score("de", 0.5)], task=task), run("mnli", [score("de", 0.6)], task=task))
    ]
    rows = ask(store, runs, "matrix")
    assert list(dict.fromkeys(r["base_model"] for r in rows)) == ["b-model", "a-model"]


def test_recomputed_beside_another_logged_value_is_a_mismatch(store: Store) -> None:
    near = score("sw", 0.5, evidence="recomputed", logged=0.50001)
    far = score("ur", 0.5, evidence="recomputed", logged=0.52)
    rows = ask(store, [run("direct", [near, far])], "mismatches")
    assert [(r["language"], r["logged"]) for r in rows] == [("ur", 0.52)]
    assert cell(ask(store, [], "matrix"), BASE)["mismatch"] is True


def xtreme_run(task: str, leave_out: str | None = None) -> Run:
    metrics = {"accuracy": 0.5} if task in ("xnli", "pawsx", "tatoeba") else {"f1": 0.6}
    if task in ("xquad", "mlqa", "tydiqa"):
        metrics["exact_match"] = 0.4
    scores = [
        score(c.language, value, metric=metric, implementation="xtreme scorer")
        for c in xtreme_cells()
        if c.task == task and c.language != leave_out
        for metric, value in metrics.items()
    ]
    return run("direct", scores, task=task)


def test_the_xtreme_score_is_the_mean_of_nine_task_means(store: Store) -> None:
    tasks = {c.task for c in xtreme_cells()}
    rows = ask(store, [xtreme_run(task) for task in tasks], "xtreme")
    by_name = {r["name"]: r["value"] for r in rows}
    assert by_name["all_task"] == pytest.approx((3 * 0.5 + 3 * 0.6 + 3 * 0.5) / 9)
    assert by_name["qa"] == pytest.approx(0.5)


def test_a_missing_language_is_no_xtreme_score_and_is_named(store: Store) -> None:
    tasks = {c.task for c in xtreme_cells()}
    rows = ask(store, [xtreme_run(task, "sw" if task == "xnli" else None) for task in tasks], "xtreme")
    by_name = {r["name"]: r for r in rows}
    assert (by_name["xnli"]["value"], by_name["xnli"]["gap"]) == (None, "languages missing: sw")
    assert (by_name["all_task"]["value"], by_name["all_task"]["gap"]) == (None, "tasks without a score: xnli")
    assert by_name["pawsx"]["value"] == pytest.approx(0.5)
