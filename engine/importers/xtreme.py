"""XTREME submissions: prediction files scored against a labels tree of the same shape.

A submission is a folder with ``<task>/test-<language>.tsv`` (``.json`` for question answering). Labels are
looked for in the imported tree, as the one folder of that shape called ``labels`` or ``gold``, or the one
nearest to the predictions where there are several; else beside the predictions. Several systems may
share one labels folder: a system is called by its folder's path below the labels' parent, without
``predictions``, and by the parent's name where nothing is left.

One run a task, with every language that could be read; the others are gaps with their reason.
Macro means are not written: the store makes them from the languages.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from intermezzo.engine.importing.draft import Bundle, Draft, Guessed, Outcome, Refused
from intermezzo.engine.importing.reading import Unreadable, read_whole
from intermezzo.engine.importing.tree import Tree, relative_to
from intermezzo.engine.metrics.xtreme_score import TASK_LANGUAGES
from intermezzo.queries.languages import canonical
from intermezzo.queries.records import ITEM_COLUMNS, Found, Items, Run, Score, Source

from .xtreme_files import parse_lines, some
from .xtreme_scoring import (
    Reading,
    UnreadableLabels,
    score_answers,
    score_labels,
    score_pairs,
    score_tags,
    score_tatoeba,
)
from .xtreme_tree import FILE, IMPLEMENTATIONS, QA, bundles

NAME = "xtreme"
VERSION = 1

_PARALLEL_LINES = frozenset({"xnli", "pawsx"})
_PARALLEL_QUESTIONS = frozenset({"xquad", "mlqa"})


def find(tree: Tree) -> Iterator[Bundle]:
    """Claim the task folders of every submission, each with its labels."""
    return bundles(tree, NAME)


def read(bundle: Bundle) -> Iterator[Outcome]:
    """Score one task of one system, language by language."""
    context = bundle.context
    if "task" not in context:
        if "refused" in context:
            yield Refused(Path(context["folder"]), context["refused"])
        else:
            yield Guessed(bundle.main, context["ignored"])
        return
    task: str = context["task"]
    if context["guess"]:
        yield Guessed(bundle.main, context["guess"])
    gold_files = {
        os.path.basename(p): str(p) for p in bundle.companions if str(p.parent) == context["labels"]
    }
    shifted = _not_parallel(context["labels"]) if task in _PARALLEL_LINES else {}
    readings: dict[str, tuple[str | None, Reading]] = {}
    gaps: dict[str, str] = {}
    sources: dict[str, Source] = {}
    for path in context["predictions"]:
        found = FILE.fullmatch(os.path.basename(path))
        code = found.group(1) if found else ""
        known = canonical(code)
        language: str = known.code if known else code
        if language in readings or language in gaps:
            yield Refused(Path(path), f"another file has {language} already")
            continue
        gold_path = gold_files.get(os.path.basename(path))
        if gold_path is None:
            looked_for = relative_to(context["root"], f"{context['labels']}/{os.path.basename(path)}")
            gaps[language] = f"no labels: looked for {looked_for}"
            yield Refused(Path(path), gaps[language])
            continue
        notes = [] if known else [f"{code} is no language that is known here: kept as found"]
        try:
            gold = _contents(gold_path, sources, UnreadableLabels)
            predictions = _contents(path, sources, Unreadable)
            reading = _score(task, code, language, gold, predictions, parallel=code not in shifted)
        except UnreadableLabels as error:
            gaps[language] = f"the labels cannot be used: {error}"
            yield Refused(Path(gold_path), str(error))
            continue
        except Unreadable as error:
            gaps[language] = f"the predictions cannot be used: {error}"
            yield Refused(Path(path), str(error))
            continue
        readings[language] = (None if known else code, reading)
        notes += [f"{code}: {note}" for note in reading.notes]
        if code in shifted:
            notes.append(f"{code}: {shifted[code]}")
        sources[path] = replace(sources[path], guessed=tuple(notes))
        yield from (Guessed(Path(path), note) for note in notes)
    yield from (Guessed(bundle.main, said) for said in _against_the_benchmark(task, readings, gaps))
    if readings:
        yield _draft(context, readings, gaps, tuple(sources[p] for p in sorted(sources)))


def _contents(path: str, sources: dict[str, Source], fault: type[Unreadable]) -> bytes:
    # A file that is refused later is a source too: the gap it leaves in the run comes from it.
    try:
        data, sources[path] = read_whole(Path(path), NAME, VERSION)
    except Unreadable as error:
        raise fault(str(error)) from None
    return data


def _score(
    task: str, code: str, language: str, gold: bytes, predictions: bytes, *, parallel: bool
) -> Reading:
    if task in _PARALLEL_LINES:
        return score_labels(task, language, gold, predictions, parallel=parallel)
    if task == "tatoeba":
        return score_tatoeba(language, gold, predictions)
    if task == "bucc2018":
        return score_pairs(language, gold, predictions)
    if task in QA:
        return score_answers(task, code, gold, predictions)
    return score_tags(task, language, gold, predictions)


def _draft(
    context: dict[str, Any],
    readings: dict[str, tuple[str | None, Reading]],
    gaps: dict[str, str],
    sources: tuple[Source, ...],
) -> Draft:
    task: str = context["task"]
    scores: list[Score] = []
    columns: dict[str, list[Any]] = {name: [] for name in ITEM_COLUMNS}
    texts: dict[str, str] = {}
    if task in _PARALLEL_QUESTIONS:
        _link_paragraphs([reading for _, reading in readings.values()])
    for language, (subject, reading) in sorted(readings.items()):
        for scored in reading.scored:
            scores.append(
                Score(
                    metric=scored.metric,
                    value=scored.figure.value,
                    language=None if subject else language,
                    implementation=scored.implementation,
                    n=scored.n,
                    stderr=scored.figure.stderr,
                    evidence="recomputed",
                    item_set=scored.item_set,
                    subject=subject,
                    gap=scored.figure.reason,
                )
            )
        rows = len(reading.columns["item_id"])
        for name, column in columns.items():
            column.extend(
                [language] * rows if name == "language" else reading.columns.get(name, [None] * rows)
            )
        texts.update(reading.texts)
    for language, reason in sorted(gaps.items()):
        for metric, implementation in IMPLEMENTATIONS[task]:
            known = canonical(language)
            scores.append(
                Score(
                    metric=metric,
                    value=None,
                    language=language if known else None,
                    implementation=implementation,
                    evidence="recomputed",
                    subject=None if known else language,
                    gap=reason,
                )
            )
    run = Run(
        found=Found(name=context["system"], path=context["path"]),
        task=task,
        sources=sources,
        scores=tuple(scores),
        split="test",
        key=task,
        tool="xtreme",
        config={"labels": relative_to(context["root"], context["labels"])},
        importer=NAME,
        importer_version=VERSION,
    )
    return Draft(run, Items(columns, texts=texts))


def _against_the_benchmark(
    task: str, readings: dict[str, tuple[str | None, Reading]], gaps: dict[str, str]
) -> Iterator[str]:
    """Add a gap for every language of the benchmark that has no file, and say which are missing or extra."""
    wanted = [found.code for code in TASK_LANGUAGES[task] if (found := canonical(code))]
    missing = [code for code in wanted if code not in readings and code not in gaps]
    gaps.update(dict.fromkeys(missing, "no predictions file"))
    if missing and readings:
        yield f"{task}: no predictions for {some(missing, 40)}: without them XTREME has no mean for the task"
    extra = [code for code in sorted(readings) if code not in wanted]
    if extra:
        yield f"{task}: {some(extra, 40)} is read, but is not among XTREME's languages of the task"


def _not_parallel(folder: str) -> dict[str, str]:
    """Return the languages of a labels folder whose line numbers are not those of the others, and why.

    Parallel files have the same gold label in the same line (PAWS-X has a line less in Korean, so that
    all lines after it stand apart). The labels that most files share decide, English among equals. The
    whole folder is asked, whatever was predicted, so that item ids are the same for every system.
    """
    gold: dict[str, tuple[str, ...]] = {}
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        found = FILE.fullmatch(name)
        if found is None:
            continue
        try:
            data, _ = read_whole(Path(folder, name), NAME, VERSION)
            gold[found.group(1)] = tuple(parse_lines(data))
        except Unreadable:
            continue
    if len(gold) < 2:
        return {}
    commonest = Counter(gold.values())
    reference = max(gold.items(), key=lambda pair: (commonest[pair[1]], pair[0] == "en", len(pair[1])))[1]
    apart: dict[str, str] = {}
    for code, lines in gold.items():
        if len(lines) != len(reference):
            apart[code] = f"{len(lines):,} lines where other languages have {len(reference):,}"
        elif sum(a != b for a, b in zip(lines, reference, strict=True)) > len(reference) // 20:
            apart[code] = "the gold labels are not those of the other languages"
    return {code: f"{why}: its lines are not taken as parallel to theirs" for code, why in apart.items()}


def _link_paragraphs(readings: list[Reading]) -> None:
    """Give paragraphs that share a question, in whatever language, one cluster: the least question id."""
    parent: dict[str, str] = {}

    def root(question: str) -> str:
        while parent.setdefault(question, question) != question:
            parent[question] = question = parent[parent[question]]
        return question

    for reading in readings:
        for ids in reading.paragraphs.values():
            for other in ids:
                low, high = sorted((root(ids[0]), root(other)))
                parent[high] = low
    for reading in readings:
        names = {paragraph: root(ids[0]) for paragraph, ids in reading.paragraphs.items()}
        reading.columns["cluster_id"] = [names[cluster] for cluster in reading.columns["cluster_id"]]
