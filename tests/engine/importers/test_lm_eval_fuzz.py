"""Damaged and hostile files: reading never raises, whatever is in them."""

from __future__ import annotations

import copy
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intermezzo.engine.importers import importer
from intermezzo.engine.importing.draft import Bundle, Draft
from lm_eval_files import DATE, results, row, sample

SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats()
    | st.sampled_from(["", "N/A", "acc,none", "../..", "\u202e", "xnli_fr", "\ud800", "-1.5"])
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def base() -> dict[str, Any]:
    body = results(
        row("xnli_fr"), row("mgsm_direct_bn", filter_="strict", exact_match=0.5), chat_template="x"
    )
    body["results"]["xnli"] = {"acc,none": 0.5, "acc_stderr,none": 0.1}
    body["group_subtasks"] = {"xnli": ["xnli_fr"]}
    body["task_hashes"] = {"xnli_fr": "h"}
    body["configs"]["xnli_fr"] |= {
        "metric_list": [{"metric": "acc", "aggregation": "mean"}],
        "dataset_kwargs": {},
    }
    return body


def old() -> dict[str, Any]:
    return {
        "results": {"xnli_sw": {"acc": 0.5, "acc_stderr": 0.01}},
        "versions": {"xnli_sw": 0},
        "config": {"model_args": "pretrained=m", "num_fewshot": 0},
    }


def places(node: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [here] if here else []
    if isinstance(node, dict):
        for key, value in node.items():
            found += places(value, (*here, key))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            found += places(value, (*here, i))
    return found


def mutated(data: st.DataObject, body: Any) -> Any:
    body = copy.deepcopy(body)
    for _ in range(data.draw(st.integers(1, 3))):
        where = places(body)
        if not where:
            break
        path = data.draw(st.sampled_from(where))
        parent = body
        for step in path[:-1]:
            parent = parent[step]
        action = data.draw(st.sampled_from(["replace", "delete", "rename"]))
        if action == "replace":
            parent[path[-1]] = data.draw(VALUES)
        elif action == "delete":
            del parent[path[-1]]
        elif isinstance(parent, dict):
            parent[data.draw(st.text(max_size=8))] = parent.pop(path[-1])
    return body


def read(name: str, bundle: Bundle) -> None:
    for outcome in importer(name).read(bundle):
        if isinstance(outcome, Draft):
            for score in outcome.run.scores:
                assert score.value is None or score.value == score.value
            if outcome.items is not None:
                assert len({len(column) for column in outcome.items.columns.values()}) == 1


@pytest.mark.slow
@SETTINGS
@given(st.data())
def test_mutated_results_never_raise(data: st.DataObject) -> None:
    name, body = data.draw(st.sampled_from([("lm_eval", base()), ("lm_eval_v03", old())]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"results_{DATE}.json"
        path.write_text(json.dumps(mutated(data, body)), encoding="utf-8")
        samples = Path(folder) / f"samples_xnli_fr_{DATE}.jsonl"
        samples.write_text("".join(json.dumps(sample(i)) + "\n" for i in range(4)))
        read(name, Bundle(name, path, (samples,)))


@pytest.mark.slow
@SETTINGS
@given(st.data())
def test_mutated_samples_never_raise(data: st.DataObject) -> None:
    lines = [json.dumps(mutated(data, sample(i))) for i in range(data.draw(st.integers(1, 4)))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"results_{DATE}.json"
        path.write_text(json.dumps(base()), encoding="utf-8")
        samples = Path(folder) / f"samples_xnli_fr_{DATE}.jsonl"
        samples.write_text("\n".join(lines))
        read("lm_eval", Bundle("lm_eval", path, (samples,)))


@pytest.mark.slow
@SETTINGS
@given(st.binary(max_size=200), st.integers(0, 3000), st.booleans())
def test_broken_bytes_never_raise(noise: bytes, cut: int, in_samples: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"results_{DATE}.json"
        samples = Path(folder) / f"samples_xnli_fr_{DATE}.jsonl"
        body = json.dumps(base()).encode()
        lines = b"".join(json.dumps(sample(i)).encode() + b"\n" for i in range(4))
        path.write_bytes(body if in_samples else body[:cut] + noise + body[cut:])
        samples.write_bytes(lines[:cut] + noise + lines[cut:] if in_samples else lines)
        for name in ("lm_eval", "lm_eval_v03"):
            read(name, Bundle(name, path, (samples,)))
