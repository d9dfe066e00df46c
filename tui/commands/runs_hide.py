"""``intermezzo runs hide``."""

from __future__ import annotations

import click
from intermezzo.tui.options import chosen_store, store_options


@click.command(name="hide")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--why", metavar="TEXT", required=True, help="The reason; it is kept and shown with the run.")
@store_options
@click.pass_context
def command(ctx: click.Context, ids: tuple[str, ...], why: str) -> None:
    """Take the runs ID out of view: no cell, mean or list of languages counts them any more.

    Nothing is deleted: `intermezzo runs unhide` brings them back, `runs list` still has them.
    """
    if not why.strip():
        raise click.UsageError("--why needs a reason: whoever reads the store later will ask for it.", ctx)
    from intermezzo.queries.store.hidden import hide

    from .runs_unhide import turn

    turn(chosen_store(ctx), ids, lambda store, found: hide(store, found, why), "hidden")
