"""``intermezzo systems list``."""

from __future__ import annotations

import click
from intermezzo.tui.asking import print_options

from .systems import print_systems


@click.command(name="list")
@click.option(
    "--identity", type=click.Choice(["known", "guessed", "unknown"]), help="Only systems so surely known."
)
@print_options
@click.pass_context
def command(ctx: click.Context, identity: str | None, all_columns: bool, format_name: str) -> None:
    """List the systems: base model + recipe (+ shots and prompt), how surely that is known, and why."""
    print_systems(ctx, identity, all_columns=all_columns, format_name=format_name)
