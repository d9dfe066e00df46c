"""``intermezzo claims add``."""

from __future__ import annotations

from pathlib import Path

import click
from intermezzo.tui.options import chosen_store, store_options


@click.command(name="add")
@click.argument("files", metavar="FILE...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--shipped", is_flag=True, help="Those that came with the program, with their verifications.")
@click.option("--by", metavar="NAME", help="Who adds them; it is kept.")
@store_options
@click.pass_context
def command(ctx: click.Context, files: tuple[Path, ...], shipped: bool, by: str | None) -> None:
    """Add the claims of FILE (TOML, see docs/claims.md) to the store; it is made where there is none.

    A claim that is there already is left as it is; one that says otherwise under the same id is refused.
    """
    if not files and not shipped:
        raise click.UsageError("Name a file of claims, or say --shipped for those of the program.", ctx)
    from intermezzo.queries.claims.claim_file import read_claims
    from intermezzo.queries.claims.kept import add_claims
    from intermezzo.tui.output import counted, say

    claims = [claim for file in files for claim in read_claims(file)]
    store = chosen_store(ctx, create=True)
    added, there = add_claims(store, claims, by)
    if shipped:
        from intermezzo.engine.published.shipped_claims import add_shipped

        added += add_shipped(store)
    if added:
        say(f"{counted(len(added), 'claim')} added: {', '.join(added)}")
    if there:
        say(f"{counted(len(there), 'claim')} {'was' if len(there) == 1 else 'were'} there already.")
