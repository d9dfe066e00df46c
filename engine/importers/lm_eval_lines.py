"""The lines of an lm-eval samples file, by column: many gigabytes at the speed of DuckDB's JSON reader.

One line is one (document, filter). Prompts (``arguments``) and raw answers (``resps``) are the bulk of a
file and are passed over. A file that DuckDB refuses is read line by line, and its bad lines are named.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from intermezzo.engine.importing.draft import Refused, Waiting
from intermezzo.engine.importing.reading import Unreadable, is_young, load_json, number

if TYPE_CHECKING:
    import duckdb

MAX_LINE_BYTES = 64 * 2**20
"""Lines above this are refused by number."""

MAX_TEXT = 20_000
"""Characters of a document that are kept; of predictions and gold answers too."""

MEMO_BYTES = 64 * 2**20
"""Document texts remembered between files: several systems answer the same documents."""

PATIENCE_S = 60.0
"""A samples file that breaks off is waited for if it is younger than this."""

_PASSAGES = ("context", "passage", "flores_passage")
_FIXED = ("doc_id", "doc", "target", "filtered_resps", "filter")


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


Memo = dict[int, Text]
"""Documents by DuckDB's hash of their JSON, which holds within a process."""


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
        refused: Lines that were not taken.
        waiting: Set if the file is being written right now; then nothing else is.
    """

    filters: dict[str, Lines]
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
    refused: list[Refused] = []
    try:
        columns = _fast(path, metrics, memo)
    except Exception as error:  # DuckDB's own kinds of errors; the slow way says which line it is
        if isinstance(error, OSError):
            return Read({}, (Refused(path, f"the file cannot be opened: {error.strerror}"),))
        slow = _slow(path, metrics)
        if isinstance(slow, Waiting):
            return Read({}, waiting=slow)
        rows, refused = slow
        columns = _columns(rows, metrics)
    return Read(_by_filter(path, columns, metrics, choices, refused), tuple(refused))


# doc_id, filter, target, filtered_resps, document, value of each metric ...
_Row = tuple[Any, ...]
_Columns = list[list[Any]]


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    import duckdb

    con = duckdb.connect(
        config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    )
    con.execute("SET threads = 1")
    return con


def _fast(path: Path, metrics: list[str], memo: Memo) -> _Columns:
    names = [*_FIXED, *metrics]
    if len({name.lower() for name in names}) != len(names):
        raise ValueError("two columns differ by case only")
    types = ", ".join(f"{_literal(name)}: 'JSON'" for name in names)
    source = f"read_json($path, format = 'newline_delimited', records = 'true', columns = {{{types}}})"
    values = "".join(
        f", CASE WHEN json_type({_quoted(m)}) NOT IN ('VARCHAR', 'ARRAY', 'OBJECT') THEN"
        f" try_cast({_quoted(m)} AS DOUBLE) END"
        for m in metrics
    )
    # escape the glob signs that DuckDB would expand in a file name
    where = {"path": "".join(f"[{c}]" if c in "*?[" else c for c in str(path))}
    con = _connection().cursor()
    con.execute(
        "SELECT doc_id ->> '$', coalesce(\"filter\" ->> '$', ''), target ->> '$', filtered_resps, hash(doc)"
        f"{values} FROM {source}",
        where,
    )
    columns = _columns(con.fetchall(), metrics)
    known = {key: memo.get(key) for key in set(columns[4])}
    missing = [key for key, found in known.items() if found is None]
    if missing:
        con.execute(
            f"SELECT hash(doc), any_value(doc) FROM {source} "
            "WHERE hash(doc) IN (SELECT unnest($keys::UBIGINT[])) GROUP BY 1",
            where | {"keys": missing},
        )
        while texts := con.fetchmany(1024):
            for key, document in texts:
                known[key] = None if document is None else text_of(document)
        _remember(memo, {key: found for key in missing if (found := known[key]) is not None})
    columns[4] = [known[key] for key in columns[4]]
    return columns


def _columns(rows: list[_Row], metrics: list[str]) -> _Columns:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(5 + len(metrics))]


def _remember(memo: Memo, fresh: Memo) -> None:
    if sum(len(t.text) for t in memo.values()) > MEMO_BYTES:
        memo.clear()
    memo.update(fresh)


def _slow(path: Path, metrics: list[str]) -> tuple[list[_Row], list[Refused]] | Waiting:
    rows: list[_Row] = []
    refused: list[Refused] = []
    with open(path, "rb") as handle:
        line_number = 0
        while line := handle.readline(MAX_LINE_BYTES + 1):
            line_number += 1
            where = f"line {line_number}"
            if len(line) > MAX_LINE_BYTES:
                refused.append(Refused(path, f"the line has more than {MAX_LINE_BYTES // 2**20} MB", where))
                while line and not line.endswith(b"\n"):
                    line = handle.readline(MAX_LINE_BYTES)
                continue
            if not line.strip():
                continue
            try:
                found = load_json(line)
            except Unreadable as error:
                if not line.endswith(b"\n") and is_young(path, PATIENCE_S):
                    return Waiting(path, "its last line breaks off; it seems to be being written")
                refused.append(Refused(path, f"the line is left out: {error}", where))
                continue
            if not isinstance(found, dict):
                refused.append(Refused(path, "the line is not a JSON object", where))
                continue
            values = [_credit(found.get(m)) for m in metrics]
            answer = found.get("filtered_resps")
            document = found.get("doc")
            rows.append(
                (
                    as_text(found.get("doc_id")),
                    as_text(found.get("filter")) or "",
                    as_text(found.get("target")),
                    None if answer is None else _dumps(answer),
                    None if document is None else text_of(_dumps(document)),
                    *values,
                )
            )
    return rows, refused


def _by_filter(
    path: Path, columns: _Columns, metrics: list[str], choices: bool, refused: list[Refused]
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
            gold=[cut(g) for g in mine[2]],
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


def prediction_of(answer: str | None, choices: bool) -> str | None:
    """Return a filtered answer as compact text.

    Lists of one are unwrapped. For multiple choice, the index of the highest log-likelihood of a list of
    ``[log-likelihood, is greedy]`` pairs: it compares with the target, which is an index as well.
    (``acc_norm`` may choose otherwise.)
    """
    if answer is None:
        return None
    try:
        value = orjson.loads(answer)
    except orjson.JSONDecodeError:
        return cut(answer)
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    if choices and isinstance(value, list):
        likelihoods = [_likelihood(pair) for pair in value]
        known = [likelihood for likelihood in likelihoods if likelihood is not None]
        if known and len(known) == len(value):
            return str(known.index(max(known)))
    return cut(as_text(value))


def _likelihood(pair: Any) -> float | None:
    first = pair[0] if isinstance(pair, list) and pair else None
    if isinstance(first, str):
        try:
            first = float(first)
        except ValueError:
            return None
    return number(first)


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


def _literal(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
