"""EuroEval's own lines, from before it wrote records of every_eval_ever."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from reading_importers import Outcomes, imported, score, write
from test_every_eval_ever_import import euroeval

RAW = [{"mcc": 0.25, "macro_f1": 0.5}, {"mcc": 0.35, "macro_f1": 0.6}]
TOTAL = {"test_mcc": 30.0, "test_mcc_se": 9.8, "test_macro_f1": 55.0, "test_macro_f1_se": 9.8}


def line(**changes: Any) -> dict[str, Any]:
    return {
        "dataset": "angry-tweets",
        "task": "sentiment-classification",
        "dataset_languages": ["da"],
        "model": "org/model",
        "results": {"raw": RAW, "total": TOTAL},
        "num_model_parameters": 10,
        "generative": True,
        "few_shot": True,
        "validation_split": False,
        "euroeval_version": "16.5.0",
    } | changes


def written(folder: Path, *lines: dict[str, Any]) -> Outcomes:
    write(folder / "euroeval_benchmark_results.jsonl", "\n" + "\n".join(json.dumps(one) for one in lines))
    return imported(folder, "euroeval")


def test_means_over_resamples_come_to_their_natural_unit_with_their_errors(tmp_path: Path) -> None:
    found = written(tmp_path, line())
    run = found.run()
    mcc, f1 = (score(run, name, "da") for name in ("mcc", "macro_f1"))
    assert (mcc.value, f1.value) == (pytest.approx(0.3), pytest.approx(0.55))
    assert mcc.stderr == pytest.approx(0.05, rel=1e-3)  # _se is 1.96 standard errors, x 100
    assert (mcc.n, mcc.evidence, mcc.locator) == (None, "logged", "line 2: results.total.test_mcc")
    assert (run.task, run.split, run.tool, run.tool_version) == ("angry-tweets", "test", "euroeval", "16.5.0")
    assert (run.found.name, run.found.prompt, run.found.shots) == ("org/model", "few-shot", None)
    assert run.config["replicates"] == {"mcc": [0.25, 0.35], "macro_f1": [0.5, 0.6]}


def test_scandeval_named_its_splits_and_itself_otherwise(tmp_path: Path) -> None:
    older = line(results={"raw": {"test": [{"test_mcc": 0.3}]}, "total": TOTAL}, scandeval_version="12.1")
    older = {
        key: value
        for key, value in older.items()
        if key not in ("euroeval_version", "few_shot", "generative")
    }
    run = written(tmp_path, older).run()
    assert (run.tool_version, run.found.prompt, run.found.shots) == ("12.1", None, None)
    assert run.config["replicates"] == {"test_mcc": [0.3]}


def test_each_line_is_a_run_and_what_many_lines_make_guess_is_said_once(tmp_path: Path) -> None:
    found = written(
        tmp_path,
        line(),
        line(model="org/other", few_shot=False, validation_split=True),
        line(dataset="norec", dataset_languages=["nb", "nn"]),
    )
    assert len(found.drafts) == 3
    other = found.run(split="validation")
    assert (other.found.name, other.found.shots) == ("org/other", 0)
    assert (found.run("norec").scores[0].language, found.run("norec").scores[0].subject) == (None, "nb, nn")
    assert "line 2 and 2 more: mcc is on a scale of 0..100 there: divided by 100" in found.sentences()
    assert found.sentences().count("divided by 100") == 2
    assert "line 4: the figures are for nb, nn together" in found.sentences()


def test_a_file_that_a_later_version_went_on_with_is_read_to_its_end(tmp_path: Path) -> None:
    found = written(tmp_path, line(validation_split=True), euroeval())
    older, later = found.run(split="validation"), found.run(split="test")
    assert (older.tool_version, later.config["schema_version"]) == ("16.5.0", "0.2.1")
    assert score(later, "mcc", "da").locator == "line 3: evaluation_results[0]"
    assert not found.refused


def test_an_error_that_is_no_number_is_none(tmp_path: Path) -> None:
    total = {"test_mcc": 12.0, "test_mcc_se": float("nan")}
    (mcc,) = written(tmp_path, line(results={"raw": [], "total": total})).run().scores
    assert (mcc.value, mcc.stderr) == (pytest.approx(0.12), None)


def test_speeds_keep_their_unit(tmp_path: Path) -> None:
    total = {"test_speed": 1234.5, "test_speed_se": 12.0}
    (speed,) = written(tmp_path, line(task="speed", results={"raw": [], "total": total})).run().scores
    assert speed.value == 1234.5


def test_bad_lines_and_values_are_refused_and_the_rest_is_read(tmp_path: Path) -> None:
    found = written(
        tmp_path,
        line(),
        line(results={"raw": []}),
        line(model=None),
        line(dataset=7),
        line(
            results={"raw": [], "total": {"test_mcc": 300, "test_macro_f1": "high", "test_f1": 50}}, model="x"
        ),
    )
    assert [draft.run.found.name for draft in found.drafts] == ["org/model", "x"]
    reasons = " | ".join(f"{one.key}: {one.reason}" for one in found.refused)
    assert "line 3: the line names no data set, or has no results.total" in reasons
    assert "line 4: model_info.id: the record does not name its model" in reasons
    assert "line 6: results.total.test_mcc: the value 300 lies outside its own bounds" in reasons
    assert "line 6: results.total.test_macro_f1: the value is 'high', not a number" in reasons


def test_lines_of_others_are_not_claimed(tmp_path: Path) -> None:
    write(tmp_path / "scores.jsonl", json.dumps({"dataset": "x", "model": "m", "results": {"acc": 1}}) + "\n")
    write(tmp_path / "other.jsonl", json.dumps({"model": "m", "results": {"total": {"test_f1": 1}}}) + "\n")
    assert [draft.run.found.name for draft in written(tmp_path, line()).drafts] == ["org/model"]
