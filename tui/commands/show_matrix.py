"""``intermezzo show matrix``: systems x tasks."""

from __future__ import annotations

import click
from intermezzo.queries.arranging import SYSTEMS_BY, TASKS_BY, Arrangement
from intermezzo.queries.matrix import AGGREGATES
from intermezzo.tui.asking import filter_option, finish, print_options, system_option, task_option
from intermezzo.tui.options import chosen_store, complete_name

GROUPINGS = tuple(name for name in (*SYSTEMS_BY, *TASKS_BY) if name)


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
@click.option(
    "--hide",
    "hidden",
    metavar="NAME",
    multiple=True,
    help="Without this system, task or yardstick; repeatable.",
)
@click.option(
    "--by",
    type=click.Choice(GROUPINGS),
    multiple=True,
    help="Group systems by model family or base model, tasks by their group; repeatable.",
)
@click.option(
    "--means",
    is_flag=True,
    help="Means over the tasks shown (and over each group), with how many tasks have a number.",
)
@click.option(
    "--sort",
    metavar="NAME",
    help="Sort systems by a task, by mean or by name; tasks by a system. By deltas with --deltas.",
)
@click.option("--ascending", is_flag=True, help="Smallest first.")
@click.option("--transpose", is_flag=True, help="In tables: tasks down, systems across.")
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
    hidden: tuple[str, ...],
    by: tuple[str, ...],
    means: bool,
    sort: str | None,
    ascending: bool,
    transpose: bool,
    all_columns: bool,
    format_name: str,
) -> None:
    """Print the matrix: systems x tasks.

    As a table: values x 100 (unit-interval metrics), each with the letter of its evidence; a gap is a dot,
    and its reason is told on stderr. As csv, json or jsonl: one row a cell, natural units, unrounded; means
    over tasks are rows of the task `mean`.
    """
    from intermezzo.tui.matrix_text import Asked, matrix_answer

    how = Arrangement(
        show="deltas" if deltas or intervals else "values",
        aggregate=next(name for name in AGGREGATES if name == aggregate),
        filter=words or "",
        tasks=task,
        systems=system,
        hidden=hidden,
        sort=sort,
        descending=not ascending,
        systems_by=next((name for name in SYSTEMS_BY if name in by), None),
        tasks_by=next((name for name in TASKS_BY if name in by), None),
        means=means,
    )
    asked = Asked(how, metric, baseline, intervals, transpose, all_columns)
    answer = matrix_answer(chosen_store(ctx), asked)
    finish(ctx, answer, format_name, if_empty="The matrix is empty: no cell of the store is asked for.")
