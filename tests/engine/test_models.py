"""Loading models from folders: what is there, and a sentence for everything that is wrong."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from intermezzo.engine.model_files import ModelError, find_model
from intermezzo.engine.models import HEADS, load_encoder, load_head

TinyModel = Callable[..., Path]
LABELS = ("entailment", "neutral", "contradiction")


@pytest.fixture
def folder(tiny_model: TinyModel, tmp_path: Path) -> Path:
    """A model's folder that may be damaged."""
    return Path(shutil.copytree(tiny_model(), tmp_path / "model"))


def edit(path: Path, **changes: Any) -> None:
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | changes))


def test_a_bare_encoder_from_a_folder(folder: Path) -> None:
    model = load_encoder(str(folder), device="cpu")
    assert (model.name, model.kind, model.device, model.dtype) == ("model", "encoder", "cpu", "float32")
    assert (model.layers, model.max_tokens, model.pad_id, model.prefix) == (2, 512, 1, "")
    record = model.record()
    assert record["versions"].keys() >= {"torch", "transformers", "tokenizers"}
    assert json.loads(json.dumps(record)) == record
    assert not model.module.training


def test_the_revision_follows_what_decides_the_results(folder: Path, tiny_model: TinyModel) -> None:
    before = find_model(str(folder)).revision
    (folder / "README.md").write_text("a note")
    assert find_model(str(folder)).revision == before
    edit(folder / "config.json", layer_norm_eps=1e-5)
    assert find_model(str(folder)).revision != before
    assert find_model(str(tiny_model(seed=1))).revision != before


def test_roberta_counts_positions_from_its_padding_token(tiny_model: TinyModel) -> None:
    model = load_encoder(str(tiny_model(model_type="xlm-roberta", max_tokens=40)), device="cpu")
    assert model.max_tokens == 40


@pytest.mark.parametrize("kind", list(HEADS))
def test_a_head_for_each_kind(tiny_model: TinyModel, kind: str) -> None:
    labels = LABELS if "classification" in kind or kind == "tagging" else ()
    model = load_head(str(tiny_model(kind=kind, labels=labels)), kind, device="cpu")
    assert model.kind == kind
    if labels:
        assert model.labels == LABELS


def test_a_bare_encoder_has_no_head_and_says_so(folder: Path) -> None:
    with pytest.raises(ModelError, match=r"no trained head for tagging .* retrieval takes bare encoders"):
        load_head(str(folder), "tagging")
    with pytest.raises(ModelError, match="No model has a head for the task kind 'sentiment'"):
        load_head(str(folder), "sentiment")


def test_a_fine_tuned_model_is_an_encoder_too(tiny_model: TinyModel) -> None:
    assert load_encoder(str(tiny_model(kind="tagging", labels=LABELS)), device="cpu").kind == "encoder"


def test_the_encoder_of_an_encoder_and_decoder(tmp_path: Path, tiny_model: TinyModel) -> None:
    import torch
    import transformers
    from intermezzo.engine.encoding import default_encoding, encode

    config = transformers.AutoConfig.for_model(
        "mt5", vocab_size=261, d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4, pad_token_id=1
    )
    torch.manual_seed(0)
    transformers.AutoModel.from_config(config).save_pretrained(tmp_path / "mt5")
    for file in tiny_model().glob("*token*"):
        shutil.copy(file, tmp_path / "mt5")
    model = load_encoder(str(tmp_path / "mt5"), device="cpu")
    assert encode(model, ["a", "bcd"], default_encoding(model)).vectors.shape == (2, 32)


def test_sentence_transformers_settings_are_followed(folder: Path) -> None:
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_cls_token": True}))
    settings = {"prompts": {"query": "query: "}, "default_prompt_name": "query"}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(settings))
    model = load_encoder(str(folder), device="cpu")
    assert (model.pooling, model.prefix) == ("cls", "query: ")


