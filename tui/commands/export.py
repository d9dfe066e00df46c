"""``intermezzo export``: some runs, copied into another store."""

from __future__ import annotations

import click
from intermezzo.queries.plain_files import at_home
from intermezzo.tui.asking import filter_option, narrowed, system_option, task_option
from intermezzo.tui.options import chosen_store, format_option, store_options


@click.command(name="export")
@click.argument("target", metavar="STORE", type=click.Path())
@click.argument("more", metavar="", nargs=-1)
@click.option("--runs", "ids", metavar="ID...", multiple=True, help="These runs: ids, or starts of them.")
@system_option
@task_option
@filter_option
@format_option
@store_options
@click.pass_context
def command(
    ctx: click.Context,
    target: str,
    more: tuple[str, ...],
    ids: tuple[str, ...],
    system: tuple[str, ...],
    task: tuple[str, ...],
    words: str | None,
    format_name: str,
) -> None:
    """Copy runs into STORE, another store, which is made where there is none.

    Say which: by --runs, --system, --task or --filter; all that are given must hold. With them go their
    texts, the records that hide them, the rules of systems.toml that speak of them, claims and verifications.
    Nothing is taken away here. Exit code 0; 1 if something was not copied.
    """
    starts = [*(word for option in ids for word in option.replace(",", " ").split()), *(more if ids else ())]
    if more and not ids:
        raise click.UsageError(f"{more[0]!r} is one STORE too many; runs are named by --runs.", ctx)
    if not starts and not system and not task and not words:
        raise click.UsageError(
            "Say which runs: --runs, --system, --task or --filter. All of them: "
            "`intermezzo merge THIS --store STORE`.",
            ctx,
        )
    from intermezzo.queries.errors import Problem
    from intermezzo.tui.moving import move
    from intermezzo.tui.stores import existing_store, known_names, reading, run_ids

    source = chosen_store(ctx)
    with reading(source) as reader:
        chosen = set(run_ids(reader, starts))
        names = known_names(reader, system=system, task=task)
        rows = narrowed(
            reader.ask("run_list").dicts(), system=names["system"], task=names["task"], words=words
        )
    only = {row["run_id"] for row in rows if not starts or row["run_id"] in chosen}
    if not only:
        raise Problem("No run is all of that: nothing was copied. `intermezzo runs list` lists the runs.")
    ctx.exit(move(source, existing_store(at_home(target), create=True), only, format_name))
