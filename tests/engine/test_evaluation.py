"""Evaluations: what lands in the store, killed and taken up again, two at once, out of memory."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import download_folder
import duckdb
import pytest
from intermezzo.engine.data.targets import targets
from intermezzo.engine.evaluation import Evaluation, evaluate, from_json
from intermezzo.engine.spool import spool
from intermezzo.queries.errors import Problem
from intermezzo.queries.store.layout import Store, open_store
from intermezzo.queries.store.reader import connect

LABELS = {
    "xnli": download_folder.LABELS,
    "pawsx": ("0", "1"),
    "udpos": targets()["udpos"].labels,
    "panx": ("O", "B-LOC", "B-ORG", "B-PER", "I-LOC", "I-ORG", "I-PER"),
}
KINDS = {
    "xnli": "pair classification",
    "pawsx": "pair classification",
    "udpos": "tagging",
    "panx": "tagging",
    "xquad": "extractive qa",
    "mlqa": "extractive qa",
    "tydiqa": "extractive qa",
    "xcopa": "multiple choice",
    "bucc2018": "encoder",
    "tatoeba": "encoder",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return download_folder.make(tmp_path / "download")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store", create=True)


@pytest.fixture
def asked(folder: Path, tiny_model: Callable[..., Path]) -> Callable[..., Evaluation]:
    def make(task: str, **more: Any) -> Evaluation:
        model = tiny_model(KINDS[task], LABELS.get(task, ()))
        return Evaluation(task, model=str(model), data=str(folder), device="cpu", **more)

    return make


def items_of(store: Store, run_id: str) -> list[tuple[Any, ...]]:
    with connect(store) as reader:
        path = reader.items_paths([run_id])[run_id]
    return duckdb.sql(f"SELECT * FROM read_parquet('{path}') ORDER BY ALL").fetchall()


@pytest.mark.parametrize("task", KINDS)
def test_every_task_becomes_a_run_with_items(
    task: str, asked: Callable[..., Evaluation], store: Store
) -> None:
    done = evaluate(store, asked(task))
    assert done.new
    with connect(store) as reader:
        [record] = reader.ask("run_record", run=done.run_id).dicts()
        scores = reader.ask("run_scores", run=done.run_id).dicts()
    assert record["task"] == task
    assert record["importer"] == "engine"
    assert {s["evidence"] for s in scores} == {"measured"}
    assert all(s["value"] is not None and s["n"] for s in scores if s["metric"] != "precision")
    assert len(items_of(store, done.run_id)) == done.items > 0
    config = json.loads(record["config"])
    assert config["asked"]["task"] == task
    assert config["model"]["versions"]["torch"]
    assert not (store.path / "jobs" / "spool" / done.run_id).exists()


def test_a_language_that_cannot_be_evaluated_is_a_gap_of_the_run(
    asked: Callable[..., Evaluation], store: Store
) -> None:
    done = evaluate(store, asked("panx", languages=("de", "fr")))
    with connect(store) as reader:
        scores = reader.ask("run_scores", run=done.run_id).dicts()
        [cell] = [r for r in reader.ask("coverage").dicts() if r["metric"] == "f1"][:1]
    gaps = {(s["language"], s["implementation"], s["gap"]) for s in scores if s["value"] is None}
    assert gaps == {
        ("fr", f"xtreme seqeval-{v}", "there is no panx/test-fr.tsv") for v in ("0.0.12", "1.2.2")
    }
    assert (cell["state"], cell["reason"]) == ("partial", "there is no panx/test-fr.tsv")
    assert evaluate(store, asked("panx", languages=("de",))).run_id != done.run_id
    assert not evaluate(store, asked("panx", languages=("de", "fr")), watch=_must_not_run).new


def test_texts_are_kept_once_and_found_by_their_hash(asked: Callable[..., Evaluation], store: Store) -> None:
    evaluate(store, asked("xnli", languages=("de",)))
    evaluate(store, asked("xnli", languages=("de",), limit=4))
    pattern = store.texts / "*.parquet"
    texts = {t for (t,) in duckdb.sql(f"SELECT DISTINCT text FROM read_parquet('{pattern}')").fetchall()}
    assert "de text 0\nand 0" in texts


def test_the_same_evaluation_is_not_done_twice(asked: Callable[..., Evaluation], store: Store) -> None:
    first = evaluate(store, asked("xnli"))
    again = evaluate(store, replace(asked("xnli"), options={"token_budget": 20}), watch=_must_not_run)
    assert (again.run_id, again.new) == (first.run_id, False)
    other = evaluate(store, asked("xnli", limit=2))
    assert other.run_id != first.run_id


@pytest.mark.parametrize("limit", [0, 200, 1_000, 3_000, 60_000])
def test_a_disk_that_refuses_leaves_nothing_half_written_and_the_next_attempt_ends(
    limit: int,
    asked: Callable[..., Evaluation],
    store: Store,
    small_files: Callable[[int], AbstractContextManager[None]],
) -> None:
    evaluation = asked("xquad")
    with small_files(limit), pytest.raises(Problem, match=r"may not get that large|disk is full"):
        evaluate(store, evaluation)
    assert not list(store.tmp.iterdir())
    # what is there is whole: the index alone is too large for the last limit
    assert [(folder / "manifest.json").is_file() for folder in store.runs.iterdir()] == [True] * (
        limit > 9_000
    )
    done = evaluate(store, evaluation)
    assert done.new == (limit < 9_000)
    assert len(items_of(store, done.run_id)) == 12


def test_a_store_that_cannot_be_written_is_said_before_anything_is_loaded(
    asked: Callable[..., Evaluation], store: Store
) -> None:
    with pytest.raises(Problem, match=r"cannot be written \(no permission, or a read-only disk\)"):
        evaluate(replace(store, writable=False), replace(asked("xnli"), model="/nowhere"))
    assert not list(store.runs.iterdir())


def _must_not_run(done: int, total: int, unit: str) -> None:
    raise AssertionError(f"{done} of {total} {unit} computed again")


_KILLED_AFTER = """
import os, signal, sys
from intermezzo.engine.evaluation import evaluate, from_json
from intermezzo.queries.store.layout import open_store
import json
batches = 0
def watch(done, total, unit):
    global batches
    batches += 1
    if batches == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
