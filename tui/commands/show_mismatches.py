"""``intermezzo show mismatches``."""

from __future__ import annotations

import click
from intermezzo.tui.asking import filter_option, finish, print_options
from intermezzo.tui.options import chosen_store


@click.command(name="mismatches")
@filter_option
@print_options
@click.pass_context
def command(ctx: click.Context, words: str | None, all_columns: bool, format_name: str) -> None:
    """Print where a value recomputed from items and the tool's own differ by more than the tolerance.

    Values are in their natural unit, as found. Exits 0 also where there is none.
    """
    from intermezzo.tui.lists_text import Listing, list_answer

    listing = Listing(
        "mismatches",
        {
            "system": "system",
            "task": "task",
            "language": "language",
            "metric": "metric",
            "implementation": "implementation",
            "value": "recomputed",
            "logged": "logged",
            "difference": "difference",
            "n": "n",
            "source": "source",
        },
    )
    answer = list_answer(chosen_store(ctx), listing, words=words, all_columns=all_columns)
    finish(
        ctx,
        answer,
        format_name,
        if_empty="No mismatch: recomputed values agree with the tool's own, within the tolerance.",
        empty_code=0,
    )
