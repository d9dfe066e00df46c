"""What an import has come to so far: the batch in hand, counts, remarks, and how far it is."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from intermezzo.engine.importers import importer
from intermezzo.queries.records import Items, Run
from intermezzo.queries.store.ahead import Ahead
from intermezzo.queries.store.frames import ItemFiles
from intermezzo.queries.store.layout import Store, storable
from intermezzo.queries.store.writer import FileStatus, write_runs

from .draft import Bundle, Draft, Refused, Waiting
from .report import Remark, Report

Progress = Callable[[int, int, int, str], None]
"""Called with files done, files in all, bytes done, current path."""

BATCH_RUNS = 2000
BATCH_ITEMS = 400_000
"""A batch is written when it has this many runs or rows of items: memory stays bounded."""


@dataclass(slots=True)
class Meter:
    """How far an import is, and who wants to know."""

    progress: Progress | None
    total: int
    done: int = 0
    size: int = 0

    def add(self, bundle: Bundle) -> None:
        """Count a bundle as done."""
        size = sum(stamp[0] for stamp in stamps_of(bundle).values() if stamp)
        self.step(len(bundle.files), size, str(bundle.main))

    def step(self, files: int, size: int, path: str) -> None:
        """Count files as done.

        Args:
            files: How many.
            size: Their bytes.
            path: The last of them.
        """
        self.done += files
        self.size += size
        if self.progress is not None:
            self.progress(self.done, self.total, self.size, path)


@dataclass(slots=True)
class Tally:
    """What an import has come to so far, and the batch in hand."""

    store: Store
    ahead: Ahead
    """Told of what has landed."""
    batch: list[tuple[Run, Items | ItemFiles | None]] = field(default_factory=list)
    rows: int = 0
    read: int = 0
    unchanged: int = 0
    read_from: set[str] = field(default_factory=set)
    """Files of bundles that were read; some (labels, mappings) belong to many bundles and count once."""
    left_alone: set[str] = field(default_factory=set)
    """Files of bundles that are unchanged, likewise."""
    guessed: list[Remark] = field(default_factory=list)
    refused: list[Remark] = field(default_factory=list)
    waiting: list[Remark] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    added: int = 0
    present: int = 0
    scores: int = 0
    items: int = 0
    statuses: dict[str, list[FileStatus]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def remark(self, root: str, claimed_by: str | None, outcome: Refused | Waiting) -> None:
        """Keep a refusal or a wait, for the report and for the store.

        Args:
            root: The imported root.
            claimed_by: The importer whose file it is, if anybody's.
            outcome: What to keep.
        """
        path = storable(os.path.abspath(outcome.path))
        reason = outcome.reason
        if isinstance(outcome, Refused) and outcome.key:
            reason = f"{outcome.key}: {reason}"
        (self.refused if isinstance(outcome, Refused) else self.waiting).append(Remark(path, reason))
        stamp = stamp_of(path)
        self.statuses.setdefault(root, []).append(
            FileStatus(
                path=path,
                status="refused" if isinstance(outcome, Refused) else "waiting",
                reason=reason,
                importer=claimed_by,
                importer_version=importer(claimed_by).VERSION if claimed_by else None,
                size=stamp[0] if stamp else None,
                mtime_ns=stamp[1] if stamp else None,
            )
        )

    def put(self, drafts: Sequence[Draft]) -> None:
        """Add the runs of a bundle to the batch; they are written in one call, as the store asks for."""
        self.batch.extend((draft.run, draft.items) for draft in drafts)
        self.rows += sum(len(draft.items) for draft in drafts if draft.items is not None)
        # who made files of them goes on reading meanwhile
        made = any(isinstance(draft.items, ItemFiles) for draft in drafts)
        if made or len(self.batch) >= BATCH_RUNS or self.rows >= BATCH_ITEMS:
            self.flush()

    def flush(self) -> None:
        """Write the batch in hand."""
        if not self.batch:
            return
        written = write_runs(self.store, self.batch)
        self.ahead.landed(written.folders)
        fresh = set(written.added)
        for run, items in self.batch:
            if run.run_id in fresh:
                self.scores += len(run.scores)
                self.items += len(items) if items is not None else 0
        self.added += len(written.added)
        self.present += len(written.unchanged)
        self.batch = []
        self.rows = 0

    def report(self, stopped: bool, generation: str | None, notes: tuple[str, ...]) -> Report:
        """Return what it came to."""
        return Report(
            files_read=self.read + len(self.read_from),
            files_unchanged=self.unchanged + len(self.left_alone - self.read_from),
            files_guessed=tuple(dict.fromkeys(self.guessed)),
            files_refused=tuple(dict.fromkeys(self.refused)),
            files_waiting=tuple(dict.fromkeys(self.waiting)),
            files_ignored=tuple(dict.fromkeys(self.ignored)),
            runs_added=self.added,
            runs_unchanged=self.present,
            scores=self.scores,
            items=self.items,
            stopped=stopped,
            generation=generation,
            notes=(*self.notes, *notes),
        )


def stamp_of(path: str | os.PathLike[str]) -> tuple[int, int] | None:
    """Return size and modification time of a file; ``None`` if it is gone."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_size, status.st_mtime_ns


def stamps_of(bundle: Bundle) -> dict[str, tuple[int, int] | None]:
    """Return size and modification time of the files of a bundle."""
    return {str(path): stamp_of(path) for path in bundle.files}
