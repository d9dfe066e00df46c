"""Kinds with a head: what is read, what comes out, whatever the texts, batches and languages are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from intermezzo.engine.examples import DataSet, Example, revision_of
from intermezzo.engine.kinds import forward
from intermezzo.engine.kinds.face import how_for
from intermezzo.engine.kinds.registry import kind_for
from intermezzo.queries.errors import Problem

HEADED = ("pair classification", "multiple choice", "tagging", "extractive qa")
LABELS = {
    "pair classification": ("entailment", "neutral", "contradiction"),
    "tagging": ("O", "B-PER", "I-PER"),
}


def example(n: int, language: str, texts: tuple[str, ...], **more: Any) -> Example:
    return Example(str(n), language, str(n), texts, **more)


def examples(kind: str, language: str) -> tuple[Example, ...]:
    words = ["the", "old", "man", "saw", "a", "boat", "on", "the", "lake", "and", "went", "home"]
    found = []
    for n in range(9):
        part = words[n % 4 : n % 4 + 2 + n]
        if kind == "pair classification":
            gold = LABELS[kind][n % 3]
            found.append(example(n, language, (" ".join(part), " ".join(words[:n])), gold=gold))
        elif kind == "multiple choice":
            found.append(
                example(
                    n, language, (" ".join(part),), gold=str(n % 2), choices=("it was", words[n] * (n + 1))
                )
            )
        elif kind == "tagging":
            tags = tuple("B-PER" if w == "man" else "O" for w in part)
            found.append(example(n, language, tuple(part), gold=tags))
        else:
            context = " ".join(words * (1 + n // 3))
            found.append(
                example(n, language, ("who saw a boat?", context), gold=("man",), extra={"starts": (8,)})
            )
    return tuple(found)


def data_of(kind: str, languages: dict[str, tuple[Example, ...]]) -> DataSet:
    revision = revision_of(e for found in languages.values() for e in found)
    return DataSet("own", kind, "test", revision, "test", True, languages, LABELS.get(kind, ()))


@pytest.fixture(scope="module")
def load(tiny_model: Callable[..., Any]) -> Callable[[str], Any]:
    made: dict[str, Any] = {}

    def loaded(kind: str) -> Any:
        if kind not in made:
            from intermezzo.engine.models import load_head

            made[kind] = load_head(str(tiny_model(kind, LABELS.get(kind, ()), max_tokens=96)), kind)
        return made[kind]

    return loaded


def predictions(model: Any, data: DataSet, how: Any, done: Any = ()) -> dict[int, Any]:
    found: dict[int, Any] = {}
    every = [e for es in data.languages.values() for e in es]

    def keep(ready: list[tuple[int, Any]]) -> None:
        for n, p in ready:
            assert n not in found
            found[n] = p

    forward.predict(model, every, how, keep, done=done)
    return found


@pytest.mark.parametrize("kind", HEADED)
class TestEveryKind:
    def test_batches_do_not_change_predictions(self, kind: str, load: Callable[[str], Any]) -> None:
        model = load(kind)
        data = data_of(kind, {"en": examples(kind, "en"), "de": examples(kind, "de")})
        how = how_for(data, model.labels, model.max_tokens, None)
        together = predictions(model, data, how)
        alone = predictions(model, data, replace(how, token_budget=1))
        assert sorted(together) == list(range(18))
        assert together == alone
        assert [together[n] for n in range(9)] == [together[n] for n in range(9, 18)]

    def test_a_resumed_pass_does_what_is_left(self, kind: str, load: Callable[[str], Any]) -> None:
        model = load(kind)
        data = data_of(kind, {"en": examples(kind, "en")})
        how = replace(how_for(data, model.labels, model.max_tokens, None), token_budget=80)
        whole = predictions(model, data, how)
        rest = predictions(model, data, how, done={0, 3, 8})
        assert rest == {n: p for n, p in whole.items() if n not in {0, 3, 8}}

    def test_scores_follow_from_the_rows(self, kind: str, load: Callable[[str], Any]) -> None:
        model = load(kind)
        data = data_of(kind, {"en": examples(kind, "en"), "de": examples(kind, "de")[:4]})
        how = how_for(data, model.labels, model.max_tokens, None)
        found = forward.score(model, data, how)
        assert {(s.language, s.metric) for s in found} == {
            (c, m) for c in ("en", "de") for m, _ in how.metrics
        }
        assert {s.n for s in found if s.language == "de"} == {4}
        assert all(s.evidence == "measured" and s.value is not None and 0 <= s.value <= 1 for s in found)

    def test_empty_and_huge_texts_are_read(self, kind: str, load: Callable[[str], Any]) -> None:
        model = load(kind)
        huge = "word " * 20_000
        if kind == "tagging":
            odd = (
                example(0, "en", (), gold=()),
                example(1, "en", ("",), gold=("O",)),
                example(2, "en", ("x" * 100_000, "man"), gold=("O", "B-PER")),
                example(3, "en", tuple(huge.split()[:300]), gold=("O",) * 300),
                example(4, "en", ("\ud800",), gold=("O",)),
            )
        elif kind == "multiple choice":
            odd = tuple(example(n, "en", (t,), gold="1", choices=("", t)) for n, t in enumerate(("", huge)))
        elif kind == "extractive qa":
            odd = tuple(
                example(n, "en", (q, t), gold=("word",))
                for n, (q, t) in enumerate((("", ""), (huge, huge[:2_000])))
            )
        else:
            odd = tuple(example(n, "en", (t, t), gold="neutral") for n, t in enumerate(("", huge, "\udfff")))
        data = data_of(kind, {"en": odd})
        how = replace(how_for(data, model.labels, model.max_tokens, None), token_budget=2048)
        found = predictions(model, data, how)
        assert sorted(found) == list(range(len(odd)))
        if kind == "tagging":
            assert [len(found[n]) for n in range(5)] == [0, 1, 2, 300, 1]

    def test_a_head_can_be_trained_on_what_inputs_gives(self, kind: str, load: Callable[[str], Any]) -> None:
        import torch

        model = load(kind)
        data = data_of(kind, {"en": examples(kind, "en")})
        how = how_for(data, model.labels, model.max_tokens, None)
        module = kind_for(kind)
        groups = module.groups(module.prepare(data.languages["en"], model.tokenizer, how))
        batch = [row for group in groups[:4] for row in group]
        given = module.inputs(batch, model.pad_id, targets=True)
        loss = model.module(**{k: torch.from_numpy(v) for k, v in given.items()}).loss
        assert torch.isfinite(loss)
        assert loss > 0


class Fixed:
    """A head's output that says what it is told."""

    def __init__(self, **arrays: Any) -> None:
        import torch

        for name, array in arrays.items():
            setattr(self, name, torch.tensor(array))


