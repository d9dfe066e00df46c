"""The store behind the app: opened in a thread, published and imported into while the app runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.message import Message

from .messages import Progress

if TYPE_CHECKING:
    from intermezzo.queries.store.layout import Store
    from intermezzo.queries.store.reader import Reader


class Watcher:
    """Opens a store and looks for what is new in it: runs written elsewhere, files in a watched folder.

    Attributes:
        post: Posts a message to the app: progress of an import.
    """

    def __init__(self, store: Store, watched: Path | None = None) -> None:
        self._store, self._watched = store, watched
        self._reader: Reader | None = None
        self._ended = threading.Event()
        self.post: Callable[[Message], Any] = lambda _message: None

    def connect(self) -> Reader:
        """Open what is published already; what is not comes with the first look."""
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
        from intermezzo.engine.importers.pipeline import import_paths

        def told(done: int, whole: int, *_more: object) -> None:
            self.post(Progress(f"importing {done:,} of {whole:,} files"))

        import_paths(self._store, [folder], progress=told, should_stop=self._ended.is_set)
        self.post(Progress(""))

    def close(self) -> None:
        """Stop importing and close the connection."""
        self._ended.set()
        if self._reader is not None:
            self._reader.close()
