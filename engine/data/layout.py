"""Data sets in the files of XTREME's download folder."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from .errors import DataError
from .raw import ASKED, Raw
from .targets import Target

_LINE_END = re.compile(r"\r\n|\r|\n")


def read_language(root: Path, target: Target, split: str, code: str) -> list[Raw]:
    """Return the items of a language, in the file's order; of ``mining`` the source sentences.

    Raises:
        DataError: The file is missing or is not of the form it should have.
    """
    path = file_of(root, target, split, code)
    if not path.is_file():
        raise DataError(f"{target.task.id} has no {split} file in {code} here: looked for {path}.")
    try:
        return _READERS[target.reader](path)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path} is not of the form that {target.task.id} has: {_said(error)}.") from error


def file_of(root: Path, target: Target, split: str, code: str) -> Path:
    """Return where a language's file stands."""
    pattern = target.files.get(split)
    if pattern is None:
        raise DataError(
            f"{target.task.id} has no {split} split in XTREME's folder: {' and '.join(target.files)}."
        )
    return root / pattern.replace("{code}", code)


def languages_here(root: Path, target: Target, split: str) -> list[str]:
    """Return the languages that have a file, in the task's order."""
    return [code for code in target.task.languages if file_of(root, target, split, code).is_file()]


def read_lines(path: Path) -> list[str]:
    """Return the lines of a text file as they are, without an empty one at the end."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 text (byte {error.start:,}).") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from error
    lines = _LINE_END.split(text)
    if lines and not lines[-1]:
        lines.pop()
    if not lines:
        raise DataError(f"{path} is empty.")
    return lines


def _columns(path: Path, line: str, number: int, least: int) -> list[str]:
    found = line.split("\t")
    if len(found) < least:
        raise DataError(f"{path}, line {number + 1} has {len(found)} columns and should have {least}.")
    return found


def _pairs(path: Path) -> list[Raw]:
    found = []
    for number, line in enumerate(read_lines(path)):
        columns = _columns(path, line, number, 2)
        # XTREME takes the labels off its test files: those can be predicted, not scored.
        gold = columns[2].strip() if len(columns) > 2 else None
        found.append(Raw((columns[0], columns[1]), gold))
    return found


def _tags(path: Path) -> list[Raw]:
    found: list[Raw] = []
    words: list[str] = []
    tags: list[str] = []
    for number, line in enumerate([*read_lines(path), ""]):
        if line.strip():
            columns = _columns(path, line, number, 2)
            words.append(columns[0])
            tags.append(columns[-1].strip())
        elif words:
            found.append(Raw(tuple(words), tuple(tags)))
            words, tags = [], []
    return found


def _questions(path: Path) -> list[Raw]:
    top = json.loads("\n".join(read_lines(path)))
    found = []
    for article in top["data"]:
        title = str(article.get("title") or "")
        for paragraph in article["paragraphs"]:
            context = paragraph["context"]
            key = paragraph_key(title, context)
            for asked in paragraph["qas"]:
                # Equal answers once, each with the first place it stands at.
                places: dict[str, int] = {}
                for answer in asked["answers"]:
                    places.setdefault(answer["text"], int(answer["answer_start"]))
                found.append(
                    Raw(
                        (asked["question"], context),
                        tuple(places) or None,
                        str(asked["id"]),
                        tuple(places.values()),
                        paragraph=key,
                    )
                )
    return found


def paragraph_key(title: str, context: str) -> str:
    """Return the name of a paragraph, as the importer of XTREME's predictions has it."""
    return hashlib.sha256(f"{title}\0{context}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _sentences(path: Path) -> list[Raw]:
    english = path.with_suffix(".en")
    if not english.is_file():
        raise DataError(f"The English side is missing: looked for {english}.")
    lines, others = read_lines(path), read_lines(english)
    if len(lines) != len(others):
        raise DataError(
            f"{path} has {len(lines):,} lines and {english.name} {len(others):,}: they pair by line."
        )
    return [Raw(pair, str(n)) for n, pair in enumerate(zip(lines, others, strict=True))]


def _mining(path: Path) -> list[Raw]:
    gold: dict[str, list[str]] = {}
    answers = path.with_suffix(".gold")
    for number, line in enumerate(read_lines(answers)) if answers.is_file() else ():
        source, english = _columns(answers, line, number, 2)[:2]
        gold.setdefault(source.strip(), []).append(english.strip())
    if not gold:
        raise DataError(f"The gold pairs are missing: looked for {answers}.")
    return [Raw((text,), tuple(gold[key]) if key in gold else None, key) for key, text in _named(path)]


def english_side(root: Path, target: Target, split: str, code: str) -> list[Raw]:
    """Return the English sentences that BUCC's are mined from."""
    path = file_of(root, target, split, code).with_suffix(".en")
    if not path.is_file():
        raise DataError(f"The English side is missing: looked for {path}.")
    return [Raw((text,), None, key) for key, text in _named(path)]


def _named(path: Path) -> list[tuple[str, str]]:
    rows = [_columns(path, line, n, 2) for n, line in enumerate(read_lines(path))]
    return [(row[0].strip(), row[1]) for row in rows]


def _choices(path: Path) -> list[Raw]:
    return [choice(json.loads(line)) for line in read_lines(path) if line.strip()]


def choice(row: Mapping[str, object]) -> Raw:
    """Return an XCOPA item: the question in words, in English as its authors put it."""
    texts = (str(row["premise"]), ASKED[str(row["question"])])
    gold = None if row.get("label") in (None, -1) else str(row["label"])
    return Raw(texts, gold, choices=(str(row["choice1"]), str(row["choice2"])))


_READERS: dict[str, Callable[[Path], list[Raw]]] = {
    "pairs": _pairs,
    "tags": _tags,
    "questions": _questions,
    "sentences": _sentences,
    "mining": _mining,
    "choices": _choices,
}


def _said(error: Exception) -> str:
    return f"{type(error).__name__} at {error}"[:160]
