"""``intermezzo jobs cancel``."""

from __future__ import annotations

import click
from intermezzo.tui.options import chosen_store, store_options


@click.command(name="cancel")
@click.argument("job_ids", metavar="[ID...]", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All that wait or run.")
@click.option("--experiment", metavar="NAME", help="All that wait or run of this experiment.")
@store_options
@click.pass_context
def command(ctx: click.Context, job_ids: tuple[str, ...], every: bool, experiment: str | None) -> None:
    """Stop jobs. What they have finished is kept: the same evaluation or stage goes on from there.

    Exit code 0; 1 if some could not be stopped; 2 if none could, or none is named.
    """
    from intermezzo.engine.jobs import find_job, jobs
    from intermezzo.engine.launchers import cancel_all
    from intermezzo.engine.launchers.slurm import refreshed
    from intermezzo.tui.output import counted, say

    if bool(job_ids) + every + bool(experiment) != 1:
        raise click.UsageError("Name jobs by their ids, or say --all, or --experiment NAME.", ctx)
    store = chosen_store(ctx)
    if job_ids:
        found = [find_job(store, name) for name in dict.fromkeys(job_ids)]
    else:
        found = [
            job
            for job in refreshed(jobs(store))
            if not job.over and (every or job.spec.what.get("experiment") == experiment)
        ]
        if not found:
            say("No such job waits or runs: there is nothing to cancel.")
    came = cancel_all(found)
    if len(came.cancelled) > 3:
        say(f"{counted(len(came.cancelled), 'job')} cancelled.")
    else:
        say(*(f"Job {job.id} is cancelled." for job in reversed(came.cancelled)))
    say(*came.over, *came.problems)
    # one of "all that wait or run" that ends just before its turn is as it should be
    failed = came.problems or (job_ids and came.over)
    ctx.exit((1 if came.cancelled else 2) if failed else 0)
