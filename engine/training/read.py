"""Training data: from XTREME's folder, lines of JSON, a saved data set, the hub, or the pocket suite."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from intermezzo.engine.data.errors import DataError
from intermezzo.engine.data.from_hub import from_hub
from intermezzo.engine.examples import DataSet, Example, revision_of

from .places import locate
from .sources import TrainingSource, source

CONTROL_SEED = "intermezzo control 1"


def read_training(name: str, split: str, places: Mapping[str, str], limit: int = 0) -> DataSet | None:
    """Read a split of a training set.

    Args:
        name: Its name.
        split: ``train`` or ``validation``.
        places: Training set -> local folder or hub id; what is not named is read from its declared place.
        limit: Only the first so many examples; 0: all.

    Returns:
        The examples; ``None`` where there is no validation split.

    Raises:
        DataError: The training split is missing, or a file cannot be read.
    """
    wanted = source(name)
    if wanted.parts:
        return _joined(wanted, split, places, limit)
    place = locate(wanted, split, places)
    if wanted.pocket:
        found = _pocket(wanted, split)
        return _cut(found, limit)
    if place.state == "missing":
        if split == "train":
            raise DataError(f"Nothing to train {name} on: {place.said}.")
        return None
    if wanted.kind == "masked lm":
        return _text(wanted, split, place.path or Path(place.said), limit)
    if place.path is not None and place.path.suffix in (".tsv", ".json"):
        examples = _file(wanted, place.path, split)
    else:
        rows: Iterable[Mapping[str, Any]] | None
        if place.path is not None and place.path.is_file():
            rows = _lines(place.path)
        else:
            rows = _datasets(wanted, split, place.path, place.said)
        if rows is None:
            return None
        made = (_example(wanted, row, n, split) for n, row in enumerate(rows))
        examples = [e for e in made if e is not None]
    kept = tuple(examples)[: limit or None]
    if not kept:
        raise DataError(f"{place.said} has no {split} examples for {name}.")
    return _data_set(wanted, split, kept, place.said)


def _data_set(
    wanted: TrainingSource, split: str, examples: tuple[Example, ...], said: str, labels: Sequence[str] = ()
) -> DataSet:
    if not labels:
        labels = wanted.labels
    if not labels and wanted.kind == "tagging":
        labels = sorted({t for e in examples for t in e.gold or ()})
    return DataSet(
        task=wanted.name,
        kind=wanted.kind,
        split=split,
        revision=revision_of(examples),
        source=said,
        parallel=False,
        languages={wanted.language: examples},
        labels=tuple(labels),
        train_language=wanted.language,
    )


def _cut(data: DataSet, limit: int) -> DataSet:
    if not limit:
        return data
    languages = {code: found[:limit] for code, found in data.languages.items()}
    revision = revision_of(e for found in languages.values() for e in found)
    return replace(data, languages=languages, revision=revision)


def _joined(wanted: TrainingSource, split: str, places: Mapping[str, str], limit: int) -> DataSet | None:
    parts = [p for name in wanted.parts if (p := read_training(name, split, places)) is not None]
    if not parts:
        return None
    examples = [
        replace(e, item_id=f"{part.task} {e.item_id}")
        for part in parts
        for found in part.languages.values()
        for e in found
    ]
    if limit:
        examples = random.Random(f"{wanted.name} {split}").sample(examples, min(limit, len(examples)))
    return _data_set(wanted, split, tuple(examples), "; ".join(p.source for p in parts))


def _pocket(wanted: TrainingSource, split: str) -> DataSet:
    from intermezzo.engine.pocket.grammars import INTENTS, SLOTS, grammar_data

    task = SLOTS if wanted.pocket == "slots" else INTENTS
    data = grammar_data(task, [wanted.language], split)
    if wanted.pocket != "control":
        return replace(data, task=wanted.name)
    examples = tuple(_control(e) for e in data.languages[wanted.language])
    return _data_set(wanted, split, examples, data.source)


def _control(example: Example) -> Example:
    """Return a sentence as it is, or with its words shuffled: which of the two hangs on its id alone."""
    chance = random.Random(f"{CONTROL_SEED} {example.item_id}")
    words = example.texts[0].split()
    mixed = chance.sample(words, len(words))
    shuffle = chance.random() < 0.5 and mixed != words
    text = " ".join(mixed) if shuffle else example.texts[0]
    return replace(example, texts=(text,), gold="shuffled" if shuffle else "real")


def _text(wanted: TrainingSource, split: str, folder: Path, limit: int) -> DataSet | None:
    """Read texts, a file a language; one line in fifty is for validation."""
    languages = {}
    for file in sorted(folder.glob("*.txt")):
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"{file} cannot be read as text: {error}.") from error
        kept = [
            Example(str(n), file.stem, str(n), (line.strip(),))
            for n, line in enumerate(lines)
            if line.strip() and (n % 50 == 49) == (split == "validation")
        ]
        if kept:
            languages[file.stem] = tuple(kept[: limit or None])
    if not languages:
        return None
    revision = revision_of(e for found in languages.values() for e in found)
    return DataSet(
        wanted.name, wanted.kind, split, revision, str(folder), False, languages, train_language=None
    )


def _file(wanted: TrainingSource, path: Path, split: str) -> list[Example]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}.") from error
    if path.suffix == ".json":
        return list(_squad(text, path, wanted.language))
    if wanted.reader == "tags":
        return list(_tags(text, wanted))
    return list(_pairs(text, wanted, path, split))


def _pairs(text: str, wanted: TrainingSource, path: Path, split: str) -> Iterator[Example]:
    for n, line in enumerate(text.splitlines()):
        parts = line.split("\t")
        if len(parts) != 3 or parts[2] not in wanted.labels:
            raise DataError(
                f"{path}, line {n + 1}: expected two texts and one of {', '.join(wanted.labels)}, "
                "between tabs."
            )
        yield Example(f"{split} {n}", wanted.language, str(n), (parts[0], parts[1]), parts[2])


def _tags(text: str, wanted: TrainingSource) -> Iterator[Example]:
    words: list[str] = []
    tags: list[str] = []
    n = 0
    for line in [*text.splitlines(), ""]:
        if line.strip():
            parts = line.split("\t")
            words.append(parts[0])
            tags.append(parts[-1])
        elif words:
            yield Example(str(n), wanted.language, str(n), tuple(words), tuple(tags))
            words, tags, n = [], [], n + 1


def _squad(text: str, path: Path, language: str) -> Iterator[Example]:
    try:
        for article in json.loads(text)["data"]:
            for paragraph in article["paragraphs"]:
                for row in paragraph["qas"]:
                    answers = [] if row.get("is_impossible") else row["answers"]
                    yield _question(
                        str(row["id"]),
                        language,
                        row["question"],
                        paragraph["context"],
                        [a["text"] for a in answers],
                        [a["answer_start"] for a in answers],
                    )
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} is no SQuAD file: {error!r}.") from error


def _question(
    item_id: str, language: str, question: str, context: str, answers: Sequence[str], starts: Sequence[int]
) -> Example:
    return Example(
        item_id, language, item_id, (question, context), tuple(answers), extra={"starts": tuple(starts)}
    )


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for n, line in enumerate(file):
            try:
                row = json.loads(line)
            except ValueError as error:
                raise DataError(f"{path}, line {n + 1} is no JSON: {error}.") from error
            if not isinstance(row, dict):
                raise DataError(f"{path}, line {n + 1} is no object.")
            yield row


def _datasets(
    wanted: TrainingSource, split: str, path: Path | None, place: str
) -> Iterable[Mapping[str, Any]] | None:
    """Return the rows of a saved data set, or of the hub's; ``None`` without that split there."""
    try:
        import datasets
    except ImportError as error:
        raise DataError(f"Reading {place} needs datasets: pip install 'intermezzo[engine]'.") from error
    name = wanted.hub.get("train" if split == "train" else "dev", split)
    try:
        found: Iterable[Mapping[str, Any]]
        if path is not None:
            found = datasets.load_from_disk(str(path))
        else:
            found = from_hub(place, wanted.hub.get("config"), name)
        return found
    except Exception as error:
        if split != "train" and "split" in str(error).lower():
            return None
        first = str(error).strip().split("\n")[0][:200]
        raise DataError(
            f"{wanted.name} cannot be had from {place} ({first}). "
            f"Say where it is: [data] {wanted.name} = DIR."
        ) from error


