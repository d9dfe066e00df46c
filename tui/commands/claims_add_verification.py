"""``intermezzo claims add-verification``."""

from __future__ import annotations

from pathlib import Path

import click
from intermezzo.tui.options import chosen_store, store_options


@click.command(name="add-verification")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@store_options
@click.pass_context
def command(ctx: click.Context, files: tuple[Path, ...]) -> None:
    """Add verifications of others (TOML, one [[verification]] each), as found, to the claims they are about.

    Where a record contradicts itself, `intermezzo claims show ID` says so; the record is left as it is.
    """
    from intermezzo.queries.claims.contradictions import contradictions
    from intermezzo.queries.claims.kept_verifications import add_verifications
    from intermezzo.queries.claims.verification import read_verifications
    from intermezzo.tui.output import counted, say

    said = [v for file in files for v in read_verifications(file)]
    added, there = add_verifications(chosen_store(ctx), said)
    if added:
        say(f"{counted(added, 'verification')} added.")
    if there:
        say(f"{counted(there, 'verification')} {'was' if there == 1 else 'were'} there already.")
    for v in said:
        say(*(f"{v.claim}, by {v.by}: {sentence}" for sentence in contradictions(v)))
