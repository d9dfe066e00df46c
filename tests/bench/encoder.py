"""Bench of the encoder beside sentence-transformers, padding to 128, and what matrix products alone take.

All ways encode the same texts in one process, taking turns, so that what else the machine does falls on all
of them; the best round of each is compared. The vectors must be the same, but for int8, which loses some:
its row says what, on pairs of a message and its translation in every language. Each way is as it comes by
default: sentence-transformers batches of 32 sorted by characters, ours batches sorted by tokens. Loading,
laying weights out and quantising are counted for none; tokenising is for ours and sentence-transformers.
On a machine that is busy otherwise say OMP_NUM_THREADS=1: then processor seconds are what is compared.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from bench_clock import clock
from bench_row import BenchRow
from intermezzo.engine.encoding import Encoding, default_encoding, encode, hidden_states, tokenise
from intermezzo.engine.int8 import Loss, Pair, measure_loss
from intermezzo.engine.models import Model, load_encoder
from intermezzo.engine.pocket.catalogues import catalogue_data
from numpy.typing import NDArray

LANGUAGES = ("ar", "de", "el", "fi", "hi", "ja", "ko", "sw", "th", "tr", "vi", "zh")
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
Way = Callable[[], NDArray[np.float32]]


def texts() -> list[str]:
    """Return sentences of many scripts and lengths, each once."""
    data = catalogue_data(LANGUAGES)
    return list(dict.fromkeys(t for examples in data.languages.values() for e in examples for t in e.texts))


def sentence_transformers_way(model: Model, found: Sequence[str]) -> Way:
    """Encode as sentence-transformers does by default: batches of 32, sorted by characters."""
    from intermezzo.engine.model_files import find_model
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    body = Transformer(str(find_model(model.ref).path), max_seq_length=512)
    peer = SentenceTransformer(modules=[body, Pooling(384, "mean"), Normalize()], device="cpu")
    asked = [model.prefix + t for t in found]
    return lambda: np.asarray(peer.encode(asked, batch_size=32, show_progress_bar=False))


def padded_way(model: Model, found: Sequence[str], length: int = 128, size: int = 32) -> Way:
    """Encode as XTREME's scripts do: in the order given, every text filled up to 128 tokens."""
    import torch

    ids = tokenise(model, found, length, model.prefix).ids

    def run() -> NDArray[np.float32]:
        made = []
        for start in range(0, len(ids), size):
            batch = ids[start : start + size]
            rows = torch.full((len(batch), length), model.pad_id)
            mask = torch.zeros((len(batch), length), dtype=torch.long)
            for row, row_ids in enumerate(batch):
                rows[row, : len(row_ids)] = torch.from_numpy(row_ids)
                mask[row, : len(row_ids)] = 1
            with torch.inference_mode():
                states = model.module(input_ids=rows, attention_mask=mask).last_hidden_state
                means = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
                made.append(torch.nn.functional.normalize(means, dim=-1).numpy())
        return np.concatenate(made)

    return run


def products_way(model: Model, found: Sequence[str]) -> Way:
    """Do only the matrix products of the linear layers for as many tokens, in parts of 2,048: the limit."""
    import torch

    count = sum(tokenise(model, found, 512, model.prefix).lengths)
    config = model.module.config
    width, inner = config.hidden_size, config.intermediate_size
    shapes = [(width, width)] * 4 + [(width, inner), (inner, width)]
    weights = [torch.randn(a, b) for a, b in shapes] * config.num_hidden_layers
    part = 2048
    inputs = {size: torch.randn(part, size) for size in (width, inner)}
    outputs = {size: torch.empty(part, size) for size in (width, inner)}

    def run() -> NDArray[np.float32]:
        for start in range(0, count, part):
            rows = min(part, count - start)
            for weight in weights:
                a, b = weight.shape
                torch.mm(inputs[a][:rows], weight, out=outputs[b][:rows])
        return np.zeros(0, np.float32)

    return run


def loss(model: Model, how: Encoding) -> Loss:
    """Return what int8 loses on 40 messages of every language."""
    data = catalogue_data(LANGUAGES, limit=40)
    pairs = [
        Pair(code, e.texts[0], e.texts[1])
        for code, found in data.languages.items()
        for e in found
        if e.gold and len(e.texts) > 1
    ]
    return measure_loss(model, how, pairs)


def rows() -> Iterator[BenchRow]:
    """Measure, and yield a row for each comparison."""
    model = load_encoder("pocket", device="cpu")
    found = texts()
    how = default_encoding(model)
    own, small = (hidden_states(model, replace(how, precision=p)) for p in ("model", "int8"))
    ways: dict[str, Way] = {
        "ours": lambda: encode(model, found, how, hidden=own).vectors,
        "ours, int8": lambda: encode(model, found, how, hidden=small).vectors,
        "sentence-transformers' encode": sentence_transformers_way(model, found),
        "every text padded to 128 tokens": padded_way(model, found),
        "matrix products alone": products_way(model, found),
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    vectors: dict[str, NDArray[np.float32]] = {}
    few = found[:64]
    for hidden in (own, small):
        encode(model, few, how, hidden=hidden)
    now = clock()
    for _ in range(ROUNDS):
        for name, way in ways.items():
            start = now()
            vectors[name] = way()
            rates[name].append(len(found) / (now() - start))
            print(f"{name}: {rates[name][-1]:.0f} texts/s", file=sys.stderr)
    for name in ("sentence-transformers' encode", "every text padded to 128 tokens"):
        nearest = float((vectors[name] * vectors["ours"]).sum(1).min())
        if nearest < 0.9999:
            raise SystemExit(f"{name} does not compute the same vectors (least cosine {nearest:.5f})")
    for name, peer, budget, note in (
        ("ours", "sentence-transformers' encode", 1.8, ""),
        ("ours", "every text padded to 128 tokens", 4.0, ""),
        ("ours", "matrix products alone", 0.72, ""),
        ("ours, int8", "sentence-transformers' encode", 2.7, str(loss(model, how))),
    ):
        yield BenchRow(
            f"encoder, {len(LANGUAGES) + 1} languages ({name})",
            max(rates[name]), peer, max(rates[peer]), "texts/s", budget=budget, size=len(found), of="texts",
            rounds=tuple(rates[name]), peer_rounds=tuple(rates[peer]), note=note,
        )  # fmt: skip
