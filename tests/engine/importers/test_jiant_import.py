from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from reading_importers import imported, score, write

VAL: dict[str, Any] = {
    "aggregated": 42.1,
    "xnli_de": {"loss": 0.7, "metrics": {"major": 0.76, "minor": {"acc": 0.76}}},
    "xnli_en": {"loss": 0.5, "metrics": {"major": 0.86, "minor": {"acc": 0.86}}},
    "panx_sw": {
        "loss": 0.2,
        "metrics": {"major": 0.61, "minor": {"precision": 0.6, "recall": 0.62, "f1": 0.61}},
    },
    "mlqa_de_de": {"loss": 1.1, "metrics": {"major": 60.0, "minor": {"exact_match": 50.0, "f1": 70.0}}},
    "xquad_ru": {
        "loss": 1.0,
        "metrics": {"major": 55.0, "minor": {"exact": 45.0, "f1": 65.0, "total": 1190, "HasAns_exact": 45.0}},
    },
    "bucc2018_ru": {
        "metrics": {
            "major": 0.8,
            "minor": {"best-threshold": 1.06, "precision": 0.9, "recall": 0.72, "F1": 0.8},
        }
    },
}
ARGS = {
    "hf_pretrained_model_name_or_path": "xlm-roberta-large",
    "model_path": "/s/models/xlm-roberta-large/model/model.p",
    "model_load_path": "/scratch/stilts/runs/mnli_and_squad/best_model.p",
    "model_load_mode": "partial",
    "seed": 42,
    "learning_rate": 1e-5,
}


def run_folder(folder: Path, val: Any = VAL, args: Any = ARGS) -> Path:
    write(folder / "val_metrics.json", json.dumps(val, indent=2))
    if args is not None:
        write(folder / "args.json", args)
    losses = [
        {"task": "xnli_en", "task_step": i, "global_step": i, "loss_val": 1 / (i + 1), "TIMESTAMP": 1.0}
        for i in range(1000)
    ]
    write(folder / "1600000000" / "loss_train.zlog", "".join(json.dumps(one) + "\n" for one in losses))
    state = {"global_steps": 500, "task_steps": {"xnli_en": 500}}
    checked = {
        "score": 0.8,
        "metrics": {"xnli_en": {"major": 0.8, "minor": {"acc": 0.8}}},
        "train_state": state,
    }
    write(folder / "1600000000" / "train_val.zlog", json.dumps(checked | {"TIMESTAMP": 2.0}) + "\n")
    write(folder / "1600000000" / "train_val_best.zlog", json.dumps(checked) + "\n")
    return folder


def test_mixed_scales_are_untangled_and_the_aggregate_is_left_out(tmp_path: Path) -> None:
    run_folder(tmp_path / "xlmr-mnli" / "final")
    found = imported(tmp_path, "jiant")
    xnli = found.run("xnli")
    assert (score(xnli, "accuracy", "de").value, score(xnli, "accuracy", "en").value) == (0.76, 0.86)
    assert score(found.run("panx"), "f1", "sw").value == 0.61
    mlqa = found.run("mlqa")
    assert (score(mlqa, "f1", "de").value, score(mlqa, "exact_match", "de").value) == (
        pytest.approx(0.7),
        0.5,
    )
    assert score(mlqa, "f1_em", "de").value == pytest.approx(0.6)
    xquad = found.run("xquad")
    assert (score(xquad, "exact_match", "ru").value, score(xquad, "f1", "ru").n) == (
        pytest.approx(0.45),
        1190,
    )
    assert xquad.config["other"] == {"xquad_ru": {"total": 1190, "HasAns_exact": 45.0}}
    bucc = found.run("bucc2018")
    assert score(bucc, "f1", "ru").value == 0.8
    assert bucc.config["other"]["bucc2018_ru"] == {"best-threshold": 1.06}
    assert "`aggregated` is left out" in found.sentences()
    assert not any(s.metric == "aggregated" for d in found.drafts for s in d.run.scores)


def test_val_is_validation_except_where_it_is_the_only_set(tmp_path: Path) -> None:
    run_folder(tmp_path / "r")
    found = imported(tmp_path, "jiant")
    splits = {d.run.task: d.run.split for d in found.drafts}
    assert splits == {
        **dict.fromkeys(("xnli", "panx", "mlqa", "bucc2018"), "validation"),
        "xquad": "test",
    }


def test_the_intermediate_checkpoint_is_a_hint_and_never_a_recipe(tmp_path: Path) -> None:
    run_folder(tmp_path / "r")
    found = imported(tmp_path, "jiant")
    run = found.run("xnli")
    assert (run.found.base_model, run.found.train_seed, run.found.recipe) == ("xlm-roberta-large", 42, None)
    assert run.checkpoint == ARGS["model_load_path"]
    assert "mnli" in run.config["hints"]["recipe"]
    assert "confirm it in systems.toml" in found.sentences()


