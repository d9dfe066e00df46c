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
    """Show the claims ID: what is said where, what must hold, and what was said before and since.

    json: one object a claim, with `history` as a list. `intermezzo check ID` says what the store makes of it.
    """
    from intermezzo.queries.claims.kept import read_kept
    from intermezzo.tui.claims_text import damage_notes, show_answer
    from intermezzo.tui.output import emit, say

    there = read_kept(chosen_store(ctx))
    say(*damage_notes(there))
    emit(show_answer(there, [there.find(claim_id) for claim_id in dict.fromkeys(ids)]), format_name)
