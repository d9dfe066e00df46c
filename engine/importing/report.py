"""What an import came to, for people and for scripts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple


class Remark(NamedTuple):
    """Something to say about a file.

    Attributes:
        path: The file, absolute.
        reason: A sentence; it begins with the place inside the file where there is one.
    """

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What an import came to.

    Attributes:
        files_read: Files that runs were read from, companions counted.
        files_unchanged: Files that the store holds already.
        files_guessed: Files of which something had to be inferred, and what.
        files_refused: Files, or keys in them, that were not taken, and why.
        files_waiting: Files that seem to be being written; the next import tries them again.
        files_ignored: Files that no importer recognises.
        runs_added: Runs that are new in the store.
        runs_unchanged: Runs read again that the store has already.
        scores: Scores of the runs added.
        items: Items of the runs added.
        stopped: Whether it was stopped before its end.
        generation: Generation of the index that was published; ``None`` if none was.
        notes: Further sentences for the user.
    """

    files_read: int = 0
    files_unchanged: int = 0
    files_guessed: tuple[Remark, ...] = ()
    files_refused: tuple[Remark, ...] = ()
    files_waiting: tuple[Remark, ...] = ()
    files_ignored: tuple[str, ...] = ()
    runs_added: int = 0
    runs_unchanged: int = 0
    scores: int = 0
    items: int = 0
    stopped: bool = False
    generation: str | None = None
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``import --format json`` prints."""
        return {
            "files_read": self.files_read,
            "files_unchanged": self.files_unchanged,
            "files_refused": [remark._asdict() for remark in self.files_refused],
            "runs_added": self.runs_added,
            "runs_unchanged": self.runs_unchanged,
            "scores": self.scores,
            "items": self.items,
        }
