"""A head over the mean of all tokens, where the encoder's folder or the settings ask for one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from intermezzo.engine.mean_head import FILE, KEY
from intermezzo.engine.model_files import find_model
from intermezzo.engine.models import ModelError, load_encoder, load_head
from intermezzo.engine.training.folders import model_folder, read_done
from intermezzo.queries.store.layout import Store, open_store
from training_data import stage, write_data

TinyModel = Callable[..., Path]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store", create=True)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_data(tmp_path / "data")


@pytest.fixture
def averaged(tmp_path: Path, tiny_model: TinyModel) -> Path:
    """An encoder whose folder says that it is pooled by the mean."""
    folder = tmp_path / "averaged"
    shutil.copytree(tiny_model(model_type="xlm-roberta"), folder)
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_mean_tokens": true}')
    return folder


def train(store: Store, what: Any) -> Path:
    from intermezzo.engine.training.stages import train_stage

    done = train_stage(store, what)
    folder = model_folder(store, what.stage_id)
    assert done["head_pooling"] == "mean" or not (folder / FILE).exists()
    return folder


def logits(folder: Path, kind: str, ids: list[list[int]], mask: list[list[int]]) -> Any:
    import torch

    module = load_head(str(folder), kind).module
    with torch.inference_mode():
        return module(input_ids=torch.tensor(ids), attention_mask=torch.tensor(mask)).logits


def test_it_reads_the_mean_of_what_is_no_padding(store: Store, data: Path, averaged: Path) -> None:
    import torch
    from safetensors.torch import load_file

    folder = train(store, stage(averaged, data, "mnli"))
    kept = load_file(folder / FILE)
    encoder = load_encoder(str(folder)).module
    ids, mask = [[0, 11, 12, 2], [0, 13, 2, 1]], [[1, 1, 1, 1], [1, 1, 1, 0]]
    with torch.inference_mode():
        hidden = encoder(input_ids=torch.tensor(ids), attention_mask=torch.tensor(mask)).last_hidden_state
    means = torch.stack([hidden[0].mean(0), hidden[1, :3].mean(0)])
    wanted = means @ kept["weight"].T + kept["bias"]
    torch.testing.assert_close(logits(folder, "pair classification", ids, mask), wanted)


def test_the_folder_says_so_and_transformers_loads_its_encoder(
    store: Store, data: Path, averaged: Path
) -> None:
    import transformers

    folder = train(store, stage(averaged, data, "mnli"))
    config = json.loads((folder / "config.json").read_text())
    assert config[KEY] == "mean"
    assert list(config["id2label"].values()) == ["entailment", "neutral", "contradiction"]
    assert load_head(str(folder), "pair classification").labels == tuple(config["id2label"].values())
    _, said = transformers.AutoModel.from_pretrained(folder, output_loading_info=True)
    assert not said["unexpected_keys"]
    _, said = transformers.AutoModelForSequenceClassification.from_pretrained(
        folder, output_loading_info=True
    )
    assert said["missing_keys"], "whoever takes it for a head of transformers is told that it has none"


def test_a_changed_head_is_another_model(store: Store, data: Path, averaged: Path) -> None:
    folder = train(store, stage(averaged, data, "mnli"))
    before = find_model(str(folder)).revision
    content = bytearray((folder / FILE).read_bytes())
    content[-1] ^= 1
    (folder / FILE).write_bytes(bytes(content))
    assert find_model(str(folder)).revision != before
    (folder / FILE).write_bytes(bytes(content[:-4]))
    with pytest.raises(ModelError, match="cut off or damaged"):
        find_model(str(folder))


def test_choices_have_one_output_each(store: Store, data: Path, averaged: Path) -> None:
    folder = train(store, stage(averaged, data, "hellaswag", epochs=1))
    found = logits(folder, "multiple choice", [[0, 11, 2], [0, 12, 2]], [[1, 1, 1]] * 2)
    assert found.numel() == 2


def test_the_next_stage_has_a_head_of_its_own(store: Store, data: Path, averaged: Path) -> None:
    first = stage(averaged, data, "mnli", epochs=1)
    train(store, first)
    then = train(store, stage(averaged, data, "ccg", parent=first.stage_id, epochs=1))
    assert KEY not in json.loads((then / "config.json").read_text())
    assert not (then / FILE).exists()
    assert load_head(str(then), "tagging").labels == ("N", "P")
    pooled = [read_done(store, folder.parent.name) for folder in (model_folder(store, first.stage_id), then)]
    assert [done and done["head_pooling"] for done in pooled] == ["mean", None], "a tagger pools nothing"


@pytest.mark.parametrize(("pooling", "averages"), [("cls", False), ("mean", True), ("declared", False)])
def test_the_settings_have_the_last_word(
    store: Store, data: Path, tiny_model: TinyModel, averaged: Path, pooling: str, averages: bool
) -> None:
    model = averaged if pooling == "cls" else tiny_model(model_type="xlm-roberta")
    folder = train(store, stage(model, data, "mnli", epochs=0.2, head_pooling=pooling))
    assert (folder / FILE).exists() == averages
    assert len(load_head(str(folder), "pair classification").labels) == 3
