"""Linear layers with weights laid out once as the CPU multiplies fastest, for models that only compute.

oneDNN's products with weights in its own layout are 10 to 20 % faster than those of plain linear layers, with
sums in another order: results differ in the last digits. It is what ``torch.compile`` uses on frozen models.
A GELU that follows is computed on the product while that is in the cache. The layout takes as much memory as
the weights again.
"""

from __future__ import annotations

import copy
import logging
from typing import Any

log = logging.getLogger("intermezzo.engine")

_ROWS = 1024
"""Rows of a product that the layout is chosen for; others are nearly as fast."""


def with_packed_linears(module: Any) -> Any:
    """Return a module that computes the same with packed linear layers, or the module itself.

    Args:
        module: A ``torch`` module; it stays as it is. What is returned shares everything but the layout, and
            does not follow when the weights change: make it anew then.
    """
    import torch

    parameter = next(module.parameters(), None)
    there = torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_reorder_linear_weight")
    if not there or parameter is None or parameter.device.type != "cpu" or parameter.dtype != torch.float32:
        return module

    class PackedLinear(torch.nn.Linear):  # type: ignore[misc]
        """A linear layer that multiplies with its packed weights, and may apply a GELU."""

        packed: Any
        then: tuple[str, str] = ("none", "")

        def forward(self, x: Any) -> Any:
            how, kind = self.then
            return torch.ops.mkldnn._linear_pointwise(x, self.packed, self.bias, how, [], kind)

    def of(found: Any) -> Any:
        fresh = copy.copy(found)
        if type(found) is torch.nn.Linear:
            fresh.__class__ = PackedLinear
            fresh.packed = torch.ops.mkldnn._reorder_linear_weight(found.weight.detach(), _ROWS)
            return fresh
        children = {name: of(child) for name, child in found._modules.items() if child is not None}
        fresh._modules = found._modules | children
        if _only_linear_then_gelu(found) and type(children["dense"]) is PackedLinear:
            children["dense"].then = ("gelu", "none")
            fresh._modules["intermediate_act_fn"] = torch.nn.Identity()
        return fresh

    try:
        with torch.inference_mode():
            return of(module)
    except (AttributeError, RuntimeError) as error:  # no public face: another torch may have it otherwise
        log.info("Linear layers are not packed (%s).", str(error).split("\n")[0][:100])
        return module


def _only_linear_then_gelu(module: Any) -> bool:
    """Say whether a module is the inner linear layer and exact GELU of BERT, RoBERTa and their kin."""
    import torch
    from transformers.activations import GELUActivation

    if (
        set(module._modules) != {"dense", "intermediate_act_fn"}
        or "Intermediate" not in type(module).__name__
    ):
        return False
    act = module.intermediate_act_fn
    return type(act) is GELUActivation and act.act is torch.nn.functional.gelu
