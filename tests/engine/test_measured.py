"""Runs that came with the program: packed and read again they are the same, and they are what they say."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from pathlib import Path

import pytest
from intermezzo.engine.examples import text_sha
from intermezzo.engine.measured import RUNS, folder, measured_runs
from intermezzo.engine.measured.packing import pack
from intermezzo.queries.errors import Problem
from intermezzo.queries.records import Found, Items, Run, Score
from intermezzo.queries.store.layout import open_store
from intermezzo.queries.store.writer import write_runs

TEXTS = ["licht an", "größer als 3?", "เปิดไฟ"]


def run(seed: int, store: Path, predictions: list[str]) -> tuple[Run, Items]:
    """A run on three items, the last two of which are one cluster."""
    gold = ["on", "ask", "on"]
    right = [float(p == g) for p, g in zip(predictions, gold, strict=True)]
    items = Items(
        {
            "language": ["de", "de", "th"],
            "item_id": ["de:1", "de:2", "th:1"],
            "cluster_id": ["a", "b", "b"],
            "metric": ["accuracy"] * 3,
            "credit": right,
            "gold": gold,
            "prediction": predictions,
            "text_sha": [text_sha(t) for t in TEXTS],
        },
        texts={text_sha(t): t for t in TEXTS},
    )
    made = Run(
        Found("small, direct", "stages/1", "small", "ab12", "direct", train_seed=seed),
        "pocket_intents",
        (),
        (
            Score("accuracy", sum(right[:2]) / 2, "de", n=2, stderr=0.5, evidence="measured"),
            Score("accuracy", right[2], "th", n=1, evidence="measured"),
        ),
        key="pocket_intents",
        config={"model": {"ref": f"{store}/stages/1/model"}, "seeds": [seed]},
        importer="engine",
        importer_version=1,
        run_id=f"run{seed}",
    )
    return made, items


def test_packed_and_read_again_they_are_the_same(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    first = run(1, store.path, ["on", "off", "on"])
    second = run(2, store.path, ["on", "ask", "off"])
    write_runs(store, [second, first])
    (tmp_path / "packed").mkdir()
    pack(store, tmp_path / "packed")
    found = measured_runs(tmp_path / "packed")
    for (kept, items), (wanted, those) in zip(found, (first, second), strict=True):
        config = {**wanted.config, "model": {"ref": "stages/1/model"}}
        assert kept == replace(wanted, config=config)
        assert {n: v for n, v in items.columns.items() if n in those.columns} == those.columns
        assert items.texts == those.texts
    other = open_store(tmp_path / "other", create=True)
    write_runs(other, found)
    names = [f"{name}/items.parquet" for name in ("run1", "run2")]
    assert [(other.runs / n).read_bytes() for n in names] == [(store.runs / n).read_bytes() for n in names]


def test_runs_about_other_items_are_refused(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    made, items = run(2, store.path, ["on", "ask", "off"])
    other = Items({**items.columns, "item_id": ["de:1", "de:3", "th:1"]}, texts=items.texts)
    write_runs(store, [run(1, store.path, ["on", "off", "on"]), (made, other)])
    with pytest.raises(Problem, match="not about the same items"):
        pack(store, tmp_path)


def test_a_damaged_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / RUNS).write_bytes(b"no")
    with pytest.raises(Problem, match="install intermezzo anew"):
        measured_runs(tmp_path)


def test_what_came_with_the_program_names_no_place_of_a_machine() -> None:
    text = gzip.decompress((folder() / RUNS).read_bytes()).decode()
    assert not re.findall(r'"/[^"]*"|"[^"]*(?:/work/|/tmp/|/home/|/root/)[^"]*"', text)


def test_what_came_with_the_program_is_what_the_experiment_asks_for() -> None:
    """Every run of ``pocket.toml``, by stage id: the runs are those of the file as it is."""
    from intermezzo.engine.experiments.file import find_experiment, read_experiment
    from intermezzo.engine.experiments.stages import resolve

    resolved = resolve(read_experiment(find_experiment("pocket")))
    wanted = {(resolved.stages[s.stage_id].checkpoint, s.recipe, s.target) for s in resolved.scorings}
    found = measured_runs()
    assert {(r.checkpoint, r.found.recipe, r.task) for r, _ in found} == wanted
    assert {r.limit for r, _ in found} == {resolved.experiment.limit}


def test_scores_are_those_of_the_items_and_every_language_is_large_enough() -> None:
    for made, items in measured_runs():
        assert len({s.language for s in made.scores}) >= 40
        assert {s.evidence for s in made.scores} == {"measured"}
        assert made.found.base_model.startswith("multilingual-e5-small, 4-bit dequantised")
        sums: dict[str, list[float]] = {}
        columns = items.columns
        for n, language in enumerate(columns["language"]):
            kept = sums.setdefault(language, [0, 0, 0, 0])
            if made.task == "pocket_slots":
                for place, name in enumerate(("tp", "n_pred", "n_gold")):
                    kept[place] += columns[name][n]
            else:
                kept[0] += columns["credit"][n]
            kept[3] += 1
        for score in made.scores:
            a, b, c, n = sums[str(score.language)]
            value = 2 * a / (b + c) if made.task == "pocket_slots" and b + c else a / n
            assert score.value == pytest.approx(value)
            assert score.n == n >= 40


def test_each_trained_run_keeps_how_it_was_trained() -> None:
    for made, _ in measured_runs():
        stages = made.config["asked"]["training"]["stages"]
        lineage = [" + ".join(s["stage"]["tasks"]) for s in stages]
        recipe = [] if made.found.recipe == "direct" else [made.found.recipe]
        own = {"pocket_intents": ["pocket_intents"], "pocket_slots": ["pocket_slots"]}.get(made.task, [])
        assert lineage == recipe + own
        assert {s["stage"]["seed"] for s in stages} == ({made.found.train_seed} if stages else set())
        assert all(s["versions"]["torch"] and s["stage"]["settings"]["learning_rate"] for s in stages)
        assert made.config["model"]["versions"]["transformers"]


def test_the_examples_of_the_catalogues_are_one_row_a_language_and_message() -> None:
    [first, *_] = [items for made, items in measured_runs() if made.task == "pocket_catalogues"]
    pairs = list(zip(first.columns["language"], first.columns["item_id"], strict=True))
    assert len(set(pairs)) == len(pairs)
    assert first.columns["cluster_id"] == first.columns["item_id"], "a message is a cluster across languages"
