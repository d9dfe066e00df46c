"""The lines of an lm-eval samples file, by column: many gigabytes at the speed of msgspec.

One line is one (document, filter). Prompts (``arguments``) and raw answers (``resps``) are the bulk of a
file: msgspec passes over what it is not asked for. What it refuses is read line by line, and bad lines are
named.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from intermezzo.engine.importing.draft import Refused, Waiting
from intermezzo.engine.importing.line_blocks import Block, LineNumbers, blocks_of
from intermezzo.engine.importing.reading import Unreadable, is_young, load_json, number

if TYPE_CHECKING:
    import msgspec

MAX_LINE_BYTES = 64 * 2**20
"""Lines above this are refused by number."""

MAX_TEXT = 20_000
"""Characters of a document that are kept; of predictions and gold answers too."""

MEMO_BYTES = 128 * 2**20
"""Documents and their texts remembered between files: several systems answer the same documents."""

PATIENCE_S = 60.0
"""A samples file that breaks off is waited for if it is younger than this."""

_PASSAGES = ("context", "passage", "flores_passage")
_FIXED = ("doc_id", "filter", "target", "filtered_resps", "doc")


class Text(NamedTuple):
    """A document as it is kept.

    Attributes:
        sha: sha256 of the text.
        text: The document as compact JSON with sorted keys, cut at ``MAX_TEXT``.
        passage: Hash of the passage it asks about, if any; questions on one passage are not independent.
    """

    sha: str
    text: str
    passage: str | None


Memo = dict[bytes, Text]
"""Documents by their JSON as it stood in a file."""


@dataclass(slots=True)
class Lines:
    """The lines of one filter; every list has one entry a line, in file order.

    Attributes:
        doc_ids: As text.
        gold: The target.
        prediction: The filtered answer, see ``prediction_of``.
        texts: The documents.
        values: For each metric that some line has a number for: the line's value, if a number.
    """

    doc_ids: list[str] = field(default_factory=list)
    gold: list[str | None] = field(default_factory=list)
    prediction: list[str | None] = field(default_factory=list)
    texts: list[Text | None] = field(default_factory=list)
    values: dict[str, list[float | None]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.doc_ids)


@dataclass(frozen=True, slots=True)
class Read:
    """What reading a samples file came to.

    Attributes:
        filters: Lines by filter; ``""`` for files whose lines do not name one.
        sha256: Hash of the file.
        refused: Lines that were not taken.
        waiting: Set if the file is being written right now; then nothing else is.
    """

    filters: dict[str, Lines]
    sha256: str = ""
    refused: tuple[Refused, ...] = ()
    waiting: Waiting | None = None


def read_lines(path: Path, metrics: list[str], choices: bool, memo: Memo) -> Read:
    """Read a samples file.

    Args:
        path: The file.
        metrics: The tool's metric names to look for in each line.
        choices: Whether the task is multiple choice, so that answers are log-likelihoods to choose from.
        memo: Documents known already; new ones are added.

    Returns:
        Its lines by filter; a document that a filter has twice counts once.
    """
    wanted = tuple(name for name in dict.fromkeys(metrics) if name not in _FIXED)
    columns: _Columns = [[] for _ in (*_FIXED, *wanted)]
    refused: list[Refused] = []
    digest = hashlib.sha256()
    numbers = LineNumbers(path)
    try:
        for block in blocks_of(path, digest, MAX_LINE_BYTES):
            known = len(memo)
            found = _read_block(numbers, block, wanted, memo, refused)
            if isinstance(found, Waiting):
                return Read({}, waiting=found)
            for column, more in zip(columns, found, strict=True):
                column += more
            if len(memo) > known and sum(len(t.text) + len(raw) for raw, t in memo.items()) > MEMO_BYTES:
                memo.clear()
    except OSError as error:
        return Read({}, refused=(Refused(path, f"the file cannot be opened: {error.strerror}"),))
    return Read(_by_filter(path, columns, wanted, choices, refused), digest.hexdigest(), tuple(refused))


# doc_id, filter, target, filtered_resps, document, value of each metric ...
_Columns = list[list[Any]]


@cache
def _line_type(metrics: tuple[str, ...]) -> tuple[type[Any], msgspec.json.Decoder[Any]]:
    """Return what a line is read as and its reader: the fields that are kept, the document as it stands."""
    import msgspec

    fields: list[tuple[str, Any, Any]] = [(name, Any, None) for name in _FIXED if name != "doc"]
    fields += [("doc", msgspec.Raw, None), *((f"value_{i}", Any, None) for i in range(len(metrics)))]
    named = {f"value_{i}": name for i, name in enumerate(metrics)}
    line = msgspec.defstruct("Line", fields, rename=lambda name: named.get(name, name), gc=False)
    return line, msgspec.json.Decoder(line)


def _read_block(
    numbers: LineNumbers, block: Block, metrics: tuple[str, ...], memo: Memo, refused: list[Refused]
) -> _Columns | Waiting:
    """Return lines by column; adds to ``refused``."""
    import msgspec

    path = numbers.path
    if block.data is None:
        reason = f"the line has more than {MAX_LINE_BYTES // 2**20} MB"
        refused.append(Refused(path, reason, f"line {numbers.at(block.offset)}"))
        return _columns([], metrics, memo)
    line_type, decoder = _line_type(metrics)
    try:
        return _columns(decoder.decode_lines(block.data), metrics, memo)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass  # the slow way says which line it is, and lets NaN through
    lines = []
    offset = block.offset
    for data in BytesIO(block.data):
        try:
            found = load_json(data) if data.strip() else None
        except Unreadable as error:
            if not data.endswith(b"\n") and is_young(path, PATIENCE_S):
                return Waiting(path, "its last line breaks off; it seems to be being written")
            reason = f"the line is left out: {error}"
            refused.append(Refused(path, reason, f"line {numbers.at(offset)}"))
        else:
            if isinstance(found, dict):
                lines.append(_line(line_type, found, metrics))
            elif data.strip():
                refused.append(Refused(path, "the line is not a JSON object", f"line {numbers.at(offset)}"))
        offset += len(data)
    return _columns(lines, metrics, memo)


def _line(line_type: type[Any], found: dict[str, Any], metrics: tuple[str, ...]) -> Any:
    import msgspec

    values = {name: found.get(name) for name in _FIXED}
    values |= {f"value_{i}": found.get(name) for i, name in enumerate(metrics)}
    document = _dumps(found.get("doc")).encode("utf-8", "surrogatepass")
    return line_type(**values | {"doc": msgspec.Raw(document)})


def _columns(lines: list[Any], metrics: tuple[str, ...], memo: Memo) -> _Columns:
    """Return lines by column.

    Raises:
        UnicodeDecodeError: A document is not UTF-8.
    """
    doc_ids, filters, targets, answers = (list(map(attrgetter(name), lines)) for name in _FIXED[:4])
    values = [list(map(attrgetter(f"value_{i}"), lines)) for i in range(len(metrics))]
    return [
        list(map(as_text, doc_ids)),
        [as_text(filter_) or "" for filter_ in filters],
        [cut(as_text(target)) for target in targets],
        answers,
        [None if line.doc is None else _document(bytes(line.doc), memo) for line in lines],
        *([_credit(value) for value in column] for column in values),
    ]


def _document(data: bytes, memo: Memo) -> Text | None:
    found = memo.get(data)
    if found is None and data != b"null":
        found = memo[data] = text_of(data.decode("utf-8", "surrogatepass"))
    return found


def _by_filter(
    path: Path, columns: _Columns, metrics: Sequence[str], choices: bool, refused: list[Refused]
) -> dict[str, Lines]:
    doc_ids, filters = columns[:2]
    if None in doc_ids or len(set(zip(doc_ids, filters, strict=True))) < len(doc_ids):
        columns = _without_doubles(path, columns, refused)
        filters = columns[1]
    named = dict.fromkeys(filters)
    found: dict[str, Lines] = {}
    for filter_ in named:
        mine = columns
        if len(named) > 1:
            at = [i for i, other in enumerate(filters) if other == filter_]
            mine = [[column[i] for i in at] for column in columns]
        values = dict(zip(metrics, mine[5:], strict=True))
        found[filter_] = Lines(
            doc_ids=mine[0],
            gold=mine[2],
            prediction=[prediction_of(answer, choices) for answer in mine[3]],
            texts=mine[4],
            values={m: column for m, column in values.items() if any(v is not None for v in column)},
        )
    return found


def _without_doubles(path: Path, columns: _Columns, refused: list[Refused]) -> _Columns:
    """Leave out lines without a document, and those that repeat one; adds to ``refused``."""
    kept: list[int] = []
    seen: set[tuple[str, str]] = set()
    nameless = repeated = 0
    for i, key in enumerate(zip(*columns[:2], strict=True)):
        if key[0] is None:
            nameless += 1
        elif key in seen:
            repeated += 1
        else:
            seen.add(key)
            kept.append(i)
    if nameless:
        refused.append(Refused(path, f"{nameless} lines have no doc_id", "doc_id"))
    if repeated:
        refused.append(
            Refused(path, f"{repeated} lines repeat a document; the first of each counts", "doc_id")
        )
    return [[column[i] for i in kept] for column in columns]


def text_of(document: str) -> Text:
    """Return a document as it is kept, from its JSON."""
    passage = None
    try:
        found = orjson.loads(document)
    except orjson.JSONDecodeError:
        found = None  # NaN inside, say: kept as it stands
    if isinstance(found, dict):
        about = next((found[k] for k in _PASSAGES if isinstance(found.get(k), str)), None)
        passage = hashlib.sha256(about.encode()).hexdigest()[:16] if about else None
    if found is not None:
        document = orjson.dumps(found, option=orjson.OPT_SORT_KEYS).decode()
    document = document[:MAX_TEXT]
    return Text(hashlib.sha256(document.encode("utf-8", "surrogatepass")).hexdigest(), document, passage)


def prediction_of(value: Any, choices: bool) -> str | None:
    """Return a filtered answer as compact text.

    Lists of one are unwrapped. For multiple choice, the index of the highest log-likelihood of a list of
    ``[log-likelihood, is greedy]`` pairs: it compares with the target, which is an index as well.
    (``acc_norm`` may choose otherwise.)
    """
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    if choices and isinstance(value, list):
        likeliest = _likeliest(value)
        if likeliest is not None:
            return str(likeliest)
    return cut(as_text(value))


def _likeliest(pairs: list[Any]) -> int | None:
    if set(map(type, pairs)) != {list} or not all(pairs):
        return None
    firsts = [pair[0] for pair in pairs]
    if not set(map(type, firsts)) <= {str, float, int}:
        return None
    try:
        likelihoods = list(map(float, firsts))
    except (ValueError, OverflowError):
        return None
    return likelihoods.index(max(likelihoods))


def as_text(value: Any) -> str | None:
    """Return a JSON value as text: strings as they are, the rest as compact JSON."""
    return value if value is None or isinstance(value, str) else _dumps(value)


def cut(value: str | None) -> str | None:
    """Return a text of at most ``MAX_TEXT`` characters."""
    return value[:MAX_TEXT] if value else value


def _dumps(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # a lone surrogate or an integer beyond 64 bits
        import json

        return json.dumps(value, separators=(",", ":"))


def _credit(value: Any) -> float | None:
    return float(value) if isinstance(value, bool) else number(value)
