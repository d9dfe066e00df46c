"""``intermezzo runs unhide``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click
from intermezzo.tui.options import chosen_store, store_options

if TYPE_CHECKING:
    from intermezzo.queries.store.layout import Store


@click.command(name="unhide")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--why", metavar="TEXT", help="The reason; it is kept with the run.")
@store_options
@click.pass_context
def command(ctx: click.Context, ids: tuple[str, ...], why: str | None) -> None:
    """Bring the hidden runs ID back into view."""
    from intermezzo.queries.store.hidden import unhide

    turn(chosen_store(ctx), ids, lambda store, found: unhide(store, found, why=why), "in view again")


def turn(
    store: Store, starts: Sequence[str], change: Callable[[Store, list[str]], list[str]], now: str
) -> None:
    """Hide or unhide runs, publish, and say what was done.

    Args:
        store: The store.
        starts: Ids of runs, or starts of them.
        change: Writes the records; returns the runs of which they say something new.
        now: What the runs are afterwards.

    Raises:
        Problem: There is no such run, or the store cannot be written; nothing is changed then.
    """
    from intermezzo.queries.store.publisher import publish
    from intermezzo.tui.output import counted, say
    from intermezzo.tui.stores import reading, run_ids

    with reading(store) as reader:
        found = run_ids(reader, starts)
    changed = change(store, found)
    publish(store, wait=True)
    same = len(found) - len(changed)
    if changed:
        say(f"{counted(len(changed), 'run')} {now}: {', '.join(changed)}")
    if same:
        say(f"{counted(same, 'run')} {'was' if same == 1 else 'were'} so already; nothing was changed there.")
