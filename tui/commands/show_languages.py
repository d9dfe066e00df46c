"""``intermezzo show languages``: what stands behind a cell."""

from __future__ import annotations

import click
from intermezzo.tui.asking import filter_option, finish, print_options, system_option, task_option
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
@click.option(
    "--baseline",
    metavar="SYSTEM",
    shell_complete=complete_name("system"),
    help="Take all deltas against this system.  [default: the direct recipe of the same base model]",
)
@filter_option
@print_options
@click.pass_context
def command(
    ctx: click.Context,
    system: tuple[str, ...],
    task: tuple[str, ...],
    metric: str | None,
    baseline: str | None,
    words: str | None,
    all_columns: bool,
    format_name: str,
) -> None:
    """Print the languages behind cells of the matrix; all cells where neither system nor task is given.

    As a table: values x 100 (unit-interval metrics) with their 95 % interval over items, one block a cell.
    """
    from intermezzo.tui.languages_text import languages_answer

    answer = languages_answer(
        chosen_store(ctx),
        system=system,
        task=task,
        metric=metric,
        baseline=baseline,
        words=words,
        all_columns=all_columns,
    )
    finish(
        ctx,
        answer,
        format_name,
        if_empty="No language stands behind that: `intermezzo show coverage` says what there is.",
    )
