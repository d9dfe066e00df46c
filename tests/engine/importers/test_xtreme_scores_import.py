"""The flat JSON that XTREME's scorer writes, in small and odd forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from intermezzo.engine.importers import xtreme_scores
from intermezzo.engine.importing.draft import Draft, Guessed, Outcome, Refused
from intermezzo.engine.importing.tree import list_tree

XNLI = {"accuracy": {"en": 80.0, "sw": 60}, "avg_accuracy": 70.0, "avg_metric": 70.0}
XQUAD = {
    "exact_match": {"en": 50.0},
    "f1": {"en": 60.0},
    "avg_exact_match": 50.0,
    "avg_f1": 60.0,
    "avg_metric": 55.0,
}


def outcomes(path: Path, content: Any) -> list[Outcome]:
    path.parent.mkdir(exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2))
    return [o for bundle in xtreme_scores.find(list_tree(path.parent)) for o in xtreme_scores.read(bundle)]


def drafts(found: list[Outcome]) -> dict[str, Draft]:
    return {o.run.task: o for o in found if isinstance(o, Draft)}


def test_values_come_to_the_natural_unit_and_means_are_macros(tmp_path: Path) -> None:
    found = outcomes(tmp_path / "xlmr-mnli.json", {"qa": 55.0, "xnli": XNLI, "xquad": XQUAD})
    read = drafts(found)
    assert {d.run.found.name for d in read.values()} == {"xlmr-mnli"}
    assert [(s.metric, s.value, s.language, s.scope) for s in read["xnli"].run.scores] == [
        ("accuracy", 0.8, "en", "language"),
        ("accuracy", 0.6, "sw", "language"),
        ("accuracy", 0.7, None, "macro"),
    ]
    assert [(s.metric, s.value) for s in read["xquad"].run.scores if s.scope == "macro"] == [
        ("exact_match", 0.5),
        ("f1", 0.6),
        ("f1_em", 0.55),
    ]
    group = read["xtreme"].run.scores[0]
    assert (group.value, group.scope, group.subject, group.locator) == (0.55, "group", "qa", "qa")
    assert read["xnli"].run.scores[1].locator == "xnli.accuracy.sw"


def test_a_file_name_that_says_nothing_leaves_the_name_to_its_folder(tmp_path: Path) -> None:
    found = outcomes(tmp_path / "xlmr-large" / "xtreme_eval_results.json", {"xnli": XNLI})
    assert drafts(found)["xnli"].run.found.name == "xlmr-large"
    assert any(isinstance(o, Guessed) and "names no system" in o.sentence for o in found)


def test_the_unknown_seqeval_version_is_said(tmp_path: Path) -> None:
    panx = {"f1": {"de": 50.0}, "avg_f1": 50.0, "avg_metric": 50.0}
    found = outcomes(tmp_path / "a.json", {"panx": panx})
    assert {s.implementation for s in drafts(found)["panx"].run.scores} == {"xtreme seqeval"}
    assert any(isinstance(o, Guessed) and "seqeval" in o.sentence for o in found)


@pytest.mark.parametrize("bad", [101, -1, "80", None, True, float("nan"), 10**400])
def test_an_impossible_value_is_refused_by_key_and_the_rest_is_read(tmp_path: Path, bad: Any) -> None:
    changed = {**XNLI, "accuracy": {"en": 80.0, "sw": bad}}
    found = outcomes(tmp_path / "a.json", {"xnli": changed})
    assert [o.key for o in found if isinstance(o, Refused)] == ["xnli.accuracy.sw"]
    assert len(drafts(found)["xnli"].run.scores) == 2


def test_a_broken_file_is_refused_and_foreign_json_is_not_claimed(tmp_path: Path) -> None:
    broken = outcomes(tmp_path / "a" / "a.json", '{"xnli": {"avg_metric": 70.0, "avg_accur')
    assert ["middle" in o.reason for o in broken if isinstance(o, Refused)] == [True]
    assert outcomes(tmp_path / "b" / "b.json", {"results": {"xnli": {"acc": 1}}}) == []
    assert outcomes(tmp_path / "c" / "c.json", {"xnli": {"acc": 1}}) == []
