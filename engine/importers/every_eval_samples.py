"""Samples of an every_eval_ever record: its lines become items, and figures are recomputed from them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from intermezzo.engine.importing.draft import Bundle, Refused, Waiting
from intermezzo.engine.importing.reading import (
    Unreadable,
    is_young,
    load_json,
    number,
    read_whole,
    table,
    text,
    unread,
    whole,
)
from intermezzo.queries.metrics import check_value, metric
from intermezzo.queries.records import Items, Score, Source
from intermezzo.queries.tasks import task as known_task

from .every_eval_fields import Entry
from .item_rows import Row, items_of, keep_text, own_ids, rescored, shown, unique

_PATIENCE_S = 60.0


@dataclass(slots=True)
class Samples:
    """What a samples file adds to the results of its record.

    Attributes:
        rows: Item rows by result (``id`` of the entry).
        again: Scores recomputed from them.
        texts: Texts of the items by hash.
        partial: Why the rows are not all, by result.
        source: The file, if it was used.
        remarks: Lines that were not taken.
    """

    rows: dict[int, list[Row]] = field(default_factory=dict)
    again: dict[int, Score] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    partial: dict[int, str] = field(default_factory=dict)
    source: Source | None = None
    remarks: list[Refused | Waiting] = field(default_factory=list)

    def items_of(self, entries: list[Entry]) -> Items | None:
        """Return the items of the results of one run; ``None`` if there are none."""
        rows = [row for entry in entries for row in self.rows.get(id(entry), ())]
        if not rows:
            return None
        used = {row["text_sha"] for row in rows if row["text_sha"]}
        partial = dict.fromkeys(self.partial[id(e)] for e in entries if id(e) in self.partial)
        return items_of(rows, {sha: self.texts[sha] for sha in used}, "; ".join(partial) or None)


def attach(bundle: Bundle, record: dict[str, Any], entries: list[Entry], name: str, version: int) -> Samples:
    """Join the results of a record with the lines of the samples file beside it."""
    samples = Samples()
    if not bundle.companions:
        return samples
    path = bundle.companions[0]
    try:
        data, source = read_whole(path, name, version)
    except Unreadable as error:
        samples.remarks.append(unread(path, error))
        return samples
    told = table(record.get("detailed_evaluation_results"))
    problem = _checksum_problem(told, data)
    if problem:
        samples.remarks.append(Refused(path, problem))
        return samples
    lines = _lines(path, data, record, samples)
    by_name: dict[str, Entry] = {}
    for entry in reversed(entries):
        by_name |= dict.fromkeys(entry.names, entry)
    mine: dict[int, tuple[Entry, list[dict[str, Any]]]] = {}
    strangers = 0
    for line in lines:
        wanted = text(line.get("evaluation_result_id")) or text(line.get("evaluation_name")) or ""
        one = by_name.get(wanted)
        if one is None:
            strangers += 1
        else:
            mine.setdefault(id(one), (one, []))[1].append(line)
    if strangers:
        samples.remarks.append(
            Refused(path, f"{strangers} lines belong to no result of the record", "evaluation_result_id")
        )
    complete = whole(told.get("total_rows")) == len(lines)
    for one, found in mine.values():
        _add(samples, one, found, complete)
    samples.source = source if samples.rows else None
    if not samples.rows and not samples.remarks:
        samples.remarks.append(Refused(path, "it holds no samples"))
    return samples


def _checksum_problem(told: dict[str, Any], data: bytes) -> str | None:
    wanted = text(told.get("checksum"))
    algorithm = text(told.get("hash_algorithm")) or "sha256"
    if wanted is None or algorithm not in ("sha256", "md5"):
        return None
    if hashlib.new(algorithm, data, usedforsecurity=False).hexdigest() == wanted.lower():
        return None
    return f"its {algorithm} is not the one that the record gives: samples of another run, or changed since"


def _lines(path: Path, data: bytes, record: dict[str, Any], samples: Samples) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    others = 0
    wanted = text(record.get("evaluation_id"))
    pieces = data.split(b"\n")
    for number_, piece in enumerate(pieces, 1):
        if not piece.strip():
            continue
        try:
            line = load_json(piece)
        except Unreadable as error:
            if number_ == len(pieces) and is_young(path, _PATIENCE_S):
                reason = "its last line breaks off; it seems to be being written"
                samples.remarks.append(Waiting(path, reason))
            else:
                samples.remarks.append(Refused(path, f"the line is left out: {error}", f"line {number_}"))
            continue
        if not isinstance(line, dict):
            samples.remarks.append(Refused(path, "the line is not a JSON object", f"line {number_}"))
        elif wanted and text(line.get("evaluation_id")) not in (None, wanted):
            others += 1
        else:
            found.append(line)
    if others:
        samples.remarks.append(Refused(path, f"{others} lines are of another evaluation", "evaluation_id"))
    return found


def _add(samples: Samples, entry: Entry, lines: list[dict[str, Any]], complete: bool) -> None:
    score, task = entry.score, entry.place.task
    named = [shown(line.get("sample_id")) or "" for line in lines]
    ids = own_ids(task, score.language, unique(named))
    known = metric(score.metric)
    of_task = known_task(task)
    mean = known is not None and known.kind_for(of_task.kind if of_task else None) == "mean"
    values = [number(table(line.get("evaluation")).get("score")) for line in lines]
    possible = [v if v is not None and not check_value(score.metric, v) else None for v in values]
    item_credits = possible if mean else [None] * len(lines)
    rows: list[Row] = []
    for item_id, line, credit in zip(ids, lines, item_credits, strict=True):
        asked = table(line.get("input"))
        rows.append(
            {
                "language": score.language,
                "language_2": score.language_2,
                "item_id": item_id,
                "metric": score.metric,
                "credit": credit,
                "gold": shown(asked.get("reference")),
                "prediction": _prediction(line),
                "text_sha": keep_text(samples.texts, text(asked.get("raw"))),
            }
        )
    samples.rows[id(entry)] = rows
    expected = score.n if score.n is not None else len(lines) if complete else None
    if expected is not None and len(lines) != expected:
        samples.partial[id(entry)] = f"{len(lines)} of {expected}"
        return
    numbers = [credit for credit in item_credits if credit is not None]
    if expected is None:
        samples.partial[id(entry)] = f"{len(lines)} of an unknown number"
    elif numbers and len(numbers) == len(lines):
        fresh = rescored(score, numbers, ids)
        tolerance = known.tolerance if known else 0.0
        agrees = (
            score.value is not None
            and fresh.value is not None
            and abs(fresh.value - score.value) <= tolerance
        )
        if score.evidence == "logged" or agrees:
            samples.again[id(entry)] = fresh
        else:
            samples.partial[id(entry)] = f"{len(lines)}, whose mean is not the published figure"


def _prediction(line: dict[str, Any]) -> str | None:
    """Return the answer that counted, else what the model said."""
    attributed = line.get("answer_attribution")
    for one in reversed(attributed if isinstance(attributed, list) else []):
        if table(one).get("is_terminal") is not False and text(table(one).get("extracted_value")):
            return shown(table(one)["extracted_value"])
    return shown(table(line.get("output")).get("raw"))
