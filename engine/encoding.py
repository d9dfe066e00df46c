"""Texts to vectors: tokenised first, batched by token count across languages, pooled from a chosen layer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from intermezzo.queries.errors import Problem

from .batches import in_budget

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .models import Model

log = logging.getLogger("intermezzo.engine")

Pooling = Literal["mean", "cls"]
Hidden = Callable[["NDArray[np.int64]", "NDArray[np.int64]"], Any]
"""Token ids and attention mask, (texts, tokens) each -> hidden states (texts, tokens, width) as a tensor."""

_AT_ONCE = 4096
"""Texts that are tokenised in one call, to bound what the tokenizer holds."""

_POST_NORM = ("bert", "camembert", "roberta", "xlm-roberta")
"""Model types whose layer outputs are normalised, so that leaving out later layers changes nothing."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How texts become vectors, all of it recorded with a run.

    Attributes:
        layer: Whose output is pooled: 0 the embeddings, 1 the first layer, ``None`` the last.
        pooling: ``mean`` over all tokens, special ones included, or ``cls``, the first.
        max_tokens: Longer texts are cut.
        prefix: Put before every text.
        precision: ``model``: the model's own; ``int8``: see ``engine.int8``.
        token_budget: Most tokens of a batch, padding included.
    """

    layer: int | None = None
    pooling: Pooling = "mean"
    max_tokens: int = 512
    prefix: str = ""
    precision: Literal["model", "int8"] = "model"
    token_budget: int = 4096

    def record(self) -> dict[str, Any]:
        """Return what decides the vectors: everything but the budget."""
        return {k: v for k, v in asdict(self).items() if k != "token_budget"}


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokenised texts.

    Attributes:
        ids: Token ids of each text, int32, special tokens included; never empty.
        cut: Indices of texts that were longer than allowed.
    """

    ids: tuple[NDArray[np.int32], ...]
    cut: tuple[int, ...]

    @property
    def lengths(self) -> list[int]:
        """Tokens of each text."""
        return [len(i) for i in self.ids]


@dataclass(slots=True)
class Progress:
    """What an encoding has done so far: a face may watch it.

    Attributes:
        texts: Texts encoded.
        tokens: Tokens of them.
        padded: The same with padding.
        batches: Batches.
    """

    texts: int = 0
    tokens: int = 0
    padded: int = 0
    batches: int = 0


@dataclass(frozen=True, slots=True)
class Encoded:
    """Vectors, with what happened on the way.

    Attributes:
        vectors: (texts, width), float32, each of length 1.
        cut: Indices of texts that were cut at ``max_tokens``.
        progress: Counts.
    """

    vectors: NDArray[np.float32]
    cut: tuple[int, ...]
    progress: Progress = field(default_factory=Progress)


def default_encoding(model: Model, **chosen: Any) -> Encoding:
    """Return the encoding that a model's authors meant, with what was chosen otherwise.

    Args:
        model: Its folder may name pooling and prefix; mean pooling of the last layer where it does not.
        **chosen: Fields of ``Encoding``; those that are ``None`` stay the default.

    Raises:
        Problem: A layer or pooling the model does not have.
    """
    budget = 4096 if model.device == "cpu" else 1 << 15
    usual: dict[str, Any] = {
        "pooling": model.pooling or "mean",
        "prefix": model.prefix,
        "max_tokens": min(512, model.max_tokens),
        "token_budget": budget,
    }
    made = Encoding(**(usual | {k: v for k, v in chosen.items() if v is not None}))
    if made.layer is not None and not 0 <= made.layer <= (model.layers or made.layer):
        raise Problem(f"{model.name} has layers 0 (its embeddings) to {model.layers}, not {made.layer}.")
    if made.pooling not in ("mean", "cls"):
        raise Problem(f"There is no pooling {made.pooling!r}: mean or cls.")
    if not 1 <= made.max_tokens <= model.max_tokens:
        raise Problem(f"{model.name} reads 1 to {model.max_tokens:,} tokens, not {made.max_tokens:,}.")
    if made.token_budget < 1:
        raise Problem(f"A token budget of {made.token_budget} leaves room for nothing: say 256 or more.")
    if made.precision not in ("model", "int8"):
        raise Problem(f"There is no precision {made.precision!r}: model or int8.")
    return made


def tokenise(model: Model, texts: Sequence[str], max_tokens: int, prefix: str = "") -> Tokens:
    """Tokenise all texts, cutting those that are too long.

    Lone surrogates, which no tokenizer takes, are read as U+FFFD. A text without any token is one padding
    token. A tokenizer that needs NFC does it itself.
    """
    import numpy as np

    ids: list[NDArray[np.int32]] = []
    cut: list[int] = []
    for start in range(0, len(texts), _AT_ONCE):
        part = [_sound(prefix + text) for text in texts[start : start + _AT_ONCE]]
        found = _ids(model.tokenizer, part, max_tokens)
        full = [i for i, row in enumerate(found) if len(row) >= max_tokens]
        whole = _ids(model.tokenizer, [part[i] for i in full], None) if full else []
        cut += [start + i for i, row in zip(full, whole, strict=True) if len(row) > max_tokens]
        ids += [np.array(row or [model.pad_id], np.int32) for row in found]
    return Tokens(tuple(ids), tuple(cut))


def _ids(tokenizer: Any, texts: list[str], max_tokens: int | None) -> list[list[int]]:
    found = tokenizer(
        texts,
        truncation=max_tokens is not None,
        max_length=max_tokens,
        return_attention_mask=False,
        return_token_type_ids=False,
        verbose=False,
    )
    return list(found["input_ids"])


