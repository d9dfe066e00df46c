"""Sentence retrieval end to end, with a model of random weights: the mechanics, never a quality."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from intermezzo.engine.encoding import Encoding, default_encoding
from intermezzo.engine.examples import DataSet, Example
from intermezzo.engine.kinds.retrieval import Retrieval, predict
from intermezzo.engine.kinds.retrieval_scoring import MINING, TOP1, scores
from intermezzo.engine.models import Model, load_encoder
from intermezzo.queries.errors import Problem

SENTENCES = [
    "the cat sat on the mat",
    "a quick brown fox",
    "rain is expected tomorrow",
    "where is the station",
    "press any key",
    "thank you very much",
    "this field is required",
    "seven white horses",
]


@pytest.fixture
def model(tiny_model: Callable[..., Path]) -> Model:
    return load_encoder(str(tiny_model()), device="cpu")


@pytest.fixture
def how(model: Model) -> Retrieval:
    return Retrieval(default_encoding(model, token_budget=256))


def pairs(language: str, texts: list[str], extra: tuple[str, ...] = ()) -> tuple[Example, ...]:
    """Return a near copy of each text as its translation: what even random weights can match."""
    found = [
        Example(f"m{i}", language, f"m{i}", (f"{text}!", text), f"m{i}", "en") for i, text in enumerate(texts)
    ]
    return (*found, *(Example(f"x{i}", "en", f"x{i}", (text,)) for i, text in enumerate(extra)))


def data_set(kind: str = TOP1, **languages: tuple[Example, ...]) -> DataSet:
    return DataSet("pocket_catalogues", kind, "test", "r", "a test", True, languages, (), None)


def rows_of(model: Model, data: DataSet, how: Retrieval, **options: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    predict(model, data, how, rows.extend, **options)
    return rows


def test_top_1_a_row_a_query_and_a_score_a_language(model: Model, how: Retrieval) -> None:
    data = data_set(de=pairs("de", SENTENCES, ("and one more",)), fr=pairs("fr", SENTENCES[:5]))
    handed: list[list[dict[str, Any]]] = []
    notes = predict(model, data, how, handed.append)
    assert [len(rows) for rows in handed] == [8, 5], "a language at a time"
    row = handed[0][0]
    assert (row["item_id"], row["cluster_id"], row["gold"], row["metric"]) == ("m0", "m0", "m0", "accuracy")
    assert row["credit"] == float(row["prediction"] == "m0")
    assert notes.texts == 2 * 8 + 1, "a text that two languages share is encoded once"
    found = scores(TOP1, [row for rows in handed for row in rows])
    assert [(s.metric, s.language, s.n, s.evidence) for s in found] == [
        ("accuracy", "de", 8, "measured"),
        ("accuracy", "fr", 5, "measured"),
    ]
    assert found[0].value == sum(r["credit"] for r in handed[0]) / 8 > 1 / 8


@pytest.mark.parametrize("measure", ["cosine", "margin"])
def test_what_is_found_is_what_a_full_matrix_finds(model: Model, how: Retrieval, measure: Any) -> None:
    from intermezzo.engine.encoding import encode

    how = replace(how, measure=measure, block=3, k=2)
    x, y = (encode(model, t, how.encoding).vectors for t in ([f"{s}!" for s in SENTENCES], SENTENCES))
    found = x @ y.T
    if measure == "margin":
        a, b = (-(-m).copy() for m in (found, found.T))
        a.sort(1)
        b.sort(1)
        found = found / ((a[:, -2:].mean(1)[:, None] + b[:, -2:].mean(1)[None, :]) / 2)
    rows = rows_of(model, data_set(de=pairs("de", SENTENCES)), how)
    assert [r["prediction"] for r in rows] == [f"m{i}" for i in found.argmax(1)]


def test_languages_that_are_done_are_left_out_and_vectors_are_not_computed_again(
    model: Model, how: Retrieval, tmp_path: Path
) -> None:
    data = data_set(de=pairs("de", SENTENCES), fr=pairs("fr", SENTENCES[::-1]))
    whole = rows_of(model, data, how)
    handed: list[dict[str, Any]] = []

    class Killed(Exception):
        pass

    def kill(rows: list[dict[str, Any]]) -> None:
        if handed:
            raise Killed
        handed.extend(rows)

    with pytest.raises(Killed):
        predict(model, data, how, kill, work=tmp_path)
    done = {(r["language"], r["item_id"]) for r in handed}
    notes = predict(model, data, how, handed.extend, done=done, work=tmp_path)
    assert notes.progress.batches == 0, "the vectors of the first try were all there"
    assert handed == whole


def mining_data(*, split: str = "test", texts: list[str] = SENTENCES) -> DataSet:
    """Return BUCC's form: sentences of both sides, some of them with their translation among the others."""
    queries = [
        Example(f"de-{i}", "de", f"de-{i}", (f"{text}!",), f"en-{i}" if i < 5 else None)
        for i, text in enumerate(texts)
    ]
    candidates = [Example(f"en-{i}", "en", f"en-{i}", (text,)) for i, text in enumerate(texts[:5])]
    candidates += [Example(f"en-{i}", "en", f"en-{i}", (f"unrelated {i} zzz",)) for i in range(90, 96)]
    return replace(data_set(MINING, de=(*queries, *candidates)), split=split, task="bucc2018")


