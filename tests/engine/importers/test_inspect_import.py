from __future__ import annotations

import json
import sys
import types
import zipfile
from pathlib import Path
from typing import Any

import pytest
from reading_importers import imported, rows, score, write


def sample(
    item_id: Any, value: Any, epoch: int = 1, scorer: str = "choice", **metadata: Any
) -> dict[str, Any]:
    return {
        "id": item_id,
        "epoch": epoch,
        "input": [{"role": "user", "content": f"question {item_id}"}],
        "choices": ["yes", "no"],
        "target": "A",
        "output": {"choices": [{"message": {"content": "ANSWER: A"}}]},
        "scores": {scorer: {"value": value, "answer": "A"}},
        "metadata": metadata,
    }


def log(
    *samples: dict[str, Any], accuracy: Any = 0.5, task: str = "inspect_evals/pubmedqa", **more: Any
) -> dict[str, Any]:
    metrics = more.pop("metrics", {"accuracy": {"name": "accuracy", "value": accuracy}})
    entry = {"name": "choice", "scorer": "choice", "metrics": metrics} | more.pop("entry", {})
    ids = {one["id"] for one in samples}
    return {
        "version": 2,
        "status": more.pop("status", "success"),
        "eval": {
            "created": "2025-07-03T16:44:30+02:00",
            "task": task,
            "task_version": 0,
            "task_args": more.pop("task_args", {}),
            "dataset": {"name": "d", "samples": 500, "sample_ids": sorted(map(str, ids))},
            "model": "openai/gpt",
            "model_generate_config": {"seed": 3},
            "config": {"limit": 2, "epochs": 1},
            "packages": {"inspect_ai": "0.3.108"},
        },
        "results": {"total_samples": len(ids), "completed_samples": len(ids), "scores": [entry]},
        "samples": list(samples),
    } | more


def test_samples_become_items_and_accuracy_is_recomputed(tmp_path: Path) -> None:
    metrics = {"accuracy": {"value": 0.25}, "stderr": {"value": 0.1}}
    write(tmp_path / "l.json", log(sample("a", "C"), sample(2, "I"), metrics=metrics))
    found = imported(tmp_path, "inspect_log")
    run = found.run()
    one = score(run, "accuracy")
    assert (one.value, one.logged, one.evidence, one.n) == (0.5, 0.25, "recomputed", 2)
    assert one.implementation == "inspect choice accuracy"
    assert (run.task, run.found.name, run.limit, run.eval_seed) == (
        "inspect_evals/pubmedqa",
        "openai/gpt",
        2,
        3,
    )
    assert (run.tool_version, run.task_version, run.date) == ("0.3.108", "0", "2025-07-03T16:44:30+02:00")
    items = found.items(run)
    assert rows(items, "item_id", "credit", "gold", "prediction") == [
        ("a", 1.0, "A", "A"),
        ("2", 0.0, "A", "A"),
    ]
    assert "question a\n\n- yes\n- no" in items.texts.values()


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("C", 1.0),
        ("I", 0.0),
        ("P", 0.5),
        ("N", 0.0),
        ("yes", 1.0),
        ("False", 0.0),
        (True, 1.0),
        (0.25, 0.25),
        ("0.75", 0.75),
    ],
)
def test_values_are_turned_into_numbers_as_inspect_does(tmp_path: Path, value: Any, number: float) -> None:
    write(tmp_path / "l.json", log(sample("a", value)))
    assert imported(tmp_path, "inspect_log").run().scores[0].value == number


def test_languages_of_samples_each_get_a_figure(tmp_path: Path) -> None:
    body = log(
        sample("1", "C", language="de"),
        sample("2", "I", language="de"),
        sample("3", "C", language="sw"),
        accuracy=2 / 3,
    )
    write(tmp_path / "l.json", body)
    found = imported(tmp_path, "inspect_log")
    run = found.run()
    assert (score(run, "accuracy", "de").value, score(run, "accuracy", "sw").value) == (0.5, 1.0)
    (group,) = [s for s in run.scores if s.scope == "group"]
    assert group.value == pytest.approx(2 / 3)
    assert rows(found.items(run), "language", "item_id") == [("de", "de:1"), ("de", "de:2"), ("sw", "sw:3")]


def test_the_language_of_the_task_arguments_counts(tmp_path: Path) -> None:
    write(tmp_path / "l.json", log(sample("1", "C"), task="xnli", task_args={"language": "de"}))
    run = imported(tmp_path, "inspect_log").run()
    assert (run.task, run.scores[0].language) == ("xnli", "de")


