"""Extractive question answering: exact match and token F1 of a prediction, best over the gold answers.

``xtreme squad`` (XQuAD, TyDiQA) folds every language as if it were English. ``xtreme mlqa`` (MLQA) has
articles for each of its seven languages, Unicode punctuation, and cuts Chinese into characters. Both
lower-case first, then drop punctuation, then articles, then fold white space.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

SQUAD = "xtreme squad"
MLQA = "xtreme mlqa"

_ASCII_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ENGLISH_ARTICLES = re.compile(r"\b(?:a|an|the)\b")

# Arabic has one article, a prefix; MLQA's scorer drops its two letters wherever they stand in a word.
_MLQA_ARTICLES: dict[str, re.Pattern[str] | None] = {
    "ar": re.compile("ال"),
    "de": re.compile(r"\b(?:eine[mnrs]?|ein|die|das|de[mnrs])\b"),
    "en": _ENGLISH_ARTICLES,
    "es": re.compile(r"\b(?:un(?:as?|os)?|el|l[ao]s|la)\b"),
    "hi": None,
    "vi": re.compile(r"\b(?:của|là|cái|chiếc|những)\b"),
    "zh": None,
}

MLQA_LANGUAGES = tuple(_MLQA_ARTICLES)
"""Languages that MLQA's folding is defined for."""

_HAN = re.compile("([一-龥])")


class QaCredits(NamedTuple):
    """Credits of one question.

    Attributes:
        f1: Token F1 with the best gold answer, 0..1.
        exact_match: 1.0 if the folded prediction is a folded gold answer, else 0.0.
    """

    f1: float
    exact_match: float


def folding(implementation: str, language: str) -> Callable[[str], str]:
    """Return the function that folds an answer for comparison.

    Args:
        implementation: ``xtreme squad`` or ``xtreme mlqa``.
        language: Two-letter code as XTREME's files name it; only MLQA minds it.

    Raises:
        ValueError: MLQA's folding is not defined for this language.
    """
    if implementation == SQUAD:
        return _fold_squad
    if implementation != MLQA:
        raise ValueError(f"no question-answering implementation is called {implementation}")
    if language not in _MLQA_ARTICLES:
        raise ValueError(f"MLQA's answer folding knows {', '.join(MLQA_LANGUAGES)}, not {language}")
    return lambda text: _fold_mlqa(text, language)


def qa_credits(prediction: str | None, answers: Sequence[str], fold: Callable[[str], str]) -> QaCredits:
    """Return the credits of one prediction.

    Args:
        prediction: ``None`` for a question left unanswered, which XTREME gives 0.
        answers: Gold answers, one or more.
        fold: From ``folding``.

    Raises:
        ValueError: There is no gold answer.
    """
    if not answers:
        raise ValueError("the question has no gold answer")
    if prediction is None:
        return QaCredits(0.0, 0.0)
    folded = fold(prediction)
    gold = [fold(answer) for answer in answers]
    return QaCredits(max(_token_f1(folded, g) for g in gold), float(folded in gold))


def _token_f1(prediction: str, gold: str) -> float:
    predicted, wanted = prediction.split(), gold.split()
    same = sum((Counter(predicted) & Counter(wanted)).values())
    # Two answers that fold to nothing match exactly and yet share no token: F1 stays 0, as in SQuAD 1.1.
    return 2 * same / (len(predicted) + len(wanted)) if same else 0.0


def _fold_squad(text: str) -> str:
    bare = text.lower().translate(_ASCII_PUNCTUATION)
    return " ".join(_ENGLISH_ARTICLES.sub(" ", bare).split())


def _fold_mlqa(text: str, language: str) -> str:
    bare = "".join(c for c in text.lower() if not _is_punctuation(c))
    articles = _MLQA_ARTICLES[language]
    if articles is not None:
        bare = articles.sub(" ", bare)
    if language == "zh":
        bare = _HAN.sub(r" \1 ", bare)
    return " ".join(bare.split())


@lru_cache(maxsize=4096)
def _is_punctuation(char: str) -> bool:
    return char in string.punctuation or unicodedata.category(char).startswith("P")
