from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from reading_importers import imported, rows, score, write

UUID = "11111111-2222-4333-8444-555555555555"


def result(
    name: str = "xnli", value: Any = 0.5, metric: str | None = "accuracy", **more: Any
) -> dict[str, Any]:
    config = {"lower_is_better": False, "score_type": "continuous", "min_score": 0.0, "max_score": 1.0}
    return {
        "evaluation_name": name,
        "source_data": {"dataset_name": name, "source_type": "hf_dataset", "hf_repo": "x/y"},
        "metric_config": config | ({"metric_id": metric} if metric else {}) | more.pop("config", {}),
        "score_details": {"score": value}
        | ({"uncertainty": more.pop("uncertainty")} if "uncertainty" in more else {}),
    } | more


def record(
    *results: Any, source_type: str = "evaluation_run", library: str = "lm_eval", **more: Any
) -> dict[str, Any]:
    return {
        "schema_version": "0.3.0",
        "evaluation_id": "src/m/1",
        "evaluation_timestamp": "1750000000",
        "retrieved_timestamp": "1750000001",
        "source_metadata": {
            "source_name": "A leaderboard",
            "source_type": source_type,
            "source_organization_name": "Org",
            "evaluator_relationship": "third_party",
        },
        "eval_library": {"name": library, "version": "1.2", "additional_details": more.pop("extra", {})},
        "model_info": {"name": "m", "id": "org/m", "additional_details": more.pop("model", {})},
        "evaluation_results": list(results),
    } | more


def line(sample_id: str, value: Any, name: str = "bench") -> dict[str, Any]:
    return {
        "schema_version": "0.3.0",
        "evaluation_id": "src/m/1",
        "evaluation_name": name,
        "sample_id": sample_id,
        "interaction_type": "single_turn",
        "input": {"raw": f"question {sample_id}", "reference": ["4"]},
        "output": {"raw": ["it is 4"]},
        "answer_attribution": [{"turn_idx": 0, "extracted_value": "4", "is_terminal": True}],
        "evaluation": {"score": value, "is_correct": bool(value)},
    }


def with_samples(folder: Path, body: dict[str, Any], lines: list[Any], **told: Any) -> None:
    text = "".join(json.dumps(one) + "\n" for one in lines)
    body["detailed_evaluation_results"] = {
        "format": "jsonl",
        "file_path": f"data/c/o/m/{UUID}_samples.jsonl",
        "hash_algorithm": "sha256",
        "checksum": hashlib.sha256(text.encode()).hexdigest(),
        "total_rows": len(lines),
    } | told
    write(folder / f"{UUID}.json", body)
    write(folder / f"{UUID}_samples.jsonl", text)


def test_a_leaderboard_copy_is_published_and_a_run_is_logged(tmp_path: Path) -> None:
    write(tmp_path / "a.json", record(result("bench"), source_type="documentation", library="unknown"))
    write(tmp_path / "b.json", record(result("bench2"), library="unknown"))
    found = imported(tmp_path, "every_eval_ever")
    published, logged = found.run("bench"), found.run("bench2")
    assert published.scores[0].evidence == "published"
    assert published.scores[0].locator == "evaluation_results[0]"
    assert published.config["publication"] == "A leaderboard, Org"
    assert logged.scores[0].evidence == "logged"
    for run in (published, logged):
        assert run.config["source_metadata"]["evaluator_relationship"] == "third_party"
        assert run.found.name == "org/m"
        assert run.date == "2025-06-15T15:06:40.000+00:00"


def test_task_names_of_lm_eval_give_language_split_and_filter(tmp_path: Path) -> None:
    body = record(
        result("xnli_fr", metric=None, config={"evaluation_description": "acc"}),
        result("xnli_de", metric=None, config={"evaluation_description": "acc"}),
        result(
            "gsm8k/strict-match",
            metric=None,
            config={"evaluation_description": "exact_match (filter: strict-match)"},
        ),
    )
    write(tmp_path / "r.json", body)
    found = imported(tmp_path, "every_eval_ever")
    xnli = found.run("xnli")
    assert {(s.language, s.metric, s.implementation) for s in xnli.scores} == {
        ("fr", "accuracy", "lm-eval acc"),
        ("de", "accuracy", "lm-eval acc"),
    }
    assert xnli.split == "validation"
    assert found.run("gsm8k").filter == "strict-match"


