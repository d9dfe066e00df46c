"""The dialog before an evaluation: its command, to be edited, and what is known about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from intermezzo.queries.errors import Problem
from intermezzo.queries.harmless import harmless
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Input

from .dialogs import TextPane
from .panes.lines import BOLD, DIM, Line, Piece
from .proposing import Proposal
from .text import wrapped

PAUSE = 0.6
"""Seconds after the last key before what was typed is looked at."""


@dataclass
class Found(Message):
    """What is known of a line, so far."""

    words: str
    sentences: tuple[str, ...]


class EvaluateDialog(ModalScreen[str | None]):
    """Enter starts what stands in the line; Esc gives up, and ends what is being tried."""

    BINDINGS = [Binding("escape", "leave", show=False), Binding("y", "copy", show=False)]

    def __init__(self, title: str, proposal: Proposal, copy: Callable[[str, str], None]) -> None:
        super().__init__()
        self._title, self._proposal, self._copy = title, proposal, copy
        self._words = proposal.words
        self._found: tuple[str, ...] = ()
        self._wrong = ""
        self._timer: Timer | None = None

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
        """Put the cursor at the end of the command, and look at what it would do."""
        for field in self.query(Input):
            field.cursor_blink = False
            field.focus()
        self._look()

    def on_unmount(self) -> None:
        """End what is being tried."""
        if self._proposal.outlook is not None:
            self._proposal.outlook.stop()

    def _lines(self, width: int) -> list[list[Piece]]:
        lines: list[list[Piece]] = []
        if self._proposal.words and len(self._words) > width - 2:  # the line above shows a part of it
            whole = wrapped(harmless(f"intermezzo evaluate {self._words}"), max(width - 2, 10))
            lines.append([("", None)])
            lines += [[(f" {line}", DIM)] for line in whole]
        notes = [(note, None) for note in (*self._proposal.notes, *self._found) if note != self._wrong]
        for note, style in [(self._wrong, BOLD), *notes] if self._wrong else notes:
            lines.append([("", None)])
            lines += [[(f" {line}", style)] for line in wrapped(harmless(note), max(width - 2, 10))]
        return lines

    def _show(self) -> None:
        self.query_one(TextPane).on_resize()

    def _look(self) -> None:
        """Find out about the line in a thread; what was being tried for another is given up."""
        outlook, words = self._proposal.outlook, self._words
        if outlook is None or not words.strip():
            return

        def look() -> None:
            outlook.look(words, lambda sentences: self.post_message(Found(words, sentences)))

        self.run_worker(look, thread=True, group="outlook", exit_on_error=False)

    def on_found(self, message: Found) -> None:
        """Show what is known of the line, unless it is another by now."""
        message.stop()
        if message.words == self._words:
            self._found = message.sentences
            self._show()

    def on_input_changed(self, message: Input.Changed) -> None:
        """Look at the line once it stands still."""
        message.stop()
        if message.value == self._words:
            return
        self._words, self._wrong, self._found = message.value, "", ()
        self._show()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(PAUSE, self._look)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Start it; what cannot be started stays in the line, with the reason."""
        from . import evaluating

        message.stop()
        if not message.value.strip():
            return
        try:
            evaluating.check(evaluating.read_words(message.value))
        except Problem as error:
            self._wrong = str(error)
            self._show()
            return
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
