"""What the task kinds with a trained head share: how they read, what a head reads at once, filling up.

A kind is a module with the functions of ``Kind``; ``registry`` finds it. Nothing here imports ``torch``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from intermezzo.engine.examples import DataSet, Example
from intermezzo.queries.errors import Problem

if TYPE_CHECKING:
    import numpy as np
    from intermezzo.engine.data.targets import Target
    from numpy.typing import NDArray

IGNORED = -100
"""Target of a token that no loss is taken of."""

ItemRow = dict[str, Any]
"""An item row: some of ``ITEM_COLUMNS``."""


@dataclass(frozen=True, slots=True)
class How:
    """How a kind reads its examples and what is scored, in training and in evaluation; recorded.

    Attributes:
        kind: Task kind.
        labels: Labels in the order of the head's outputs; empty where answers are open.
        max_tokens: Most tokens of an input; longer ones are cut or read in windows, see the kind.
        stride: How far windows of a long context overlap, in tokens (question answering).
        n_best: Starts and ends that are paired (question answering).
        max_answer: Most tokens of an answer.
        metrics: (metric, implementation), the primary one first.
        token_budget: Most tokens of a batch, padding included; decides memory and speed, not the result.
    """

    kind: str
    labels: tuple[str, ...] = ()
    max_tokens: int = 128
    stride: int = 128
    n_best: int = 20
    max_answer: int = 30
    metrics: tuple[tuple[str, str], ...] = ()
    token_budget: int = 4096

    def record(self) -> dict[str, Any]:
        """Return what decides the result, JSON-serialisable."""
        chosen = {k: v for k, v in asdict(self).items() if k != "token_budget"}
        if self.kind != "extractive qa":
            for name in ("stride", "n_best", "max_answer"):
                del chosen[name]
        return chosen | {"labels": list(self.labels), "metrics": [list(m) for m in self.metrics]}


@dataclass(frozen=True, slots=True)
class Row:
    """What a head reads at once: a text or pair, one choice of several, one window.

    Attributes:
        item: Index of its example.
        ids: Token ids, special ones included.
        types: Token types, where the tokenizer makes them.
        place: The kind's own: how to find the way back from tokens.
        target: What training wants of the head; ``None`` without gold.
    """

    item: int
    ids: NDArray[np.int32]
    types: NDArray[np.int32] | None = None
    place: Any = field(default=None, compare=False)
    target: Any = None


Inputs = dict[str, "NDArray[np.int64]"]


class Kind(Protocol):
    """The functions of a kind's module."""

    KINDS: tuple[str, ...]

    def prepare(self, examples: Sequence[Example], tokenizer: Any, how: How) -> list[Row]:
        """Tokenise: one row or several an example, in the examples' order."""

    def inputs(self, rows: Sequence[Row], pad_id: int, *, targets: bool = False) -> Inputs:
        """Return the arrays that the head takes by name; with ``targets`` it computes a loss."""

    def groups(self, rows: Sequence[Row]) -> list[list[Row]]:
        """Return rows in the groups that a training batch must not tear."""

    def outputs(self, found: Any) -> tuple[NDArray[Any], ...]:
        """Return the head's output as arrays, rows first."""

    def read(self, row: Row, arrays: tuple[NDArray[Any], ...], how: How) -> Any:
        """Return the little that is kept of one row's output."""

    def settle(self, example: Example, kept: Sequence[Any], how: How) -> Any:
        """Return an item's prediction from what its rows kept, JSON-serialisable."""

    def item_rows(
        self, language: str, examples: Sequence[Example], predictions: Sequence[Any], how: How
    ) -> list[ItemRow]:
        """Return the item rows of a language, each with credit or counts."""

    def shown(self, example: Example) -> str:
        """Return an example's text as the store keeps it."""


