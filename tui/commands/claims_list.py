"""``intermezzo claims list``."""

from __future__ import annotations

import click
from intermezzo.tui.asking import finish
from intermezzo.tui.options import chosen_store, format_option, store_options


@click.command(name="list")
@click.option("--all", "every", is_flag=True, help="Those superseded and withdrawn too.")
@format_option
@store_options
@click.pass_context
def command(ctx: click.Context, every: bool, format_name: str) -> None:
    """List the claims of the store, oldest first."""
    from intermezzo.queries.claims.kept import read_kept
    from intermezzo.tui.claims_text import damage_notes, list_answer
    from intermezzo.tui.output import say

    there = read_kept(chosen_store(ctx))
    say(*damage_notes(there))
    finish(
        ctx,
        list_answer(there, every=every),
        format_name,
        if_empty="This store holds no claims: `intermezzo claims add FILE` adds some.",
        empty_code=0,
    )
