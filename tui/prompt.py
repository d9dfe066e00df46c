"""A line to type into, in the place of the status line."""

from __future__ import annotations

from collections.abc import Callable

from intermezzo.queries.harmless import harmless
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from .panes.lines import BOLD, Line

LONGEST = 2_000
"""Characters that are taken; a paste of more is cut."""


class Prompt(Horizontal):
    """Asks for one line; Enter takes it, Esc gives up."""

    DEFAULT_CSS = """
    Prompt { height: 1; width: 1fr; }
    Prompt Line { width: auto; min-width: 4; }
    Prompt Input { height: 1; width: 1fr; border: none; padding: 0; background: transparent; }
    Prompt Input:focus { border: none; }
    """

    def __init__(
        self, label: str, start: str, change: Callable[[str], None], done: Callable[[str | None], None]
    ) -> None:
        super().__init__(id="prompt")
        self._label = f" {label}: "
        self._start, self._change, self._done = start, change, done
        self._ended = False

    def compose(self) -> ComposeResult:
        """A label and the input."""
        label = Line()
        label.styles.width = len(self._label)
        label.show((self._label, BOLD))
        yield label
        yield Input(self._start, compact=True, max_length=LONGEST, select_on_focus=False)

    def on_mount(self) -> None:
        """Type here."""
        field = self.query_one(Input)
        field.cursor_blink = False
        self.screen.set_focus(field)

    def on_input_changed(self, message: Input.Changed) -> None:
        """Let the place follow."""
        message.stop()
        if not self._ended:
            self._change(harmless(message.value))

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Take the line."""
        message.stop()
        self._end(harmless(message.value))

    def on_key(self, event: events.Key) -> None:
        """Give up on Esc."""
        if event.key == "escape":
            event.stop()
            self._end(None)

    def _end(self, text: str | None) -> None:
        if self._ended:
            return
        self._ended = True
        self._done(text)
        # last: where the focus was still in here, Textual would give it to the next best pane
        self.remove()
