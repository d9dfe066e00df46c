"""Damaged and hostile files of all these formats: finding and reading never raise, whatever is in them."""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intermezzo.engine.importers import importer
from intermezzo.engine.importing.draft import Bundle, Draft
from intermezzo.engine.importing.tree import list_tree
from intermezzo.queries.records import identified
from test_euroeval_import import line as euroeval_line
from test_every_eval_ever_import import UUID, euroeval, line, record, result
from test_explainaboard_import import PAIRS, output
from test_inspect_import import log, sample
from test_jiant_import import ARGS, VAL

SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats()
    | st.sampled_from(["", "N/A", "../..", "\u202e", "de", "\ud800", "-1.5", "1e999", "[", "xnli_fr"])
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)

Body = dict[str, Any]


def inspect_body() -> Body:
    body = log(sample("a", "C", language="de"), sample("b", "I", 2, language="sw"), sample("b", 0.5))
    body["results"]["scores"][0]["metrics"]["stderr"] = {"value": 0.1}
    body["reductions"] = [
        {"scorer": "choice", "reducer": "mean", "samples": [{"sample_id": "b", "value": 1}]}
    ]
    return body


def trainer_body() -> Body:
    return {
        "eval_de_accuracy": 0.5,
        "eval_de_runtime": 0.1,
        "eval_de_samples_per_second": 10.0,
        "predict_accuracy": 0.5,
        "train_loss": 0.1,
        "eval_f1": 80.0,
        "eval_exact_match": 70.0,
    }


def state_body() -> Body:
    history = [{"loss": 1.0, "step": 1}, {"eval_de_loss": 1.0, "eval_de_accuracy": 0.5, "step": 2}]
    return {"log_history": history, "global_step": 2, "best_model_checkpoint": "checkpoint-2"}


def zlog_body() -> Body:
    state = {"global_steps": 5}
    return {
        "task": "xnli",
        "global_step": 1,
        "loss_val": 0.5,
        "score": 1.0,
        "metrics": {"a": {"major": 1}},
        "train_state": state,
    }


SHAPES: dict[str, tuple[str, Callable[[], Body], str]] = {
    "explainaboard": ("explainaboard", lambda: output(PAIRS), "test-en_1.json"),
    "every_eval_ever": ("every_eval_ever", lambda: record(result(), result("b", 0.1)), f"{UUID}.json"),
    "euroeval": ("every_eval_ever", euroeval, "r.jsonl"),
    "euroeval lines": ("euroeval", euroeval_line, "r.jsonl"),
    "inspect": ("inspect_log", inspect_body, "l.json"),
    "jiant": ("jiant", lambda: copy.deepcopy(VAL), "val_metrics.json"),
    "jiant arguments": ("jiant", lambda: dict(ARGS), "args.json"),
    "jiant zlog": ("jiant", zlog_body, "loss_train.zlog"),
    "trainer": ("trainer", trainer_body, "all_results.json"),
    "trainer state": ("trainer", state_body, "trainer_state.json"),
    "samples": ("every_eval_ever", lambda: line("q", 1.0, "xnli"), f"{UUID}_samples.jsonl"),
}
BESIDE: dict[str, tuple[str, Any]] = {
    "jiant arguments": ("val_metrics.json", VAL),
    "jiant zlog": ("val_metrics.json", VAL),
    "samples": (f"{UUID}.json", record(result())),
}


def places(node: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if here:
        yield here
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in pairs:
        yield from places(value, (*here, key))


def put(body: Any, place: tuple[Any, ...], value: Any) -> None:
    for key in place[:-1]:
        if not isinstance(body, dict | list):
            return
        try:
            body = body[key]
        except (KeyError, IndexError, TypeError):
            return
    try:
        body[place[-1]] = value
    except (IndexError, TypeError):
        return


def read_all(root: Path, module: str) -> None:
    tree = list_tree(root)
    bundles = list(importer(module).find(tree))
    names = {str(path) for bundle in bundles for path in bundle.files}
    # what a damaged file no longer shows is read all the same, as if it had been claimed
    bundles += [
        Bundle(module, Path(f.path), (), {"folder": f.folder}) for f in tree.files if f.path not in names
    ]
    for bundle in bundles:
        bundle.context["root"] = str(root)
        for outcome in importer(module).read(bundle):
            if isinstance(outcome, Draft):
                run = identified(outcome.run)
                json.dumps(run.config, default=str)
                assert all(s.value is None or s.value == s.value for s in run.scores)
                if outcome.items is not None:
                    assert len({len(column) for column in outcome.items.columns.values()}) == 1


@pytest.mark.parametrize("shape", SHAPES)
@SETTINGS
@given(data=st.data())
def test_any_value_anywhere(shape: str, data: st.DataObject) -> None:
    module, make, name = SHAPES[shape]
    body = copy.deepcopy(make())
    for place in data.draw(st.lists(st.sampled_from(sorted(places(body), key=repr)), min_size=1, max_size=3)):
        put(body, place, data.draw(VALUES))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / name).write_bytes(json.dumps(body).encode("utf-8", "surrogatepass"))
        if shape in BESIDE:
            (root / BESIDE[shape][0]).write_text(json.dumps(BESIDE[shape][1]))
        read_all(root, module)


@pytest.mark.parametrize("shape", SHAPES)
@SETTINGS
@given(data=st.data())
def test_any_damage_to_the_bytes(shape: str, data: st.DataObject) -> None:
    module, make, name = SHAPES[shape]
    whole = json.dumps(make()).encode()
    at = data.draw(st.integers(0, len(whole)))
    damage = data.draw(st.binary(max_size=6))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / name).write_bytes(data.draw(st.sampled_from([whole[:at], whole[:at] + damage + whole[at:]])))
        if shape in BESIDE:
            (root / BESIDE[shape][0]).write_text(json.dumps(BESIDE[shape][1]))
        read_all(root, module)


LINES = st.lists(
    st.sampled_from(
        ["a\tO", "b B-PER", "c\tB-PER\tI-PER", "", " ", "# x", "-DOCSTART- O", "\ufeffa O", "\x00", "d\t"]
    )
    | st.text(max_size=8),
    max_size=12,
)


@SETTINGS
@given(gold=LINES, predicted=LINES)
def test_any_columns(gold: list[str], predicted: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, lines in (("test.txt", gold), ("predictions.txt", predicted)):
            (root / name).write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
        read_all(root, "conll")
