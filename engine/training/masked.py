"""Masked language modelling: rows of text, some of whose tokens are to be guessed (as in BERT and XLM-R)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from intermezzo.engine.examples import Example
from intermezzo.engine.kinds.face import IGNORED, Inputs, Row, filled, rows_of, tokenise
from intermezzo.queries.errors import Problem

if TYPE_CHECKING:
    from intermezzo.engine.models import Model

KIND = "masked lm"


def prepare(examples: Sequence[Example], model: Model, max_tokens: int) -> list[Row]:
    """Tokenise texts, a row each; what is too long loses its end."""
    if model.tokenizer.mask_token_id is None:
        raise Problem(
            f"The tokenizer of {model.name} has no mask token: it cannot be trained as a masked LM."
        )
    texts = [e.texts[0] for e in examples]
    found = tokenise(model.tokenizer, texts, truncation=True, max_length=max_tokens)
    return rows_of(found, range(len(examples)), model.pad_id, [None] * len(examples))


def inputs(rows: Sequence[Row], model: Model, share: float, seed: Sequence[int]) -> Inputs:
    """Return what the head takes, with tokens to be guessed chosen from ``seed``.

    Of those tokens 8 in 10 are masked, 1 is another token, 1 stays; at least one in a batch is to be guessed.
    """
    import numpy as np

    made = filled(rows, model.pad_id)
    ids, chance = made["input_ids"], np.random.default_rng(list(seed))
    special = np.isin(ids, model.tokenizer.all_special_ids) | (made["attention_mask"] == 0)
    draw = np.where(special, 2.0, chance.random(ids.shape))
    chosen = draw < share
    if not chosen.any():
        chosen = draw == draw.min()
    made["labels"] = np.where(chosen, ids, IGNORED)
    how = chance.random(ids.shape)
    other = chance.integers(0, len(model.tokenizer), ids.shape)
    masked = np.where(how < 0.8, model.tokenizer.mask_token_id, np.where(how < 0.9, other, ids))
    made["input_ids"] = np.where(chosen, masked, ids)
    return made


def loss(model: Model, head: Any, rows: Sequence[Row], share: float, seed: int, batch: int) -> float:
    """Return the mean loss over texts that are always masked in the same way."""
    import torch

    total, number = 0.0, 0
    order = sorted(range(len(rows)), key=lambda i: len(rows[i].ids))
    head.eval()
    with torch.inference_mode():
        for start in range(0, len(order), batch):
            made = inputs([rows[i] for i in order[start : start + batch]], model, share, (seed, start))
            guessed = int((made["labels"] != IGNORED).sum())
            found = head(**{k: torch.from_numpy(v).to(model.device) for k, v in made.items()})
            total += float(found.loss) * guessed
            number += guessed
    return total / max(number, 1)