def test_no_such_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match=r"no folder \.\./nowhere, and it is no hub id"):
        load_encoder("../nowhere")
    (tmp_path / "file").write_text("x")
    with pytest.raises(ModelError, match="is a file, not a model's folder"):
        load_encoder(str(tmp_path / "file"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=r"no config\.json \(it has nothing\)"):
        load_encoder(str(tmp_path / "empty"))


@pytest.mark.usefixtures("_engine")
def test_without_a_network_the_hub_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(
        ModelError, match=r"hub cannot be reached .* Name a folder with the model, or `pocket`"
    ):
        load_encoder("intermezzo-tests/no-such-model")


def test_weights_that_could_run_code_are_not_read(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"only pytorch_model\.bin, which could run code"):
        load_encoder(str(folder))


def test_damaged_weights(folder: Path) -> None:
    weights = folder / "model.safetensors"
    whole = weights.read_bytes()
    for content, said in (
        (whole[:-1000], r"should have .* it is cut off or damaged"),
        (whole[:5], "only its beginning"),
        (b"\x10" + bytes(7) + b"not json at all!" + whole[24:], "its header is damaged"),
        (b"version https://git-lfs.github.com/spec/v1\n", "only its beginning"),
    ):
        weights.write_bytes(content)
        with pytest.raises(ModelError, match=said):
            load_encoder(str(folder))


def test_a_shard_that_is_missing(folder: Path) -> None:
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(ModelError, match=r"no model-00002-of-00002\.safetensors, which its index names"):
        load_encoder(str(folder))


def test_a_configuration_of_another_model(folder: Path) -> None:
    edit(folder / "config.json", num_hidden_layers=3)
    with pytest.raises(ModelError, match=r"do not fit its config\.json: 16 tensors are missing"):
        load_encoder(str(folder))
    edit(folder / "config.json", num_hidden_layers=2, intermediate_size=128)
    with pytest.raises(ModelError, match=r"do not fit its config\.json: \d+ tensors .* the first \w+\.\w+"):
        load_encoder(str(folder))
    edit(folder / "config.json", intermediate_size=64, model_type="no-such-type")
    with pytest.raises(ModelError):
        load_encoder(str(folder))
    (folder / "config.json").write_text("{")
    with pytest.raises(ModelError, match=r"config\.json cannot be read as JSON"):
        load_encoder(str(folder))


def test_a_tokenizer_that_does_not_fit(folder: Path) -> None:
    content = json.loads((folder / "tokenizer.json").read_text())
    content["model"]["vocab"]["zzz"] = 5000
    (folder / "tokenizer.json").write_text(json.dumps(content))
    with pytest.raises(ModelError, match=r"does not fit its weights: it has token ids up to 5,000"):
        load_encoder(str(folder))
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelError, match=r"tokenizer of .* cannot be read"):
        load_encoder(str(folder))


def test_a_folder_without_a_tokenizer_is_refused(folder: Path) -> None:
    for file in folder.glob("*token*"):
        file.unlink()
    with pytest.raises(ModelError, match=r"has no tokenizer: none of .*tokenizer\.json.* own files, as"):
        load_encoder(str(folder))


def test_a_head_of_another_kind_is_no_damage(tiny_model: TinyModel) -> None:
    for kind in ("extractive qa", "tagging"):
        model = tiny_model(kind=kind, labels=LABELS if kind == "tagging" else ())
        with pytest.raises(
            ModelError, match=r"no trained head for pair classification \((classifier|bert\.pooler)"
        ):
            load_head(str(model), "pair classification")


def test_code_of_a_model_runs_only_when_asked_for(folder: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    (folder / "own.py").write_text(
        f"open({str(ran)!r}, 'w').close()\n"
        "from transformers import BertConfig, BertModel\n"
        "class OwnConfig(BertConfig):\n    model_type = 'own'\n"
        "class OwnModel(BertModel):\n    config_class = OwnConfig\n"
    )
    maps = {"AutoConfig": "own.OwnConfig", "AutoModel": "own.OwnModel"}
    edit(folder / "config.json", model_type="own", auto_map=maps, architectures=["OwnModel"])
    with pytest.raises(ModelError, match=r"Python code of its own, which is not run unless you say so"):
        load_encoder(str(folder))
    assert not ran.exists()
    assert load_encoder(str(folder), trust_remote_code=True, device="cpu").layers == 2
    assert ran.exists()


def test_devices_and_number_formats(folder: Path) -> None:
    import torch

    with pytest.raises(ModelError, match="'tpu' is no device"):
        load_encoder(str(folder), device="tpu")
    with pytest.raises(ModelError, match="'int8' is no number format"):
        load_encoder(str(folder), dtype="int8")
    if not torch.cuda.is_available():
        with pytest.raises(ModelError, match="No GPU is there"):
            load_encoder(str(folder), device="cuda")
    half = load_encoder(str(folder), device="cpu", dtype="bfloat16")
    assert next(half.module.parameters()).dtype == torch.bfloat16


def test_a_missing_extra_says_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "torch" else name)
    with pytest.raises(ModelError, match=r"needs torch: pip install 'intermezzo\[engine\]'"):
        load_encoder(str(folder))
