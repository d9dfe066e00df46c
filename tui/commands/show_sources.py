"""``intermezzo show sources``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import click
from intermezzo.tui.asking import finish, print_options
from intermezzo.tui.options import chosen_store

STATES = ("read", "guessed", "refused", "waiting", "quarantined")


@click.command(name="sources")
@click.option("--status", type=click.Choice(STATES), help="Only files of this status.")
@print_options
@click.pass_context
def command(ctx: click.Context, status: str | None, all_columns: bool, format_name: str) -> None:
    """Print the files behind the numbers, and those refused, with reasons."""
    from intermezzo.tui.lists_text import Listing, list_answer

    listing = Listing(
        "source_list",
        {
            "status": "status",
            "importer": "importer",
            "runs": "runs",
            "path": "path",
            "reason": "reason",
        },
    )
    answer = list_answer(
        chosen_store(ctx), listing, status=status, all_columns=all_columns, notes=_states_told
    )
    finish(ctx, answer, format_name, if_empty="No file of this store has that status." if status else EMPTY)


EMPTY = "This store has no source yet: `intermezzo import PATH` reads results into it."


def _states_told(rows: Sequence[dict[str, Any]]) -> list[str]:
    counts = Counter(row["status"] for row in rows)
    return [", ".join(f"{counts[state]:,} {state}" for state in STATES if counts[state]) + "."]