def how_for(
    data: DataSet, model_labels: Sequence[str], longest: int, target: Target | None, **chosen: Any
) -> How:
    """Return how a data set is read by a model.

    Args:
        data: What is evaluated.
        model_labels: Names of the head's outputs, in their order.
        longest: Most tokens the model reads.
        target: The declaration of the data set, where it has one.
        **chosen: Fields of ``How``; those that are ``None`` stay the default.

    Raises:
        Problem: The head's outputs are not the labels of the data; the length does not fit the model.
    """
    open_labels = data.kind in ("extractive qa", "multiple choice")
    labels = () if open_labels else matched_labels(data, model_labels)
    usual: dict[str, Any] = {
        "kind": data.kind,
        "labels": labels,
        "max_tokens": min((target.max_tokens if target else 0) or 128, longest),
        "stride": (target.stride if target else 0) or 128,
        "metrics": target.metrics if target else _USUAL[data.kind],
    }
    usual["stride"] = min(usual["stride"], usual["max_tokens"] // 3)
    made = How(**(usual | {k: v for k, v in chosen.items() if v is not None}))
    if not 8 <= made.max_tokens <= longest:
        raise Problem(f"The model reads 8 to {longest:,} tokens, not {made.max_tokens:,}.")
    if made.kind == "extractive qa" and made.stride >= made.max_tokens:
        raise Problem(f"Windows of {made.max_tokens} tokens cannot overlap by {made.stride}.")
    if made.token_budget < 1:
        raise Problem(f"A token budget of {made.token_budget} leaves room for nothing: say 256 or more.")
    return made


_ACCURACY = (("accuracy", "xtreme accuracy"),)
_USUAL: Mapping[str, tuple[tuple[str, str], ...]] = {
    "classification": _ACCURACY,
    "pair classification": _ACCURACY,
    "multiple choice": _ACCURACY,
    "tagging": (("f1", "xtreme seqeval-1.2.2"),),
    "extractive qa": (("f1", "xtreme squad"), ("exact_match", "xtreme squad")),
}


def matched_labels(data: DataSet, outputs: Sequence[str]) -> tuple[str, ...]:
    """Return the labels of a data set in the order of a head's outputs.

    Outputs that only have numbers (``LABEL_0``) are taken in the data set's own order.

    Raises:
        Problem: Another number of outputs, or other names.
    """
    wanted = data.labels
    if len(outputs) != len(wanted):
        raise Problem(
            f"The model tells {len(outputs)} labels apart and {data.task} has {len(wanted)} "
            f"({', '.join(wanted[:6])}{', ...' if len(wanted) > 6 else ''}): it was trained for another task."
        )
    if all(o.upper() == f"LABEL_{i}" for i, o in enumerate(outputs)):
        return wanted
    folded = {w.casefold(): w for w in wanted}
    found = tuple(folded.get(o.casefold(), "") for o in outputs)
    if len(set(found)) < len(wanted) or "" in found:
        strange = next(o for o, f in zip(outputs, found, strict=True) if not f or found.count(f) > 1)
        raise Problem(
            f"The model has an output {strange!r}, which is no label of {data.task} ({', '.join(wanted[:8])}"
            f"{', ...' if len(wanted) > 8 else ''}): it was trained for another task."
        )
    return found


def sound(text: str) -> str:
    """Return a text that every tokenizer takes: lone surrogates become U+FFFD."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def tokenise(tokenizer: Any, texts: Sequence[str], **options: Any) -> Any:
    """Tokenise texts, without padding."""
    fixed = {"padding": False, "return_attention_mask": False, "verbose": False}
    return tokenizer([sound(t) for t in texts], **fixed, **options)


def tokenise_pairs(
    tokenizer: Any, texts: Sequence[str], seconds: Sequence[str], max_tokens: int, **options: Any
) -> Any:
    """Tokenise pairs of texts, without padding; the longer of two that are too long loses its end."""
    return tokenise(
        tokenizer,
        [beginning(tokenizer, t, max_tokens) for t in texts],
        text_pair=[beginning(tokenizer, t, max_tokens) for t in seconds],
        truncation=True,
        max_length=max_tokens,
        **options,
    )


def beginning(tokenizer: Any, text: str, most: int) -> str:
    """Return a text, or its first tokens where there are more than ``most``.

    A tokenizer that cuts a pair keeps every combination of what it cut off either text: for two long
    texts that takes minutes. So texts are cut one by one before.
    """
    text = sound(text)
    if len(text) <= 8 * most:
        return text
    options = {"truncation": True, "max_length": most, "return_offsets_mapping": True}
    places = tokenise(tokenizer, [text], add_special_tokens=False, **options)["offset_mapping"][0]
    return text[: places[-1][1]] if len(places) >= most else text


def rows_of(found: Any, items: Sequence[int], pad_id: int, targets: Sequence[Any]) -> list[Row]:
    """Return a row for each text that ``tokenise`` has taken; a text without tokens is one of padding."""
    import numpy as np

    types = found.get("token_type_ids")
    made = []
    for n, (item, ids) in enumerate(zip(items, found["input_ids"], strict=True)):
        kinds = np.array(types[n] or [0], np.int32) if types is not None else None
        made.append(Row(item, np.array(ids or [pad_id], np.int32), kinds, None, targets[n]))
    return made


def pad_id_of(tokenizer: Any) -> int:
    """Return the token that empty places are filled with."""
    return tokenizer.pad_token_id if isinstance(tokenizer.pad_token_id, int) else 0


def filled(rows: Sequence[Row], pad_id: int) -> Inputs:
    """Return ids, attention mask and token types of rows, filled up on the right: (rows, longest)."""
    import numpy as np

    lengths = np.array([len(r.ids) for r in rows])
    mask = (np.arange(lengths.max()) < lengths[:, None]).astype(np.int64)
    ids = np.full(mask.shape, pad_id, np.int64)
    kinds = np.zeros(mask.shape, np.int64)
    for n, row in enumerate(rows):
        ids[n, : lengths[n]] = row.ids
        if row.types is not None:
            kinds[n, : lengths[n]] = row.types
    made = {"input_ids": ids, "attention_mask": mask}
    return made | ({"token_type_ids": kinds} if any(r.types is not None for r in rows) else {})


def float_array(tensor: Any) -> NDArray[Any]:
    """Return a tensor of whatever precision and device as a float32 array."""
    array: NDArray[Any] = tensor.detach().float().cpu().numpy()
    return array


def singly(rows: Sequence[Row]) -> list[list[Row]]:
    """Return each row as a group of its own."""
    return [[row] for row in rows]


Sink = Callable[[list[tuple[int, Any]]], None]
"""Takes (index of an example, its prediction) of the items that a batch has finished."""
