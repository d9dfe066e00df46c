"""The files of an XTREME submission, parsed: lines, sentences of tags, pairs, questions and answers.

XTREME's scorer reads lines with white space cut off at both ends and pairs them by number, so nothing
here is folded further. What cannot be read raises ``Unreadable`` with a reason.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from intermezzo.engine.importing.reading import Unreadable, load_json

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a SQuAD file.

    Attributes:
        id: Its id, as found.
        answers: Gold answers, possibly none.
        paragraph: Short hash of title and context: the cluster it stands in.
        text: Question and context, to be shown; empty where the file has neither.
    """

    id: str
    answers: tuple[str, ...]
    paragraph: str
    text: str


def parse_lines(data: bytes) -> list[str]:
    """Return the lines of a text file, white space cut off, without empty lines at the end.

    Lines end where Python's text mode ends them (LF, CR LF, CR), not at other Unicode line breaks.

    Raises:
        Unreadable: It is empty, binary, or not UTF-8.
    """
    if not data.strip():
        raise Unreadable("the file is empty")
    if b"\0" in data:
        raise Unreadable("the file is binary: it holds zero bytes (UTF-8 text is read here)")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"the file is not UTF-8 text: line {line} holds other bytes") from None
    lines = [line.strip() for line in _LINE_END.split(text)]
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        raise Unreadable("the file is empty")
    return lines


def parse_sentences(data: bytes) -> list[list[str]]:
    """Return the sentences of a tagging file: a tag a line, an empty line after each sentence."""
    sentences: list[list[str]] = [[]]
    for line in parse_lines(data):
        if line:
            sentences[-1].append(line)
        else:
            sentences.append([])
    return sentences


def parse_questions(data: bytes) -> list[Question]:
    """Return the questions of a SQuAD JSON file, in order.

    Raises:
        Unreadable: It is not SQuAD JSON, or has no question.
    """
    top = load_json(data)
    articles = top.get("data", top) if isinstance(top, dict) else top
    if not isinstance(articles, list):
        raise Unreadable("it is not SQuAD JSON: there is no list of articles under `data`")
    found: list[Question] = []
    try:
        for article in articles:
            title = str(article.get("title") or "")
            for paragraph in article["paragraphs"]:
                context = str(paragraph.get("context") or "")
                cluster = hashlib.sha256(f"{title}\0{context}".encode("utf-8", "surrogatepass")).hexdigest()[
                    :16
                ]
                for qa in paragraph["qas"]:
                    answers = tuple(dict.fromkeys(a["text"] for a in qa["answers"]))
                    if not isinstance(qa["id"], str) or not all(isinstance(a, str) for a in answers):
                        raise TypeError
                    text = f"{qa.get('question') or ''}\n\n{context}".strip()
                    found.append(Question(qa["id"], answers, cluster, text))
    except (KeyError, TypeError, AttributeError):
        after = f"after question {found[-1].id}" if found else "at its first question"
        raise Unreadable(
            f"it is not SQuAD JSON: articles, paragraphs, qas, id, answers break off {after}"
        ) from None
    if not found:
        raise Unreadable("there is no question in it")
    return found


def parse_answers(data: bytes) -> tuple[dict[str, Any], list[str]]:
    """Return ``{question id: answer}`` as found, and the ids that the file gives twice (the last counts).

    Raises:
        Unreadable: It is not a flat JSON object, or has no entry.
    """
    top = load_json(data)
    if not isinstance(top, dict):
        raise Unreadable('it is not a JSON object of answers: {"question id": "answer"} is expected')
    if not top:
        raise Unreadable("there is no answer in it")
    twice: list[str] = []

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in pairs:
            if key in made:
                twice.append(key)
            made[key] = value
        return made

    if len(top) < data.count(b'":'):  # fewer entries than keys: look for repeated ones
        try:
            json.loads(data.decode("utf-8-sig", "surrogatepass"), object_pairs_hook=note)
        except ValueError:
            twice.clear()
    return top, twice


def quoted(text: str, longest: int = 40) -> str:
    """Return a foreign text in quotes, cut short, for a sentence."""
    return f"`{text if len(text) <= longest else text[: longest - 1] + '…'}`"


def some(names: list[str], most: int = 8) -> str:
    """Return names for a sentence: all, or the first few and how many more."""
    return (
        ", ".join(names) if len(names) <= most else f"{', '.join(names[:most])} and {len(names) - most} more"
    )
