"""Intervals of the matrix's deltas: found in a thread that tells how far it is and can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from intermezzo.queries.matrix import Matrix
from intermezzo.tui.data import Work
from intermezzo.tui.messages import Progress
from intermezzo.tui.state import MatrixState, question_call
from textual.message import Message

from .base import Frame

if TYPE_CHECKING:
    from intermezzo.queries.intervals import CellInterval, Intervals

TOLD_EVERY = 5
"""Cells between two words on how far it is."""


class Judging:
    """The intervals of one matrix.

    Args:
        frame: Computes in threads.
        post: Posts a message, safe from threads.
    """

    def __init__(self, frame: Frame, post: Callable[[Message], Any]) -> None:
        self._frame, self._post = frame, post
        self._asked: dict[str, Any] | None = None
        self._found: Intervals | None = None
        self._stopped = threading.Event()

    @property
    def found(self) -> Intervals | None:
        """What was found, once it was."""
        return self._found

    @property
    def cells(self) -> Mapping[tuple[str, str], CellInterval]:
        """What is known, by system and yardstick."""
        return self._found.cells if self._found is not None else {}

    def forget(self) -> None:
        """There is another matrix."""
        self._asked = self._found = None

    def take(self, found: Intervals) -> None:
        """Take what was found."""
        self._found = found

    def told(self) -> str:
        """Say in the status line what is known."""
        if self._found is not None:
            judged = sum(cell.p_adjusted is not None for cell in self._found.cells.values())
            return f"{judged:,} of {len(self._found.cells):,} deltas judged (Holm)"
        return "not judged: stopped" if self._stopped.is_set() else "judging ... ctrl+c stops"

    def ask(self, matrix: Matrix, state: MatrixState) -> None:
        """Read the items behind every delta of the whole matrix, unless that is done or under way."""
        _, params = question_call(state)
        wanted = {**params, "aggregate": state.aggregate}
        if wanted == self._asked and not self._stopped.is_set():
            return
        self._asked, self._found = wanted, None
        self._stopped = stopped = threading.Event()

        def tell(done: int, whole: int) -> None:
            if done == whole:
                self._post(Progress(""))
            elif done % TOLD_EVERY == 0:
                self._post(Progress(f"{done} of {whole} cells"))

        def work(ask: Any) -> Intervals:
            from intermezzo.queries.intervals import matrix_intervals

            try:
                return matrix_intervals(
                    ask, matrix, state.aggregate, progress=tell, should_stop=stopped.is_set
                )
            finally:
                self._post(Progress(""))

        self._frame.compute("judge", "matrix intervals", wanted, Work(work, stop=stopped.set))
