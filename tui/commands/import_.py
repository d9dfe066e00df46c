"""``intermezzo import``: result files into the store."""

from __future__ import annotations

import click
from intermezzo.tui.options import chosen_store, format_option, store_options


@click.command(name="import")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path())
@click.option(
    "--mapping",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help="TOML that says what the columns of your own CSV or Parquet tables mean.",
)
@format_option
@store_options
@click.pass_context
def command(ctx: click.Context, paths: tuple[str, ...], mapping: str | None, format_name: str) -> None:
    """Read result files, and folders of them, into the store; it is made where there is none.

    Files are recognised by themselves. What the store holds already is not read again; what is refused is
    named with its reason, and the rest is read. Exit code 0; 1 if something was refused; 2 if nothing
    could be used.
    """
    from intermezzo.tui.importing import (
        exit_code,
        import_into,
        report_answer,
        say_what_is_unclear,
        tables_told,
        used,
    )
    from intermezzo.tui.output import emit, say

    store = chosen_store(ctx, create=True)
    report = import_into(store, paths, mapping)
    emit(report_answer(report), format_name)
    say(*report.notes, *tables_told(report))
    if report.stopped:
        say("Stopped: what was read is in the store and published; the same command goes on from there.")
    elif not used(report):
        say("Nothing could be used: no file was recognised and read.")
    if used(report):
        say_what_is_unclear(store)
    ctx.exit(exit_code(report))
