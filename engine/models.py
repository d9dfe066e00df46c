"""Models: any Hugging Face encoder or fine-tuned head, from a hub id or a folder, safetensors only.

On a GPU models run in bfloat16 with torch's own attention (sdpa); no GPU was at hand when this was written,
so that path is untested. On a CPU they run in float32.

``torch`` and ``transformers`` are imported when a model is loaded, never before.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from . import mean_head
from .model_files import ModelError, ModelFolder, find_model

HEADS = {
    "pair classification": "AutoModelForSequenceClassification",
    "classification": "AutoModelForSequenceClassification",
    "multiple choice": "AutoModelForMultipleChoice",
    "tagging": "AutoModelForTokenClassification",
    "extractive qa": "AutoModelForQuestionAnswering",
}
"""Task kind -> the class of ``transformers`` whose head it needs; retrieval needs none."""

INSTALL = "pip install 'intermezzo[engine]'"


@dataclass(frozen=True, slots=True)
class Model:
    """A model in memory, with what a run records about it.

    Attributes:
        name: What it is called in tables and records; the pocket model always says that it is 4-bit.
        ref: What was asked for.
        revision: Commit of the hub, or a hash of the folder's files.
        kind: ``encoder``, or the task kind that its head is for.
        module: The ``torch`` module, in evaluation mode.
        tokenizer: Its tokenizer.
        device: ``cpu``, ``cuda``.
        dtype: ``float32``, ``bfloat16``.
        attention: ``sdpa``, ``eager``.
        layers: Layers of the encoder; 0 where its configuration does not say.
        max_tokens: Most tokens it can read.
        pad_id: Token id that batches are filled up with.
        labels: Names of a head's outputs, in their order.
        pooling: How its authors pool, ``mean`` or ``cls``, where its folder says so.
        prefix: What its authors put before every text, where its folder says so.
    """

    name: str
    ref: str
    revision: str
    kind: str
    module: Any
    tokenizer: Any
    device: str
    dtype: str
    attention: str
    layers: int
    max_tokens: int
    pad_id: int
    labels: tuple[str, ...] = ()
    pooling: str | None = None
    prefix: str = ""

    def record(self) -> dict[str, Any]:
        """Return what a run keeps about the model, JSON-serialisable."""
        names = ("name", "ref", "revision", "kind", "device", "dtype", "attention", "layers")
        return {name: getattr(self, name) for name in names} | {"versions": versions()}


def load_encoder(
    ref: str, *, trust_remote_code: bool = False, device: str | None = None, dtype: str | None = None
) -> Model:
    """Load a bare encoder: what retrieval evaluates.

    Args:
        ref: A folder; a hub id, ``owner/name`` or ``owner/name@revision``; or ``pocket``.
        trust_remote_code: Run Python code that came with the model.
        device: ``cpu``, ``cuda``; by default a GPU where there is one.
        dtype: ``float32``, ``bfloat16``; by default bfloat16 on a GPU that has it.

    Raises:
        ModelError: A sentence: no such model, no network, no safetensors, damaged weights, a tokenizer
            that does not fit, a missing extra.
    """
    return _load(find_model(ref, code=trust_remote_code), "encoder", trust_remote_code, device, dtype)


def load_head(
    ref: str,
    kind: str,
    *,
    trust_remote_code: bool = False,
    device: str | None = None,
    dtype: str | None = None,
) -> Model:
    """Load a model with a trained head for a task kind, a key of ``HEADS``.

    Raises:
        ModelError: As for ``load_encoder``, and where the model is a bare encoder without that head.
    """
    if kind not in HEADS:
        raise ModelError(f"No model has a head for the task kind {kind!r}. Kinds: {', '.join(HEADS)}.")
    return _load(find_model(ref, code=trust_remote_code), kind, trust_remote_code, device, dtype)


def versions() -> dict[str, str]:
    """Return the versions of the packages that computed something."""
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in ("torch", "transformers", "tokenizers", "onnxruntime"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def need_engine() -> None:
    """Raise a sentence where the extra with ``torch`` and ``transformers`` is not installed."""
    from importlib.util import find_spec

    missing = [n for n in ("torch", "transformers", "tokenizers", "safetensors") if find_spec(n) is None]
    if missing:
        raise ModelError(f"Evaluating needs {' and '.join(missing)}: {INSTALL}.")


def _load(
    folder: ModelFolder, kind: str, trust_remote_code: bool, device: str | None, dtype: str | None
) -> Model:
    need_engine()
    import torch

    where = _device(device)
    numbers = dtype or ("bfloat16" if where == "cuda" and torch.cuda.is_bf16_supported() else "float32")
    if numbers not in ("float32", "bfloat16", "float16"):
        raise ModelError(f"{numbers!r} is no number format for a model: float32, bfloat16 or float16.")
    with _quiet():
        tokenizer = _tokenizer(folder, trust_remote_code)
        module = _module(folder, kind, trust_remote_code, getattr(torch, numbers))
    embeddings = module.get_input_embeddings().weight.shape[0]
    largest = max(tokenizer.get_vocab().values(), default=-1)
    if largest >= embeddings:
        raise ModelError(
            f"The tokenizer of {folder.ref} does not fit its weights: it has token ids up to {largest:,}, "
            f"and the weights have {embeddings:,} embeddings. Both must come from the same model."
        )
    config = module.config
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else config.pad_token_id
    labels = getattr(config, "id2label", None) if kind != "encoder" else None
    return Model(
        name=folder.name,
        ref=folder.ref,
        revision=folder.revision,
        kind=kind,
        module=module.to(where).eval(),
        tokenizer=tokenizer,
        device=where,
        dtype=numbers,
        attention=str(getattr(config, "_attn_implementation", None) or "eager"),
        layers=int(getattr(config, "num_hidden_layers", 0) or 0),
        max_tokens=_max_tokens(module, tokenizer),
        pad_id=pad if isinstance(pad, int) else 0,
        labels=tuple(str(labels[i]) for i in sorted(labels)) if labels else (),
        pooling=folder.pooling,
        prefix=folder.prefix,
    )


def _device(wanted: str | None) -> str:
    import torch

    there = torch.cuda.is_available()
    if wanted in (None, "cpu"):
        return "cuda" if there and wanted is None else "cpu"
    if wanted == "cuda":
        if there:
            return wanted
        raise ModelError("No GPU is there for torch: leave --device away, or say --device cpu.")
    raise ModelError(f"{wanted!r} is no device: cpu or cuda.")


_TOKENIZER_FILES = "It needs the tokenizer's own files, as tokenizer.save_pretrained(folder) writes them."


def _tokenizer(folder: ModelFolder, trust_remote_code: bool) -> Any:
    from transformers import AutoTokenizer

    try:
        found = AutoTokenizer.from_pretrained(
            folder.path, local_files_only=True, trust_remote_code=trust_remote_code
        )
    except Exception as error:
        raise ModelError(
            f"The tokenizer of {folder.ref} cannot be read ({_first_line(error)}). " + _TOKENIZER_FILES
        ) from error
    # Without any, transformers makes one up that knows no word.
    names = set(getattr(found, "vocab_files_names", {}).values())
    if names and not any((folder.path / name).is_file() for name in names):
        raise ModelError(
            f"{folder.ref} has no tokenizer: none of {', '.join(sorted(names))}. {_TOKENIZER_FILES}"
        )
    found.padding_side = "right"
    return found


def _module(folder: ModelFolder, kind: str, trust_remote_code: bool, dtype: Any) -> Any:
    import transformers

    with_mean = kind in mean_head.KINDS and (folder.path / mean_head.FILE).is_file()
    name = "AutoModel" if with_mean else HEADS.get(kind, "AutoModel")
    try:
        module, info = getattr(transformers, name).from_pretrained(
            folder.path,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=trust_remote_code,
            dtype=dtype,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # they are told below, with their names
        )
        if with_mean and mean_head.is_mean_head(module.config):
            module = mean_head.load_mean_head(folder.path, module, kind)
    except Exception as error:
        raise ModelError(_why_not(folder, kind, trust_remote_code, error)) from error
    if kind == "encoder" and getattr(module.config, "is_encoder_decoder", False):
        module = module.get_encoder()
    # The pooler on top of a bare encoder is never used here, so that it may be missing.
    bare = kind == "encoder" or with_mean
    missing = sorted(k for k in info["missing_keys"] if not bare or "pooler" not in k.split("."))
    # Heads that read every token have no pooler: it is missing where a head of another kind is asked for.
    body = [k for k in missing if _in_body(module, k) and "pooler" not in k.split(".")]
    if missing and not bare and not body:
        raise ModelError(
            f"{folder.ref} has no trained head for {kind} ({_shown_key(module, missing)} is missing): it is "
            "a bare encoder or was trained for something else. Name a model fine-tuned for it; retrieval "
            "takes bare encoders."
        )
    if missing or info.get("mismatched_keys"):
        wrong = missing or sorted(str(k if isinstance(k, str) else k[0]) for k in info["mismatched_keys"])
        raise ModelError(
            f"The weights of {folder.ref} do not fit its config.json: {len(wrong)} tensors are missing or of "
            f"another shape, the first {wrong[0]}. Both must come from the same model."
        )
    return module


def _shown_key(module: Any, missing: list[str]) -> str:
    return next((k for k in missing if not _in_body(module, k)), missing[0])


def _in_body(module: Any, key: str) -> bool:
    """Say whether a weight belongs to the encoder rather than to the head on it."""
    return key.startswith(f"{module.base_model_prefix}.")


def _why_not(folder: ModelFolder, kind: str, trust_remote_code: bool, error: Exception) -> str:
    said = _first_line(error)
    if "trust_remote_code" in str(error) and not trust_remote_code:
        return (
            f"{folder.ref} comes with Python code of its own, which is not run unless you say so: "
            "--trust-remote-code, after reading that code."
        )
    if "Unrecognized configuration class" in str(error):
        what = "bare encoder" if kind == "encoder" else f"head for {kind}"
        return f"{folder.ref} is of a kind that transformers has no {what} for ({said})."
    return f"{folder.ref} cannot be loaded: {said}."


def _first_line(error: BaseException) -> str:
    """Return the first line of an error's message, short enough for a sentence."""
    said = str(error).strip().split("\n")[0].strip()
    if len(said) > 200:  # to the end of a sentence, or of a word
        said = said[:200].rpartition(". ")[0] or said[:200].rpartition(" ")[0]
    return (said or type(error).__name__).rstrip(".:")


def _max_tokens(module: Any, tokenizer: Any) -> int:
    """Return how many tokens fit both the position embeddings and the tokenizer's own limit."""
    limit = min(int(tokenizer.model_max_length), 1 << 20)
    positions = getattr(module.config, "max_position_embeddings", None)
    if isinstance(positions, int) and positions > 0:
        embedded = getattr(getattr(module.base_model, "embeddings", None), "position_embeddings", None)
        # RoBERTa and its kin count positions from the padding index on.
        offset = getattr(embedded, "padding_idx", None)
        limit = min(limit, positions - (offset + 1 if offset is not None else 0))
    return limit


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the loading libraries' own bars and warnings off the terminal."""
    import transformers

    logger = logging.getLogger("transformers")
    level, bars = logger.level, transformers.utils.logging.is_progress_bar_enabled()
    logger.setLevel(logging.ERROR)
    transformers.utils.logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
        if bars:
            transformers.utils.logging.enable_progress_bar()
