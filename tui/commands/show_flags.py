"""``intermezzo show flags``."""

from __future__ import annotations

import click
from intermezzo.tui.asking import finish, print_options, system_option, task_option
from intermezzo.tui.options import chosen_store


@click.command(name="flags")
@system_option
@task_option
@print_options
@click.pass_context
def command(
    ctx: click.Context, system: tuple[str, ...], task: tuple[str, ...], all_columns: bool, format_name: str
) -> None:
    """Print trained runs that collapsed, and pairs that predict the same and should not.

    Collapsed: at or below chance + 2 (x 100), or more than 5 MAD below the median of at least 4 runs of other
    seeds, on each task's own metric. Identical: the files name one hash of predictions for two trainings;
    --system keeps pairs with that system on either side. Exits 0 also where there is none.
    """
    from intermezzo.tui.flags_text import flags_answer

    answer, if_none = flags_answer(chosen_store(ctx), system=system, task=task, all_columns=all_columns)
    finish(ctx, answer, format_name, if_empty=if_none, empty_code=0)
