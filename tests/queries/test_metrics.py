"""Metrics: ids, ranges, scales and the names of tools."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from intermezzo.queries.metrics import all_metrics, canonical_metric, check_value, metric, natural_value


@pytest.mark.parametrize(
    ("tool", "name", "metric_id", "implementation"),
    [
        ("lm-eval", "acc", "accuracy", "lm-eval acc"),
        ("lm-eval-0.4", "acc_norm", "accuracy_norm", "lm-eval acc_norm"),
        ("lm-eval-0.3", "em", "exact_match", "lm-eval em"),
        ("lm-eval", "bleu_acc", "bleu_acc", "lm-eval bleu_acc"),
        ("lm-eval", "mc2", "mc2", "lm-eval mc2"),
        ("lm-eval", "f1", "f1", "lm-eval f1"),
        ("mteb", "cosine_accuracy", "accuracy", "mteb cosine_accuracy"),
        ("mteb", "max_ap", "ap", "mteb max_ap"),
        ("mteb", "cos_sim.f1", "f1", "mteb cos_sim.f1"),
        ("mteb", "cosine_accuracy_threshold", "accuracy_threshold", "mteb cosine_accuracy_threshold"),
        ("mteb", "cosine_spearman", "spearman", "mteb cosine_spearman"),
        ("mteb", "f1_weighted", "weighted_f1", "mteb f1_weighted"),
        ("mteb", "ndcg_at_10", "ndcg_at_10", "mteb ndcg_at_10"),
        ("mteb", "main_score", "main_score", "mteb main_score"),
        ("trainer", "eval_matthews_correlation", "mcc", "trainer eval_matthews_correlation"),
        ("trainer", "eval_runtime", "eval_runtime", "trainer eval_runtime"),
        ("xtreme", "avg_f1", "f1", "xtreme avg_f1"),
        ("our script", "acc", "accuracy", "our script acc"),
        ("lm-eval", "4096", "4096", "lm-eval 4096"),
    ],
)
def test_names_of_tools(tool: str, name: str, metric_id: str, implementation: str) -> None:
    assert canonical_metric(tool, name) == (metric_id, implementation)


def test_distinct_things_stay_distinct() -> None:
    names = [
        "acc",
        "acc_norm",
        "bleu_acc",
        "rouge1_acc",
        "mc1",
        "mc2",
        "exact_match",
        "f1",
        "bleu",
        "bleu_max",
    ]
    assert len({canonical_metric("lm-eval", name)[0] for name in names}) == len(names)


@pytest.mark.parametrize(
    ("metric_id", "value"),
    [
        ("accuracy", 0.0),
        ("accuracy", 1),
        ("accuracy", 1 + 1e-12),
        ("bleu", 33.4),
        ("bleu_diff", -4.16),
        ("mcc", -0.2),
        ("ter", 130.0),
        ("perplexity", 1e9),
        ("wer", 1.7),
        ("main_score", -0.1),
        ("bleurt_max", -1.4),
        ("nobody's", -7.0),
    ],
)
def test_possible_values(metric_id: str, value: float) -> None:
    assert check_value(metric_id, value) is None


@pytest.mark.parametrize(
    ("metric_id", "value", "says"),
    [
        ("accuracy", 79.2, "above 1"),
        ("accuracy", -0.1, "below 0"),
        ("accuracy", math.nan, "not finite"),
        ("bleu", 100.5, "above 100"),
        ("perplexity", 0.5, "below 1"),
        ("nobody's", math.inf, "not finite"),
        ("accuracy", "N/A", "not a number"),
        ("accuracy", True, "not a number"),
        ("accuracy", None, "not a number"),
        ("accuracy", [], "not a number"),
        ("nobody's", 10**400, "too large"),
        ("ndcg_at_10", 1.5, "above 1"),
    ],
)
def test_impossible_values_say_why(metric_id: str, value: object, says: str) -> None:
    reason = check_value(metric_id, value)
    assert reason is not None
    assert says in reason


@settings(deadline=None)
@given(st.text(), st.one_of(st.floats(), st.integers(), st.text(), st.none(), st.booleans()))
def test_any_value_is_answered(metric_id: str, value: object) -> None:
    assert check_value(metric_id, value) is None or isinstance(check_value(metric_id, value), str)


@settings(deadline=None)
@given(st.sampled_from(["lm-eval", "mteb", "trainer", "odd"]), st.text())
def test_any_name_is_answered(tool: str, name: str) -> None:
    metric_id, implementation = canonical_metric(tool, name)
    assert implementation == f"{tool} {name}"
    assert canonical_metric("nobody", metric_id)[0] in (metric_id, canonical_metric("nobody", name)[0])


def test_families_at_k() -> None:
    found = metric("ndcg_at_10")
    assert found is not None
    assert (found.title, found.high, found.unit_interval) == ("nDCG@10", 1.0, True)
    assert metric("ndcg_at_k") is None
    assert metric("ndcg_at_0") is None
    assert metric("bleu_at_3") is None


def test_the_table_holds_together() -> None:
    metrics = {m.id: m for m in all_metrics()}
    assert {"ndcg_at_10", "accuracy", "f1_em", "ter"} <= set(metrics)
    for m in metrics.values():
        assert metric(m.id) == m
        assert m.low is None or m.high is None or m.low < m.high
        assert m.tolerance > 0
        assert not m.unit_interval or m.high in (1.0, None)
    assert not metrics["perplexity"].higher_is_better
    assert not metrics["ter"].higher_is_better
    assert metrics["rougeL_diff"].low == -100.0
    assert "lm-eval acc" in metrics["accuracy"].implementations


def test_f1_is_a_mean_for_questions_and_a_corpus_metric_for_tags() -> None:
    f1 = metric("f1")
    assert f1 is not None
    assert (f1.kind_for("extractive qa"), f1.kind_for("tagging"), f1.kind_for(None)) == (
        "mean",
        "corpus",
        "corpus",
    )


def test_scales_of_tools() -> None:
    assert natural_value("xtreme", "accuracy", 79.2) == pytest.approx(0.792)
    assert natural_value("jiant", "f1", 65.0, "tydiqa") == pytest.approx(0.65)
    assert natural_value("jiant", "f1", 0.65, "panx") == 0.65
    assert natural_value("lm-eval-0.4", "f1", 61.0, "squadv2") == pytest.approx(0.61)
    assert natural_value("lm-eval-0.4", "f1", 0.61, "xquad") == 0.61
    assert natural_value("lm-eval", "bleu", 33.0) == 33.0


def test_every_value_of_the_real_samples_is_possible(shared: Path) -> None:
    checked = 0
    for path in (shared / "samples" / "lm_eval_v04").rglob("results*.json"):
        for task, values in json.loads(path.read_text())["results"].items():
            for key, value in values.items():
                name = key.partition(",")[0]
                if isinstance(value, float) and not name.endswith("_stderr"):
                    metric_id, _ = canonical_metric("lm-eval", name)
                    assert metric(metric_id) is not None, name
                    assert check_value(metric_id, natural_value("lm-eval", name, value, task)) is None
                    checked += 1
    assert checked > 60
