"""``intermezzo systems suggest``."""

from __future__ import annotations

import click
from intermezzo.tui.options import chosen_store, store_options


@click.command(name="suggest")
@store_options
@click.pass_context
def command(ctx: click.Context) -> None:
    """Print rules for the systems that are not known, guessed from what the files say, as TOML.

    Looked at are names, folders, checkpoints and adapters, seeds and steps. Nothing is applied:
    `intermezzo systems accept` takes some or all, or correct them and append them to systems.toml.
    """
    from intermezzo.tui.output import counted, say
    from intermezzo.tui.suggestions import one_rule_for_all, suggested, suggested_toml

    store = chosen_store(ctx)
    found = suggested(store)
    if not found:
        say("Every system of this store is known: there is nothing to suggest.")
        ctx.exit(0)
    click.echo(suggested_toml(found), nl=False)
    blank = sum(not one.said for one in found)
    say(
        f"{counted(len(found), 'name')}, of which {blank} say nothing of a base model or recipe. "
        "These are guesses: look them over, then `intermezzo systems accept NAME ...` or `--all`, "
        f"or append them to {store.systems_toml}"
    )
    if hint := one_rule_for_all(found):
        say(hint)
