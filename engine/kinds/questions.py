"""Extractive question answering: the span of the context with the largest start plus end.

A context that is too long is read in windows that overlap; the best span of all windows is the answer. An
answer has at most ``max_answer`` tokens, and starts and ends are taken from the ``n_best`` of a window, as
in XTREME's run_squad.py. Answers are the text itself between the tokens' characters, white space cut off.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from intermezzo.engine.examples import Example, text_sha
from intermezzo.engine.metrics import qa
from intermezzo.queries.errors import Problem

from .face import How, Inputs, ItemRow, Row, beginning, filled, float_array, singly, sound, tokenise

if TYPE_CHECKING:
    from numpy.typing import NDArray

KINDS = ("extractive qa",)

QUESTION = 64
"""Most tokens of a question, as in XTREME (``max_query_length``)."""

groups = singly


def shown(example: Example) -> str:
    """Return question and context, as the importer of XTREME's predictions keeps them."""
    return "\n\n".join(example.texts).strip()


def prepare(examples: Sequence[Example], tokenizer: Any, how: How) -> list[Row]:
    """Tokenise: a row a window of the context behind the whole question."""
    import numpy as np

    if not getattr(tokenizer, "is_fast", False):
        raise Problem("This model's tokenizer does not say where its tokens stand in a text: no answers.")
    rows: list[Row] = []
    extra = tokenizer.num_special_tokens_to_add(pair=True)
    for item, example in enumerate(examples):
        context = sound(example.texts[1])
        room = min(QUESTION, (how.max_tokens - extra) // 2)
        question = beginning(tokenizer, example.texts[0], room)
        taken = len(tokenizer(question, add_special_tokens=False)["input_ids"])
        if taken > room:
            places = tokenise(tokenizer, [question], add_special_tokens=False, return_offsets_mapping=True)[
                "offset_mapping"
            ][0]
            question, taken = question[: places[room - 1][1]], room
        found = tokenise(
            tokenizer,
            [question],
            text_pair=[context],
            truncation="only_second",
            max_length=how.max_tokens,
            stride=min(how.stride, (how.max_tokens - extra - taken) // 2),
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        types = found.get("token_type_ids")
        for n, ids in enumerate(found["input_ids"]):
            inside = np.array([s == 1 for s in found.sequence_ids(n)], bool)
            offsets = np.where(inside[:, None], np.array(found["offset_mapping"][n]), -1)
            kinds = np.array(types[n], np.int32) if types is not None else None
            target = _target(example, context, offsets)
            rows.append(Row(item, np.array(ids, np.int32), kinds, offsets, target))
    return rows


def _target(example: Example, context: str, offsets: NDArray[Any]) -> tuple[int, int] | None:
    """Return the tokens of the first gold answer in this window; (0, 0) where it lies outside."""
    starts = example.extra.get("starts")
    if not example.gold or not starts:
        return None
    answer = example.gold if isinstance(example.gold, str) else example.gold[0]
    first, last = starts[0], starts[0] + len(answer)
    if context[first:last] != sound(answer):
        return None  # the offset is wrong: nothing to learn from
    begin = [n for n, (s, e) in enumerate(offsets) if s <= first < e]
    end = [n for n, (s, e) in enumerate(offsets) if s < last <= e]
    return (int(begin[0]), int(end[-1])) if begin and end else (0, 0)


def inputs(rows: Sequence[Row], pad_id: int, *, targets: bool = False) -> Inputs:
    """Return what the head takes; positions of the answer with ``targets``."""
    import numpy as np

    made = filled(rows, pad_id)
    if not targets:
        return made
    places = np.array([r.target for r in rows], np.int64)
    return made | {"start_positions": places[:, 0], "end_positions": places[:, 1]}


def outputs(found: Any) -> tuple[NDArray[Any], ...]:
    """Return the logits of starts and of ends: (rows, tokens) each."""
    return float_array(found.start_logits), float_array(found.end_logits)


def read(row: Row, arrays: tuple[NDArray[Any], ...], how: How) -> tuple[float, int, int] | None:
    """Return the best span of a window: its score, first and last character; ``None`` without any."""
    import numpy as np

    places = row.place
    start, end = (np.where(places[:, 0] >= 0, a[: len(places)], -np.inf) for a in arrays)
    best: tuple[float, int, int] | None = None
    ends = _largest(end, how.n_best)
    for s in _largest(start, how.n_best):
        for e in ends:
            if not s <= e < s + how.max_answer:
                continue
            score = float(start[s] + end[e])
            if best is None or score > best[0]:
                best = (score, int(places[s, 0]), int(places[e, 1]))
    return best


def _largest(values: NDArray[Any], most: int) -> list[int]:
    import numpy as np

    order = np.argsort(-values, kind="stable")[:most]
    return [int(n) for n in order if np.isfinite(values[n])]


def settle(example: Example, kept: Sequence[Any], how: How) -> str:
    """Return the best answer of all windows, the first of equal ones; empty where there is none."""
    del how
    spans = [span for span in kept if span is not None]
    if not spans:
        return ""
    _, first, last = max(spans, key=lambda span: span[0])
    return sound(example.texts[1])[first:last].strip()


def item_rows(
    language: str, examples: Sequence[Example], predictions: Sequence[Any], how: How
) -> list[ItemRow]:
    """Return two rows a question: token F1 and exact match, each with the best gold answer."""
    try:
        fold = qa.folding(how.metrics[0][1], language)
    except ValueError as error:
        raise Problem(f"Answers in {language} cannot be scored: {error}.") from None
    rows: list[ItemRow] = []
    for example, prediction in zip(examples, predictions, strict=True):
        answers = (example.gold,) if isinstance(example.gold, str) else example.gold
        if not answers:
            continue
        item_credits = qa.qa_credits(str(prediction), answers, fold)
        for metric, credit in zip(("f1", "exact_match"), item_credits, strict=True):
            rows.append(
                {
                    "language": language,
                    "item_id": example.item_id,
                    "cluster_id": example.cluster_id,
                    "metric": metric,
                    "credit": credit,
                    "gold": " | ".join(answers),
                    "prediction": str(prediction),
                    "text_sha": text_sha(shown(example)),
                }
            )
    return rows