def _example(wanted: TrainingSource, row: Mapping[str, Any], n: int, split: str) -> Example | None:
    """Return a row as an example; ``None`` for one without gold, as some sets mark with -1."""
    c = wanted.columns
    key = str(row.get("id", row.get("idx", f"{split} {n}")))
    try:
        if wanted.kind == "extractive qa":
            answers = row["answers"]
            return _question(
                key,
                wanted.language,
                row["question"],
                row["context"],
                answers["text"],
                answers["answer_start"],
            )
        gold = row[c["gold"]]
        if wanted.kind == "tagging":
            tags = tuple(wanted.labels[t] if isinstance(t, int) else str(t) for t in gold)
            return Example(key, wanted.language, key, tuple(row[c["words"]]), tags)
        if gold in (-1, "-1", "", None):
            return None
        texts = tuple(str(row[c[role]]) for role in ("first", "second") if role in c)
        if wanted.kind == "multiple choice":
            choices, right = _choices(row, c, gold)
            return Example(key, wanted.language, key, texts, right, choices=choices)
        label = wanted.labels[gold] if isinstance(gold, int) else str(gold)
        return Example(key, wanted.language, key, texts, label)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise DataError(
            f"{wanted.name}, {split} row {n}: {error!r}; it needs the columns {dict(c)}."
        ) from error


def _choices(row: Mapping[str, Any], columns: Mapping[str, Any], gold: Any) -> tuple[tuple[str, ...], str]:
    """Return the choices of a row, and the number of the right one as text."""
    named = columns["choices"]
    if isinstance(named, list):
        return tuple(str(row[name]) for name in named), str(int(gold))
    found = row[named]
    if isinstance(found, Mapping):  # commonsense_qa: letters beside texts
        return tuple(map(str, found["text"])), str(list(found["label"]).index(gold))
    return tuple(map(str, found)), str(int(gold))
