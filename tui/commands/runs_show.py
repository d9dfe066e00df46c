"""``intermezzo runs show``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
from intermezzo.tui.options import chosen_store, format_option, store_options

if TYPE_CHECKING:
    from intermezzo.tui.output import Sheet

Row = dict[str, Any]


@click.command(name="show")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@format_option
@store_options
@click.pass_context
def command(ctx: click.Context, ids: tuple[str, ...], format_name: str) -> None:
    """Show all that is known of the runs ID, and their scores.

    json: one object a run, with its columns, `config` as an object, `scores` as a list.
    """
    from intermezzo.tui.output import Answer, Sheet, emit
    from intermezzo.tui.stores import reading, run_ids

    found: list[tuple[Row, list[Row]]] = []
    with reading(chosen_store(ctx)) as reader:
        for run_id in run_ids(reader, ids):
            [record] = reader.ask("run_record", run=run_id).dicts()
            record["config"] = json.loads(record["config"] or "{}")
            found.append((record, reader.ask("run_scores", run=run_id).dicts()))
    columns = (*found[0][0], "scores")
    data = Sheet(columns, [(*record.values(), scores) for record, scores in found])
    emit(Answer(data, lambda: [s for record, scores in found for s in _sheets(record, scores)]), format_name)


def _sheets(record: Row, scores: Sequence[Row]) -> list[Sheet]:
    """Lay out what is known: the fields that have a value, then the scores."""
    from intermezzo.tui.output import Sheet

    known = [(name, value) for name, value in record.items() if value not in (None, {}, [])]
    sheets = [Sheet(("field", "value"), known, caption=f"Run {record['run_id']}")]
    columns = [name for name in (scores[0] if scores else ()) if any(s[name] is not None for s in scores)]
    rows = [tuple(score[name] for name in columns) for score in scores]
    return [*sheets, Sheet(columns, rows, caption=f"Scores: {len(rows):,}")] if rows else sheets
