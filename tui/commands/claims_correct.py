"""``intermezzo claims correct``."""

from __future__ import annotations

from pathlib import Path

import click
from intermezzo.tui.options import chosen_store, store_options


@click.command(name="correct")
@click.argument("claim_id", metavar="ID")
@click.argument("file", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@click.option("--withdraw", is_flag=True, help="Take the claim back instead of saying something else.")
@click.option("--why", metavar="TEXT", required=True, help="The reason; it is kept and shown with the claim.")
@click.option("--by", metavar="NAME", help="Who corrects it; it is kept.")
@store_options
@click.pass_context
def command(
    ctx: click.Context, claim_id: str, file: Path | None, withdraw: bool, why: str, by: str | None
) -> None:
    """Supersede the claim ID by the one claim of FILE, or withdraw it; the old one stays readable."""
    if (file is None) != withdraw:
        raise click.UsageError("Give either FILE, with what is said now, or --withdraw.", ctx)
    from intermezzo.queries.claims.claim_file import read_claims
    from intermezzo.queries.claims.kept import correct
    from intermezzo.tui.output import say

    claim = None
    if file is not None:
        claims = read_claims(file)
        if len(claims) != 1:
            raise click.UsageError(f"{file} holds {len(claims)} claims: a correction is one.", ctx)
        claim = claims[0]
    record = correct(chosen_store(ctx), claim_id, claim, why, by)
    now = "withdrawn" if claim is None else f"superseded by {'itself' if claim.id == claim_id else claim.id}"
    say(f"{claim_id} is {now} (claims/{record}.json); what it said stays readable.")
