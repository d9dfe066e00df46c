"""``intermezzo runs show``."""

from __future__ import annotations

import click
from intermezzo.tui.options import chosen_store, format_option, store_options


@click.command(name="show")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@format_option
@store_options
@click.pass_context
def command(ctx: click.Context, ids: tuple[str, ...], format_name: str) -> None:
    """Show all that is known of the runs ID, and their scores.

    json: one object a run, with its columns, `config` as an object, `scores` as a list.
    """
    from intermezzo.tui.output import emit
    from intermezzo.tui.runs_answers import records_answer
    from intermezzo.tui.stores import reading, run_ids

    with reading(chosen_store(ctx)) as reader:
        answer = records_answer(reader, run_ids(reader, ids))
    emit(answer, format_name)