evaluate(open_store(sys.argv[1]), from_json(json.loads(sys.argv[2])), watch=watch)
"""


@pytest.mark.slow
@pytest.mark.parametrize("task", ["xquad", "xnli", "tatoeba", "panx"])
def test_killed_in_the_middle_it_goes_on_and_comes_to_the_same(
    task: str, asked: Callable[..., Evaluation], store: Store, tmp_path: Path
) -> None:
    evaluation = asked(task, options={"token_budget": 8 if task == "panx" else 64})
    arguments = [str(store.path), json.dumps(evaluation.as_json()), "3"]
    killed = subprocess.run([sys.executable, "-c", _KILLED_AFTER, *arguments], capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert not list(store.runs.iterdir())
    counts: list[int] = []
    done = evaluate(store, evaluation, watch=lambda n, _total, _unit: counts.append(n))
    undisturbed = open_store(tmp_path / "undisturbed", create=True)
    whole: list[int] = []
    plain = evaluate(undisturbed, evaluation, watch=lambda n, _total, _unit: whole.append(n))
    assert done.run_id == plain.run_id
    assert items_of(store, done.run_id) == items_of(undisturbed, plain.run_id)
    assert len(counts) < len(whole)


def test_a_torn_line_is_cut_off(asked: Callable[..., Evaluation], store: Store) -> None:
    whole = evaluate(store, asked("xnli"))
    other = open_store(store.path.parent / "other", create=True)
    with spool(other, whole.run_id) as kept:
        kept.write([[0, "neutral"]])
        with (kept.folder / "finished.jsonl").open("ab") as file:
            file.write(b'[1, "neut')
    done = evaluate(other, asked("xnli"))
    assert done.resumed == 1
    assert done.items == whole.items


def test_two_at_once_do_not_do_the_same(asked: Callable[..., Evaluation], store: Store) -> None:
    evaluation = asked("xnli")
    run_id = evaluate(open_store(store.path.parent / "other", create=True), evaluation).run_id
    with spool(store, run_id), pytest.raises(Problem, match="under way in another process"):
        evaluate(store, evaluation)
    assert evaluate(store, evaluation).new


def test_out_of_memory_halves_the_budget_and_says_so(
    asked: Callable[..., Evaluation], store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    from intermezzo.engine.models import load_head

    evaluation = asked("xnli", options={"token_budget": 400})
    model = load_head(evaluation.model, "pair classification")
    forward = model.module.forward
    sizes: list[int] = []

    def small(input_ids: Any, **more: Any) -> Any:
        if input_ids.numel() > 150:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
        sizes.append(input_ids.numel())
        return forward(input_ids=input_ids, **more)

    model.module.forward = small
    done = evaluate(store, evaluation, loaded=model)
    assert done.new
    assert max(sizes) <= 150
    assert any("Memory ran out in a batch" in r.getMessage() for r in caplog.records)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"task": "xnly"}, "is no task"),
        ({"model": "pocket"}, "the pocket model is a bare encoder"),
        ({"model": "/nowhere/model"}, "There is no folder"),
        ({"languages": ("fr",)}, "there is no xnli/test-fr.tsv"),
        ({"options": {"max_tokens": 100_000}}, "The model reads 8 to 512 tokens"),
        ({"options": {"token_budget": 0}}, "leaves room for nothing"),
        ({"options": {"layer": 1}}, "xnli has no setting layer"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_leaves_nothing(
    change: dict[str, Any], said: str, asked: Callable[..., Evaluation], store: Store
) -> None:
    with pytest.raises(Problem, match=said):
        evaluate(store, replace(asked("xnli"), **change))
    assert not list(store.runs.iterdir())


def test_a_misspelt_key_is_a_sentence(asked: Callable[..., Evaluation]) -> None:
    record = asked("xnli").as_json()
    assert from_json(record).as_json() == record
    with pytest.raises(Problem, match="An evaluation has no langauges"):
        from_json(record | {"langauges": ["de"]})


def test_a_bare_encoder_has_no_head(
    asked: Callable[..., Evaluation], store: Store, tiny_model: Callable[..., Path]
) -> None:
    with pytest.raises(Problem, match="has no trained head for pair classification"):
        evaluate(store, replace(asked("xnli"), model=str(tiny_model("encoder"))))


def saved(folder: Path) -> Path:
    """Write XNLI with two splits and PAN-X in two languages, one without a validation split."""
    datasets = pytest.importorskip("datasets", reason="the extra `engine` is not installed")
    datasets.disable_progress_bars()
    rows = [
        {"language": code, "sentence1": f"{code} {n}", "sentence2": "b", "gold_label": LABELS["xnli"][n % 3]}
        for code in ("de", "en")
        for n in range(5)
    ]
    splits = {"test": datasets.Dataset.from_list(rows), "validation": datasets.Dataset.from_list(rows[:3])}
    datasets.DatasetDict(splits).save_to_disk(str(folder / "XNLI"))
    # the numbers of tags are the data set's own, in another order than the task's list
    tags = datasets.ClassLabel(names=["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"])
    columns = {"tokens": datasets.Value("string"), "ner_tags": tags}
    features = datasets.Features({name: datasets.Sequence(kind) for name, kind in columns.items()})
    words = {"tokens": [["Ann", "Lee", "in", "Rom"], ["Ok"]], "ner_tags": [[1, 2, 0, 5], [0]]}
    table = datasets.Dataset.from_dict(words, features=features)
    datasets.DatasetDict({"test": table, "validation": table}).save_to_disk(str(folder / "PAN-X.de"))
    datasets.DatasetDict({"test": table}).save_to_disk(str(folder / "PAN-X.sw"))
    return folder


def test_a_saved_data_set_is_evaluated_by_split_and_language(
    asked: Callable[..., Evaluation], store: Store, tmp_path: Path
) -> None:
    folder = str(saved(tmp_path / "saved"))
    counts = {}
    for split in ("test", "validation"):
        done = evaluate(store, replace(asked("xnli", split=split), data=folder))
        assert done.run is not None
        counts[split] = {s.language: s.n for s in done.run.scores}
    assert counts == {"test": {"de": 5, "en": 5}, "validation": {"de": 3}}
    done = evaluate(store, replace(asked("panx"), data=folder))
    with connect(store) as reader:
        path = reader.items_paths([done.run_id])[done.run_id]
    gold = duckdb.sql(
        f"SELECT DISTINCT language, gold FROM read_parquet('{path}') WHERE n_gold = 2"
    ).fetchall()
    assert sorted(gold) == [(code, "B-PER I-PER O B-LOC") for code in ("de", "sw")]
    half = evaluate(store, replace(asked("panx", split="validation", languages=("de", "sw")), data=folder))
    assert half.run is not None
    assert {(s.language, s.gap) for s in half.run.scores} == {
        ("de", None),
        ("sw", "no split validation in PAN-X.sw, which has test"),
    }
