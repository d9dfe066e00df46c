"""Running the app on a store: opened after the first paint, watched while it runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from intermezzo.queries.store.layout import Store
    from intermezzo.queries.store.reader import Reader


class Watcher:
    """Opens a store and looks for what is new in it: runs written elsewhere, files in a watched folder.

    Attributes:
        progress: Told how far an import is, as a sentence; the empty one ends it.
    """

    def __init__(self, store: Store, watched: Path | None = None) -> None:
        self._store, self._watched = store, watched
        self._reader: Reader | None = None
        self._ended = threading.Event()
        self.progress: Callable[[str], Any] = lambda _sentence: None

    def connect(self) -> Reader:
        """Open what is published already; what is not comes with the first look.

        Raises:
            Problem: It cannot be opened.
        """
        from intermezzo.queries.store.reader import connect

        self._reader = connect(self._store, fresh=False)
        return self._reader

    def check(self) -> str | None:
        """Import and publish what is new; return the new generation, or ``None`` where nothing changed."""
        reader = self._reader
        if reader is None:
            return None
        if self._watched is not None:
            self._import(self._watched)
        from intermezzo.queries.store.publisher import publish, stale

        if stale(self._store):
            publish(self._store, wait=False)
        return reader.generation if reader.refresh() else None

    def _import(self, folder: Path) -> None:
        from intermezzo.engine.importing.pipeline import import_paths

        def told(done: int, whole: int, *_more: object) -> None:
            self.progress(f"importing {done:,} of {whole:,} files")

        import_paths(self._store, [folder], progress=told, should_stop=self._ended.is_set)
        self.progress("")

    def close(self) -> None:
        """Stop importing and close the connection."""
        self._ended.set()
        if self._reader is not None:
            self._reader.close()


def run(store: Store, *, watched: Path | None = None) -> int:
    """Open a store in the app and return the exit code.

    Args:
        store: The store.
        watched: A folder of results whose new files are imported while the app runs.
    """
    watcher = Watcher(store, watched)
    from . import resume
    from .app import IntermezzoApp
    from .messages import Progress

    app = IntermezzoApp(
        watcher.connect,
        store_name=watched.name if watched else store.path.name,
        store_options=("--store", str(store.path)),
        check=watcher.check,
        state_file=resume.default_file(),
        state_key=str(store.path),
    )
    watcher.progress = lambda sentence: app.post_message(Progress(sentence))
    try:
        return app.run() or 0
    finally:
        watcher.close()
