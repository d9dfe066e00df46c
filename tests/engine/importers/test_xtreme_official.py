"""The official mock submission: every figure that XTREME's scorer printed is re-derived from our items."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from intermezzo.engine.importers import xtreme, xtreme_scores
from intermezzo.engine.importing.draft import Draft
from intermezzo.engine.importing.tree import list_tree
from intermezzo.engine.metrics.figure import (
    Counts,
    Figure,
    f1_figure,
    mean_figure,
    precision_figure,
    recall_figure,
)
from intermezzo.engine.metrics.xtreme_score import TASK_LANGUAGES, TASK_METRICS, xtreme_score
from intermezzo.queries.tasks import task as known_task

OUTPUTS = {
    "0.0.12": "evaluate_output/mock_eval_xtreme_seqeval_0.0.12.json",
    "1.2.2": "evaluate_output/mock_eval_xtreme.json",
}
CORPUS = {"f1": f1_figure, "precision": precision_figure, "recall": recall_figure}

Figures = dict[str, dict[str, dict[str, Figure]]]


def read_all(module: Any, root: Path) -> list[Draft]:
    tree = list_tree(root)
    drafts = []
    for bundle in module.find(tree):
        bundle.context["root"] = tree.root
        drafts += [o for o in module.read(bundle) if isinstance(o, Draft)]
    return drafts


def leaves(tree: Any) -> int:
    return sum(map(leaves, tree.values())) if isinstance(tree, dict) else 1


@pytest.fixture(scope="module")
def drafts(shared: Path) -> dict[str, Draft]:
    return {d.run.task: d for d in read_all(xtreme, shared / "samples" / "xtreme")}


def figures(drafts: dict[str, Draft], version: str) -> Figures:
    """Figures made from the item rows alone."""
    made: Figures = {}
    for task, draft in drafts.items():
        assert draft.items is not None
        c = draft.items.columns
        credits_: dict[tuple[str, str], list[float]] = defaultdict(list)
        counts: dict[tuple[str, str], list[Counts]] = defaultdict(list)
        for row in range(len(draft.items)):
            key = c["metric"][row], c["language"][row]
            if c["credit"][row] is not None:
                credits_[key].append(c["credit"][row])
            else:
                counts[key].append(Counts(c["tp"][row], c["n_pred"][row], c["n_gold"][row]))
        made[task] = defaultdict(dict)
        for (metric, language), values in credits_.items():
            made[task][metric][language] = mean_figure(values)
        for (metric, language), rows in counts.items():
            if metric != "f1":
                continue
            if version == "1.2.2":
                rows = counts.get(("f1@seqeval-1.2.2", language), rows)
            for name, figure in CORPUS.items():
                made[task][name][language] = figure(rows)
    return made


@pytest.mark.parametrize("version", OUTPUTS)
def test_every_printed_figure_comes_back(shared: Path, drafts: dict[str, Draft], version: str) -> None:
    printed = json.loads((shared / "samples" / "xtreme" / OUTPUTS[version]).read_text())
    made = figures(drafts, version)
    values = {t: {m: {k: f.value for k, f in by.items()} for m, by in ms.items()} for t, ms in made.items()}
    score = xtreme_score(values)
    checked = 0

    def same(figure: float | None, expected: float, where: str) -> None:
        nonlocal checked
        assert figure is not None, where
        assert 100 * figure == pytest.approx(expected, abs=1e-6), where
        checked += 1

    for name, entry in printed.items():
        if not isinstance(entry, dict):
            same((score.all_task if name == "all_task" else score.groups[name]).value, entry, name)
            continue
        assert set(entry) == {*made[name], *(f"avg_{m}" for m in made[name]), "avg_metric"}
        for key, content in entry.items():
            if key == "avg_metric":
                same(score.tasks[name].value, content, f"{name}.{key}")
            elif key.startswith("avg_"):
                by = made[name][key[4:]]
                assert len(by) == len(TASK_LANGUAGES[name])
                mean = mean_figure([f.value or 0.0 for f in by.values()])
                same(score.metrics.get((name, key[4:]), mean).value, content, f"{name}.{key}")
            else:
                assert set(content) == set(made[name][key])
                for language, value in content.items():
                    same(made[name][key][language].value, value, f"{name}.{key}.{language}")
    assert checked == leaves(printed) > 370


@pytest.mark.parametrize("version", OUTPUTS)
def test_score_rows_say_what_the_items_say(drafts: dict[str, Draft], version: str) -> None:
    made = figures(drafts, version)
    for task, draft in drafts.items():
        tagging = task in ("udpos", "panx")
        scores = [s for s in draft.run.scores if not tagging or version in (s.implementation or "")]
        assert len(scores) == len(TASK_LANGUAGES[task]) * len(TASK_METRICS[task])
        for score in scores:
            assert score.language is not None
            figure = made[task][score.metric][score.language]
            assert (score.value, score.stderr) == (figure.value, figure.stderr)
            assert score.evidence == "recomputed"
            assert score.item_set


def test_the_two_versions_differ_where_it_is_known_that_they_do(drafts: dict[str, Draft]) -> None:
    def means(version: str) -> float:
        values = [s.value or 0.0 for s in drafts["udpos"].run.scores if version in (s.implementation or "")]
        return 100 * sum(values) / len(values)

    assert means("0.0.12") == pytest.approx(70.21746, abs=1e-5)
    assert means("1.2.2") == pytest.approx(70.39806, abs=1e-5)


def test_the_mock_submission_is_parallel_where_xtreme_is(drafts: dict[str, Draft]) -> None:
    for task in ("xnli", "pawsx", "xquad"):
        assert len({s.item_set for s in drafts[task].run.scores}) == 1
    for task in ("udpos", "panx", "tatoeba", "tydiqa", "bucc2018"):
        assert len({s.item_set for s in drafts[task].run.scores}) == len(TASK_LANGUAGES[task])


def test_the_languages_of_the_aggregate_are_those_of_the_task_table() -> None:
    for name, codes in TASK_LANGUAGES.items():
        known = known_task(name)
        assert known is not None
        assert set(known.languages) == set(codes)


def test_the_scorers_own_output_is_read_as_logged(shared: Path, drafts: dict[str, Draft]) -> None:
    logged = read_all(xtreme_scores, shared / "samples" / "xtreme" / OUTPUTS["0.0.12"])
    assert {d.run.task for d in logged} == {*TASK_METRICS, "xtreme"}
    for draft in logged:
        assert draft.items is None
        assert {s.evidence for s in draft.run.scores} == {"logged"}
        if draft.run.task == "xtreme":
            assert {s.subject: s.value for s in draft.run.scores}["all_task"] == pytest.approx(
                0.6217319850507
            )
            continue
        ours = {
            (s.metric, s.language): s.value
            for s in drafts[draft.run.task].run.scores
            if "1.2.2" not in str(s)
        }
        theirs = {(s.metric, s.language): s.value for s in draft.run.scores if s.scope == "language"}
        assert {k: theirs[k] for k in ours} == pytest.approx(ours, abs=1e-8)