def _sound(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return text


def encode(
    model: Model,
    texts: Sequence[str],
    how: Encoding,
    *,
    into: NDArray[np.float32] | None = None,
    done: NDArray[np.uint8] | None = None,
    hidden: Hidden | None = None,
    watch: Callable[[Progress, int], None] | None = None,
) -> Encoded:
    """Return a vector for every text.

    Args:
        model: An encoder.
        texts: Of any languages, in any order.
        how: Layer, pooling and the rest.
        into: Where vectors go, (texts, width), e.g. a file in memory; made where it is not given.
        done: One byte a text: 1 where ``into`` has its vector already; set as vectors come. With both, an
            encoding that was killed goes on after its last batch.
        hidden: Computes hidden states in place of the model; for int8 and for tests.
        watch: Called after every batch with the counts and the number of texts in all.

    Returns:
        Vectors in the order of ``texts``, whatever order they were computed in.

    Raises:
        Problem: Memory does not suffice for a single text; ``into`` has another shape.
    """
    import numpy as np

    tokens = tokenise(model, texts, how.max_tokens, how.prefix)
    width = width_of(model)
    vectors = np.zeros((len(texts), width), np.float32) if into is None else into
    flags = np.zeros(len(texts), np.uint8) if done is None else done
    if vectors.shape != (len(texts), width) or flags.shape != (len(texts),):
        raise Problem(f"{len(texts)} vectors of {width} numbers do not fit into {vectors.shape}.")
    compute = hidden or hidden_states(model, how)
    progress = Progress(texts=int(flags.sum()))

    def forward(batch: list[int]) -> tuple[NDArray[np.float32], int]:
        ids, mask = padded(tokens, batch, model.pad_id)
        return pooled(compute(ids, mask), mask, how.pooling), ids.size

    for batch, (found, size) in in_budget(
        tokens.lengths, how.token_budget, forward, done=lambda i: bool(flags[i])
    ):
        vectors[batch] = found
        flags[batch] = 1  # after the vectors: whoever finds the flag finds the vector
        progress.texts = int(flags.sum())
        progress.tokens += sum(len(tokens.ids[i]) for i in batch)
        progress.padded += size
        progress.batches += 1
        if watch:
            watch(progress, len(texts))
    if tokens.cut:
        log.warning("%d of %d texts were cut at %d tokens.", len(tokens.cut), len(texts), how.max_tokens)
    return Encoded(vectors, tokens.cut, progress)


def padded(tokens: Tokens, batch: Sequence[int], pad_id: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return token ids and attention mask of a batch, (texts, longest) each, filled up on the right."""
    import numpy as np

    lengths = np.array([len(tokens.ids[i]) for i in batch])
    mask = (np.arange(lengths.max()) < lengths[:, None]).astype(np.int64)
    ids = np.full(mask.shape, pad_id, np.int64)
    for row, i in enumerate(batch):
        ids[row, : lengths[row]] = tokens.ids[i]
    return ids, mask


def width_of(model: Model) -> int:
    """Return the width of the model's hidden states."""
    config = model.module.config
    width = getattr(config, "hidden_size", None) or getattr(config, "d_model", None)
    if not isinstance(width, int):
        raise Problem(f"{model.name} does not say how wide its hidden states are: it is no text encoder.")
    return width


def hidden_states(model: Model, how: Encoding) -> Hidden:
    """Return the function that computes hidden states at the chosen precision and layer."""
    if how.precision == "int8":
        from .int8 import hidden_states_int8

        return hidden_states_int8(model, how.layer)
    return _in_torch(model, how.layer)


def _in_torch(model: Model, layer: int | None) -> Hidden:
    import torch

    from .cpu_linear import with_packed_linears

    short = up_to(model, layer)
    last = layer is None or short is not model.module
    module = with_packed_linears(short)

    def compute(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Any:
        with torch.inference_mode():
            found = module(
                input_ids=torch.from_numpy(ids).to(model.device),
                attention_mask=torch.from_numpy(mask).to(model.device),
                output_hidden_states=not last,
            )
            return found.last_hidden_state if last else found.hidden_states[layer]

    return compute


def up_to(model: Model, layer: int | None) -> Any:
    """Return a module that stops after ``layer`` and shares the weights, or the whole module.

    Only where layers are a plain list and their outputs are what ``hidden_states`` has; for other
    models all layers are computed and the one asked for is taken.
    """
    import copy

    import torch

    module = model.module
    if layer is None or module.config.model_type not in _POST_NORM:
        return module
    short = copy.copy(module)
    short._modules = dict(module._modules)
    short.encoder = copy.copy(module.encoder)
    short.encoder._modules = dict(module.encoder._modules)
    short.encoder.layer = torch.nn.ModuleList(list(module.encoder.layer)[:layer])
    return short


def pooled(hidden: Any, mask: NDArray[np.int64], pooling: Pooling) -> NDArray[np.float32]:
    """Return one vector of length 1 a text: the mean over its tokens, or its first token.

    Args:
        hidden: (texts, tokens, width), a tensor of any precision; pooled in float32.
        mask: (texts, tokens), 1 for tokens, 0 for padding.
        pooling: ``mean`` or ``cls``.

    Returns:
        (texts, width); zeros stay zeros.
    """
    import torch

    with torch.inference_mode():
        if pooling == "cls":
            vectors = hidden[:, 0].float()
        else:
            weights = torch.from_numpy(mask).to(hidden.device, torch.float32)[..., None]
            vectors = (hidden.float() * weights).sum(1) / weights.sum(1)
        found: NDArray[np.float32] = torch.nn.functional.normalize(vectors, dim=-1).cpu().numpy()
    return found