def test_curves_are_kept_thinned(tmp_path: Path) -> None:
    run_folder(tmp_path / "r")
    run = imported(tmp_path, "jiant").run("xnli")
    train = run.config["curves"]["train xnli_en"]
    assert len(train["step"]) == len(train["loss"]) == 400
    assert (train["step"][0], train["step"][-1], train["loss"][0]) == (0, 999, 1.0)
    assert run.config["curves"]["validation"] == {"step": [500], "aggregated": [0.8], "xnli_en": [0.8]}
    assert run.selection == "best score on the tasks validated during training"


def test_pickles_are_named_and_never_opened(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> Any:
            return (Path.touch, (tmp_path / "exploded",))

    run_folder(tmp_path / "r")
    (tmp_path / "r" / "val_preds.p").write_bytes(pickle.dumps(Bomb()))
    (tmp_path / "r" / "best_model.p").write_bytes(b"not even a pickle")
    found = imported(tmp_path, "jiant")
    assert {name: "never opened" in why for name, why in found.reasons().items()} == {
        "val_preds.p": True,
        "best_model.p": True,
    }
    assert not (tmp_path / "exploded").exists()
    assert all(not s.path.endswith(".p") for s in found.run("xnli").sources)


def test_without_arguments_the_system_is_the_folder(tmp_path: Path) -> None:
    run_folder(tmp_path / "exp" / "xlmr-squad", args=None)
    found = imported(tmp_path, "jiant")
    run = found.run("xnli")
    assert (run.found.name, run.found.base_model) == ("exp/xlmr-squad", None)
    assert "there is no args.json" in found.sentences()


@pytest.mark.parametrize(
    ("entry", "key", "reason"),
    [
        ("high", "xnli_de", "not a table"),
        ({}, "xnli_de", "neither metrics nor a loss"),
        ({"metrics": {"minor": {"acc": "x"}}}, "xnli_de.metrics.minor.acc", "not a number"),
        ({"metrics": {"minor": {"acc": 76.0}}}, "xnli_de.metrics.minor.acc", "above"),
        ({"metrics": {"minor": {"acc": float("nan")}}}, "xnli_de.metrics.minor.acc", "finite"),
        ({"loss": -1}, "xnli_de.loss", "below"),
    ],
)
def test_bad_entries_are_refused_by_key_and_the_rest_is_read(
    tmp_path: Path, entry: Any, key: str, reason: str
) -> None:
    run_folder(tmp_path / "r", VAL | {"xnli_de": entry})
    found = imported(tmp_path, "jiant")
    assert reason in found.reasons()[key]
    assert score(found.run("xnli"), "accuracy", "en").value == 0.86


def test_unknown_tasks_stay_visible_and_squad_is_told_by_its_scorer(tmp_path: Path) -> None:
    squad = {"metrics": {"major": 80.0, "minor": {"exact": 75.0, "f1": 85.0, "total": 10570}}}
    run_folder(
        tmp_path / "r", {"squad_v1": squad, "mnli_xx": {"metrics": {"major": 0.9, "minor": {"acc": 0.9}}}}
    )
    found = imported(tmp_path, "jiant")
    assert score(found.run("squad_v1"), "f1").value == 0.85
    assert found.run("mnli_xx").scores[0].subject == "mnli_xx"
    assert "has no squad_v1, mnli_xx" in found.sentences()


def test_a_broken_log_line_is_named(tmp_path: Path) -> None:
    run_folder(tmp_path / "r")
    with open(tmp_path / "r/1600000000/loss_train.zlog", "a") as handle:
        handle.write('{"task": "xnli_en", "glob')
    found = imported(tmp_path, "jiant")
    assert "1 lines are no JSON" in found.reasons()["line 1001"]
    assert len(found.run("xnli").config["curves"]["train xnli_en"]["step"]) == 400


def test_a_single_file_finds_its_arguments_beside_it(tmp_path: Path) -> None:
    run_folder(tmp_path / "r")
    run = imported(tmp_path / "r" / "val_metrics.json", "jiant").run("xnli")
    assert (run.found.base_model, run.found.name) == ("xlm-roberta-large", "r")


def test_a_system_with_a_folder_for_each_task_is_one_system(tmp_path: Path) -> None:
    for task in ("xnli_de", "xnli-sw", "panx"):
        name = task.replace("-", "_")
        body = {name: {"loss": 0.5, "metrics": {"major": 0.5, "minor": {"acc": 0.5}}}}
        write(tmp_path / f"runs/xlmr_mnli_s1/{task}/val_metrics.json", json.dumps(body))
    body = {"xnli_de": {"loss": 0.5, "metrics": {"major": 0.5, "minor": {"acc": 0.5}}}}
    write(tmp_path / "runs/mnli/val_metrics.json", json.dumps(body))  # tested on xnli, called mnli
    write(tmp_path / "xnli/val_metrics.json", json.dumps(body))  # nothing else to call it
    found = imported(tmp_path, "jiant")
    names = sorted((d.run.found.name, d.run.task) for d in found.drafts)
    assert names == [
        ("runs/mnli", "xnli"),
        ("runs/xlmr_mnli_s1", "panx"),
        ("runs/xlmr_mnli_s1", "xnli"),
        ("runs/xlmr_mnli_s1", "xnli"),
        ("xnli", "xnli"),
    ]
