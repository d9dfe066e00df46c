"""Where SQL is typed: Enter behind a semicolon runs it, Tab completes."""

from __future__ import annotations

from collections.abc import Callable

from intermezzo.tui.messages import PaneFocused
from textual import events
from textual.widgets import TextArea

LONGEST = 100_000
"""Characters that are taken."""


class Editor(TextArea):
    """A plain text area; what it is told to do is the place's.

    Args:
        run: Runs the statement.
        complete: Given the text before the cursor, returns what to insert.
        changed: Told the text after each change.
    """

    DEFAULT_CSS = """
    Editor { height: 7; width: 1fr; border: none; padding: 0 1; background: transparent; }
    Editor:focus { border: none; }
    """

    def __init__(
        self, run: Callable[[], None], complete: Callable[[str], str], changed: Callable[[str], None]
    ) -> None:
        super().__init__("", soft_wrap=True, id="editor", compact=True, highlight_cursor_line=False)
        self.cursor_blink = False
        self._run, self._complete, self._told = run, complete, changed

    async def _on_key(self, event: events.Key) -> None:
        row, column = self.cursor_location
        before = self.document.get_line(row)[:column]
        if event.key == "enter" and self.text[: self._offset()].rstrip().endswith(";"):
            event.stop()
            event.prevent_default()
            self._run()
        elif event.key == "tab":
            event.stop()
            event.prevent_default()
            self.insert(self._complete(before))
        elif event.key == "ctrl+u":
            event.stop()
            event.prevent_default()
            # the whole line, however it is wrapped; at its start the break before it
            start = (row, 0) if column else (row - 1, len(self.document.get_line(row - 1))) if row else (0, 0)
            self.delete(start, (row, column))
        elif event.key in {"escape", "shift+tab"}:
            return
        else:
            await super()._on_key(event)

    def _offset(self) -> int:
        row, column = self.cursor_location
        return sum(len(self.document.get_line(n)) + 1 for n in range(row)) + column

    def on_text_area_changed(self, message: TextArea.Changed) -> None:
        """Let the place follow."""
        message.stop()
        if len(self.text) > LONGEST:
            self.text = self.text[:LONGEST]
        self._told(self.text)

    def on_focus(self) -> None:
        """Say that this pane has the focus."""
        self.post_message(PaneFocused("sql.editor"))
