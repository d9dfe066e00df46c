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
    """List the claims of the store, oldest first, with the last verdict that `intermezzo check` kept."""
    from intermezzo.queries.claims.kept import read_kept
    from intermezzo.queries.claims.kept_verifications import read_attempts
    from intermezzo.tui.claims_text import damage_notes, list_answer
    from intermezzo.tui.output import say

    store = chosen_store(ctx)
    there, attempts = read_kept(store), read_attempts(store)
    say(*damage_notes(there, attempts))
    finish(
        ctx,
        list_answer(there, attempts, every=every),
        format_name,
        if_empty="This store holds no claims: `intermezzo claims add FILE` adds some.",
        empty_code=0,
    )
