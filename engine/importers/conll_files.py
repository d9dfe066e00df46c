"""Columns of CoNLL-style files: tokens and tags, an empty line after each sentence."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from intermezzo.engine.importing.reading import Unreadable, shorten

from .xtreme_files import parse_lines

MOST_COLUMNS = 14
"""More columns than CoNLL-U and CoNLL-2012 have are no such file."""

HEAD = 4096
"""Bytes of a file that are looked at to tell what it is."""

_CHUNK_TAG = re.compile(r"O|[BIESLU]-\S+")
_COMMENT = re.compile(r"#(?: |\w+ = |$)")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence.

    Attributes:
        line: Number of its first line in the file, from 1.
        tokens: Its tokens.
        tags: Its tags: the last column.
        before: The column before the last, where there are at least three; else empty.
    """

    line: int
    tokens: tuple[str, ...]
    tags: tuple[str, ...]
    before: tuple[str, ...] = ()


def looks_tagged(head: bytes) -> bool:
    """Tell from its first bytes whether a file has tokens and tags in columns."""
    whole, _, cut_off = head.rpartition(b"\n")
    lines = (whole if len(head) >= HEAD else whole + b"\n" + cut_off).decode("utf-8", "replace").splitlines()
    rows = [_split(line) for line in lines if line.strip() and not _COMMENT.match(line)]
    rows = [row for row in rows if row and row[0] != "-DOCSTART-"][:40]
    if not rows:
        return False
    width, times = Counter(map(len, rows)).most_common(1)[0]
    if not 2 <= width <= MOST_COLUMNS or times < 2 or times < 0.7 * len(rows):
        return False
    rows = [row for row in rows if len(row) == width]  # the others are refused by line
    if all(_CHUNK_TAG.fullmatch(row[-1]) for row in rows):
        return not all(
            _CHUNK_TAG.fullmatch(row[0]) for row in rows
        )  # one sentence of tags a line has no tokens
    tags = {row[-1] for row in rows}
    return all((tag.isascii() and tag.isupper() and tag.isalpha()) or tag == "_" for tag in tags) and not all(
        row[0].isdigit() for row in rows
    )


def parse_columns(data: bytes) -> list[Sentence]:
    """Return the sentences of a file. Comments, ``-DOCSTART-`` lines and empty sentences are passed over.

    Columns are set apart by tabs, or by spaces where the file has no tab.

    Raises:
        Unreadable: It is not such a file; the reason names the line.
    """
    sentences: list[Sentence] = []
    rows: list[list[str]] = []
    start = width = 0
    for number, line in enumerate([*parse_lines(data), ""], 1):
        if line and _COMMENT.match(line):
            continue
        row = _split(line)
        if not row or row[0] == "-DOCSTART-":
            if rows:
                sentences.append(_sentence(start, rows))
            rows = []
            continue
        if len(row) < 2 or len(row) > MOST_COLUMNS:
            raise Unreadable(f"line {number} is {shorten(line)}: a token and a tag are expected")
        if width and len(row) != width:
            raise Unreadable(f"line {number} has {len(row)} columns where the lines before have {width}")
        width = len(row)
        if not rows:
            start = number
        rows.append(row)
    if not sentences:
        raise Unreadable("there is no sentence in it")
    return sentences


def _split(line: str) -> list[str]:
    if "\t" in line:
        return [cell.strip() for cell in line.strip().split("\t")]
    return line.split()


def _sentence(line: int, rows: list[list[str]]) -> Sentence:
    return Sentence(
        line,
        tuple(row[0] for row in rows),
        tuple(row[-1] for row in rows),
        tuple(row[-2] for row in rows) if len(rows[0]) > 2 else (),
    )


def holds_gold(sentences: list[Sentence]) -> bool:
    """Tell whether the column before the last holds gold tags of the same kind, as conlleval's input does."""
    tags = {tag for sentence in sentences for tag in sentence.tags}
    before = {tag for sentence in sentences for tag in sentence.before}
    if not before or not all(_CHUNK_TAG.fullmatch(tag) for tag in tags | before):
        return False
    return len(before) > 1 or before == {"O"}


def first_difference(gold: list[Sentence], found: list[Sentence]) -> str | None:
    """Return where two files stop having the same tokens, as a part of a sentence; ``None``: nowhere."""
    for number, (wanted, had) in enumerate(zip(gold, found, strict=False), 1):
        for at, (a, b) in enumerate(zip(wanted.tokens, had.tokens, strict=False)):
            if a != b:
                there = f"line {wanted.line + at} there has {shorten(a)}"
                return f"line {had.line + at} has {shorten(b)} where {there}"
        if len(wanted.tokens) != len(had.tokens):
            return (
                f"sentence {number}, from line {had.line}, has {len(had.tokens)} tokens, "
                f"there (line {wanted.line}) {len(wanted.tokens)}"
            )
    if len(gold) != len(found):
        more = found[len(gold)].line if len(found) > len(gold) else None
        after = f", from line {more} on beyond its end" if more else ""
        return f"it has {len(found)} sentences{after}, and there are {len(gold)} there"
    return None
