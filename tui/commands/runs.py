"""``intermezzo runs``: the runs of the store, one by one; taking some out of view."""

from __future__ import annotations

import click
from intermezzo.tui.lazy import Entry, LazyGroup
from intermezzo.tui.options import store_options

WHAT: dict[str, Entry] = {
    "list": Entry("runs_list", "List the runs, newest first."),
    "show": Entry("runs_show", "Show all that is known of a run, and its scores."),
    "hide": Entry("runs_hide", "Take runs out of view, saying why; nothing is deleted."),
    "unhide": Entry("runs_unhide", "Bring hidden runs back into view."),
}


@click.group(cls=LazyGroup, entries=WHAT)
@store_options
def command() -> None:
    """List runs, show one in full, take some out of view and bring them back.

    A run is named by its id, or by a start of it that no other run has.
    """
