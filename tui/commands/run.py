"""``intermezzo run``: do an experiment, here or on SLURM."""

from __future__ import annotations

import click
from intermezzo.tui.options import data_option, format_option, store_options


@click.command(name="run")
@click.argument("file", metavar="FILE")
@click.option(
    "--on",
    "where",
    type=click.Choice(["here", "slurm"]),
    default="here",
    show_default=True,
    help="Where: in this process, or as jobs of a SLURM cluster.",
)
@click.option("--dry-run", is_flag=True, help="Print what would be done, in its order, and do nothing.")
@click.option("--detach", is_flag=True, help="With --on here: as jobs that outlive the terminal.")
@click.option("--partition", metavar="NAME", help="SLURM partition.  [default: the file's, else SLURM's]")
@click.option("--gres", metavar="WHAT", help="SLURM resources a job, e.g. gpu:1.")
@click.option(
    "--time", "minutes", metavar="MIN", type=click.IntRange(1), help="Minutes a SLURM job may take."
)
@data_option
@format_option
@store_options
@click.pass_context
def command(
    ctx: click.Context,
    file: str,
    where: str,
    dry_run: bool,
    detach: bool,
    partition: str | None,
    gres: str | None,
    minutes: int | None,
    data: str | None,
    format_name: str,
) -> None:
    """Do the experiment in FILE: train its stages, evaluate them, put the runs into the store.

    What is done already is left out, what was begun goes on from its last checkpoint: stop it (or let it be
    killed) and say the same again. Exit code 0; 1 if something failed or its data are missing; 2 if nothing
    could be done.
    """
    from intermezzo.engine.experiments.file import find_experiment, read_experiment
    from intermezzo.tui.experiments import store_if_there
    from intermezzo.tui.options import chosen_store
    from intermezzo.tui.running_experiments import do_here, dry_answer, planned, submit

    experiment = read_experiment(find_experiment(file), data)
    asked = {"partition": partition, "gres": gres, "minutes": minutes}
    needs = {**experiment.slurm, **{k: v for k, v in asked.items() if v is not None}}
    store = store_if_there(ctx) if dry_run else chosen_store(ctx, create=True)
    plan, found = planned(experiment, store)
    if dry_run or store is None:
        code = dry_answer(plan, found, where, needs, format_name)
    elif where == "slurm" or detach:
        code = submit(store, plan, found, where, needs, format_name)
    else:
        code = do_here(store, plan, found)
    ctx.exit(code)
