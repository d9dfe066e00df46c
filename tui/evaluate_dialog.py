"""The dialog before an evaluation: its command, to be edited, and what is known about it."""

from __future__ import annotations

from collections.abc import Callable

from intermezzo.queries.harmless import harmless
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from .dialogs import TextPane
from .panes.lines import BOLD, DIM, Line, Piece
from .proposing import Proposal
from .text import wrapped


class EvaluateDialog(ModalScreen[str | None]):
    """Enter starts what stands in the line; Esc gives up."""

    BINDINGS = [Binding("escape", "leave", show=False), Binding("y", "copy", show=False)]

    def __init__(self, title: str, proposal: Proposal, copy: Callable[[str, str], None]) -> None:
        super().__init__()
        self._title, self._proposal, self._copy = title, proposal, copy

    def compose(self) -> ComposeResult:
        """Title, the command, what is known, how to leave."""
        title, foot, prompt = Line(), Line(), Line()
        title.show((f" {harmless(self._title)}", BOLD))
        prompt.show((" intermezzo evaluate", DIM))
        runs = bool(self._proposal.words)
        keys = "Enter starts it in the background · Esc gives up"
        foot.show((f" {keys if runs else 'y copies the command · Esc closes'}", DIM))
        with Vertical(classes="dialog"):
            yield title
            if runs:
                yield prompt
                yield Input(self._proposal.words, compact=True, max_length=4_000)
            yield TextPane(self._lines)
            yield foot

    def on_mount(self) -> None:
        """Put the cursor at the end of the command."""
        for field in self.query(Input):
            field.cursor_blink = False
            field.focus()

    def _lines(self, width: int) -> list[list[Piece]]:
        lines: list[list[Piece]] = []
        for note in self._proposal.notes:
            lines.append([("", None)])
            lines += [[(f" {line}", None)] for line in wrapped(harmless(note), max(width - 2, 10))]
        return lines

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Start it."""
        message.stop()
        if message.value.strip():
            self.dismiss(message.value)

    def action_copy(self) -> None:
        """Copy the command for elsewhere."""
        if self._proposal.copy:
            self._copy(self._proposal.copy, "the command")
            self.dismiss(None)

    def action_leave(self) -> None:
        """Give up."""
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        """A click outside closes."""
        if event.widget is self:
            self.dismiss(None)
