"""``intermezzo show runs``."""

from __future__ import annotations

from typing import Any

import click
from intermezzo.tui.asking import filter_option, finish, print_options, system_option, task_option
from intermezzo.tui.options import chosen_store


@click.command(name="runs")
@system_option
@task_option
@filter_option
@print_options
@click.pass_context
def command(
    ctx: click.Context,
    system: tuple[str, ...],
    task: tuple[str, ...],
    words: str | None,
    all_columns: bool,
    format_name: str,
) -> None:
    """Print the runs, newest first: who, what, seed, how many scores and items, which evidence."""
    from intermezzo.tui.lists_text import Listing, list_answer

    listing = Listing(
        "run_list",
        {
            "run_id": "run",
            "system": "system",
            "task": "task",
            "split": "split",
            "train_seed": "seed",
            "languages": "languages",
            "items": "items",
            "evidence": "evidence",
            "date": "date",
            "hidden": "state",
        },
        text={"hidden": _state, "date": _day},
    )
    answer = list_answer(
        chosen_store(ctx), listing, system=system, task=task, words=words, all_columns=all_columns
    )
    finish(ctx, answer, format_name, if_empty="There is no such run in this store.")


def _state(row: dict[str, Any]) -> str:
    if row["superseded_by"]:
        return f"superseded by {row['superseded_by']}"
    if row["hidden"]:
        return f"hidden: {row['hidden_why'] or 'no reason given'}"
    return "current"


def _day(row: dict[str, Any]) -> str | None:
    return str(row["date"])[:10] if row["date"] else None
