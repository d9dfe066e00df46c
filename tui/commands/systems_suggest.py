"""``intermezzo systems suggest``."""

from __future__ import annotations

import click
from intermezzo.tui.options import chosen_store, store_options


@click.command(name="suggest")
@store_options
@click.pass_context
def command(ctx: click.Context) -> None:
    """Print rules for the systems that are not known, guessed from names and folders, as TOML.

    Nothing is applied: look them over, correct them, and append them to the store's systems.toml.
    """
    from intermezzo.tui.output import counted, say
    from intermezzo.tui.suggestions import suggested_toml

    store = chosen_store(ctx)
    text, names, blank = suggested_toml(store)
    if not names:
        say("Every system of this store is known: there is nothing to suggest.")
        ctx.exit(0)
    click.echo(text, nl=False)
    say(
        f"{counted(names, 'name')}, of which {blank} say nothing of a base model or recipe. "
        f"These are guesses: look them over, then append them to {store.systems_toml}"
    )
