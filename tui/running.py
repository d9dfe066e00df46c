"""Running the app on a store: opened after the first paint, watched while it runs."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .ending import Ending
from .output import counted

if TYPE_CHECKING:
    from intermezzo.engine.importing.watching import Watched
    from intermezzo.queries.store.layout import Store
    from intermezzo.queries.store.reader import Reader

    from .asking_child import AskingChild


QUICK, SLOW = 1.0, 15.0
"""Seconds between two looks at a watched folder: while something happens, and after a long time without."""

WHOLE = 10.0
"""Seconds after which a store is looked at whole, though the times of its folders tell of nothing."""

AGAIN = 5.0
"""Seconds after which files that broke off are tried again."""

ALLOCATING = "narenas:1,dirty_decay_ms:100,muzzy_decay_ms:0"
"""How polars' allocator (jemalloc) keeps memory: a place for each of its threads, and for longer, takes 20 MB
more while a comparison reads items, and saves no time."""


class Watcher:
    """Opens a store and looks for what is new in it: runs written elsewhere, files in a watched folder.

    Attributes:
        progress: Told how far an import is, as a sentence; the empty one ends it.
        watching: Told what the watched folder has come to.
        notice: Told, once each, what went wrong.
    """

    def __init__(
        self,
        store: Store,
        watched: Path | None = None,
        folder: Watched | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._watched, self._folder = store, watched, folder
        self._clock = clock
        self._reader: Reader | None = None
        self._ended = threading.Event()
        self._next, self._pause = 0.0, QUICK
        self._again: float | None = None
        self._seen: tuple[tuple[int, ...], ...] | None = None
        self._whole = 0.0
        self._joined: set[str] = set()
        self._told: set[str] = set()
        self._unreadable = ""
        self.progress: Callable[[str], Any] = lambda _sentence: None
        self.watching: Callable[[str], Any] = lambda _sentence: None
        self.notice: Callable[[str], Any] = lambda _sentence: None

    def connect(self) -> Reader:
        """Open what is published already; what is not comes with the first look.

        Raises:
            Problem: It cannot be opened.
        """
        from intermezzo.queries.store.generations import generations
        from intermezzo.queries.store.reader import connect

        if not generations(self._store):
            # after an upgrade, too: minutes, where a store has millions of scores
            self.progress("building the index, once")
        try:
            self._reader = connect(self._store, fresh=False)
        finally:
            self.progress("")
        return self._reader

    def check(self) -> str | None:
        """Import and publish what is new; return the new generation, or ``None`` where nothing changed."""
        reader = self._reader
        if reader is None:
            return None
        if self._watched is not None and self._clock() >= self._next:
            self._look(self._watched)
        from intermezzo.queries.store.standing import glance

        seen = glance(self._store)
        if seen == self._seen and self._clock() < self._whole:
            return None
        from intermezzo.queries.store.publisher import publish, stale

        # where somebody else publishes, or this fails: it is not seen to the end yet
        self._seen = None
        if not stale(self._store) or publish(self._store, wait=False).changed:
            self._seen, self._whole = seen, self._clock() + WHOLE
        return reader.generation if reader.refresh() else None

    def _look(self, root: Path) -> None:
        """Look at the folder once; the longer nothing happens there, the later the next look."""
        from intermezzo.engine.importing.watching import Watched

        if self._folder is None:
            self._folder = Watched(root, self._clock)
        begun = self._clock()
        try:
            ready = self._folder.look()
            self._told.discard(self._unreadable)
        except OSError as error:
            self._unreadable = f"{_name(root)} cannot be read ({error.strerror}): it is tried again"
            self._notice(self._unreadable)
            self._rest(begun, idle=True)
            return
        due = self._again is not None and begun >= self._again
        if ready or due:
            self._import(root, ready)
        self._rest(begun, idle=not ready and not self._folder.growing)
        self._tell(root)

    def _rest(self, begun: float, *, idle: bool) -> None:
        self._pause = min(2 * self._pause, SLOW) if idle else QUICK
        now = self._clock()
        self._next = now + max(self._pause, 5 * (now - begun))

    def _tell(self, root: Path) -> None:
        parts = [f"watching {_name(root)}"]
        if self._joined:
            parts.append(f"{counted(len(self._joined), 'file')} joined")
        if self._folder is not None and self._folder.growing:
            parts.append(f"{len(self._folder.growing):,} being written")
        self.watching(", ".join(parts))

    def _notice(self, sentence: str) -> None:
        """Tell something unless it was told already."""
        if sentence not in self._told:
            self._told.add(sentence)
            self.notice(sentence)

    def _import(self, root: Path, ready: frozenset[str]) -> None:
        from intermezzo.engine.importing.pipeline import import_paths
        from intermezzo.queries.errors import Problem

        def told(done: int, whole: int, *_more: object) -> None:
            self.progress(f"importing {done:,} of {whole:,} files")

        self._again = None
        try:
            report = import_paths(self._store, [root], progress=told, should_stop=self._ended.is_set)
        except Problem as problem:
            self._again = self._clock() + SLOW
            self._notice(str(problem))
            return
        finally:
            self.progress("")
        if report.files_waiting:
            self._again = self._clock() + AGAIN
        refused = [remark for remark in report.files_refused if remark.path in ready]
        for path, reason in refused[:1]:
            more = f" (and {len(refused) - 1:,} more refusals)" if len(refused) > 1 else ""
            self._notice(f"refused: {os.path.relpath(path, root)}: {reason}{more}")
        unused = {remark.path for remark in (*refused, *report.files_waiting)} | set(report.files_ignored)
        if report.runs_added:
            self._joined |= ready - unused

    def close(self) -> None:
        """Stop importing and close the connection."""
        self._ended.set()
        if self._reader is not None:
            self._reader.close()


def _name(root: Path) -> str:
    return root.absolute().name or str(root)


def run(
    store: Store,
    *,
    watched: Path | None = None,
    folder: Watched | None = None,
    ahead: AskingChild | None = None,
    tour: bool = False,
) -> int:
    """Open a store in the app and return the exit code.

    Args:
        store: The store.
        watched: A folder of results whose new files are imported while the app runs.
        folder: The same as it was before it was imported, so that nothing is missed.
        ahead: Who was sent to ask the first question.
        tour: Whether the tour is shown to someone who has not seen it.
    """
    os.environ.setdefault("_RJEM_MALLOC_CONF", ALLOCATING)
    watcher = Watcher(store, watched, folder)
    from . import resume
    from .app import IntermezzoApp
    from .messages import Noticed, Progress, Watching

    app = IntermezzoApp(
        watcher.connect,
        store_name=_name(watched) if watched else store.path.name,
        store_options=("--store", str(store.path)),
        check=watcher.check,
        state_file=resume.default_file(),
        state_key=str(store.path),
        ahead=ahead,
        tour=tour,
    )
    watcher.progress = lambda sentence: app.post_message(Progress(sentence))
    watcher.watching = lambda sentence: app.post_message(Watching(sentence))
    watcher.notice = lambda sentence: app.post_message(Noticed(sentence))
    ending = Ending()
    waiting = threading.Thread(target=ending.wait, args=(app.call_later, app.leave), daemon=True)
    waiting.start()
    ending.listen()
    try:
        return app.run() or 0
    finally:
        watcher.close()
        # a thread that still knew the app at exit would keep its connections, which DuckDB complains of
        ending.over()
        waiting.join(1)
