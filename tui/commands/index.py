"""``intermezzo index``: the published index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from intermezzo.tui.options import chosen_store, format_option, store_options

if TYPE_CHECKING:
    from intermezzo.queries.store.layout import Store


@click.command(name="index")
@click.option("--rebuild", is_flag=True, help="Build it anew from the run folders.")
@click.option(
    "--verify", is_flag=True, help="Check every file against its checksum; exit 1 if one is damaged."
)
@format_option
@store_options
@click.pass_context
def command(ctx: click.Context, rebuild: bool, verify: bool, format_name: str) -> None:
    """Publish the store's index (results.duckdb): take in the runs that landed since the last time.

    The index is derived from the run folders: deleting it loses nothing.
    """
    from intermezzo.queries.store.publisher import publish
    from intermezzo.queries.store.publisher import rebuild as rebuild_index
    from intermezzo.tui.output import counted, say

    store = chosen_store(ctx)
    if verify:
        code = _verify(store, format_name)
        if not rebuild:
            ctx.exit(code)
    else:
        code = 0
    done = rebuild_index(store) if rebuild else publish(store, wait=True)
    what = "built anew" if rebuild else "published" if done.changed else "up to date"
    say(f"The index is {what}: {counted(done.runs, 'run')}, {store.results}")
    ctx.exit(code)


def _verify(store: Store, format_name: str) -> int:
    from intermezzo.queries.store.verify import verify
    from intermezzo.tui.output import READING, Answer, Sheet, emit, say

    damaged = verify(store)
    if damaged or format_name not in READING:
        rows = [(damage.path, damage.reason) for damage in damaged]
        emit(Answer(Sheet(("path", "reason"), rows)), format_name)
    if damaged:
        say(f"{len(damaged)} damaged; such runs are left out of the index, the rest is used.")
        return 1
    say("Nothing is damaged: every file is as it was written.")
    return 0
