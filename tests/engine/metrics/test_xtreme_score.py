"""The XTREME aggregate: what is missing is said, never skipped."""

from __future__ import annotations

import pytest
from intermezzo.engine.metrics.xtreme_score import TASK_LANGUAGES, TASK_METRICS, language_mean, xtreme_score

Values = dict[str, dict[str, dict[str, float | None]]]


@pytest.fixture
def full() -> Values:
    return {
        task: {m: dict.fromkeys(TASK_LANGUAGES[task], 0.5 if m != "exact_match" else 0.25) for m in metrics}
        for task, metrics in TASK_METRICS.items()
    }


def test_all_there(full: Values) -> None:
    full["xnli"]["accuracy"]["sw"] = 0.2
    score = xtreme_score(full)
    assert score.tasks["xnli"].value == pytest.approx(0.48)
    assert score.tasks["xquad"].value == pytest.approx(0.375)
    assert score.groups["classification"].value == pytest.approx(0.49)
    assert score.all_task.value == pytest.approx((0.48 + 5 * 0.5 + 3 * 0.375) / 9)
    assert score.all_task.n == 9


def test_a_missing_language_takes_every_mean_above_it(full: Values) -> None:
    full["xnli"]["accuracy"]["sw"] = None
    del full["xnli"]["accuracy"]["ur"]
    score = xtreme_score(full)
    for figure in (score.metrics["xnli", "accuracy"], score.tasks["xnli"]):
        assert figure.value is None
        assert figure.reason == "no value for 2 of 15 languages: sw, ur"
    assert score.groups["classification"].value is None
    assert score.groups["classification"].reason == "no value for 1 of 2 tasks: xnli"
    assert score.all_task.value is None
    assert score.groups["tagging"].value == 0.5


def test_nothing_at_all() -> None:
    score = xtreme_score({})
    assert score.all_task.value is None
    assert "9 of 9 tasks" in (score.all_task.reason or "")


def test_languages_beyond_the_mean_do_not_count() -> None:
    assert language_mean({"de": 1.0, "pl": 0.0}, ["de"]).value == 1.0
    assert language_mean({}, []).value is None


def test_the_languages_of_the_benchmark() -> None:
    counts = {task: len(codes) for task, codes in TASK_LANGUAGES.items()}
    assert counts == {
        "xnli": 15, "pawsx": 7, "udpos": 33, "panx": 40, "xquad": 11, "mlqa": 7, "tydiqa": 9, "bucc2018": 4,
        "tatoeba": 36,
    }  # fmt: skip
    assert all(list(codes) == sorted(set(codes)) for codes in TASK_LANGUAGES.values())
