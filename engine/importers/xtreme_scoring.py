"""One language of an XTREME submission, scored: gold and predicted bytes -> per-item rows and figures.

Rows have the columns of ``ITEM_COLUMNS``. Credits and counts come from ``engine.metrics`` and the figures
from them, so every figure can be re-derived from the rows. Tagging is counted as seqeval 0.0.12 does
(metric ``f1`` of the rows) and as 1.2.2 does: a second set of rows, metric ``f1@seqeval-1.2.2``, is kept
only for a language in which some sentence's counts differ; elsewhere the ``f1`` rows stand for both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, TypeVar

from intermezzo.engine.importing.reading import Unreadable
from intermezzo.engine.metrics import accuracy, bitext, chunk_f1, qa
from intermezzo.engine.metrics.figure import Counts, Figure, f1_figure, mean_figure
from intermezzo.queries.records import item_set_hash

from .xtreme_files import (
    Question,
    parse_answers,
    parse_lines,
    parse_questions,
    parse_sentences,
    quoted,
    some,
)

SECOND_METRIC = "f1@seqeval-1.2.2"
"""Metric of the item rows that hold the counts of seqeval 1.2.2 where they differ from 0.0.12's."""

LABELS = {"xnli": ("entailment", "neutral", "contradiction"), "pawsx": ("0", "1")}

TAGS = {
    "panx": frozenset(("O", "B-LOC", "B-ORG", "B-PER", "I-LOC", "I-ORG", "I-PER")),
    "udpos": frozenset(
        (
            "ADJ",
            "ADP",
            "ADV",
            "AUX",
            "CCONJ",
            "DET",
            "INTJ",
            "NOUN",
            "NUM",
            "PART",
            "PRON",
            "PROPN",
            "PUNCT",
            "SCONJ",
            "SYM",
            "VERB",
            "X",
            "_",
        )
    ),
}

_LARGEST_TATOEBA = 1000
_COLUMNS = (
    "item_id",
    "cluster_id",
    "metric",
    "credit",
    "tp",
    "n_pred",
    "n_gold",
    "gold",
    "prediction",
    "text_sha",
)

_Parsed = TypeVar("_Parsed")


class UnreadableLabels(Unreadable):
    """The fault is in the labels file, not in the predictions."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One figure of a language.

    Attributes:
        metric: Metric id.
        implementation: Who counts it how.
        figure: Its value, standard error, or the reason there is none.
        n: Items behind it: lines, sentences, questions, gold pairs.
        item_set: Hash of their ids; of the gold pairs for BUCC, since predicted ones differ by system.
    """

    metric: str
    implementation: str
    figure: Figure
    n: int
    item_set: str


@dataclass(slots=True)
class Reading:
    """One language, read.

    Attributes:
        scored: Its figures.
        columns: Its item rows by column, without the language.
        notes: Sentences on what had to be taken to be so.
        texts: Texts by hash.
        paragraphs: Paragraph hash -> its questions' ids (question answering only).
    """

    scored: list[Scored] = field(default_factory=list)
    columns: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in _COLUMNS})
    notes: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    paragraphs: dict[str, list[str]] = field(default_factory=dict)

    def add(self, item_id: str, cluster_id: str, metric: str, **values: Any) -> None:
        """Append one item row; columns not given are unknown."""
        known = {"item_id": item_id, "cluster_id": cluster_id, "metric": metric, **values}
        for name, column in self.columns.items():
            column.append(known.get(name))


