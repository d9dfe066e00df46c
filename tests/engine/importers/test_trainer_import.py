from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from intermezzo.queries.naming import suggest
from reading_importers import imported, rows, score, write

REAL = Path(__file__).parents[2] / "fixtures" / "trainer_two_eval_sets"
"""Written by transformers 5.23's Trainer: a tiny random BERT, 30 steps, two evaluation sets."""


def results(folder: Path, **values: Any) -> Path:
    defaults = {"eval_loss": 0.5, "eval_runtime": 1.0, "eval_samples_per_second": 40.0, "epoch": 1.0}
    write(folder / "all_results.json", {**defaults, **values})
    return folder


def test_a_real_output_folder(tmp_path: Path) -> None:
    shutil.copytree(REAL, tmp_path / "runs")
    found = imported(tmp_path / "runs", "trainer")
    run = found.run("xnli", "validation")
    assert {(s.language, s.metric) for s in run.scores} == {
        *(("de", "accuracy"), ("de", "loss"), ("en", "accuracy"), ("en", "loss"))
    }
    assert score(run, "accuracy", "de").value == 0.65
    assert score(run, "accuracy", "de").n == 40  # 0.7727 s at 51.763 a second
    assert score(run, "accuracy", "de").implementation == "trainer accuracy"
    assert (run.found.name, run.found.base_model, run.found.train_seed, run.found.step) == (
        *("xlmr-mnli/seed7", "xlm-roberta-base", 7, 30),
    )
    curves = run.config["curves"]
    assert curves["eval_de"]["step"] == [10, 20, 30]
    assert curves["eval_de"]["accuracy"] == [0.5, 0.625, 0.65]
    assert curves["train"]["step"] == [5, 10, 15, 20, 25, 30]
    assert run.config["hyperparameters"]["learning_rate"] == "5e-05"
    for said in (
        "the task, xnli, is from names on the path: xnli",
        "checkpoint-20 are left out",
        "validation split",
    ):
        assert said in found.sentences()
    assert not found.refused


def test_predictions_are_kept_without_credit(tmp_path: Path) -> None:
    shutil.copytree(REAL, tmp_path / "runs")
    found = imported(tmp_path / "runs", "trainer")
    run = found.run("xnli", "test")
    assert score(run, "accuracy").n == 30
    items = found.items(run)
    assert items.partial == "predictions without gold labels"
    assert rows(items, "item_id", "prediction", "credit")[:2] == [("0", "1", None), ("1", "0", None)]
    assert score(run, "accuracy").item_set is not None


def test_checkpoints_alone_give_the_last_evaluation(tmp_path: Path) -> None:
    state = json.loads((REAL / "xlmr-mnli/xnli/seed7/checkpoint-20/trainer_state.json").read_text())
    write(tmp_path / "panx" / "out" / "checkpoint-20" / "trainer_state.json", state)
    earlier = dict(state, global_step=10, log_history=state["log_history"][:4])
    write(tmp_path / "panx" / "out" / "checkpoint-10" / "trainer_state.json", earlier)
    found = imported(tmp_path, "trainer")
    run = found.run("panx", "validation")
    assert (score(run, "accuracy", "de").value, run.found.step) == (0.625, 20)
    assert run.found.name == "out"
    assert "the training's last evaluations, step 20" in found.sentences()


def test_an_unknown_task_stays_unknown_and_visible(tmp_path: Path) -> None:
    results(tmp_path / "my-output", eval_accuracy=0.5)
    found = imported(tmp_path, "trainer")
    one = score(found.run("my-output"), "accuracy")
    assert (one.language, one.subject) == (None, "eval")
    assert "task unknown, called my-output" in found.sentences()


@pytest.mark.parametrize(
    ("folder", "key", "task", "language", "split"),
    [
        ("xnli", "eval_de_accuracy", "xnli", "de", "validation"),
        ("xnli-de", "eval_accuracy", "xnli", "de", "validation"),
        ("panx/sw", "eval_accuracy", "panx", "sw", "validation"),
        ("sw/panx/seed1", "test_accuracy", "panx", "sw", "test"),
        ("xnli", "eval_test_fr_accuracy", "xnli", "fr", "test"),
        ("xnli", "eval_xnli_hi_accuracy", "xnli", "hi", "validation"),
        ("xnli", "eval_xx_accuracy", "xnli", None, "validation"),
        ("de", "eval_accuracy", "de", None, "validation"),
        ("xlmr/mnli_xnli/seed1", "eval_de_accuracy", "xnli", "de", "validation"),
        ("xlmr-direct-panx-sw/seed1", "eval_accuracy", "panx", "sw", "validation"),
        ("xlmr/mnli_panx/sw", "eval_accuracy", "panx", "sw", "validation"),
        ("mlqa/mnli_panx", "eval_de_accuracy", "mlqa", "de", "validation"),
        ("xlmr-mnli/seed1", "eval_de_accuracy", "xlmr-mnli", None, "validation"),
    ],
)
def test_tasks_and_languages_only_as_the_tables_know_them(
    tmp_path: Path, folder: str, key: str, task: str, language: str | None, split: str
) -> None:
    prefix = key.removesuffix("_accuracy")
    write(
        tmp_path / folder / "all_results.json",
        {key: 0.5, f"{prefix}_samples_per_second": 1.0, f"{prefix}_runtime": 1.0},
    )
    run = imported(tmp_path, "trainer").run()
    assert (run.task, run.scores[0].language, run.split) == (task, language, split)


