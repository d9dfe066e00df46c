"""Figures of the real sample files, derived again."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from lm_eval_files import Outcomes, import_all


@pytest.fixture(scope="module")
def v04(shared: Path) -> Outcomes:
    return import_all(shared / "samples" / "lm_eval_v04")


@pytest.fixture(scope="module")
def v03(shared: Path) -> Outcomes:
    return import_all(shared / "samples" / "lm_eval_v03", "lm_eval_v03")


def of(found: Outcomes, name: str) -> Outcomes:
    return Outcomes([d for d in found.drafts if d.run.found.name == name])


def test_nothing_is_refused(v04: Outcomes, v03: Outcomes) -> None:
    assert v04.refused == v04.waiting == v03.refused == v03.waiting == []


def test_the_62_rows_of_one_file_are_56_tasks_and_6_groups(v04: Outcomes) -> None:
    found = of(v04, "Qwen/Qwen2.5-7B")
    by_scope = Counter(s.scope for s in found.scores if s.metric == "accuracy")
    assert by_scope == {"language": 56, "group": 6}
    assert Counter(s.metric for s in found.scores) == {"accuracy": 62, "perplexity": 6}
    assert {s.subject for s in found.scores if s.scope == "group"} == {
        "xwinograd",
        "xstorycloze",
        "xnli",
        "xcopa",
        "pawsx",
        "lambada_multilingual",
    }
    assert {(r.task, r.split): len([s for s in r.scores if s.scope == "language"]) for r in found.runs} == {
        ("lambada", "test"): 10,
        ("pawsx", "test"): 7,
        ("xcopa", "test"): 11,
        ("xnli", None): 0,  # the tool's group over both splits
        ("xnli", "test"): 1,
        ("xnli", "validation"): 15,
        ("xstorycloze", "eval"): 11,
        ("xwinograd", "test"): 6,
    }


def test_xnli_is_15_languages_of_validation_and_basque_of_test(v04: Outcomes) -> None:
    found = of(v04, "Qwen/Qwen2.5-7B")
    validation, test = found.run("xnli", "validation"), found.run("xnli", "test")
    assert {s.language for s in validation.scores} == {
        *("ar", "bg", "de", "el", "en", "es", "fr", "hi"),
        *("ru", "sw", "th", "tr", "ur", "vi", "zh"),
    }
    assert {s.n for s in validation.scores} == {2490}
    assert [(s.language, s.n, s.value) for s in test.scores] == [("eu", 5010, 0.3932135728542914)]


def test_japanese_is_japanese_and_sizes_are_the_files(v04: Outcomes) -> None:
    run = of(v04, "Qwen/Qwen2.5-7B").run("xwinograd")
    assert {s.language: s.n for s in run.scores if s.language} == {
        "en": 2325,
        "fr": 83,
        "ja": 959,
        "pt": 263,
        "ru": 315,
        "zh": 504,
    }


def test_generated_tags_keep_answers_without_credit(v04: Outcomes) -> None:
    (draft,) = of(v04, "google/gemma-2b").drafts
    assert (draft.run.task, draft.run.filter, draft.run.found.shots, draft.run.found.prompt) == (
        "masakhaner",
        "flexible-extract",
        5,
        "prompt_1",
    )
    (score,) = draft.run.scores
    assert (score.language, score.value, score.stderr, score.n) == ("luo", 0.0656270305392884, None, 185)
    assert draft.items is not None
    assert (len(draft.items), draft.items.partial) == (15, "first 15 of 185")
    assert set(draft.items.columns["credit"]) == {None}
    assert draft.run.tool_version == "0.4.10.dev0"


def test_truthfulqa_has_the_first_60_of_817_samples(v04: Outcomes) -> None:
    with_items = [d for d in v04.drafts if d.run.task == "truthfulqa_gen" and d.items is not None]
    assert sorted((d.run.found.name, d.run.scores[0].language) for d in with_items) == [
        (name, language)
        for name in ("google/gemma-2-9b-it", "meta-llama/Llama-3.1-8B-Instruct")
        for language in ("en", "es")
    ]
    for draft in with_items:
        assert draft.items is not None
        assert draft.items.partial == "first 60 of 817"
        assert Counter(draft.items.columns["metric"]) == {"bleu_max": 60, "bleu_acc": 60, "bleu_diff": 60}
        assert len(draft.items.texts) == 60
        assert {s.evidence for s in draft.run.scores} == {"logged"}
    # the same documents have the same hashes in files of two models that order their keys differently
    english = [set(d.items.texts) for d in with_items if d.run.scores[0].language == "en"]  # type: ignore[union-attr]
    assert english[0] == english[1]


def test_runs_and_languages_of_all_v04_files(v04: Outcomes) -> None:
    assert len(v04.drafts) == 8 + 1 + 9 + 3
    assert {s.language for r in v04.runs if r.task.startswith("truthfulqa") for s in r.scores} == {
        "ca",
        "en",
        "es",
        "eu",
    }
    assert {r.eval_seed for r in v04.runs} == {0}
    assert {r.found.train_seed for r in v04.runs} == {None}


def test_v03_files_are_4_models_of_5_tasks(v03: Outcomes) -> None:
    assert Counter(r.found.name for r in v03.runs) == dict.fromkeys(
        ["bigscience/bloom-560m", "bigscience/bloom-7b1", "facebook/xglm-564M", "facebook/xglm-7.5B"], 5
    )
    assert {r.found.shots for r in v03.runs} == {0}
    assert len(v03.scores) == 4 * (7 + 11 + 15 + 11 + 6)


def test_v03_numbers_of_items_come_back_from_the_errors(v03: Outcomes) -> None:
    sizes: dict[str, set[int | None]] = {}
    for run in v03.runs:
        sizes.setdefault(f"{run.task} {run.split}", set()).update(s.n for s in run.scores)
    assert sizes == {
        "xnli test": {5010},
        "pawsx test": {2000},
        "xcopa test": {500},
        "xstorycloze eval": {1511},
        "xwinograd test": {83, 263, 315, 504, 959, 2325},
    }
