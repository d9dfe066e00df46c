"""``intermezzo show languages``: what stands behind a cell."""

from __future__ import annotations

import click
from intermezzo.queries.language_rows import LANGUAGE_SORTS
from intermezzo.tui.asking import (
    filter_option,
    finish,
    print_options,
    system_option,
    task_option,
    yardstick_option,
)
from intermezzo.tui.options import chosen_store, complete_name


@click.command(name="languages")
@system_option
@task_option
@click.option(
    "--metric",
    metavar="NAME",
    shell_complete=complete_name("metric"),
    help="This metric; `all` for all.  [default: each task's own]",
)
@yardstick_option
@click.option(
    "--baseline",
    metavar="SYSTEM",
    shell_complete=complete_name("system"),
    help="Take all deltas against this system.  [default: the direct recipe of the same base model]",
)
@filter_option
@click.option(
    "--sort",
    "by",
    type=click.Choice((*LANGUAGE_SORTS, "delta")),
    help="Order of the languages of a cell.  [default: value]",
)
@click.option("--reverse", is_flag=True, help="The other way round.")
@click.option("--seeds", is_flag=True, help="The score of each train seed, and how far they spread.")
@print_options
@click.pass_context
def command(
    ctx: click.Context,
    system: tuple[str, ...],
    task: tuple[str, ...],
    metric: str | None,
    yardstick: str | None,
    baseline: str | None,
    words: str | None,
    by: str | None,
    reverse: bool,
    seeds: bool,
    all_columns: bool,
    format_name: str,
) -> None:
    """Print the languages behind cells of the matrix; all cells where neither system nor task is given.

    As a table: values x 100 (unit-interval metrics) with their 95 % interval over items, one block a cell.
    """
    from intermezzo.tui.languages_text import languages_answer
    from intermezzo.tui.seeds_text import seeds_answer

    store = chosen_store(ctx)
    if seeds:
        answer = seeds_answer(
            store,
            system=system,
            task=task,
            yardstick=yardstick,
            metric=metric,
            words=words,
            all_columns=all_columns,
        )
    else:
        answer = languages_answer(
            store,
            system=system,
            task=task,
            metric=metric,
            yardstick=yardstick,
            baseline=baseline,
            words=words,
            by=next((sort for sort in LANGUAGE_SORTS if sort == by), "value" if by or reverse else None),
            deltas=by == "delta",
            reverse=reverse,
            all_columns=all_columns,
        )
    finish(
        ctx,
        answer,
        format_name,
        if_empty="No language stands behind that: `intermezzo show coverage` says what there is.",
    )
