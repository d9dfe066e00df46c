"""Tiny models with random weights: they show the mechanics and say nothing of quality."""

from __future__ import annotations

import logging
from pathlib import Path

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def save_tokenizer(folder: Path, max_tokens: int = 512) -> None:
    """Write a tokenizer of bytes: every text of every script has tokens, and no vocabulary is needed."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE({token: i for i, token in enumerate([*SPECIAL, *alphabet])}, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.decoder = decoders.ByteLevel()
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    made.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL])
    PreTrainedTokenizerFast(
        tokenizer_object=made,
        model_max_length=max_tokens,
        bos_token="<s>",
        cls_token="<s>",
        pad_token="<pad>",
        eos_token="</s>",
        sep_token="</s>",
        unk_token="<unk>",
        mask_token="<mask>",
    ).save_pretrained(folder)


def save_tiny(
    folder: Path,
    kind: str = "encoder",
    labels: tuple[str, ...] = (),
    model_type: str = "bert",
    seed: int = 0,
    layers: int = 2,
    max_tokens: int = 512,
    spread: float = 0.5,
) -> Path:
    """Write a model's folder and return it: the same weights for the same arguments.

    Args:
        folder: Where to.
        kind: A key of ``engine.models.HEADS``, or ``encoder``.
        labels: Labels of its head.
        model_type: As transformers calls it.
        seed: Of the weights.
        layers: Layers.
        max_tokens: Longest input.
        spread: Standard deviation of the weights.
    """
    import torch
    import transformers
    from intermezzo.engine.models import HEADS

    named = {"id2label": dict(enumerate(labels)), "label2id": {n: i for i, n in enumerate(labels)}}
    config = transformers.AutoConfig.for_model(
        model_type,
        vocab_size=len(SPECIAL) + 256,
        hidden_size=32,
        num_hidden_layers=layers,
        num_attention_heads=4,
        intermediate_size=64,
        # RoBERTa and its kin count positions from the padding token on.
        max_position_embeddings=max_tokens + (2 if "roberta" in model_type else 0),
        pad_token_id=SPECIAL.index("<pad>"),
        bos_token_id=SPECIAL.index("<s>"),
        eos_token_id=SPECIAL.index("</s>"),
        initializer_range=spread,
        **(named if labels else {}),
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        module = getattr(transformers, HEADS.get(kind, "AutoModel")).from_config(config)
    logging.getLogger("transformers").setLevel(logging.ERROR)
    module.save_pretrained(folder)
    save_tokenizer(folder, max_tokens)
    return folder
