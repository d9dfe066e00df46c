"""``intermezzo show xtreme``."""

from __future__ import annotations

import click
from intermezzo.tui.asking import finish, print_options, system_option
from intermezzo.tui.options import chosen_store


@click.command(name="xtreme")
@system_option
@print_options
@click.pass_context
def command(ctx: click.Context, system: tuple[str, ...], all_columns: bool, format_name: str) -> None:
    """Print the XTREME score: unweighted means over languages, (F1 + EM) / 2 for QA, the mean of nine tasks.

    The mean of all tasks is given only where all nine are there.
    """
    from intermezzo.tui.lists_text import Listing, hundredfold, list_answer

    listing = Listing(
        "xtreme",
        {
            "system": "system",
            "level": "level",
            "name": "name",
            "xtreme_group": "group",
            "languages": "languages",
            "value": "value",
        },
        text={"value": hundredfold("value")},
        right=frozenset({"value"}),
    )
    answer = list_answer(chosen_store(ctx), listing, system=system, all_columns=all_columns)
    finish(
        ctx,
        answer,
        format_name,
        if_empty="No system of this store has test scores of XTREME's own scorers.",
    )
