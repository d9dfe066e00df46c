"""``intermezzo show plot``: a plot of a cell, as text."""

from __future__ import annotations

import click
from intermezzo.tui.asking import yardstick_options
from intermezzo.tui.options import chosen_store, complete_name, store_options
from intermezzo.tui.plots.kinds import KINDS


@click.command(name="plot")
@click.argument("kind", type=click.Choice(list(KINDS)), default="bars")
@click.option(
    "--system", metavar="NAME", required=True, shell_complete=complete_name("system"), help="The system."
)
@yardstick_options
@click.option("--deltas", is_flag=True, help="Against the baseline, where the plot can show both.")
@click.option(
    "--baseline",
    metavar="SYSTEM",
    shell_complete=complete_name("system"),
    help="Against this system.  [default: the direct recipe of the same base model]",
)
@click.option("--language", metavar="CODE", help="Only the items of this language (histogram).")
@click.option(
    "--insist", is_flag=True, help="Draw also what is known to differ in prompt, data, ... (forest)."
)
@click.option(
    "--width", metavar="N", type=click.IntRange(24), help="Columns.  [default: the terminal's, or 80]"
)
@click.option(
    "--height", metavar="N", type=click.IntRange(8), help="Lines.  [default: as many as it needs, or 20]"
)
@store_options
@click.pass_context
def command(
    ctx: click.Context,
    kind: str,
    system: str,
    task: str | None,
    metric: str | None,
    split: str | None,
    subset: str | None,
    implementation: str | None,
    yardstick: str | None,
    deltas: bool,
    baseline: str | None,
    language: str | None,
    insist: bool,
    width: int | None,
    height: int | None,
) -> None:
    """Print a plot of a cell of the matrix, KIND being one of the plots of the app, `bars` where not given.

    The text needs no colour: it can be piped and mailed. Scatter and forest are always against the baseline.
    Exits 1, with a sentence that says what is missing, where there is nothing to draw.
    """
    from intermezzo.queries.comparison.model import Request
    from intermezzo.tui.output import say
    from intermezzo.tui.plots.printing import Size, printed_plot

    if task is None and yardstick is None:
        raise click.UsageError("Name the task: --task NAME", ctx)
    request = Request(
        (system, baseline) if baseline else (system,), task, metric, split, subset, implementation, yardstick
    )
    lines, sentence = printed_plot(
        chosen_store(ctx),
        request,
        next(known for known in KINDS if known == kind),
        Size.of_terminal(width, height),
        deltas=deltas,
        language=language,
        insist=insist,
    )
    for line in lines:
        click.echo(line)
    if sentence:
        say(sentence)
        ctx.exit(1)
