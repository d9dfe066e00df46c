from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from intermezzo.engine.importers.lm_eval_rows import recover_n
from lm_eval_files import Outcomes, import_all, results, row, write


def v03(entries: dict[str, Any], **config: Any) -> dict[str, Any]:
    return {
        "results": entries,
        "versions": dict.fromkeys(entries, 0),
        "config": {
            "model": "hf-causal",
            "model_args": "pretrained=org/model",
            "num_fewshot": 0,
            "limit": None,
        }
        | config,
    }


def acc(right: int, n: int) -> dict[str, float]:
    p = right / n
    return {"acc": p, "acc_stderr": math.sqrt(p * (1 - p) / (n - 1))}


def read(tmp_path: Path, body: dict[str, Any], name: str = "m_xnli_0-shot.json") -> Outcomes:
    write(tmp_path, body, name)
    return import_all(tmp_path, "lm_eval_v03")


def test_a_file_is_read_with_its_number_of_items_recovered(tmp_path: Path) -> None:
    found = read(tmp_path, v03({"xnli_sw": acc(1662, 5010), "xnli_fr": acc(2269, 5010)}))
    (run,) = found.runs
    assert (run.task, run.split, run.found.name, run.found.shots) == ("xnli", "test", "org/model", 0)
    assert (run.tool, run.tool_version, run.task_version) == ("lm-eval", "0.3", "0")
    assert [(s.language, s.n, s.metric, s.implementation) for s in run.scores] == [
        ("sw", 5010, "accuracy", "lm-eval acc"),
        ("fr", 5010, "accuracy", "lm-eval acc"),
    ]
    said = " ".join(found.guessed)
    assert "number of items of xnli" in said
    assert "split of xnli is" in said


@pytest.mark.parametrize(
    ("right", "n"), [(1, 2), (250, 500), (1, 5010), (5009, 5010), (33, 83), (400_000, 1_000_000)]
)
def test_the_number_of_items_comes_back_exactly(right: int, n: int) -> None:
    found = acc(right, n)
    assert recover_n(found["acc"], found["acc_stderr"]) == n


@pytest.mark.parametrize(
    ("value", "stderr"),
    [(0.0, 0.0), (1.0, 0.0), (None, 0.1), (0.5, None), (0.5, 0.0), (0.61, 0.0159), (0.5, 1e-9), (0.3, 0.5)],
)
def test_no_number_of_items_is_made_up(value: float | None, stderr: float | None) -> None:
    assert recover_n(value, stderr) is None


def test_metrics_share_the_number_of_items_of_their_task(tmp_path: Path) -> None:
    entry = acc(100, 500) | {"acc_norm": 0.25, "acc_norm_stderr": 0.4, "ppl": 12.5, "ppl_stderr": 0.5}
    (run,) = read(tmp_path, v03({"xcopa_et": entry})).runs
    assert {s.implementation: s.n for s in run.scores} == {
        "lm-eval acc": 500,
        "lm-eval acc_norm": 500,
        "lm-eval ppl": 500,
    }


def test_shots_come_from_the_configuration_else_from_the_name(tmp_path: Path) -> None:
    body = v03({"xnli_sw": acc(1, 4)}, num_fewshot=None)
    found = read(tmp_path, body, "m_xnli_25-shot.json")
    assert found.runs[0].found.shots == 25
    assert any("25, is from the file name" in sentence for sentence in found.guessed)
    found = read(tmp_path, v03({"xnli_sw": acc(1, 4)}, num_fewshot=3), "m_xnli_25-shot.json")
    assert found.runs[0].found.shots == 3
    assert any("25 shots" in sentence for sentence in found.guessed)


def test_bad_values_are_refused_by_key(tmp_path: Path) -> None:
    found = read(tmp_path, v03({"xnli_sw": {"acc": 0.5, "f1": float("nan"), "em": "x"}, "xnli_fr": 3}))
    assert {r.key for r in found.refused} == {"results.xnli_sw.f1", "results.xnli_sw.em", "results.xnli_fr"}
    assert [s.value for s in found.scores] == [0.5]


def test_only_files_of_this_version_are_claimed(tmp_path: Path) -> None:
    write(tmp_path, results(row("xnli_fr")), "new.json")
    write(tmp_path, {"results": {"a": {"b": 1}}, "other": 1}, "no.json")
    (tmp_path / "text.json").write_text(json.dumps("results"))
    assert read(tmp_path, v03({"xnli_sw": acc(1, 4)})).runs
    assert len(import_all(tmp_path, "lm_eval_v03").runs) == 1
    assert len(import_all(tmp_path, "lm_eval").runs) == 1
