"""Linear layers with packed weights: the same results, and the module they were made of stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from intermezzo.engine.cpu_linear import with_packed_linears
from intermezzo.engine.models import load_encoder


def linears(module: Any) -> set[str]:
    return {type(m).__name__ for m in module.modules() if "Linear" in type(m).__name__}


@pytest.mark.parametrize("model_type", ["bert", "distilbert"])
def test_the_same_and_the_module_stays_as_it_is(tiny_model: Callable[..., Path], model_type: str) -> None:
    import torch

    module = load_encoder(str(tiny_model(model_type=model_type)), device="cpu").module
    packed = with_packed_linears(module)
    if packed is module:
        pytest.skip("left out: this torch has no oneDNN")
    assert linears(packed) == {"PackedLinear"}
    assert linears(module) == {"Linear"}
    if model_type == "bert":
        inner, own = (m.encoder.layer[0].intermediate for m in (packed, module))
        assert inner.dense.then[0] == "gelu"
        assert [type(m.intermediate_act_fn).__name__ for m in (inner, own)] == ["Identity", "GELUActivation"]
    ids = torch.arange(5, 45).view(2, 20)
    with torch.inference_mode():
        wanted = module(input_ids=ids).last_hidden_state
        assert torch.allclose(packed(input_ids=ids).last_hidden_state, wanted, atol=1e-5)
        module.get_input_embeddings().weight.mul_(2)
        assert packed.get_input_embeddings().weight is module.get_input_embeddings().weight
        module.get_input_embeddings().weight.div_(2)


def test_another_activation_is_left_to_itself(tiny_model: Callable[..., Path]) -> None:
    import torch
    from transformers import AutoConfig, AutoModel

    config = AutoConfig.from_pretrained(tiny_model(), hidden_act="gelu_new")
    module = AutoModel.from_config(config).eval()
    ids = torch.arange(5, 45).view(2, 20)
    with torch.inference_mode():
        wanted = module(input_ids=ids).last_hidden_state
        assert torch.allclose(with_packed_linears(module)(input_ids=ids).last_hidden_state, wanted, atol=1e-5)


def test_where_it_cannot_be_had_the_module_itself_computes(
    tiny_model: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    module = load_encoder(str(tiny_model()), device="cpu").module
    half = load_encoder(str(tiny_model()), device="cpu", dtype="bfloat16").module
    assert with_packed_linears(half) is half
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    assert with_packed_linears(module) is module
