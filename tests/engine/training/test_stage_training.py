"""A tiny random model shows that stages carry, resume and record what they should, not that they teach."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from intermezzo.engine.training.folders import (
    model_folder,
    read_curve,
    read_done,
    read_json,
    stage_folder,
    write_json,
)
from intermezzo.queries.errors import Problem
from intermezzo.queries.store.layout import Store, open_store
from training_data import stage, write_data

TinyModel = Callable[..., Path]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store", create=True)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_data(tmp_path / "data")


def weights(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return load_file(folder / "model.safetensors")


def train(store: Store, what: Any) -> dict[str, Any]:
    from intermezzo.engine.training.stages import train_stage

    return train_stage(store, what)


def test_a_stage_records_what_it_did_and_is_done_once(
    store: Store, data: Path, tiny_model: TinyModel
) -> None:
    what = stage(tiny_model(), data, "mnli", checks=2)
    done = train(store, what)
    assert done["steps"] == 12
    assert done["selection"] == "train language dev"
    assert done["selected"]["metric"] == "accuracy"
    devs = [p for p in done["curve"] if "dev" in p]
    assert [p["step"] for p in devs] == [3, 6, 9, 12]
    assert done["selected"]["value"] == max(p["dev"] for p in devs)
    assert [(d["split"], d["examples"]) for d in done["data"]] == [("train", 24), ("validation", 12)]
    assert done["versions"]["torch"]
    assert read_curve(store, what.stage_id) == done["curve"]
    left = {p.name for p in stage_folder(store, what.stage_id).iterdir()}
    assert left == {"curve.jsonl", "data.json", "done.json", "lock", "model", "stage.json"}
    assert train(store, what) == done


@pytest.mark.parametrize("task", ["ccg", "hellaswag", "squad-v1", "mlm"])
def test_every_kind_of_intermediate_task_trains(
    store: Store, data: Path, tiny_model: TinyModel, task: str
) -> None:
    done = train(store, stage(tiny_model(model_type="xlm-roberta"), data, task, epochs=1, max_tokens=64))
    losses = [p["loss"] for p in done["curve"] if "loss" in p]
    assert losses
    assert all(loss > 0 for loss in losses)
    assert done["selected"] is not None


def test_the_encoder_is_carried_and_the_head_is_not(store: Store, data: Path, tiny_model: TinyModel) -> None:
    import torch

    first = stage(tiny_model(), data, "mnli")
    train(store, first)
    # the same task again: a head of the same shape could be carried, and must not be
    second = stage(tiny_model(), data, "mnli", parent=first.stage_id, learning_rate=1e-12, warmup=0.0)
    train(store, second)
    one, two = (weights(model_folder(store, s.stage_id)) for s in (first, second))
    assert torch.allclose(
        one["bert.encoder.layer.0.output.dense.weight"], two["bert.encoder.layer.0.output.dense.weight"]
    )
    assert not torch.allclose(one["classifier.weight"], two["classifier.weight"])
    base = weights(tiny_model())
    assert not torch.equal(
        base["encoder.layer.0.output.dense.weight"], one["bert.encoder.layer.0.output.dense.weight"]
    )


def test_what_is_frozen_stays_and_layers_can_be_left_off(
    store: Store, data: Path, tiny_model: TinyModel
) -> None:
    import torch

    what = stage(tiny_model(layers=3), data, "mnli", layers=2, freeze_embeddings=True, freeze_layers=1)
    train(store, what)
    base, made = weights(tiny_model(layers=3)), weights(model_folder(store, what.stage_id))
    kept = ("embeddings.word_embeddings.weight", "encoder.layer.0.output.dense.weight")
    assert all(torch.equal(base[name], made[f"bert.{name}"]) for name in kept)
    changed = "encoder.layer.1.output.dense.weight"
    assert not torch.equal(base[changed], made[f"bert.{changed}"])
    assert not any("layer.2." in name for name in made)
    assert read_json(model_folder(store, what.stage_id) / "config.json")["num_hidden_layers"] == 2  # type: ignore[index]


def test_joint_tasks_share_one_encoder(store: Store, data: Path, tiny_model: TinyModel) -> None:
    done = train(store, stage(tiny_model(), data, "ccg", "mnli", sampling="capped", cap=16, epochs=3))
    assert done["steps"] == 24
    assert {d["task"] for d in done["data"]} == {"ccg", "mnli"}
    assert set(done["curve"][-1]["dev_by_task"]) == {"ccg", "mnli"}


def test_accumulation_changes_memory_and_not_the_result(
    store: Store, data: Path, tiny_model: TinyModel
) -> None:
    import torch
    from intermezzo.engine.training.heads import trained
    from intermezzo.engine.training.loop import _step
    from intermezzo.engine.training.stages import stage_lessons

    found = []
    for parts in (1, 3):
        what = stage(tiny_model(), data, "ccg", accumulation=parts, clip=0.0)
        model, lessons = stage_lessons(what, what.model)
        for module in lessons[0].head.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        parameters = trained(model.module, {"ccg": lessons[0].head})
        optimiser = torch.optim.SGD(parameters.values(), lr=0.0)
        loss = _step(lessons[0], [0, 1, 2, 3], parameters, optimiser, what.settings, (1, 0))
        found.append((loss, parameters["head.ccg.classifier.weight"].grad.clone()))
    assert found[0][0] == pytest.approx(found[1][0], rel=1e-5)
    assert torch.allclose(found[0][1], found[1][1], atol=1e-6)


def test_a_killed_training_ends_as_an_undisturbed_one(
    tmp_path: Path, store: Store, data: Path, tiny_model: TinyModel
) -> None:
    import torch

    what = stage(tiny_model(), data, "mnli", checks=3)
    whole = train(store, what)
    other = tmp_path / "killed"
    command = [sys.executable, str(Path(__file__).with_name("train_one.py")), json.dumps(what.as_json())]
    # sums come out the same to the last bit where as many threads add them up
    env = {**os.environ, "OMP_NUM_THREADS": str(torch.get_num_threads())}
    for at_least in (2, 7):
        process = subprocess.Popen([*command, str(other), "0.2"], env=env)
        progress = other / "stages" / what.stage_id / "checkpoint.json"
        until = time.monotonic() + 120
        while (read_json(progress) or {"step": 0})["step"] < at_least and time.monotonic() < until:
            assert process.poll() is None
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    subprocess.run([*command, str(other), "0"], check=True, env=env)
    again = open_store(other)
    done = read_done(again, what.stage_id)
    assert done is not None
    assert done["starts"] == 3
    assert done["curve"] == whole["curve"]
    assert done["selected"] == whole["selected"]
    one, two = (weights(model_folder(s, what.stage_id)) for s in (store, again))
    assert one.keys() == two.keys()
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_other_seeds_are_other_trainings(store: Store, data: Path, tiny_model: TinyModel) -> None:
    one, two = (train(store, stage(tiny_model(), data, "mnli", seed=n)) for n in (1, 2))
    assert one["curve"] != two["curve"]


def test_what_cannot_be_trained_is_told(store: Store, data: Path, tiny_model: TinyModel) -> None:
    with pytest.raises(Problem, match="Nothing to train ccg on"):
        train(store, stage(tiny_model(), data / "none", "ccg"))
    with pytest.raises(Problem, match="which is not done yet"):
        train(store, stage(tiny_model(), data, "mnli", parent="0123456789abcdef"))
    with pytest.raises(Problem, match="2 layers; 5 cannot be frozen"):
        train(store, stage(tiny_model(), data, "mnli", freeze_layers=5))
    what = stage(tiny_model(), data, "mnli")
    folder = stage_folder(store, what.stage_id)
    write_json(folder / "data.json", {"mnli": "other"})
    write_json(folder / "checkpoint.json", {"step": 1, "steps": 2})
    with pytest.raises(Problem, match="other training data"):
        train(store, what)


def test_weights_that_were_changed_since_are_not_used(
    store: Store, data: Path, tiny_model: TinyModel
) -> None:
    from intermezzo.engine.training.stages import stage_encoder

    what = stage(tiny_model(), data, "mnli", epochs=1)
    done = train(store, what)
    assert stage_encoder(store, what) == str(model_folder(store, what.stage_id))
    file = model_folder(store, what.stage_id) / "model.safetensors"
    damaged = bytearray(file.read_bytes())
    damaged[-3] ^= 1
    file.write_bytes(damaged)
    assert done["weights"]
    with pytest.raises(Problem, match="not the one that was trained"):
        stage_encoder(store, what)
    with pytest.raises(Problem, match="not the one that was trained"):
        train(store, stage(tiny_model(), data, "mnli", parent=what.stage_id, epochs=1))
