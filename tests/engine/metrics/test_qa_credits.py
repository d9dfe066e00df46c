"""Answer folding and credits of the two question-answering scorers."""

from __future__ import annotations

import pytest
from intermezzo.engine.metrics.qa import MLQA, MLQA_LANGUAGES, SQUAD, folding, qa_credits


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("The  Beatles!", "beatles"),
        ("an A, the", ""),
        ("theatre", "theatre"),
        ("U.S.A", "usa"),
        ("das Haus", "das haus"),
        ("„Haus“", "„haus“"),
        ("a_b", "ab"),
    ],
)
def test_squad_folds_every_language_as_english(text: str, folded: str) -> None:
    assert folding(SQUAD, "de")(text) == folded


@pytest.mark.parametrize(
    ("language", "text", "folded"),
    [
        ("en", "The “Beatles”", "beatles"),
        ("de", "Die Zeit eines Hauses", "zeit hauses"),
        ("es", "unas uns los ¿Gatos?", "uns gatos"),
        ("vi", "những con mèo của là", "con mèo"),
        ("hi", "एक घर।", "एक घर"),
        ("ar", "الكتاب", "كتاب"),
        ("ar", "بالكتاب", "ب كتاب"),
        ("zh", "电化学2008年,abc", "电 化 学 2008 年 abc"),
    ],
)
def test_mlqa_folds_each_language_its_own_way(language: str, text: str, folded: str) -> None:
    assert folding(MLQA, language)(text) == folded


def test_token_f1_and_exact_match_take_the_best_gold_answer() -> None:
    credits_ = qa_credits("the red house", ["blue house", "red barn house"], folding(SQUAD, "en"))
    assert credits_.f1 == pytest.approx(0.8)
    assert credits_.exact_match == 0.0


def test_repeated_tokens_count_as_often_as_they_occur() -> None:
    assert qa_credits("go go go", ["go go"], folding(SQUAD, "en")).f1 == pytest.approx(0.8)


def test_an_unanswered_question_gets_nothing() -> None:
    assert qa_credits(None, ["x"], folding(SQUAD, "en")) == (0.0, 0.0)


def test_answers_that_fold_to_nothing_match_and_share_no_token() -> None:
    assert qa_credits("the", ["!"], folding(SQUAD, "en")) == (0.0, 1.0)


def test_without_gold_answer_there_is_no_credit() -> None:
    with pytest.raises(ValueError, match="no gold answer"):
        qa_credits("x", [], folding(SQUAD, "en"))


def test_mlqa_knows_seven_languages() -> None:
    assert len(MLQA_LANGUAGES) == 7
    with pytest.raises(ValueError, match="not sw"):
        folding(MLQA, "sw")
