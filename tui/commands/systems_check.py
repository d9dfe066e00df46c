"""``intermezzo systems check``."""

from __future__ import annotations

import click
from intermezzo.tui.options import chosen_store, store_options


@click.command(name="check")
@store_options
@click.pass_context
def command(ctx: click.Context) -> None:
    """Check the store's systems.toml: exit 0 if it can be used, 2 with the line and the reason if not."""
    from intermezzo.queries.identity import load_systems
    from intermezzo.tui.output import say

    store = chosen_store(ctx)
    if not store.systems_toml.exists():
        say(f"There is no {store.systems_toml}: no name or folder has a meaning of its own yet.")
        ctx.exit(0)
    rules = load_systems(store)
    say(
        f"{store.systems_toml}: in order. {len(rules.rules)} rules, {len(rules.models)} model names, "
        f"{len(rules.recipes)} recipe names."
    )
