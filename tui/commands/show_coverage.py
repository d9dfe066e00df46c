"""``intermezzo show coverage``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import click
from intermezzo.tui.asking import filter_option, finish, print_options, system_option, task_option
from intermezzo.tui.options import chosen_store


@click.command(name="coverage")
@system_option
@task_option
@filter_option
@click.option(
    "--languages", is_flag=True, help="Cell by cell: each language there, a gap, or unknown, and why."
)
@print_options
@click.pass_context
def command(
    ctx: click.Context,
    system: tuple[str, ...],
    task: tuple[str, ...],
    words: str | None,
    languages: bool,
    all_columns: bool,
    format_name: str,
) -> None:
    """Print which cells have which languages, and what is missing, with reasons.

    `15/33`: 15 languages of the 33 that any system of the store has on that yardstick. With --languages,
    csv and json have one row a cell of system, task and language; a table puts equal reasons together.
    """
    if languages:
        from intermezzo.tui.coverage_text import coverage_answer

        found = coverage_answer(
            chosen_store(ctx), system=system, task=task, words=words, all_columns=all_columns
        )
        finish(ctx, found, format_name, if_empty="No cell of this store is asked for.")
    from intermezzo.tui.lists_text import Listing, list_answer

    listing = Listing(
        "coverage",
        {
            "system": "system",
            "task": "task",
            "subset": "subset",
            "split": "split",
            "metric": "metric",
            "state": "state",
            "languages": "languages",
            "missing": "missing",
            "reason": "reason",
        },
        text={
            "languages": lambda row: f"{row['languages']}/{row['languages_met']}",
            "missing": lambda row: row["missing"] if row["state"] == "partial" else None,
        },
        right=frozenset({"languages"}),
    )
    answer = list_answer(
        chosen_store(ctx),
        listing,
        system=system,
        task=task,
        words=words,
        all_columns=all_columns,
        notes=_states_told,
    )
    finish(ctx, answer, format_name, if_empty="No cell of this store is asked for.")


def _states_told(rows: Sequence[dict[str, Any]]) -> list[str]:
    counts = Counter(row["state"] for row in rows)
    return ["Cells: " + ", ".join(f"{count:,} {state}" for state, count in counts.most_common()) + "."]
