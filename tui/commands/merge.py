"""``intermezzo merge``: the runs of another store, taken into this one."""

from __future__ import annotations

import click
from intermezzo.queries.plain_files import at_home
from intermezzo.tui.options import chosen_store, format_option, store_options


@click.command(name="merge")
@click.argument("other", metavar="OTHER", type=click.Path())
@format_option
@store_options
@click.pass_context
def command(ctx: click.Context, other: str, format_name: str) -> None:
    """Take everything of the store OTHER into this one, which is made where there is none.

    Runs, texts, hidden runs, claims, verifications, and the rules of systems.toml: a rule that contradicts
    one that is here is named, and the one that is here stays. Every file is checked; what is damaged is named
    and left. OTHER is only read. Repeating it adds nothing twice. Exit code 0; 1 if something was not taken.
    """
    from intermezzo.tui.moving import move
    from intermezzo.tui.stores import existing_store

    source = existing_store(at_home(other))
    ctx.exit(move(source, chosen_store(ctx, create=True), None, format_name))
