"""``intermezzo jobs cancel``."""

from __future__ import annotations

import click
from intermezzo.tui.options import chosen_store, store_options


@click.command(name="cancel")
@click.argument("job_ids", metavar="ID...", nargs=-1, required=True)
@store_options
@click.pass_context
def command(ctx: click.Context, job_ids: tuple[str, ...]) -> None:
    """Stop jobs. What they have finished is kept: the same evaluation goes on from there."""
    from intermezzo.engine.jobs import find_job
    from intermezzo.engine.launchers import launcher_for
    from intermezzo.tui.output import say

    store = chosen_store(ctx)
    for name in job_ids:
        job = find_job(store, name)
        launcher_for(job.launcher).cancel(job)
        say(f"Job {job.id} is cancelled.")