@pytest.mark.parametrize(
    ("uncertainty", "stderr", "said"),
    [
        ({"standard_error": {"value": 0.02}, "num_samples": 100}, 0.02, ""),
        ({"confidence_interval": {"lower": 0.4, "upper": 0.6, "confidence_level": 0.95}}, 0.1 / 1.959964, ""),
        ({"confidence_interval": {"lower": 0.4, "upper": 0.6, "confidence_level": 0.9}}, 0.1 / 1.644854, ""),
        ({"confidence_interval": {"lower": 0.4, "upper": 0.6}}, 0.1 / 1.959964, "taken as 95 %"),
        (
            {"confidence_interval": {"lower": -0.03, "upper": 0.03}},
            0.03 / 1.959964,
            "plus and minus a half-width",
        ),
        ({"standard_deviation": 0.5, "num_samples": 25}, 0.1, ""),
        ({"standard_error": {"value": -1}}, None, ""),
        ({"confidence_interval": {"lower": 0.6, "upper": 0.4}}, None, ""),
    ],
)
def test_uncertainty_becomes_a_standard_error(
    tmp_path: Path, uncertainty: Any, stderr: float | None, said: str
) -> None:
    write(tmp_path / "r.json", record(result(uncertainty=uncertainty)))
    found = imported(tmp_path, "every_eval_ever")
    assert found.run().scores[0].stderr == (None if stderr is None else pytest.approx(stderr, rel=1e-6))
    assert said in found.sentences()


def test_a_declared_scale_of_100_is_brought_to_the_natural_unit(tmp_path: Path) -> None:
    percent = {"max_score": 100.0}
    body = record(result(value=62.65, config=percent, uncertainty={"standard_error": {"value": 2.0}}))
    write(tmp_path / "r.json", body)
    found = imported(tmp_path, "every_eval_ever").run().scores[0]
    assert (found.value, found.stderr) == (pytest.approx(0.6265), pytest.approx(0.02))


def euroeval(**extra: Any) -> dict[str, Any]:
    raw = [{"test_mcc": 0.40, "test_mcc_se": 1}, {"test_mcc": 0.45}]
    details = {
        "languages": '["da"]',
        "raw_results": json.dumps(raw),
        "task": "sentiment-classification",
        "few_shot": "false",
        "validation_split": "false",
    }
    interval = {"lower": 41.3, "upper": 43.7, "confidence_level": 0.95, "method": "bootstrap"}
    return record(
        result(
            "test_mcc",
            42.5,
            None,
            config={"max_score": 100, "min_score": 0},
            source_data={"dataset_name": "angry-tweets", "source_type": "hf_dataset"},
            uncertainty={"confidence_interval": interval, "num_samples": 2},
        ),
        library="euroeval",
        extra=details | extra,
        model={"generative": "true"},
        schema_version="0.2.1",
    )


def test_euroeval_dialect_a_line_a_record(tmp_path: Path) -> None:
    lines = [euroeval(), euroeval(languages='["nb", "nn"]', validation_split="true", few_shot="true")]
    write(tmp_path / "euroeval_benchmark_results.jsonl", "".join(json.dumps(one) + "\n" for one in lines))
    found = imported(tmp_path, "every_eval_ever")
    danish, norwegian = found.run(split="test"), found.run(split="validation")
    mcc = score(danish, "mcc", "da")
    assert (mcc.value, mcc.n) == (pytest.approx(0.425), None)  # num_samples counts resamples
    assert mcc.stderr == pytest.approx(0.012 / 1.959964, rel=1e-6)  # _se is the half of a 95 % interval
    assert danish.task == "angry-tweets"
    assert danish.found.shots == 0
    assert norwegian.found.prompt == "few-shot"
    assert danish.config["replicates"]["test_mcc"] == [0.40, 0.45]
    assert "raw_results" not in danish.config["eval_library"]["additional_details"]
    assert (norwegian.scores[0].language, norwegian.scores[0].subject) == (None, "nb, nn")


def test_euroeval_strings_that_hold_no_json_are_refused_by_key(tmp_path: Path) -> None:
    write(tmp_path / "r.jsonl", json.dumps(euroeval(languages="[da", raw_results="{")) + "\n")
    found = imported(tmp_path, "every_eval_ever")
    assert {k.rpartition(".")[2] for k in found.reasons()} == {"languages", "raw_results"}
    assert found.run().scores[0].value == pytest.approx(0.425)


def test_samples_become_items_and_the_figure_is_recomputed(tmp_path: Path) -> None:
    body = record(result("bench", 0.7), library="unknown")
    with_samples(tmp_path, body, [line("q1", 1.0), line("q2", 0.0)])
    found = imported(tmp_path, "every_eval_ever")
    run = found.run()
    assert (run.scores[0].value, run.scores[0].logged, run.scores[0].evidence) == (0.5, 0.7, "recomputed")
    assert rows(found.items(run), "item_id", "credit", "gold", "prediction") == [
        ("q1", 1.0, "4", "4"),
        ("q2", 0.0, "4", "4"),
    ]
    assert set(found.items(run).texts.values()) == {"question q1", "question q2"}
    assert [Path(s.path).name for s in run.sources] == [f"{UUID}.json", f"{UUID}_samples.jsonl"]


