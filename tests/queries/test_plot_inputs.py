"""What plots are drawn from: seeds, learning curves and credits behind a cell."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from intermezzo.queries.comparison.model import Request
from intermezzo.queries.credits import credits_of
from intermezzo.queries.errors import Problem
from intermezzo.queries.records import Found, Items, Run, Score, Source, identified
from intermezzo.queries.seed_values import seeds_by_language, seeds_by_task
from intermezzo.queries.store.layout import open_store
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.reader import Reader, connect
from intermezzo.queries.store.writer import write_runs
from intermezzo.queries.training_curves import training_curves

sys.path.append(str(Path(__file__).resolve().parents[1] / "tui"))
from item_store import ITEMS, TEXTS, seed_store


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    with connect(seed_store(tmp_path_factory.mktemp("seeds") / "store")) as opened:
        yield opened


def yardstick(reader: Reader) -> str:
    return str(reader.ask("matrix").dicts()[0]["yardstick"])


def made(folder: Path, *runs: tuple[Run, Items | None]) -> Reader:
    store = open_store(folder, create=True)
    write_runs(store, [(identified(run), items) for run, items in runs])
    publish(store, wait=True)
    return connect(store)


def plain(name: str, scores: tuple[Score, ...], seed: int | None = None, **facts: object) -> Run:
    source = Source(f"/r/{name}-{seed}", f"{abs(hash((name, seed))):064x}", 1, 1, "test", 1)
    usual = {"task": "xnli", "split": "test", "importer": "test", "importer_version": 1}
    found = Found(name, base_model="m", recipe="direct", train_seed=seed)
    return Run(found=found, sources=(source,), scores=scores, **(usual | facts))  # type: ignore[arg-type]


def test_each_language_has_the_values_of_its_seeds_in_their_order(reader):
    rows = seeds_by_language(reader, "mbert", yardstick(reader))
    assert {row.label for row in rows} == set(TEXTS)
    assert all(row.seeds == (1, 2, 3) for row in rows)
    by_code = {row.label: row for row in rows}
    shown = {r["language"]: r for r in reader.ask("languages", system="mbert").dicts()}
    for code, row in by_code.items():
        assert sum(row.values) / 3 == pytest.approx(shown[code]["value"])
    assert by_code["zh"].name == "Chinese"


def test_a_task_has_a_macro_a_seed_over_the_languages_that_all_seeds_have(tmp_path):
    both = (Score("accuracy", 0.9, "en"), Score("accuracy", 0.5, "sw"))
    reader = made(
        tmp_path / "s", (plain("a", both, 1), None), (plain("b", (Score("accuracy", 0.7, "sw"),), 2), None)
    )
    (row,) = seeds_by_task(reader, "m")
    assert (row.label, row.seeds, row.values) == ("xnli", (1, 2), (0.5, 0.7))


def test_curves_of_stages_come_dev_first_and_the_target_before_what_it_was_built_on(reader):
    curves = training_curves(reader, "mbert + mnli", yardstick(reader))
    quantities = list(dict.fromkeys(curve.quantity for curve in curves))
    assert quantities == ["mnli > xnli: dev accuracy", "mnli > xnli: loss", "mnli: loss"]
    target = [curve for curve in curves if curve.quantity == quantities[0]]
    assert [curve.train_seed for curve in target] == [1, 2, 3]
    assert [step for step, _ in target[0].points] == [200, 400, 600, 800, 1000]
    direct = {curve.quantity for curve in training_curves(reader, "mbert", yardstick(reader))}
    assert direct == {"dev accuracy", "loss"}


def test_curves_of_importers_are_columns_and_settings_are_left_out(tmp_path):
    curves = {
        "eval": {"step": [1, 2], "eval_f1": [0.5, None], "eval_loss": [1.0, 0.9]},
        "train": {"step": [1, 2, 3], "loss": [3, 2, 1], "learning_rate": [1, 1, 1], "grad_norm": [1, 1, 1]},
        "mnli": {"epoch": [1], "accuracy": [0.6]},
        "odd": {"accuracy": [0.6]},
    }
    config = json.loads(json.dumps({"curves": curves}))
    reader = made(tmp_path / "s", (plain("a", (Score("accuracy", 0.9, "en"),), 1, config=config), None))
    found = {c.quantity: c.points for c in training_curves(reader, "m", yardstick(reader))}
    assert found == {
        "eval_f1": ((1.0, 0.5),),
        "mnli accuracy": ((1.0, 0.6),),
        "eval_loss": ((1.0, 1.0), (2.0, 0.9)),
        "loss": ((1.0, 3.0), (2.0, 2.0), (3.0, 1.0)),
    }
    assert list(found)[-2:] == ["eval_loss", "loss"]
    assert training_curves(reader, "nobody", yardstick(reader)) == ()


def test_credits_are_means_over_seeds_and_count_every_item_once(reader):
    found = credits_of(reader, Request(("mbert",), yardstick=yardstick(reader)))
    assert sum(found.counts.values()) == ITEMS * len(TEXTS)
    assert set(found.counts) <= {0.0, 0.3333, 0.6667, 1.0}
    value = sum(v * n for v, n in found.counts.items()) / (ITEMS * len(TEXTS))
    assert value == pytest.approx(reader.ask("matrix").dicts()[0]["value"], abs=1e-4)
    only = credits_of(reader, Request(("mbert",), yardstick=yardstick(reader)), "zh")
    assert (sum(only.counts.values()), only.languages) == (ITEMS, ("zh",))


def test_differences_of_two_systems_add_up_to_the_difference_of_their_macros(reader):
    found = credits_of(reader, Request(("mbert + mnli", "mbert"), yardstick=yardstick(reader)))
    items = sum(found.counts.values())
    assert items == ITEMS * len(TEXTS)
    delta = sum(v * n for v, n in found.counts.items()) / items
    cells = {row["system"]: row["value"] for row in reader.ask("matrix").dicts()}
    assert delta == pytest.approx(cells["mbert + mnli"] - cells["mbert"], abs=1e-4)
    assert min(found.counts) < 0 < max(found.counts)


def test_without_items_or_such_a_language_a_sentence_says_so(reader, tmp_path):
    with pytest.raises(Problem, match="no 'xx' on xnli"):
        credits_of(reader, Request(("mbert",), yardstick=yardstick(reader)), "xx")
    bare = made(tmp_path / "s", (plain("a", (Score("accuracy", 0.9, "en"),)), None))
    with pytest.raises(Problem, match="only scores"):
        credits_of(bare, Request(("m",), yardstick=yardstick(bare)))


def test_of_a_corpus_metric_an_item_has_its_own_f1_and_items_with_nothing_to_find_are_left_out(tmp_path):
    counts = [(2, 2, 2), (1, 2, 2), (0, 1, 1), (0, 0, 0)]
    items = Items(
        {
            "language": ["de"] * 4,
            "item_id": [str(n) for n in range(4)],
            "metric": ["f1"] * 4,
            "tp": [c[0] for c in counts],
            "n_pred": [c[1] for c in counts],
            "n_gold": [c[2] for c in counts],
        }
    )
    score = Score("f1", 2 * 3 / (5 + 5), "de", n=4, evidence="recomputed")
    reader = made(tmp_path / "s", (plain("a", (score,), 1, task="panx"), items))
    found = credits_of(reader, Request(("m",), yardstick=yardstick(reader)))
    assert found.counts == {0.0: 1, 0.5: 1, 1.0: 1}
    assert "own F1" in found.note


def test_what_is_kept_of_a_cell_is_counted(reader):
    (row,) = reader.ask("cell_inputs", system="mbert", yardstick=yardstick(reader)).rows
    assert row == (3, 3, 3, 3)
    assert reader.ask("cell_inputs", system="nobody", yardstick="x").rows == [(0, 0, 0, 0)]