def score_labels(task: str, language: str, gold: bytes, predictions: bytes, *, parallel: bool) -> Reading:
    """Read one label a line (``xnli``, ``pawsx``).

    Args:
        task: Task id.
        language: Code that item ids start with where they are not parallel.
        gold: Contents of the labels file.
        predictions: Contents of the predictions file.
        parallel: Whether line numbers mean the same item in every language.
    """
    known = LABELS[task]
    names = ", ".join(known)
    wanted = _labels(parse_lines, gold)
    wrong = [i for i, label in enumerate(wanted) if label not in known]
    if wrong:
        raise UnreadableLabels(f"line {wrong[0] + 1} is {quoted(wanted[wrong[0]])}, not one of {names}")
    found = _same_length(parse_lines(predictions), wanted, "lines")
    reading = Reading()
    odd = [i for i, label in enumerate(found) if label not in known]
    if odd:
        first = f"{quoted(found[odd[0]])} in line {odd[0] + 1}"
        if len(odd) == len(found):
            raise Unreadable(f"none of the {len(found):,} lines is one of {names}: the first is {first}")
        reading.notes.append(
            f"{len(odd):,} of {len(found):,} predictions are none of {names} and count as wrong: {first}"
        )
    ids = [str(i) if parallel else f"{language}:{i}" for i in range(len(wanted))]
    item_credits = accuracy.accuracy_credits(wanted, found)
    for item_id, g, p, credit in zip(ids, wanted, found, item_credits, strict=True):
        reading.add(item_id, item_id, "accuracy", credit=credit, gold=g, prediction=p)
    figure = mean_figure(item_credits)
    reading.scored.append(Scored("accuracy", accuracy.IMPLEMENTATION, figure, figure.n, item_set_hash(ids)))
    return reading


def score_tatoeba(language: str, gold: bytes, predictions: bytes) -> Reading:
    """Read one index of an English sentence a line."""
    wanted = _labels(parse_lines, gold)
    bad = next((i for i, index in enumerate(wanted) if not _is_index(index)), None)
    if bad is not None:
        raise UnreadableLabels(f"line {bad + 1} is {quoted(wanted[bad])}, not an index")
    found = _same_length(parse_lines(predictions), wanted, "lines")
    reading = Reading()
    indices = sorted(int(index) for index in wanted)
    # A complete labels file is a permutation and shows how many targets there are; an excerpt does not.
    complete = indices == list(range(len(indices)))
    end = len(indices) if complete else max(_LARGEST_TATOEBA, indices[-1] + 1)
    strange = [i for i, index in enumerate(found) if not _is_index(index)]
    outside = [i for i, index in enumerate(found) if _is_index(index) and int(index) >= end]
    if len(strange) == len(found):
        raise Unreadable(f"none of the {len(found):,} lines is an index: the first is {quoted(found[0])}")
    for lines, what in ((strange, "are no index"), (outside, f"lie beyond the last target, {end - 1:,},")):
        if lines:
            reading.notes.append(
                f"{len(lines):,} of {len(found):,} predictions {what} and count as wrong: "
                f"{quoted(found[lines[0]])} in line {lines[0] + 1}"
            )
    ids = [f"{language}:{i}" for i in range(len(wanted))]
    item_credits = bitext.tatoeba_credits(wanted, found)
    for item_id, g, p, credit in zip(ids, wanted, found, item_credits, strict=True):
        reading.add(item_id, item_id, "accuracy", credit=credit, gold=g, prediction=p)
    figure = mean_figure(item_credits)
    reading.scored.append(Scored("accuracy", bitext.TATOEBA, figure, figure.n, item_set_hash(ids)))
    return reading


