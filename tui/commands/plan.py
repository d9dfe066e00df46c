"""``intermezzo plan``: what an experiment takes, and what is there of it already."""

from __future__ import annotations

import click
from intermezzo.tui.options import data_option, format_option, store_options


@click.command(name="plan")
@click.argument("file", metavar="FILE")
@click.option(
    "--probe",
    is_flag=True,
    help="Take a few steps, evaluate a few items of what has no known cost, to know it; nothing is kept.",
)
@data_option
@format_option
@store_options
@click.pass_context
def command(ctx: click.Context, file: str, probe: bool, data: str | None, format_name: str) -> None:
    """Say what the experiment in FILE takes: stages (shared ones once), evaluations, missing data, cost.

    FILE is a TOML file, or the name of one that came with the program: pocket, xstilts. Nothing is run.
    What a step or an evaluation costs is known from what was done in this store, or by --probe.
    Exit code 0; 1 if data are missing; 2 if the file says something that cannot be done.
    """
    from intermezzo.engine.experiments.file import find_experiment, read_experiment
    from intermezzo.engine.experiments.plan import make_plan
    from intermezzo.engine.experiments.stages import resolve
    from intermezzo.tui.experiments import plan_answer, store_if_there
    from intermezzo.tui.output import emit, say_wrapped

    experiment = read_experiment(find_experiment(file), data)
    plan = make_plan(resolve(experiment), store_if_there(ctx), say_wrapped if probe else None)
    answer = plan_answer(plan)
    emit(answer, format_name)
    say_wrapped(*answer.notes)
    ctx.exit(1 if plan.wanting() else 0)
