"""Texts to vectors: batches by token count give what encoding one text at a time gives."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from intermezzo.engine.encoding import Encoding, Progress, default_encoding, encode, tokenise, up_to
from intermezzo.engine.models import Model, load_encoder
from intermezzo.queries.errors import Problem
from numpy.typing import NDArray

WORDS = ["Haus", "дом", "บ้าน", "家", "منزل", "घर", "σπίτι", "nyumba"]
TEXTS = [" ".join(WORDS[(i + j) % len(WORDS)] for j in range(1 + i * 7 % 23)) for i in range(24)] + ["", " "]


@pytest.fixture(scope="module", params=["bert", "xlm-roberta", "distilbert"])
def model(request: pytest.FixtureRequest, tiny_model: Callable[..., Path]) -> Model:
    return load_encoder(str(tiny_model(model_type=request.param, layers=3)), device="cpu")


def plainly(model: Model, text: str, how: Encoding) -> NDArray[np.float32]:
    """Encode a text alone, unpadded, with all layers computed: what every other way must agree with."""
    import torch

    found = model.tokenizer(
        how.prefix + text, truncation=True, max_length=how.max_tokens, return_tensors="pt"
    )
    with torch.no_grad():
        every = model.module(
            input_ids=found["input_ids"],
            attention_mask=found["attention_mask"],
            output_hidden_states=True,
        )
    states = every.hidden_states[-1 if how.layer is None else how.layer][0]
    vector = states[0] if how.pooling == "cls" else states.mean(0)
    array: NDArray[np.float32] = (vector / vector.norm()).numpy()
    return array


@pytest.mark.parametrize("pooling", ["mean", "cls"])
@pytest.mark.parametrize("layer", [None, 0, 2, 3])
def test_the_same_vectors_as_one_text_at_a_time(model: Model, pooling: Any, layer: int | None) -> None:
    how = default_encoding(model, pooling=pooling, layer=layer, max_tokens=64, prefix="query: ")
    wanted = np.array([plainly(model, t, how) for t in TEXTS])
    for budget in (1, 300, 1 << 20):
        found = encode(model, TEXTS, replace(how, token_budget=budget))
        assert found.vectors == pytest.approx(wanted, abs=2e-5)


def test_layers_that_are_not_read_are_not_computed(tiny_model: Callable[..., Path]) -> None:
    import torch

    model = load_encoder(str(tiny_model(layers=3)), device="cpu")
    assert len(up_to(model, 1).encoder.layer) == 1
    assert len(model.module.encoder.layer) == 3, "and the model still has them"
    assert up_to(model, None) is model.module
    assert isinstance(up_to(model, 0).encoder.layer, torch.nn.ModuleList)


def test_order_and_company_do_not_matter(tiny_model: Callable[..., Path]) -> None:
    model = load_encoder(str(tiny_model()), device="cpu")
    how = default_encoding(model, token_budget=256)
    together = encode(model, TEXTS, how).vectors
    backwards = encode(model, TEXTS[::-1], how).vectors[::-1]
    alone = np.concatenate([encode(model, [t], how).vectors for t in TEXTS])
    assert together == pytest.approx(backwards, abs=1e-5)
    assert together == pytest.approx(alone, abs=1e-5)
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)


def test_memory_is_bounded_by_the_budget_and_halves_where_it_runs_out(
    tiny_model: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    from intermezzo.engine.encoding import hidden_states

    model = load_encoder(str(tiny_model()), device="cpu")
    how = default_encoding(model, token_budget=1024)
    compute, sizes = hidden_states(model, how), []

    def small_machine(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Any:
        sizes.append(ids.size)
        if ids.size > 300:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return compute(ids, mask)

    with caplog.at_level(logging.WARNING, "intermezzo.engine"):
        found = encode(model, TEXTS, how, hidden=small_machine)
    assert max(sizes) <= 1024
    assert found.vectors == pytest.approx(encode(model, TEXTS, how).vectors, abs=1e-5)
    assert "going on with" in caplog.text


def test_an_encoding_that_was_killed_goes_on_after_its_last_batch(tiny_model: Callable[..., Path]) -> None:
    model = load_encoder(str(tiny_model()), device="cpu")
    how = default_encoding(model, token_budget=256)
    whole = encode(model, TEXTS, how)
    into, done = np.zeros_like(whole.vectors), np.zeros(len(TEXTS), np.uint8)

    class Killed(Exception):
        pass

    def kill(progress: Progress, total: int) -> None:
        assert total == len(TEXTS)
        if progress.batches == 3:
            raise Killed

    with pytest.raises(Killed):
        encode(model, TEXTS, how, into=into, done=done, watch=kill)
    assert 0 < done.sum() < len(TEXTS)
    rest = encode(model, TEXTS, how, into=into, done=done)
    assert rest.progress.batches == whole.progress.batches - 3
    assert rest.progress.texts == len(TEXTS)
    assert (into == whole.vectors).all(), "to the bit, since the batches are the same"


def test_texts_that_are_empty_huge_or_broken(
    tiny_model: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    model = load_encoder(str(tiny_model()), device="cpu")
    how = default_encoding(model, max_tokens=32)
    huge = "x" * 100_000
    found = encode(model, ["", huge, "\ud800 lone", "\0", "x" * 30], how)
    assert np.isfinite(found.vectors).all()
    assert found.cut == (1,), "30 bytes and two special tokens are just not cut"
    assert found.vectors[1] == pytest.approx(found.vectors[4], abs=1e-5)
    assert "1 of 5 texts were cut at 32 tokens." in caplog.text
    assert encode(model, [], how).vectors.shape == (0, 32)


def test_a_text_without_any_token_is_one_of_padding(tiny_model: Callable[..., Path]) -> None:
    model = load_encoder(str(tiny_model()), device="cpu")
    bare = replace(model, tokenizer=lambda texts, **_: {"input_ids": [[] for _ in texts]})
    assert [list(i) for i in tokenise(bare, ["", "x"], 8).ids] == [[model.pad_id]] * 2
    assert np.isfinite(encode(bare, ["", "x"], default_encoding(bare)).vectors).all()


def test_composed_and_decomposed_are_different_unless_the_tokenizer_says_otherwise(
    tiny_model: Callable[..., Path],
) -> None:
    """Nothing is normalised behind the tokenizer's back."""
    model = load_encoder(str(tiny_model()), device="cpu")
    ids = tokenise(model, ["é", unicodedata.normalize("NFD", "é")], 16).ids
    assert len(ids[0]) != len(ids[1])


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"layer": 3}, "has layers 0 .its embeddings. to 2, not 3"),
        ({"layer": -1}, "to 2, not -1"),
        ({"pooling": "max"}, "no pooling 'max': mean or cls"),
        ({"max_tokens": 1000}, "reads 1 to 512 tokens, not 1,000"),
        ({"token_budget": 0}, "leaves room for nothing"),
        ({"precision": "int4"}, "no precision 'int4'"),
    ],
)
def test_what_cannot_be_chosen_is_a_sentence(
    tiny_model: Callable[..., Path], chosen: dict[str, Any], said: str
) -> None:
    with pytest.raises(Problem, match=said):
        default_encoding(load_encoder(str(tiny_model()), device="cpu"), **chosen)


def test_the_budget_is_no_part_of_what_decides_the_vectors() -> None:
    assert Encoding(token_budget=1).record() == Encoding(token_budget=2).record()
    assert Encoding(layer=7).record() != Encoding(layer=8).record()


def test_vectors_that_do_not_fit_are_a_sentence(tiny_model: Callable[..., Path]) -> None:
    model = load_encoder(str(tiny_model()), device="cpu")
    with pytest.raises(Problem, match="2 vectors of 32 numbers do not fit"):
        encode(model, ["a", "b"], default_encoding(model), into=np.zeros((3, 32), np.float32))
