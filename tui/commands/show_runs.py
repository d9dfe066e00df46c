"""``intermezzo show runs``."""

from __future__ import annotations

from typing import Any

import click
from intermezzo.tui.asking import filter_option, finish, print_options, system_option, task_option
from intermezzo.tui.options import chosen_store

RUN_ID_SHOWN = 10
"""How much of a run id a table shows; wherever a run is named, the start of its id is enough."""


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
    """Print the runs, newest first: who, what, seed, how many scores and items, which evidence.

    Tables show the start of a run's id, which is enough to name it; csv and json have all of it.
    """
    from intermezzo.tui.lists_text import Listing, list_answer

    listing = Listing(
        "run_list",
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
    answer = list_answer(
        chosen_store(ctx), listing, system=system, task=task, words=words, all_columns=all_columns
    )
    finish(ctx, answer, format_name, if_empty="There is no such run in this store.")


def _state(row: dict[str, Any]) -> str | None:
    if row["superseded_by"]:
        return f"superseded by {row['superseded_by']}"
    if row["hidden"]:
        return f"hidden: {row['hidden_why'] or 'no reason given'}"
    return None


def _day(row: dict[str, Any]) -> str | None:
    return str(row["date"])[:10] if row["date"] else None
