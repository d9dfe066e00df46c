"""An encoder with the heads of a stage on it: the encoder comes from the stage before, heads start anew."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intermezzo.engine import mean_head
from intermezzo.engine.models import HEADS, load_encoder
from intermezzo.queries.errors import Problem

from .settings import Settings

if TYPE_CHECKING:
    from intermezzo.engine.models import Model

CLASSES = {**HEADS, "masked lm": "AutoModelForMaskedLM"}
"""Task kind -> the class of ``transformers`` whose head it needs."""

_BESIDE = ("modules.json", "1_Pooling/config.json", "config_sentence_transformers.json")
"""What a model's folder says of pooling and prefix, kept with the encoder."""


def load_start(ref: str, layers: int, seed: int) -> Model:
    """Load the encoder that a stage starts from, in single precision.

    Args:
        ref: Base model, or the folder of the stage before.
        layers: Keep only so many of its first layers; 0: all.
        seed: What the encoder has no weights for (an unused pooler) is made from it.
    """
    import torch

    torch.manual_seed(seed)
    model = load_encoder(ref, dtype="float32")
    if mean_head.is_mean_head(model.module.config):  # heads are not carried over
        delattr(model.module.config, mean_head.KEY)
    if layers:
        keep_layers(model.module, layers)
    return model


def layer_list(module: Any) -> Any:
    """Return the list of an encoder's layers.

    Raises:
        Problem: It is not found.
    """
    import torch

    number = getattr(module.config, "num_hidden_layers", None)
    for found in module.modules():
        if isinstance(found, torch.nn.ModuleList) and len(found) == number:
            return found
    raise Problem(f"The layers of {type(module).__name__} are not found, so that none can be frozen or cut.")


def keep_layers(module: Any, layers: int) -> None:
    """Cut an encoder after its first so many layers."""
    found = layer_list(module)
    if layers > len(found):
        raise Problem(f"The model has {len(found)} layers, and {layers} were to be kept.")
    del found[layers:]
    module.config.num_hidden_layers = layers


def head_pooling(settings: Settings, model: Model) -> str:
    """Return what heads of one vector an input read: ``mean``, or ``cls`` as ``transformers`` has it."""
    if settings.head_pooling != "declared":
        return settings.head_pooling
    return model.pooling or "cls"


def build_heads(
    encoder: Any, kinds: Mapping[str, tuple[str, tuple[str, ...]]], seed: int, pooling: str = "cls"
) -> dict[str, Any]:
    """Put a new head for each task on one encoder.

    Args:
        encoder: The bare encoder, shared by all.
        kinds: Task -> its kind, and its labels.
        seed: Heads are made from it and the task's place, so that they are the same each time.
        pooling: Of heads of one vector an input, see ``head_pooling``.
    """
    import copy

    import torch
    import transformers

    heads = {}
    for n, (task, (kind, labels)) in enumerate(kinds.items()):
        torch.manual_seed(seed * 1009 + n)
        config = copy.deepcopy(encoder.config)
        if labels:
            config.id2label = dict(enumerate(labels))
            config.label2id = {label: i for i, label in enumerate(labels)}
        if pooling == mean_head.MEAN and kind in mean_head.KINDS:
            head = mean_head.make_mean_head(encoder, config, kind)
            heads[task] = head.to(next(encoder.parameters()).device)
            continue
        head = getattr(transformers, CLASSES[kind]).from_config(config)
        setattr(head, head.base_model_prefix, encoder)
        if kind == "masked lm":
            head.tie_weights()
        heads[task] = head.to(next(encoder.parameters()).device)
    return heads


def freeze(encoder: Any, settings: Settings) -> None:
    """Leave embeddings and the lowest layers as they are, as the settings say."""
    for parameter in encoder.parameters():
        parameter.requires_grad_(True)
    if settings.freeze_embeddings:
        encoder.get_input_embeddings().weight.requires_grad_(False)
        for name, parameter in encoder.named_parameters():
            if name.startswith("embeddings."):
                parameter.requires_grad_(False)
    if settings.freeze_layers:
        layers = layer_list(encoder)
        if settings.freeze_layers > len(layers):
            raise Problem(f"The model has {len(layers)} layers; {settings.freeze_layers} cannot be frozen.")
        for layer in layers[: settings.freeze_layers]:
            for parameter in layer.parameters():
                parameter.requires_grad_(False)


def trained(encoder: Any, heads: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that are trained, each once, by a name that is the same each time."""
    found: dict[str, Any] = {}
    seen: set[int] = set()
    named = [(f"encoder.{n}", p) for n, p in encoder.named_parameters()]
    named += [(f"head.{task}.{n}", p) for task, head in heads.items() for n, p in head.named_parameters()]
    for name, parameter in named:
        if parameter.requires_grad and id(parameter) not in seen:
            seen.add(id(parameter))
            found[name] = parameter
    return found


def save_model(folder: Path, model: Model, heads: Mapping[str, Any], start: Path | None) -> None:
    """Write what a stage has trained as a folder that ``transformers`` loads.

    Args:
        folder: Where to; it must not exist.
        model: The encoder, with its tokenizer.
        heads: The heads; one alone is written with the encoder, of several the encoder only.
        start: Folder that the encoder came from.
    """
    import transformers

    folder.mkdir(parents=True)
    alone = next(iter(heads.values())) if len(heads) == 1 else model.module
    bars = transformers.utils.logging.is_progress_bar_enabled()
    transformers.utils.logging.disable_progress_bar()
    try:
        if alone is not model.module and mean_head.is_mean_head(alone.config):
            mean_head.save_mean_head(folder, alone)
        else:
            alone.save_pretrained(folder)
    finally:
        if bars:
            transformers.utils.logging.enable_progress_bar()
    model.tokenizer.save_pretrained(folder)
    for name in _BESIDE if start is not None else ():
        beside = start / name if start is not None else Path()
        if beside.is_file():
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(beside, folder / name)