def test_epochs_are_reduced_to_one_item_each(tmp_path: Path) -> None:
    body = log(sample("a", "C"), sample("a", "I", 2), sample("b", "C"), sample("b", "C", 2), accuracy=0.75)
    write(tmp_path / "mean" / "l.json", body)
    reduced = {
        "scorer": "choice",
        "reducer": "max",
        "samples": [{"sample_id": "a", "value": 1.0}, {"sample_id": "b", "value": 1.0}],
    }
    write(tmp_path / "max" / "l.json", body | {"reductions": [reduced]})
    found = imported(tmp_path, "inspect_log")
    assert sorted(d.run.scores[0].value or 0 for d in found.drafts) == [0.75, 1.0]
    assert all(len(d.items or []) == 2 for d in found.drafts)


def test_unscored_samples_are_left_out_as_inspect_leaves_them_out(tmp_path: Path) -> None:
    body = log(sample("a", "C"), sample("b", float("nan")), accuracy=1.0, entry={"scored_samples": 1})
    write(tmp_path / "l.json", json.dumps(body))
    found = imported(tmp_path, "inspect_log")
    assert (found.run().scores[0].value, found.run().scores[0].n) == (1.0, 1)
    assert found.items(found.run()).columns["credit"] == [1.0, None]


def test_a_scorer_with_a_table_of_values_and_one_named_like_a_metric(tmp_path: Path) -> None:
    body = log(sample("a", {"x": 1, "y": 0.0}, scorer="both"), sample("b", {"x": 1, "y": 1.0}, scorer="both"))
    body["results"]["scores"] = [
        {"name": "y", "scorer": "both", "metrics": {"mean": {"value": 0.5}}},
        {"name": "f1", "scorer": "f1", "metrics": {"mean": {"value": 0.3}, "std": {"value": 0.1}}},
    ]
    write(tmp_path / "l.json", body)
    run = imported(tmp_path, "inspect_log").run()
    assert {(s.metric, s.value, s.evidence) for s in run.scores} == {
        ("mean", 0.5, "recomputed"),
        ("f1", 0.3, "logged"),
    }
    assert run.config["metrics"] == {"f1": {"std": 0.1}}


@pytest.mark.parametrize(
    ("change", "key", "reason"),
    [
        ({"status": "error"}, "status", "ended with status 'error'"),
        ({"eval": {"task": "t"}}, "eval", "does not name its task and model"),
        ({"results": None}, "results.scores", "it has no scores"),
    ],
)
def test_logs_without_figures_are_refused(
    tmp_path: Path, change: dict[str, Any], key: str, reason: str
) -> None:
    body = log(sample("a", "C"))
    body.update(change)
    write(tmp_path / "l.json", body)
    assert reason in imported(tmp_path, "inspect_log").reasons()[key]


def test_impossible_values_are_refused_by_key(tmp_path: Path) -> None:
    metrics = {"accuracy": {"value": 7}, "bleu": {"value": "x"}, "mean": {"value": 0.5}}
    write(tmp_path / "l.json", log(sample("a", "C"), metrics=metrics))
    found = imported(tmp_path, "inspect_log")
    assert set(found.reasons()) == {f"results.scores[0].metrics.{name}" for name in ("accuracy", "bleu")}
    assert found.run().scores[0].metric == "mean"


def test_a_running_evaluation_is_waited_for(tmp_path: Path) -> None:
    write(tmp_path / "l.json", log(sample("a", "C"), status="started"))
    assert imported(tmp_path, "inspect_log").waiting[0].reason == "the evaluation is still running"


def zipped(path: Path, body: dict[str, Any]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("header.json", json.dumps(body))


def test_an_eval_file_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "inspect_ai.log", None)
    zipped(tmp_path / "l.eval", {})
    assert "pip install inspect-ai" in imported(tmp_path, "inspect_log").reasons()["l.eval"]


def test_an_eval_file_is_read_by_inspects_own_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Log:
        def model_dump_json(self, *, exclude_none: bool) -> str:
            return json.dumps(log(sample("a", "C")))

    module = types.ModuleType("inspect_ai.log")
    module.read_eval_log = lambda _path: Log()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "inspect_ai.log", module)
    zipped(tmp_path / "l.eval", {})
    assert imported(tmp_path, "inspect_log").run().scores[0].value == 1.0


def test_the_real_log(shared: Path) -> None:
    found = imported(shared / "samples/inspect", "inspect_log")
    one = found.run().scores[0]
    assert (one.value, one.logged, one.n, one.evidence) == (1.0, 1.0, 2, "recomputed")
    assert found.items(found.run()).columns["item_id"][0] == "12377809"
