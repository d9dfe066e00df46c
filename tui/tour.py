"""A short tour: what one sees, and the keys that lead on. All of its text is here."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from .dialogs import OUT, TextPane
from .panes.lines import BOLD, DIM, Line, Piece
from .text import wrapped


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the tour.

    Attributes:
        title: A few words.
        text: Three lines or so at 80 columns.
    """

    title: str
    text: str


STEPS = (
    Step(
        "The matrix",
        "A row is a system: a base model, and what it was trained on before the target task. A column is a "
        "task. A cell is the mean over languages; the letter behind it says how well it is founded: "
        "p published, l logged, r recomputed, m measured. A gap says its reason in the line below.",
    ),
    Step(
        "Moving, and taking it back",
        "hjkl or the arrows move, ctrl+d and ctrl+u by half a page, g and G to the ends. / keeps the rows "
        "with certain words, s sorts by the column under the cursor. u undoes any of it, U does it again.",
    ),
    Step(
        "What intermediate training gains",
        "d changes from values to differences against the same base model without it. A difference is bold "
        "with a ! only where it is significant after adjustment. b holds all against the system under the "
        "cursor.",
    ),
    Step(
        "In which languages",
        "Enter goes into a cell: its languages, with intervals where they are known. Tab goes on to their "
        "plot. Esc comes back out, [ and ] go back and forward through where you were.",
    ),
    Step(
        "How sure",
        "Mark two systems with space, then c compares them: each language's difference, its interval, its "
        "adjusted p, and what stands behind it. Enter there shows the items that tell them apart.",
    ),
    Step(
        "Further places",
        "4 has claims, with what the store says to each; 5 the runs; 6 starts evaluations; 7 asks in SQL. "
        ". shows the command and the SQL behind any view, x writes it to a file, ? is the help of a pane, "
        ": names every action. Your own results: q, then  intermezzo open FOLDER",
    ),
)


class TourDialog(ModalScreen[None]):
    """The steps one after another, at the foot of the screen: the app stays in sight above."""

    BINDINGS = [
        # before the pane of text takes them for moves
        Binding("enter,space,right,l,n", "next", show=False, priority=True),
        Binding("left,h,p,backspace", "previous", show=False, priority=True),
        Binding(OUT, "leave", show=False, priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._at = 0
        self._title, self._foot = Line(), Line()
        self._text = TextPane(self._lines)

    def compose(self) -> ComposeResult:
        """Title, text, foot."""
        with Vertical(classes="dialog"):
            yield self._title
            yield self._text
            yield self._foot

    def on_mount(self) -> None:
        """Show the first step."""
        self._show()

    def _lines(self, width: int) -> list[list[Piece]]:
        return [[(f" {line}", None)] for line in wrapped(STEPS[self._at].text, width - 2)]

    def _show(self) -> None:
        last = self._at == len(STEPS) - 1
        self._title.show((f" {STEPS[self._at].title}", BOLD), (f"  {self._at + 1} of {len(STEPS)}", DIM))
        self._foot.show(
            (f" Enter {'ends' if last else 'goes on'} · h back · Esc ends the tour; :tour shows it", DIM)
        )
        self._text.on_resize()

    def action_next(self) -> None:
        """To the next step; from the last, out."""
        if self._at == len(STEPS) - 1:
            self.dismiss()
            return
        self._at += 1
        self._show()

    def action_previous(self) -> None:
        """To the step before."""
        self._at = max(self._at - 1, 0)
        self._show()

    def action_leave(self) -> None:
        """End the tour."""
        self.dismiss()
