"""``intermezzo jobs log``."""

from __future__ import annotations

import click
from intermezzo.tui.options import chosen_store, store_options


@click.command(name="log")
@click.argument("job_id", metavar="ID")
@store_options
@click.pass_context
def command(ctx: click.Context, job_id: str) -> None:
    """Print everything that a job has said so far."""
    from intermezzo.engine.jobs import find_job
    from intermezzo.queries.harmless import harmless

    job = find_job(chosen_store(ctx), job_id)
    with job.log.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            click.echo(harmless(line.rstrip("\n")))
