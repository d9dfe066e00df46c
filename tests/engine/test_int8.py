"""Encoding in int8: near the model's own vectors, and its loss is measured."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from intermezzo.engine.encoding import default_encoding, encode
from intermezzo.engine.int8 import Pair, measure_loss
from intermezzo.engine.models import Model, load_encoder
from intermezzo.queries.errors import Problem

TEXTS = ["one", "zwei Wörter", "три слова здесь", "สี่", "a rather longer sentence about nothing at all"]


@pytest.fixture
def model(tiny_model: Callable[..., Path]) -> Model:
    missing = [n for n in ("onnx", "onnxruntime", "onnxscript") if importlib.util.find_spec(n) is None]
    if missing:
        pytest.skip(f"left out: {' and '.join(missing)} not installed; `make engine` does")
    return load_encoder(str(tiny_model(spread=0.2)), device="cpu")


@pytest.mark.slow
def test_vectors_near_the_models_own_whose_loss_is_measured(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    how = default_encoding(model, precision="int8", token_budget=64)
    small, own = (encode(model, TEXTS, replace(how, precision=p)).vectors for p in ("int8", "model"))
    cosines = (small * own).sum(1)
    assert 0.9 < cosines.min() < cosines.max() < 1
    # An export that took the mask for the ids passed that: all vectors of this model are much alike.
    words = ["abcd", "wxyz", "7 19", "....", "ABCD"]
    little, true = (encode(model, words, replace(how, precision=p)).vectors for p in ("int8", "model"))
    assert (little @ true.T).argmax(1).tolist() == list(range(len(words)))
    codes = ["en", "de", "ru", "th", "en"]
    loss = measure_loss(model, how, [Pair(c, t, f"{t}.") for c, t in zip(codes, TEXTS, strict=True)])
    assert 0.9 < loss.min_cosine <= loss.mean_cosine < 1
    assert {code: found["pairs"] for code, found in loss.languages.items()} == {
        "en": 2,
        "de": 1,
        "ru": 1,
        "th": 1,
    }
    assert loss.top1_int8 == sum(found["int8"] for found in loss.languages.values()) / loss.pairs
    assert "5 pairs in 4 languages" in str(loss)
    assert how.record()["precision"] == "int8"
    # Made once: the second time nothing is exported.
    monkeypatch.setattr("intermezzo.engine.int8._make", None)
    assert encode(model, TEXTS, how).vectors == pytest.approx(small)


@pytest.mark.slow
def test_another_layer_is_another_model(model: Model) -> None:
    how = default_encoding(model, precision="int8", layer=1)
    small, own = (encode(model, TEXTS, replace(how, precision=p)).vectors for p in ("int8", "model"))
    assert (small * own).sum(1).min() > 0.9
    last = encode(model, TEXTS, replace(how, precision="model", layer=None)).vectors
    assert (small * last).sum(1).min() < 0.9


def test_where_it_cannot_be_had_is_a_sentence(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    how = default_encoding(model, precision="int8")
    with pytest.raises(Problem, match="int8 is for a CPU: say --device cpu"):
        encode(replace(model, device="cuda"), TEXTS, how)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if "onnx" in name else name)
    with pytest.raises(Problem, match=r"needs onnx and onnxruntime and onnxscript: pip install"):
        encode(model, TEXTS, how)


def test_an_export_that_failed_leaves_nothing_behind(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    import platformdirs

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("intermezzo.engine.int8._make", full)
    with pytest.raises(Problem, match=r"int8 form of .* cannot be kept in .*: .*No space left"):
        encode(model, TEXTS, default_encoding(model, precision="int8"))
    assert list((Path(platformdirs.user_cache_dir("intermezzo")) / "int8").iterdir()) == []