def score_tags(task: str, language: str, gold: bytes, predictions: bytes) -> Reading:
    """Read one tag a line, an empty line after each sentence (``udpos``, ``panx``)."""
    wanted = _labels(parse_sentences, gold)
    found = _same_length(parse_sentences(predictions), wanted, "sentences")
    for number, (g, p) in enumerate(zip(wanted, found, strict=True)):
        if len(g) != len(p):
            raise Unreadable(
                f"sentence {number + 1} has {len(p)} tags and its labels have {len(g)}: from there on tags "
                "and labels stand apart (seqeval 0.0.12 would count them shifted, 1.2.2 stops)"
            )
    reading = Reading()
    gold_tags = {tag for sentence in wanted for tag in sentence}
    if gold_tags - TAGS[task]:
        odd_gold = sorted(gold_tags - TAGS[task])
        reading.notes.append(
            f"the labels have tags that {task} does not: {some([quoted(t) for t in odd_gold])}"
        )
    known = gold_tags | TAGS[task]
    unknown = [(i, tag) for i, sentence in enumerate(found) for tag in sentence if tag not in known]
    total = sum(map(len, found))
    if unknown:
        first = f"{quoted(unknown[0][1])} in sentence {unknown[0][0] + 1}"
        if len(unknown) == total:
            raise Unreadable(
                f"none of the {total:,} lines is a tag of {task}: the first is {first}; one tag a line is "
                "expected, without tokens"
            )
        reading.notes.append(
            f"{len(unknown):,} of {total:,} predicted tags are no tags of {task} and count as they stand: "
            f"{first} (jiant writes words there where it cut a sentence)"
        )
    ids = [f"{language}:{i}" for i in range(len(wanted))]
    item_set = item_set_hash(ids)
    counts = chunk_f1.chunk_counts(wanted, found, chunk_f1.SEQEVAL_0_0_12)
    for item_id, g, p, c in zip(ids, wanted, found, counts, strict=True):
        reading.add(item_id, item_id, "f1", **c._asdict(), gold=" ".join(g), prediction=" ".join(p))
    second = counts
    if not chunk_f1.implementations_agree(gold_tags.union(*found)):
        second = chunk_f1.chunk_counts(wanted, found, chunk_f1.SEQEVAL_1_2_2)
    if second != counts:
        for item_id, c in zip(ids, second, strict=True):
            reading.add(item_id, item_id, SECOND_METRIC, **c._asdict())
    for implementation, behind in ((chunk_f1.SEQEVAL_0_0_12, counts), (chunk_f1.SEQEVAL_1_2_2, second)):
        reading.scored.append(Scored("f1", implementation, f1_figure(behind), len(ids), item_set))
    return reading


def score_pairs(language: str, gold: bytes, predictions: bytes) -> Reading:
    """Read pairs of a source id and an English id (``bucc2018``): an unordered set."""
    reading = Reading()
    wanted = _labels(lambda data: _pairs(data, reading.notes, "the labels"), gold)
    if any(len(pair) != 2 for pair in wanted):
        odd = next(pair for pair in wanted if len(pair) != 2)
        raise UnreadableLabels(f"{quoted(' '.join(odd))} is not a source id, a tab and an English id")
    found = _pairs(predictions, reading.notes, "the predictions")
    malformed = [pair for pair in found if len(pair) != 2]
    if malformed:
        first = quoted(" ".join(malformed[0]))
        if len(malformed) == len(found):
            raise Unreadable(f"no line is a source id, a tab and an English id: the first is {first}")
        reading.notes.append(
            f"{len(malformed):,} of {len(found):,} predictions are not two ids and count as wrong: {first}"
        )
    counts: dict[bitext.Pair, Counts] = bitext.bucc_counts(wanted, found)
    for pair, c in counts.items():
        target = " ".join(pair[1:])
        reading.add(
            f"{language}:{' '.join(pair)}",
            f"{language}:{pair[0]}",
            "f1",
            **c._asdict(),
            gold=target if c.n_gold else None,
            prediction=target if c.n_pred else None,
        )
    gold_ids = [f"{language}:{' '.join(pair)}" for pair, c in counts.items() if c.n_gold]
    figure = f1_figure(list(counts.values()))
    reading.scored.append(Scored("f1", bitext.BUCC, figure, len(gold_ids), item_set_hash(gold_ids)))
    return reading