def test_mining_scores_pairs_and_says_what_the_threshold_was_chosen_on(model: Model, how: Retrieval) -> None:
    rows: list[dict[str, Any]] = []
    notes = predict(model, mining_data(), how, rows.extend)
    assert notes.chosen_on == "the evaluated split itself, which flatters"
    assert set(notes.thresholds) == {"de"}
    f1, precision, recall = scores(MINING, rows)
    tp, pred, gold = (sum(r[c] for r in rows) for c in ("tp", "n_pred", "n_gold"))
    assert gold == 5
    assert (f1.metric, f1.value) == ("f1", 2 * tp / (pred + gold))
    assert (precision.value, recall.value) == (tp / pred, tp / gold)
    assert f1.n == 5, "gold pairs, whatever was mined"
    tuned: list[dict[str, Any]] = []
    other = predict(
        model, mining_data(), how, tuned.extend, tune=mining_data(split="validation", texts=SENTENCES[::-1])
    )
    assert other.chosen_on == "validation split"
    assert other.thresholds != notes.thresholds
    fixed = rows_of(model, mining_data(), replace(how, threshold=0.0))
    assert sum(r["n_pred"] for r in fixed) >= pred


def test_a_resumed_mining_knows_all_its_thresholds(model: Model, how: Retrieval, tmp_path: Path) -> None:
    data = mining_data()
    rows: list[dict[str, Any]] = []
    notes = predict(model, data, how, rows.extend, work=tmp_path)
    done = {(r["language"], r["item_id"]) for r in rows}
    again = predict(model, data, how, rows.extend, work=tmp_path, done=done)
    assert again.thresholds == notes.thresholds
    assert again.record()["chosen_on"] == notes.chosen_on


def test_how_it_was_done_is_recorded() -> None:
    assert Retrieval(Encoding(layer=7, pooling="cls")).record(TOP1) == {
        "measure": "cosine",
        "layer": 7,
        "pooling": "cls",
        "max_tokens": 512,
        "prefix": "",
        "precision": "model",
    }
    mining = Retrieval().record(MINING)
    assert (mining["measure"], mining["k"], mining["threshold"]) == ("margin", 4, None)
    assert "block" not in mining


def test_duplicates_of_a_candidate_are_other_candidates(model: Model, how: Retrieval) -> None:
    rows = rows_of(model, data_set(de=pairs("de", SENTENCES[:2], (SENTENCES[0],))), how)
    assert len(rows) == 2


def bad(**changes: Any) -> tuple[Example, ...]:
    good = Example("m0", "de", "m0", ("Hallo", "hello"), "m0", "en")
    return (replace(good, **changes),)


@pytest.mark.parametrize(
    ("examples", "said"),
    [
        ((), "no sentences to search for in de"),
        (bad(texts=("Hallo",), gold="m7"), "no sentences to search in in de"),
        ((*bad(), *bad()), "a candidate id twice in de"),
        (
            (*bad(), Example("q", "de", "q", ("Hallo",), "m7")),
            "in de, the gold sentence m7 is not there",
        ),
    ],
)
def test_data_that_cannot_be_searched_is_a_sentence(
    model: Model, how: Retrieval, examples: tuple[Example, ...], said: str
) -> None:
    with pytest.raises(Problem, match=said):
        predict(model, data_set(de=examples), how, print)


def test_other_mistakes_are_sentences(model: Model, how: Retrieval) -> None:
    with pytest.raises(Problem, match="is tagging, not bitext retrieval or bitext mining"):
        predict(model, data_set("tagging"), how, print)
    with pytest.raises(Problem, match="at least one neighbour"):
        predict(model, data_set(), replace(how, k=0), print)
    tune = replace(mining_data(), languages={})
    with pytest.raises(Problem, match="bucc2018 has no test split in de to choose a threshold on"):
        predict(model, mining_data(), how, print, tune=tune)


def test_what_int8_lost_is_kept_and_said(
    model: Model, how: Retrieval, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from intermezzo.engine import encoding

    def coarse(model: Model, layer: int | None) -> Any:
        compute = encoding.hidden_states(model, replace(how.encoding, layer=layer))
        return lambda ids, mask: (compute(ids, mask) * 2).round() / 2

    monkeypatch.setattr("intermezzo.engine.int8.hidden_states_int8", coarse)
    data = data_set(de=pairs("de", SENTENCES), fr=pairs("fr", SENTENCES[:5]))
    small = replace(how, encoding=replace(how.encoding, precision="int8"))
    with caplog.at_level("INFO", "intermezzo.engine"):
        loss = predict(model, data, small, lambda _rows: None).record()["loss"]
    assert loss["pairs"] == 13
    assert {code: found["pairs"] for code, found in loss["languages"].items()} == {"de": 8, "fr": 5}
    assert loss["min_cosine"] < 1
    assert "13 pairs in 2 languages" in caplog.text
