"""``intermezzo open``, and ``intermezzo`` alone: a store, or a folder of results, in the app."""

from __future__ import annotations

from pathlib import Path

import click
from intermezzo.queries.plain_files import at_home
from intermezzo.tui.options import chosen_store, store_is_named, store_options


@click.command(name="open")
@click.argument("path", type=click.Path(), required=False)
@store_options
@click.pass_context
def command(ctx: click.Context, path: str | None) -> None:
    """Open PATH in the app: a store, or a folder (or file) of results.

    A folder of results is read into a store of its own in your cache; opening it again reads only what is
    new. Without a usable terminal, the matrix is printed instead.
    """
    ctx.exit(open_default(ctx) if path is None else _open_path(ctx, at_home(path)))


def open_default(ctx: click.Context) -> int:
    """Open the store that is meant in the app; return the exit code."""
    from intermezzo.tui.opening import open_app

    return open_app(chosen_store(ctx))


def _open_path(ctx: click.Context, path: Path) -> int:
    from intermezzo.queries.errors import Problem
    from intermezzo.tui.opening import open_app, results_store
    from intermezzo.tui.stores import existing_store, is_store

    if store_is_named(ctx):
        raise click.UsageError("PATH and --store or --demo name two stores: give one of them.", ctx)
    if not path.exists():
        raise Problem(f"There is no {path}: name a store, or a folder of results.")
    if is_store(path):
        return open_app(existing_store(path))
    store, folder = results_store(path)
    return open_app(store, watched=path, folder=folder)
