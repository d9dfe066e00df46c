"""The names that a store holds, for the palette: asked once a generation."""

from __future__ import annotations

from intermezzo.tui.data import Answer

from .base import Frame

SLOT = "names"
"""The slot in which they are asked for."""

_KINDS = {"systems": "system", "tasks": "task", "metrics": "metric"}


class StoreNames:
    """Systems, tasks and metrics of the store.

    Args:
        frame: The frame of the place that offers them.
    """

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._known: dict[str, tuple[str, ...]] = {}

    def ask(self) -> None:
        """Ask for them."""
        self._frame.request(SLOT, "names", {})

    def take(self, answer: Answer) -> bool:
        """Take an answer, if it is one of these; without names the palette offers none."""
        if answer.slot != SLOT:
            return False
        if answer.table is not None:
            rows = answer.table.rows
            kinds = {str(kind) for kind, _ in rows}
            self._known = {kind: tuple(str(name) for k, name in rows if k == kind) for kind in kinds}
        return True

    def of(self, source: str) -> tuple[str, ...]:
        """Return the names that the palette asks for: ``systems``, ``tasks``, ``metrics``."""
        return self._known.get(_KINDS.get(source, ""), ())
