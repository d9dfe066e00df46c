from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from intermezzo.queries.store.layout import open_store
from intermezzo.queries.store.reader import Reader, connect
from intermezzo.queries.training_curves import curves_in, training_curves
from intermezzo.tui.cli import cli
from running_data import write_experiment

TinyModel = Callable[..., Path]


def say(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(w) for w in words])


@pytest.fixture
def file(tmp_path: Path, tiny_model: TinyModel) -> Path:
    return write_experiment(tmp_path, tiny_model(model_type="xlm-roberta"))


def runs(store: Path) -> list[dict[str, Any]]:
    reader = connect(open_store(store))
    try:
        answer = reader.ask("run_list")
        return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
    finally:
        reader.close()


def yardstick_of(reader: Reader, system: str) -> str:
    rows = reader.ask("matrix", task="xnli").dicts()
    return next(str(row["yardstick"]) for row in rows if row["system"] == system)


def test_an_experiment_runs_once_and_says_who_it_was(tmp_path: Path, file: Path) -> None:
    store = tmp_path / "store"
    dry = say("run", file, "--dry-run", "--store", store, "--format", "json")
    assert dry.exit_code == 0, dry.stderr
    jobs = json.loads(dry.stdout)
    assert [j["trains"] for j in jobs].count(True) == 6
    assert not store.exists()
    first = say("run", file, "--store", store)
    assert first.exit_code == 0, first.stderr
    found = runs(store)
    systems = {(r["recipe"], r["task"], r["train_seed"]) for r in found}
    assert systems == {
        *(("direct", "xnli", n) for n in (1, 2)),
        *(("ccg", task, n) for n in (1, 2) for task in ("xnli", "tatoeba")),
        ("direct", "tatoeba", None),
    }
    assert {r["evidence"] for r in found} == {"measured"}
    assert len({r["base_model"] for r in found}) == 1
    assert all(r["items"] for r in found)
    listed = json.loads(say("jobs", "--store", store, "--format", "json").stdout)
    assert {(j["launcher"], j["state"]) for j in listed} == {("terminal", "done")}
    assert {j["unit"] for j in listed} <= {"items", "texts"}, "evaluating is what each did last"
    assert {run for j in listed for run in j["runs"]} == {r["run_id"] for r in found}
    told = next(r for r in found if r["recipe"] == "ccg" and r["task"] == "xnli")
    record = json.loads(say("runs", "show", told["run_id"], "--store", store, "--format", "json").stdout)
    text = json.dumps(record)
    assert "learning_rate" in text, "the run keeps how it was trained"
    curves = curves_in(record[0]["config"], 1)
    assert {c.quantity for c in curves} >= {"ccg > mnli: loss", "ccg: loss"}
    matrix = json.loads(say("show", "matrix", "--store", store, "--format", "json").stdout)
    with connect(open_store(store)) as reader:
        cell = next(r for r in matrix if r["recipe"] == "ccg" and r["task"] == "xnli")
        kept = training_curves(reader, cell["system"], yardstick_of(reader, cell["system"]))
    assert {c.train_seed for c in kept} == {1, 2}, "what evaluations keep is what plots of a cell ask for"
    again = say("run", file, "--store", store)
    assert "Nothing is left to do." in again.stderr
    assert runs(store) == found
    plan = json.loads(say("plan", file, "--store", store, "--format", "json").stdout)
    assert {row["state"] for row in plan} == {"done"}
    matrix = json.loads(say("show", "matrix", "--store", store, "--format", "json").stdout)
    deltas = [r for r in matrix if r["recipe"] == "ccg" and r["task"] == "xnli"]
    assert deltas[0]["delta"] is not None
    assert deltas[0]["seeds"] == 2


def test_evaluations_cost_what_a_probe_shows_and_then_what_earlier_ones_took(
    tmp_path: Path, file: Path
) -> None:
    file.write_text(file.read_text().replace("seeds = [1, 2]", "seeds = [1]"))
    store = tmp_path / "store"

    def evaluations(*more: str) -> list[dict[str, Any]]:
        found = say("plan", file, *more, "--store", store, "--format", "json")
        return [row for row in json.loads(found.stdout) if row["what"] == "evaluate"]

    assert {row["seconds"] for row in evaluations()} == {None}
    probed = evaluations("--probe")
    assert {row["why"] for row in probed} == {"xnli by a probe", "tatoeba by a probe"}
    assert all(row["seconds"] > 0 for row in probed)
    assert not store.exists(), "nothing of a probe is kept"
    assert say("run", file, "--store", store).exit_code == 0
    file.write_text(file.read_text().replace("seeds = [1]", "seeds = [1, 2]"))
    left = [row for row in evaluations() if row["state"] == "to do"]
    took = {str(r["run_id"])[:10] for r in runs(store)}
    assert {row["seed"] for row in left} == {2}
    assert all(row["seconds"] > 0 and row["why"].split()[3] in took for row in left)
    read = say("plan", file, "--store", store)
    assert "Training would take about" in read.stderr
    assert "Evaluating would take about" in read.stderr
    file.write_text(file.read_text().replace("languages = []", 'languages = ["de"]'))
    assert {r["seconds"] for r in evaluations() if r["state"] == "to do"} == {None}, "others took that"


def test_a_probe_fetches_no_model(tmp_path: Path) -> None:
    found = say("plan", write_experiment(tmp_path, Path("some/model")), "--probe")
    assert "some/model is not probed: it would be taken from the hub." in found.stderr
    assert "probing" not in found.stderr
    assert "Training: cost unknown" in found.stderr


def test_what_fails_is_told_and_the_rest_is_done(tmp_path: Path, file: Path) -> None:
    (tmp_path / "data" / "ccg" / "train.jsonl").write_text('{"tokens": ["a"]}\n')
    found = say("run", file, "--store", tmp_path / "store")
    assert found.exit_code == 1
    assert "ccg, train row 0" in found.stderr
    assert "starts from a stage that failed" in found.stderr
    assert {r["recipe"] for r in runs(tmp_path / "store")} == {"direct"}


def test_without_slurm_that_is_said(tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = say("run", file, "--on", "slurm", "--store", tmp_path / "store")
    assert found.exit_code == 2
    assert "no SLURM here" in found.stderr or "need submitit" in found.stderr


def test_an_evaluation_that_fails_keeps_its_stage_and_the_other_evaluations(
    tmp_path: Path, file: Path
) -> None:
    for name in ("de-en.de", "de-en.en"):
        (tmp_path / "data" / "tatoeba" / name).unlink()
    found = say("run", file, "--store", tmp_path / "store")
    assert found.exit_code == 1
    assert "tatoeba: " in found.stderr
    assert "Left out" not in found.stderr
    done = {(r["recipe"], r["task"], r["train_seed"]) for r in runs(tmp_path / "store")}
    assert done == {(recipe, "xnli", n) for recipe in ("direct", "ccg") for n in (1, 2)}
