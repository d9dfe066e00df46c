"""The published figures: what they say, how they are founded, and what is not said."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from intermezzo.engine import published
from intermezzo.engine.published import published_runs
from intermezzo.queries.identity import load_systems, resolve
from intermezzo.queries.languages import canonical
from intermezzo.queries.records import Run, identified


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    return published_runs()


def test_every_row_is_a_score_with_its_source(runs: list[Run]) -> None:
    rows = 0
    for table in published.TABLES:
        with open(published.folder() / table, newline="", encoding="utf-8") as file:
            rows += sum(1 for _ in csv.DictReader(file))
    scores = [(run, score) for run in runs for score in run.scores]
    assert len(scores) == rows == 883
    assert {score.evidence for _, score in scores} == {"published"}
    for run, score in scores:
        assert score.locator is not None
        assert score.locator.startswith(run.config["publication"])
        assert score.value is not None
        assert score.metric == "avg" or 0.0 <= score.value <= 1.0
    quoted = Counter(run.config["quoted"] for run in runs if run.tool is None)
    assert set(quoted) == {"primary", "secondary"}
    assert len({identified(run).run_id for run in runs}) == len(runs)


def test_a_mean_is_never_spread_over_languages(runs: list[Run]) -> None:
    ours = [
        (run.task, s.scope, s.language) for run in runs if run.found.name == "X-STILTs" for s in run.scores
    ]
    assert sorted(ours) == [
        (task, "macro", None) for task in ("mlqa", "panx", "pawsx", "tydiqa", "xnli", "xquad")
    ]
    for score in (s for run in runs for s in run.scores):
        assert (score.language is None) == (score.scope != "language")
        assert score.language is None or canonical(score.language) is not None


def test_language_models_have_split_and_size(runs: list[Run]) -> None:
    sizes: dict[tuple[str, str | None], set[int | None]] = {}
    for run in runs:
        if run.tool == "lm-eval":
            assert run.found.shots == 0
            sizes.setdefault((run.task, run.split), set()).update(score.n for score in run.scores)
    assert sizes.keys() >= {("xnli", "test"), ("pawsx", "test")}
    assert sizes["xnli", "test"] == {5010}
    assert sizes["pawsx", "test"] == {2000}
    assert sorted(n for (task, _), found in sizes.items() if task == "xwinograd" for n in found if n) == [
        *(83, 263, 315, 504, 959, 2325)
    ]
    assert None not in set().union(*sizes.values())
    languages = {s.language for run in runs if run.task == "xwinograd" for s in run.scores}
    assert languages == {"en", "fr", "ja", "pt", "ru", "zh"}


def test_every_published_system_is_explained_and_none_is_not_there(runs: list[Run]) -> None:
    rules = load_systems(published.folder())
    who = {run.found.name: resolve(run.found, rules) for run in runs}
    assert {name for name, identity in who.items() if identity.status != "known"} == set()
    assert set(rules.by_name) == set(who)
    assert len({identity.system for identity in who.values()}) == len(who)
    large = [identity.recipe for identity in who.values() if identity.base_model == "xlm-roberta-large"]
    assert sorted(map(str, large)) == ["best intermediate per target", "direct", "translate-train-all"]


def test_the_two_baselines_on_mlqa_stay_apart(runs: list[Run]) -> None:
    found = {
        (s.value, s.implementation)
        for run in runs
        if (run.found.name, run.task) == ("XLM-R Large", "mlqa")
        for s in run.scores
        if (s.scope, s.metric) == ("macro", "f1")
    }
    assert len(found) == 2
    assert {value for value, _ in found} == {0.716, 0.707}
    assert len({implementation for _, implementation in found}) == 2


def test_the_figures_are_those_that_were_read(runs: list[Run], shared: Path) -> None:
    with open(shared / "facts" / "published_xtreme_scores.csv", newline="", encoding="utf-8") as file:
        facts = [(r["system"], r["source"], r["language"], float(r["value"])) for r in csv.DictReader(file)]
    ours = []
    for run in runs:
        for s in run.scores:
            if run.tool is None and s.value is not None:
                shown = s.value if s.metric == "avg" else round(s.value * 100, 6)
                ours.append((run.found.name, run.config["publication"], s.language or "", shown))
    assert sorted(ours) == sorted(facts)
    with open(
        shared / "facts" / "lm_eval_legacy_multilingual_long.csv", newline="", encoding="utf-8"
    ) as file:
        facts = [(r["model"], r["path"], "", float(r["value"])) for r in csv.DictReader(file)]
    models = [
        (run.found.name, str(s.locator).partition("; ")[2], "", s.value)
        for run in runs
        if run.tool == "lm-eval"
        for s in run.scores
    ]
    assert sorted(models) == sorted(facts)