def test_a_published_figure_is_recomputed_only_where_its_samples_agree(tmp_path: Path) -> None:
    for folder, value in (("a", 0.5), ("b", 0.75)):
        body = record(result(f"bench-{folder}", value), source_type="documentation", library="unknown")
        with_samples(
            tmp_path / folder, body, [line("q1", 1.0, f"bench-{folder}"), line("q2", 0.0, f"bench-{folder}")]
        )
    found = imported(tmp_path, "every_eval_ever")
    assert found.run("bench-a").scores[0].evidence == "recomputed"
    other = found.run("bench-b")
    assert (other.scores[0].value, other.scores[0].evidence) == (0.75, "published")
    assert found.items(other).partial == "2, whose mean is not the published figure"


def test_fewer_samples_than_counted_are_partial(tmp_path: Path) -> None:
    body = record(result("bench", 0.7, uncertainty={"num_samples": 10}), library="unknown")
    with_samples(tmp_path, body, [line("q1", 1.0), line("q2", 0.0)])
    found = imported(tmp_path, "every_eval_ever")
    assert found.run().scores[0].evidence == "logged"
    assert found.items(found.run()).partial == "2 of 10"


def test_samples_that_are_not_these_are_refused(tmp_path: Path) -> None:
    body = record(result("bench", 0.7), library="unknown")
    with_samples(tmp_path / "changed", body, [line("q1", 1.0)], checksum="0" * 64)
    strange = [line("q1", 1.0), line("q2", 1.0, "other"), line("q3", 1.0) | {"evaluation_id": "not/this"}]
    with_samples(tmp_path / "mixed", record(result("bench2", 0.7), library="unknown"), strange)
    write(tmp_path / "alone" / f"{UUID}_samples.jsonl", json.dumps(line("q1", 1.0)) + "\n")
    found = imported(tmp_path, "every_eval_ever")
    reasons = " / ".join(r.reason for r in found.refused)
    assert "its sha256 is not the one that the record gives" in reasons
    assert "2 lines belong to no result of the record" in reasons
    assert "1 lines are of another evaluation" in reasons
    assert "samples without the record" in reasons
    assert found.run("bench").scores[0].value == 0.7


def test_bad_values_are_refused_with_file_and_key(tmp_path: Path) -> None:
    body = record(
        result("a", "high"),
        result("b", 1.5),
        result("c", float("nan")),
        result("d", None),
        "e",
        result("f", 0.5),
    )
    write(tmp_path / "r.json", body)
    found = imported(tmp_path, "every_eval_ever")
    assert set(found.reasons()) == {
        *(f"evaluation_results[{i}].score_details.score" for i in range(4)),
        "evaluation_results[4]",
    }
    assert "outside its own bounds" in found.reasons()["evaluation_results[1].score_details.score"]
    assert found.run("f").scores[0].value == 0.5


def test_an_unknown_level_is_a_gap(tmp_path: Path) -> None:
    levels = {"score_type": "levels", "has_unknown_level": True, "min_score": None, "max_score": None}
    write(tmp_path / "r.json", record(result("a", -1, "some.levels", config=levels)))
    found = imported(tmp_path, "every_eval_ever").run().scores[0]
    assert (found.value, found.gap) == (None, "the record says that the level is unknown")


def test_a_record_being_written_is_waited_for_and_an_old_one_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "r.json", json.dumps(record(result()))[:-30])
    assert len(imported(tmp_path, "every_eval_ever").waiting) == 1
    old = time.time() - 9999
    os.utime(path, (old, old))
    assert "ends in the middle" in imported(tmp_path, "every_eval_ever").reasons()["r.json"]


def test_the_real_records_are_published_with_their_metrics(shared: Path) -> None:
    found = imported(shared / "samples/every_eval_ever", "every_eval_ever")
    assert {d.run.task for d in found.drafts} == {
        *("BBH", "GPQA", "IFEval", "MATH Level 5", "MMLU-PRO", "MUSR", "demo-source.demo_bench"),
    }
    assert score(found.run("MATH Level 5"), "exact_match").value == 0.0249
    assert {s.evidence for d in found.drafts for s in d.run.scores} == {"published"}
    assert not found.refused
