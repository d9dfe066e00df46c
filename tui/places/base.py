"""What the frame offers to a place, and what it expects of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from intermezzo.tui.colours import Depth
from intermezzo.tui.data import Answer, Work
from intermezzo.tui.keys import bindings
from intermezzo.tui.state import Errand, Spot
from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class Frame:
    """What a place may ask of the app around it.

    Attributes:
        depth: Colours of the terminal.
        store: Options that name the store on a command line.
        request: Asks a question for a slot (slot, question, parameters); the answer comes to ``answered``.
        say: Shows a sentence in the status line.
        prompt: Asks for a line of text (label, start, on each change, at the end: ``None`` for given up).
        copy: Copies text (text, what it is).
        visited: Remembers where one was before going somewhere else.
        compute: Computes something in a thread (slot, name, what it depends on, the work); the result comes
            to ``answered``.
        go: Goes to another place with an errand.
        marks: The marked systems, wherever they were marked.
        palette: Opens the palette with the beginning of a line typed.
    """

    depth: Depth
    store: tuple[str, ...]
    request: Callable[[str, str, dict[str, Any]], int]
    say: Callable[[str], None]
    prompt: Callable[[str, str, Callable[[str], None], Callable[[str | None], None]], None]
    copy: Callable[[str, str], None]
    visited: Callable[[Spot], None]
    compute: Callable[[str, str, dict[str, Any], Work], int]
    go: Callable[[str, Errand], None]
    marks: Callable[[], tuple[str, ...]]
    palette: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Behind:
    """What makes a view: the command that prints it, and the question with its parameters.

    Attributes:
        command: For a shell, quoted.
        question: Name of the question, or of what else makes the view.
        params: Its parameters.
        sql: The SQL, where it is not that of the question.
    """

    command: str
    question: str
    params: dict[str, Any]
    sql: str | None = None


class Place(Widget):
    """A place of the app. The frame calls these; actions of its scope are methods ``action_...``."""

    place = ""
    # bound here too: Textual's own screen would take Tab before the app could
    BINDINGS = bindings("global", owner="app")

    def __init__(self, frame: Frame) -> None:
        super().__init__(id=f"place-{self.place}")
        self.frame = frame

    @property
    def pane(self) -> str:
        """Scope of the focused pane."""
        raise NotImplementedError

    def crumbs(self) -> tuple[str, ...]:
        """Return what the breadcrumb says behind the place's title."""
        return ()

    def status(self) -> str:
        """Return what the status line says: rows, filter, sort and so on."""
        return ""

    def enter(self) -> None:
        """Take the focus."""

    def out(self) -> bool:
        """Go out one level; return whether there was one."""
        return False

    def turn(self, step: int) -> None:
        """Go to the next (1) or previous (-1) pane."""

    def answered(self, answer: Answer) -> None:
        """Take an answer to a request of this place."""

    def store_changed(self) -> None:
        """Ask again: there is a new generation."""

    def spot(self) -> Spot:
        """Return where one is."""
        return Spot(self.place, self.pane)

    def visit(self, spot: Spot) -> None:
        """Go to a spot of this place."""

    def behind(self) -> Behind | None:
        """Return what makes the focused view."""
        return None

    def arrive(self, errand: Errand) -> None:
        """Take an errand from another place; called before ``enter``."""

    def marks(self) -> tuple[str, ...] | None:
        """Return the systems marked here; ``None`` for a place that knows no marks of systems."""
        return None

    def take_marks(self, marks: tuple[str, ...]) -> None:
        """Take over the systems that were marked elsewhere."""

    def offer(self) -> Errand | None:
        """Return the systems marked here and what to compare them on; ``None`` where there are none."""
        return None

    def take_offer(self, errand: Errand) -> None:
        """Take what was marked elsewhere, as if it had been sent."""
        del errand

    def choices(self, source: str) -> tuple[str, ...]:
        """Return the words that a palette argument may be: ``systems``, ``tasks``, ``metrics``."""
        del source
        return ()

    def record(self) -> dict[str, Any]:
        """Return the view as plain data, to resume from."""
        return {}

    def restore(self, record: object) -> None:
        """Resume a view from what ``record`` returned, whatever has become of it."""