def test_a_folder_named_after_both_tasks_still_tells_the_systems_apart(tmp_path: Path) -> None:
    for folder in ("mnli_xnli/seed1", "mnli_xnli/seed2", "direct_xnli/seed1"):
        results(tmp_path / "xlm-roberta-base" / folder, eval_de_accuracy=0.5)
    found = imported(tmp_path, "trainer")
    runs = [draft.run for draft in found.drafts]
    assert {run.task for run in runs} == {"xnli"}
    assert {run.found.name for run in runs} == {
        *("xlm-roberta-base/mnli_xnli/seed1", "xlm-roberta-base/mnli_xnli/seed2"),
        "xlm-roberta-base/direct_xnli/seed1",
    }
    assert "the task, xnli, is from names on the path: the end of mnli_xnli" in found.sentences()
    first = next(run for run in runs if "mnli" in run.found.name)
    assert suggest(first.found)["recipe"] == "mnli"


def test_the_model_card_says_the_task_where_folders_do_not(tmp_path: Path) -> None:
    results(tmp_path / "out", eval_accuracy=0.5)
    head = "tags:\n- generated_from_trainer\nmodel-index:\n- name: out\n  results:\n"
    head += "  - task:\n      type: text\n"
    write(
        tmp_path / "out/README.md",
        f"---\n{head}    dataset:\n      name: XNLI\n      type: xnli\n      args: de\n---\n",
    )
    found = imported(tmp_path, "trainer")
    assert score(found.run("xnli"), "accuracy", "de").value == 0.5
    assert "the model card names" in found.sentences()


def test_a_readme_that_the_trainer_did_not_write_says_nothing(tmp_path: Path) -> None:
    results(tmp_path / "out", eval_accuracy=0.5)
    write(tmp_path / "out/README.md", "---\nbase_model: evil\n---\n- seed: 3\n")
    run = imported(tmp_path, "trainer").run()
    assert (run.found.base_model, run.found.train_seed) == (None, None)


def test_question_answering_scripts_write_percent(tmp_path: Path) -> None:
    results(tmp_path / "xquad" / "o", eval_f1=85.0, eval_exact_match=70.0)
    found = imported(tmp_path, "trainer")
    run = found.run("xquad")
    assert (score(run, "f1").value, score(run, "exact_match").value) == (0.85, pytest.approx(0.7))
    assert "scale of 0..100" in found.sentences()


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("x", "not a number"),
        (1.5, "above"),
        (float("nan"), "finite"),
        (None, "not a number"),
        ([1], "not a number"),
    ],
)
def test_bad_values_are_refused_by_key(tmp_path: Path, value: Any, reason: str) -> None:
    results(tmp_path / "xnli", eval_accuracy=value)
    found = imported(tmp_path, "trainer")
    assert reason in found.reasons()["eval_accuracy"]
    assert score(found.run(), "loss").value == 0.5


def test_a_number_of_items_that_rounding_hides_stays_unknown(tmp_path: Path) -> None:
    results(tmp_path / "a", eval_accuracy=0.5, eval_runtime=0.0012, eval_samples_per_second=41666.667)
    results(tmp_path / "b", eval_accuracy=0.5, eval_runtime=-1, eval_samples_per_second=float("inf"))
    assert {s.n for d in imported(tmp_path, "trainer").drafts for s in d.run.scores} == {None}


def test_training_without_evaluation_is_refused(tmp_path: Path) -> None:
    write(
        tmp_path / "o" / "trainer_state.json", {"log_history": [{"loss": 1.0, "step": 1}], "global_step": 1}
    )
    assert (
        imported(tmp_path, "trainer").refused[0].reason
        == "it has figures of the training only, and no evaluation"
    )


def test_broken_companions_do_not_stop_the_results(tmp_path: Path) -> None:
    folder = results(tmp_path / "xnli", eval_accuracy=0.5)
    write(folder / "config.json", "{")
    write(folder / "predict_results.json", '{"predict_loss": 1.0}')
    write(folder / "predictions.txt", "index\tprediction\n0\ta\n7\tb\n")
    os.utime(folder / "config.json", (1, 1))
    found = imported(tmp_path, "trainer")
    assert set(found.reasons()) == {"config.json", "predictions.txt"}
    assert score(found.run(split="validation"), "accuracy").value == 0.5
    assert found.run(split="test").scores[0].metric == "loss"


def test_the_training_arguments_are_not_claimed(tmp_path: Path) -> None:
    folder = results(tmp_path / "xnli", eval_accuracy=0.5)
    (folder / "training_args.bin").write_bytes(b"\x80\x04.")
    assert all(not s.path.endswith(".bin") for s in imported(tmp_path, "trainer").run().sources)