def test_long_sentences_keep_a_tag_for_every_word(load: Callable[[str], Any]) -> None:
    model = load("tagging")
    data = data_of("tagging", {"en": (example(0, "en", ("boat",) * 40, gold=("O",) * 40),)})
    how = how_for(data, model.labels, model.max_tokens, None, max_tokens=20)
    rows = kind_for("tagging").prepare(data.languages["en"], model.tokenizer, how)
    assert [len(r.place) for r in rows] == [4] * 10
    assert max(len(r.ids) for r in rows) <= 20


def test_a_word_has_the_tag_of_its_first_piece_in_reading_and_in_training(load: Callable[[str], Any]) -> None:
    import numpy as np

    model = load("tagging")
    data = data_of("tagging", {"en": (example(0, "en", ("Ann", "ran"), gold=("B-PER", "O")),)})
    how = how_for(data, model.labels, model.max_tokens, None)
    kind = kind_for("tagging")
    [row] = kind.prepare(data.languages["en"], model.tokenizer, how)
    # bytes are the pieces: <s> A n n r a n </s>
    first, second = how.labels.index("B-PER"), how.labels.index("O")
    assert list(row.target) == [-100, first, -100, -100, second, -100, -100, -100]
    found = np.full((1, 8), how.labels.index("I-PER"))
    found[0, [1, 4]] = first, second
    assert kind.read(row, (found[0],), how) == ["B-PER", "O"]