def score_answers(task: str, language: str, gold: bytes, predictions: bytes) -> Reading:
    """Read answers by question id (``xquad``, ``mlqa``, ``tydiqa``)."""
    implementation = qa.MLQA if task == "mlqa" else qa.SQUAD
    try:
        fold = qa.folding(implementation, language)
    except ValueError as error:
        raise Unreadable(str(error)) from None
    questions = _labels(parse_questions, gold)
    answers, twice = parse_answers(predictions)
    reading = Reading()
    answerable = [q for q in questions if q.answers]
    if not answerable:
        raise UnreadableLabels(f"none of its {len(questions):,} questions has a gold answer")
    _note_answers(reading.notes, questions, answerable, answers, twice)
    seen: dict[str, int] = {}
    ids: list[str] = []
    both: tuple[list[float], list[float]] = ([], [])
    for question in answerable:
        seen[question.id] = seen.get(question.id, 0) + 1
        item_id = question.id if seen[question.id] == 1 else f"{question.id}#{seen[question.id]}"
        answer = answers.get(question.id)
        prediction = answer if isinstance(answer, str) else None
        item_credits = qa.qa_credits(prediction, question.answers, fold)
        text_sha = sha256(question.text.encode("utf-8", "surrogatepass")).hexdigest()
        reading.texts[text_sha] = question.text
        reading.paragraphs.setdefault(question.paragraph, []).append(question.id)
        ids.append(item_id)
        for metric, credit, into in zip(("f1", "exact_match"), item_credits, both, strict=True):
            into.append(credit)
            reading.add(
                item_id,
                question.paragraph,
                metric,
                credit=credit,
                gold=" | ".join(question.answers),
                prediction=prediction,
                text_sha=text_sha,
            )
    item_set = item_set_hash(ids)
    for metric, item_credits_ in zip(("f1", "exact_match"), both, strict=True):
        figure = mean_figure(item_credits_)
        reading.scored.append(Scored(metric, implementation, figure, figure.n, item_set))
    return reading


def _note_answers(
    notes: list[str],
    questions: list[Question],
    answerable: list[Question],
    answers: dict[str, Any],
    twice: list[str],
) -> None:
    """Say which answers are missing, unusable or beside the point; refuse where none fits."""
    wanted = {q.id for q in questions}
    if not wanted & answers.keys():
        raise Unreadable(
            f"it answers none of the {len(questions):,} questions of the labels: another data set?"
        )
    counted = sorted({q.id for q in answerable})
    without_gold = sorted(wanted.difference(counted))
    repeated = len(questions) - len(wanted)
    unanswered = [i for i in counted if i not in answers]
    no_text = [i for i in counted if i in answers and not isinstance(answers[i], str)]
    beside = sorted(answers.keys() - wanted)
    for ids, what in (
        (unanswered, "questions are not answered: XTREME gives them 0"),
        (no_text, "answers are no text and count as not answered"),
        (beside, "answers belong to no question of the labels and were left out"),
        (twice, "questions are answered twice: the last answer counts"),
        (without_gold, "questions have no gold answer and were left out"),
    ):
        if ids:
            notes.append(f"{len(ids):,} {what} ({some([quoted(i) for i in ids], 3)})")
    if repeated:
        notes.append(f"the labels repeat {repeated:,} question ids: each repetition counts, as in XTREME")


def _pairs(data: bytes, notes: list[str], whose: str) -> list[bitext.Pair]:
    lines = parse_lines(data)
    pairs: list[bitext.Pair] = [tuple(line.split("\t")) for line in lines if line]
    if len(pairs) < len(lines):
        notes.append(f"{whose} have {len(lines) - len(pairs):,} empty lines, which were left out")
    distinct = list(dict.fromkeys(pairs))
    if len(distinct) < len(pairs):
        notes.append(f"{whose} repeat {len(pairs) - len(distinct):,} pairs: a pair counts once")
    return distinct


def _labels(parse: Callable[[bytes], _Parsed], data: bytes) -> _Parsed:
    try:
        return parse(data)
    except Unreadable as error:
        raise UnreadableLabels(str(error)) from None


def _same_length(found: list[_Parsed], wanted: Sequence[object], unit: str) -> list[_Parsed]:
    if len(found) != len(wanted):
        raise Unreadable(
            f"it has {len(found):,} {unit} and its labels have {len(wanted):,}: they pair by number"
        )
    return found


def _is_index(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
