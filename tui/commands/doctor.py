"""``intermezzo doctor``: what this program finds around it."""

from __future__ import annotations

import click
from intermezzo.tui.options import asked_path, format_option, store_options


@click.command(name="doctor")
@format_option
@store_options
@click.pass_context
def command(ctx: click.Context, format_name: str) -> None:
    """Look at the terminal, the libraries, the store, the extras and SLURM, and say what needs a look.

    Exit code 1 if something keeps a part of the program from working. Nothing is changed.
    """
    from intermezzo.tui.checkup import checks
    from intermezzo.tui.output import Answer, Sheet, emit
    from intermezzo.tui.stores import demo_store

    path = asked_path(ctx)
    found = list(checks(demo_store().path if path is None else path))
    columns = ("area", "what", "state", "found", "advice")
    rows = [(check.area, check.what, check.state, check.found, check.advice or None) for check in found]
    emit(Answer(Sheet(columns, rows)), format_name)
    ctx.exit(1 if any(check.state == "fault" for check in found) else 0)
