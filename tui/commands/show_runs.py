"""``intermezzo show runs``."""

from __future__ import annotations

import click
from intermezzo.tui.asking import finish, print_options, system_option, task_option
from intermezzo.tui.options import chosen_store
from intermezzo.tui.runs_text import LARGEST_FIRST, SORTS


@click.command(name="runs")
@system_option
@task_option
@click.option(
    "--filter",
    "words",
    metavar="WORDS",
    default="",
    help="Only runs that hold every word, in whatever column; !word: do not.",
)
@click.option("--sort", "by", type=click.Choice(SORTS), default=SORTS[0], show_default=True, help="Sort by.")
@click.option(
    "--reverse", is_flag=True, help="The other way round: date, items and evidence are largest first."
)
@click.option("--in-view", is_flag=True, help="Without hidden and superseded runs.")
@print_options
@click.pass_context
def command(
    ctx: click.Context,
    system: tuple[str, ...],
    task: tuple[str, ...],
    words: str,
    by: str,
    reverse: bool,
    in_view: bool,
    all_columns: bool,
    format_name: str,
) -> None:
    """Print the runs, newest first: who, what, seed, how many scores and items, which evidence.

    Tables show the start of a run's id, which is enough to name it; csv and json have all of it.
    """
    from intermezzo.tui.asking import narrowed, only
    from intermezzo.tui.runs_answers import answer_of, listed_rows
    from intermezzo.tui.stores import known_names, reading

    listing = {"filter": words or None, "sort": by, "descending": (by in LARGEST_FIRST) != reverse}
    with reading(chosen_store(ctx)) as reader:
        names = known_names(reader, system=system, task=task)
        limits = {"system": only(names["system"]), "task": only(names["task"])}
        columns, rows = listed_rows(reader, {**listing, **limits, "concealed": not in_view})
    rows = narrowed(rows, system=names["system"], task=names["task"])
    answer = answer_of(columns, rows, all_columns=all_columns)
    finish(ctx, answer, format_name, if_empty="There is no such run in this store.")
