"""``intermezzo claims show``."""

from __future__ import annotations

import click
from intermezzo.tui.options import chosen_store, format_option, store_options


@click.command(name="show")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@format_option
@store_options
@click.pass_context
def command(ctx: click.Context, ids: tuple[str, ...], format_name: str) -> None:
    """Show the claims ID: what is said where, what must hold, its history, and who checked it.

    json: one object a claim, with `history` and `verifications` as lists. `intermezzo check ID` says what
    the store makes of it now.
    """
    from intermezzo.queries.claims.kept import read_kept
    from intermezzo.queries.claims.kept_verifications import read_attempts
    from intermezzo.tui.claim_in_full import show_answer
    from intermezzo.tui.claims_text import damage_notes
    from intermezzo.tui.output import emit, say

    store = chosen_store(ctx)
    there, attempts = read_kept(store), read_attempts(store)
    say(*damage_notes(there, attempts))
    emit(show_answer(there, attempts, [there.find(claim_id) for claim_id in dict.fromkeys(ids)]), format_name)
