"""``intermezzo demo``: the demo store in the app."""

from __future__ import annotations

import click
from intermezzo.tui.options import store_options


@click.command(name="demo")
@store_options
@click.pass_context
def command(ctx: click.Context) -> None:
    """Open the demo store in the app: published figures, and small real results where there are some.

    It is built in your cache when first used. `--demo` gives every other command the same store.
    """
    from intermezzo.tui.opening import open_app
    from intermezzo.tui.stores import demo_store

    ctx.exit(open_app(demo_store(), tour=True))
