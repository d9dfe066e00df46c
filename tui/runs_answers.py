"""Runs as answers: the list, and all that is known of some; shared by the commands and the Runs place."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .asking import records, sheet
from .lists_text import Listing, Row, readable
from .output import Answer, Sheet
from .runs_text import EVERY

RUN_ID_SHOWN = 10
"""How much of a run id a table shows; wherever a run is named, the start of its id is enough."""

_POSITIONS = ("position", "matching", "whole")
"""Columns of a stretch of the list that say which stretch it is."""


def listed_rows(ask: Any, listing: Mapping[str, Any]) -> tuple[list[str], list[Row]]:
    """Return the columns, and all runs that parameters of ``run_page`` leave, in their order."""
    table = ask.ask("run_page", **listing, first=0, most=EVERY)
    columns = [name for name in table.columns if name not in _POSITIONS]
    return columns, [{name: row[name] for name in columns} for row in records(table)]


def listed_answer(ask: Any, listing: Mapping[str, Any]) -> Answer:
    """Return the list that is looked at, whole.

    Args:
        ask: Who answers questions.
        listing: Parameters of ``run_page``.
    """
    return answer_of(*listed_rows(ask, listing))


def answer_of(columns: Sequence[str], rows: Sequence[Row], *, all_columns: bool = False) -> Answer:
    """Lay runs out: every column for scripts, the usual ones for reading unless all are wanted."""
    data = sheet(columns, rows)
    return Answer(data, None if all_columns else lambda: [readable(LISTING, rows)])


def _state(row: Row) -> str | None:
    if row["superseded_by"]:
        return f"superseded by {row['superseded_by']}"
    if row["hidden"]:
        return f"hidden: {row['hidden_why'] or 'no reason given'}"
    return None


def _day(row: Row) -> str | None:
    return str(row["date"])[:10] if row["date"] else None


LISTING = Listing(
    "run_page",
    {
        "system": "system",
        "task": "task",
        "subset": "subset",
        "split": "split",
        "train_seed": "seed",
        "languages": "langs",
        "items": "items",
        "evidence": "evidence",
        "date": "date",
        "run_id": "run",
        "hidden": "state",
    },
    text={"hidden": _state, "date": _day, "run_id": lambda row: row["run_id"][:RUN_ID_SHOWN]},
    right=frozenset({"date", "run"}),
)
"""How the list is shown."""


def records_answer(ask: Any, run_ids: Sequence[str]) -> Answer:
    """Return all that is known of some runs, and their scores."""
    found: list[tuple[Row, list[Row]]] = []
    for run_id in run_ids:
        [record] = records(ask.ask("run_record", run=run_id))
        record["config"] = json.loads(record["config"] or "{}")
        found.append((record, records(ask.ask("run_scores", run=run_id))))
    columns = (*found[0][0], "scores")
    data = Sheet(columns, [(*record.values(), scores) for record, scores in found])
    return Answer(data, lambda: [s for record, scores in found for s in _sheets(record, scores)])


def _sheets(record: Row, scores: Sequence[Row]) -> list[Sheet]:
    """Lay out what is known: the fields that have a value, then the scores."""
    known = [(name, value) for name, value in record.items() if value not in (None, {}, [])]
    sheets = [Sheet(("field", "value"), known, caption=f"Run {record['run_id']}")]
    columns = [name for name in (scores[0] if scores else ()) if any(s[name] is not None for s in scores)]
    rows = [tuple(score[name] for name in columns) for score in scores]
    return [*sheets, Sheet(columns, rows, caption=f"Scores: {len(rows):,}")] if rows else sheets
