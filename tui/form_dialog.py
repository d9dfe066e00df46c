"""A small form: a line a field, what is known below, Enter takes it all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from intermezzo.queries.harmless import harmless
from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from .dialogs import TextPane
from .panes.lines import BOLD, DIM, Line, Piece
from .text import fit, wrapped


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form.

    Attributes:
        name: What it is called in the answer.
        label: What stands before it.
        value: What it holds at first.
        hint: What is said in it while it is empty.
    """

    name: str
    label: str
    value: str = ""
    hint: str = ""


class FormDialog(ModalScreen[Mapping[str, str] | None]):
    """Fields one below the other; Tab and the arrows go through them, Enter takes all, Esc gives up.

    Args:
        title: What it is for.
        fields: Its fields.
        notes: Sentences below them.
        does: What Enter does.
    """

    DEFAULT_CSS = """
    FormDialog .field { height: 1; width: 1fr; }
    FormDialog .field Line { width: auto; }
    FormDialog .field Input { width: 1fr; }
    FormDialog .field Input:focus { text-style: bold; }
    """
    BINDINGS = [
        Binding("escape", "leave", show=False),
        Binding("down", "app.focus_next", show=False, priority=True),
        Binding("up", "app.focus_previous", show=False, priority=True),
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
    ]

    def __init__(self, title: str, fields: Sequence[Field], notes: Sequence[str], does: str) -> None:
        super().__init__()
        self._title, self._fields, self._notes, self._does = title, tuple(fields), tuple(notes), does

    def compose(self) -> ComposeResult:
        """Title, fields, notes, how to leave."""
        title, foot = Line(), Line()
        title.show((f" {harmless(self._title)}", BOLD))
        foot.show((f" Enter {self._does} · Tab goes through the fields · Esc gives up", DIM))
        width = max(cell_len(f.label) for f in self._fields) + 3
        with Vertical(classes="dialog"):
            yield title
            for field in self._fields:
                label = Line()
                label.styles.width = width
                label.show((fit(f" {field.label}", width), DIM))
                with Horizontal(classes="field"):
                    yield label
                    yield Input(
                        field.value,
                        placeholder=field.hint,
                        compact=True,
                        max_length=1_000,
                        id=f"field-{field.name}",
                    )
            yield TextPane(self._lines)
            yield foot

    def on_mount(self) -> None:
        """Begin in the first field; what only reads takes no focus."""
        self.query_one(TextPane).can_focus = False
        fields = list(self.query(Input))
        for field in fields:
            field.cursor_blink = False
        fields[0].focus()

    def _lines(self, width: int) -> list[list[Piece]]:
        lines: list[list[Piece]] = []
        for note in self._notes:
            lines.append([("", None)])
            lines += [[(f" {line}", None)] for line in wrapped(harmless(note), max(width - 2, 10))]
        return lines

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Take it."""
        message.stop()
        self.dismiss({f.name: self.query_one(f"#field-{f.name}", Input).value.strip() for f in self._fields})

    def action_leave(self) -> None:
        """Give up."""
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        """A click outside closes."""
        if event.widget is self:
            self.dismiss(None)
