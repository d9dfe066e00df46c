"""Starting the app on a store, or printing the matrix where no app can be drawn."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from intermezzo.queries.errors import Problem

if TYPE_CHECKING:
    from intermezzo.engine.importing.watching import Watched
    from intermezzo.queries.store.layout import Store


def open_app(
    store: Store, *, watched: Path | None = None, folder: Watched | None = None, tour: bool = False
) -> int:
    """Open a store in the app.

    Args:
        store: The store.
        watched: The folder of results behind it, whose new files belong into it.
        folder: The same as it was before it was imported.
        tour: Whether the tour is shown to someone who has not seen it.

    Returns:
        The exit code.
    """
    from . import terminal

    if reason := terminal.usable():
        return print_instead(store, reason)
    terminal.prepare()
    from . import resume
    from .asking_child import AskingChild

    ahead = AskingChild(store, resume.default_file(), str(store.path))
    from .app import run

    return run(store, watched=watched, folder=folder, ahead=ahead, tour=tour)


def print_instead(store: Store, reason: str) -> int:
    """Print the matrix where no app can be drawn, and say why."""
    from .matrix_text import Asked, matrix_answer
    from .output import emit, say

    answer = matrix_answer(store, Asked())
    if answer.empty:
        say("This store is empty: `intermezzo import PATH` reads results into it.", reason)
        return 0
    emit(answer, "table")
    say(*answer.notes, reason)
    return 0


def results_store(path: Path) -> tuple[Store, Watched]:
    """Read a folder (or file) of results into its store in the cache.

    Returns:
        The store, and the folder as it was before: what came since is found by looking at it again.

    Progress and what could not be read are told on stderr.

    Raises:
        Problem: Nothing in it can be used, and nothing was before.
    """
    from intermezzo.engine.importing.watching import Watched
    from intermezzo.queries.store.layout import open_store

    from .importing import import_into, summary, tables_told, used
    from .output import say
    from .stores import store_behind

    folder = Watched(path)
    with suppress(OSError):  # the import says what is wrong with it
        folder.look()
    place = store_behind(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    store = open_store(place, create=True)
    report = import_into(store, [path])
    say(summary(report), *tables_told(report))
    if report.stopped:
        raise KeyboardInterrupt
    if not used(report) and not any(store.runs.iterdir()):
        raise Problem(
            f"There is nothing in {path} that can be used. "
            f"`intermezzo import {path} --store PLACE` names every file and its reason."
        )
    return store, folder