def test_an_answer_is_the_text_between_the_best_start_and_end(load: Callable[[str], Any]) -> None:
    model = load("extractive qa")
    context = "An Old  Man saw it."
    asked = example(0, "en", ("who?", context), gold=("Old Man",), extra={"starts": (3,)})
    how = how_for(data_of("extractive qa", {"en": (asked,)}), (), 64, None)
    kind = kind_for("extractive qa")
    (row,) = kind.prepare([asked], model.tokenizer, how)
    start, end = [0.0] * len(row.ids), [0.0] * len(row.ids)
    first = next(n for n, (s, _) in enumerate(row.place) if s == 3)
    last = next(n for n, (_, e) in enumerate(row.place) if e == 11)
    start[first], end[last] = 5.0, 5.0
    end[first - 1] = 9.0  # an end before the start is no answer
    arrays = kind.outputs(Fixed(start_logits=[start], end_logits=[end]))
    kept = kind.read(row, tuple(a[0] for a in arrays), how)
    assert kind.settle(asked, [None, kept], how) == "Old  Man"
    rows = kind.item_rows("en", [asked], ["Old  Man"], how)
    assert [(r["metric"], r["credit"]) for r in rows] == [("f1", 1.0), ("exact_match", 1.0)]


def test_answers_are_folded_by_the_rules_of_their_task() -> None:
    kind = kind_for("extractive qa")
    asked = example(0, "de", ("wer?", "Der Mann."), gold=("Mann",))
    how = how_for(data_of("extractive qa", {"de": (asked,)}), (), 64, None)
    mlqa = replace(how, metrics=(("f1", "xtreme mlqa"), ("exact_match", "xtreme mlqa")))
    assert [r["credit"] for r in kind.item_rows("de", [asked], ["der Mann"], how)] == [
        pytest.approx(2 / 3),
        0,
    ]
    assert [r["credit"] for r in kind.item_rows("de", [asked], ["der Mann"], mlqa)] == [1, 1]
    with pytest.raises(Problem, match="Answers in sw cannot be scored"):
        kind.item_rows("sw", [asked], ["der Mann"], mlqa)


def test_the_second_seqeval_has_rows_of_its_own_only_where_it_differs() -> None:
    kind = kind_for("tagging")
    asked = example(0, "en", ("a",), gold=("X",))
    data = replace(data_of("tagging", {"en": (asked,)}), labels=("X", "NOUN"))
    both = (("f1", "xtreme seqeval-0.0.12"), ("f1", "xtreme seqeval-1.2.2"))
    how = how_for(data, ("X", "NOUN"), 64, None, metrics=both)
    rows = kind.item_rows("en", [asked], [["X"]], how)
    assert [r["metric"] for r in rows] == ["f1", "f1@seqeval-1.2.2"]
    agreed = example(0, "en", ("a", "b"), gold=("NOUN", "NOUN"))
    assert [r["metric"] for r in kind.item_rows("en", [agreed], [["NOUN", "NOUN"]], how)] == ["f1"]


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        (("a", "b"), "tells 2 labels apart"),
        (("entailment", "neutral", "other"), "has an output 'other'"),
        (("neutral", "neutral", "entailment"), "has an output 'neutral'"),
    ],
)
def test_a_head_for_other_labels_is_refused(outputs: tuple[str, ...], said: str) -> None:
    data = data_of("pair classification", {"en": examples("pair classification", "en")})
    with pytest.raises(Problem, match=said):
        how_for(data, outputs, 64, None)


def test_labels_are_taken_in_the_order_of_the_outputs() -> None:
    data = data_of("pair classification", {"en": examples("pair classification", "en")})
    how = how_for(data, ("CONTRADICTION", "Neutral", "entailment"), 64, None)
    assert how.labels == ("contradiction", "neutral", "entailment")
    assert how_for(data, ("LABEL_0", "LABEL_1", "LABEL_2"), 64, None).labels == data.labels


def test_gold_outside_the_labels_is_a_sentence(load: Callable[[str], Any]) -> None:
    model = load("pair classification")
    strange = (example(7, "sw", ("a", "b"), gold="maybe"),)
    data = data_of("pair classification", {"sw": strange})
    how = how_for(data, model.labels, 64, None)
    with pytest.raises(Problem, match=r"Item 7 \(sw\) has the label 'maybe'"):
        kind_for("pair classification").prepare(strange, model.tokenizer, how)
