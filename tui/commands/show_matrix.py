"""``intermezzo show matrix``: systems x tasks."""

from __future__ import annotations

import click
from intermezzo.tui.asking import filter_option, finish, print_options, system_option, task_option
from intermezzo.tui.options import chosen_store, complete_name

AGGREGATES = ("macro", "without-train", "median", "worst", "micro")


@click.command(name="matrix")
@task_option
@system_option
@click.option(
    "--metric",
    metavar="NAME",
    shell_complete=complete_name("metric"),
    help="This metric, in all its implementations.  [default: each task's own]",
)
@click.option(
    "--aggregate",
    type=click.Choice(AGGREGATES),
    default="macro",
    show_default=True,
    help="How the languages of a cell become one number; macro is their mean.",
)
@click.option(
    "--baseline",
    metavar="SYSTEM",
    shell_complete=complete_name("system"),
    help="Take all deltas against this system.  [default: the direct recipe of the same base model]",
)
@filter_option
@click.option("--deltas", is_flag=True, help="In tables: the delta to the baseline beside each value.")
@click.option(
    "--intervals",
    is_flag=True,
    help="Read items: 95 % intervals of deltas and p adjusted over the whole matrix (slow for many cells).",
)
@print_options
@click.pass_context
def command(
    ctx: click.Context,
    task: tuple[str, ...],
    system: tuple[str, ...],
    metric: str | None,
    aggregate: str,
    baseline: str | None,
    words: str | None,
    deltas: bool,
    intervals: bool,
    all_columns: bool,
    format_name: str,
) -> None:
    """Print the matrix: systems x tasks.

    As a table: values x 100 (unit-interval metrics), each with the letter of its evidence; a gap is a dot,
    and its reason is told on stderr. As csv, json or jsonl: one row a cell, natural units, unrounded.
    """
    from intermezzo.tui.matrix_text import Asked, matrix_answer

    asked = Asked(
        task=task,
        system=system,
        metric=metric,
        aggregate=aggregate,
        baseline=baseline,
        words=words,
        deltas=deltas,
        intervals=intervals,
        all_columns=all_columns,
    )
    answer = matrix_answer(chosen_store(ctx), asked)
    finish(ctx, answer, format_name, if_empty="The matrix is empty: no cell of the store is asked for.")
