"""Dialogs over the place: help, the command behind a view, the palette."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from intermezzo.queries.harmless import harmless
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Input

from .actions import PANES, Action, help_table, keys_text, matching, parse
from .panes.lines import BOLD, CURSOR, DIM, Line, LinesPane, Piece, strip_of
from .places.base import Behind
from .text import fit, wrapped

OUT = "escape,q"
"""Keys that close a dialog."""


class TextPane(LinesPane):
    """Lines of a dialog, laid out for the width there is."""

    DEFAULT_CSS = "TextPane { width: 1fr; height: 1fr; }"

    def __init__(self, lay_out: Callable[[int], Sequence[Sequence[Piece]]]) -> None:
        super().__init__()
        self._lay_out = lay_out

    def on_resize(self) -> None:
        """Lay out anew."""
        width = self.size.width
        strips: list[Strip] = [strip_of(pieces, width) for pieces in self._lay_out(width)]
        self.show_strips(strips)


class TextDialog(ModalScreen[None]):
    """A title, lines that scroll, and a line saying how to leave."""

    BINDINGS = [Binding(f"{OUT},question_mark,full_stop,backspace", "leave", show=False)]

    def __init__(self, title: str, lay_out: Callable[[int], Sequence[Sequence[Piece]]], foot: str) -> None:
        super().__init__()
        self._title, self._lay_out, self._foot = title, lay_out, foot

    def compose(self) -> ComposeResult:
        """Title, lines, foot."""
        title, foot = Line(), Line()
        title.show((f" {self._title}", BOLD))
        foot.show((f" {self._foot}", DIM))
        with Vertical(classes="dialog"):
            yield title
            yield TextPane(self._lay_out)
            yield foot

    def action_leave(self) -> None:
        """Close."""
        self.dismiss()


HINTS = (
    ("mouse", "select text with shift held while dragging (Option in iTerm2)"),
    (
        "clipboard",
        "copying goes by the terminal (OSC 52), in GNU screen too; in tmux: tmux set -s set-clipboard on",
    ),
    ("colours", "256 in tmux: set -g default-terminal tmux-256color; in GNU screen: term screen-256color"),
)
"""What help says besides keys."""


def help_dialog(pane: str) -> TextDialog:
    """Return the help of a pane: a sentence, its keys, and the hints."""
    described = PANES.get(pane)
    title = described.title if described else "Help"

    def lay_out(width: int) -> list[list[Piece]]:
        lines: list[list[Piece]] = [[("", None)]]
        if described:
            lines += [[(f" {line}", None)] for line in wrapped(described.sentence, width - 2)]
            lines.append([("", None)])
        for term, text in (*help_table(pane), *HINTS):
            first, *rest = wrapped(text, max(width - 21, 10))
            lines.append([(f" {fit(term, 18)} ", BOLD), (first, None)])
            lines += [[(" " * 20 + line, None)] for line in rest]
        return lines

    return TextDialog(title, lay_out, "j k move · Esc closes")


class BehindDialog(TextDialog):
    """The command and the SQL that make a view."""

    BINDINGS = [
        Binding("y", "copy_command", show=False),
        Binding("Y", "copy_sql", show=False),
    ]

    def __init__(self, behind: Behind, sql: str | None, copy: Callable[[str, str], None]) -> None:
        self._behind, self._sql, self._copy = behind, sql, copy
        super().__init__(
            "The command behind this view", self._lines, "y copies the command · Y the SQL · Esc closes"
        )

    def _lines(self, width: int) -> list[list[Piece]]:
        lines: list[list[Piece]] = [[("", None)]]
        lines += [[(f" {line}", None)] for line in wrapped(self._behind.command, width - 2)]
        lines += [[("", None)], [(f" question {self._behind.question}", BOLD)]]
        for name, value in self._behind.params.items() if self._behind.sql is None else ():
            lines.append([(harmless(f"   ${name} = {value!r}"), None)])
        lines.append([("", None)])
        for line in (self._sql or "The SQL of this question was not found.").splitlines():
            lines.append([(" " + harmless(line), None)])
        return lines

    def action_copy_command(self) -> None:
        """Copy the command."""
        self._copy(self._behind.command, "the command")
        self.dismiss()

    def action_copy_sql(self) -> None:
        """Copy the SQL."""
        if self._sql:
            self._copy(self._sql, "the SQL")
        self.dismiss()


class Palette(ModalScreen[tuple[Action, str] | None]):
    """Type an action, with its argument; up and down choose, Tab completes, Enter does it."""

    BINDINGS = [
        Binding("escape", "leave", show=False),
        Binding("down,ctrl+n", "choose(1)", show=False, priority=True),
        Binding("up,ctrl+p", "choose(-1)", show=False, priority=True),
        Binding("tab", "complete", show=False, priority=True),
    ]

    def __init__(
        self, scopes: Sequence[str], choices: Callable[[str], tuple[str, ...]], typed: str = ""
    ) -> None:
        super().__init__()
        self._scopes, self._choices, self._start = tuple(scopes), choices, typed
        self._offers: list[tuple[str, str, str]] = []
        self._chosen = 0
        self._typed = True

    def compose(self) -> ComposeResult:
        """The input, and below it what is offered."""
        self._list = LinesPane()
        self._list.can_focus = False
        self._note = Line()
        with Vertical(classes="dialog"):
            yield Input(
                self._start,
                compact=True,
                placeholder="an action, e.g.  filter xlm",
                max_length=2_000,
                select_on_focus=False,
            )
            yield self._list
            yield self._note

    def on_mount(self) -> None:
        """Offer everything that fits what is typed."""
        self.query_one(Input).cursor_blink = False
        self._offer(self._start)

    def _offer(self, text: str) -> None:
        """Work out what fits what was typed: actions, or arguments behind an action's name."""
        name, space, argument = text.lstrip().partition(" ")
        actions = matching(name, self._scopes)
        exact = next((action for action in actions if action.name == name), None)
        if space and exact is not None and exact.argument is not None:
            known = exact.argument.choices or self._choices(exact.argument.source)
            before, _, last = (
                argument.lstrip().rpartition(" ") if exact.argument.several else ("", "", argument)
            )
            typed, before = last.strip().casefold(), before.strip()
            known = tuple(word for word in known if word not in before.split()) if before else known
            found = [word for word in known if typed in word.casefold()]
            found.sort(key=lambda word: not word.casefold().startswith(typed))
            lead = f"{name} {before}".rstrip()
            self._offers = [(f"{lead} {word}", harmless(word), "") for word in found]
            if before and not typed:
                # what is typed already stands for itself: Enter takes it
                self._offers.insert(0, (lead, harmless(before), ""))
        else:
            self._offers = [
                (a.name, a.name + (f" {a.argument.name}" if a.argument else ""), f"{keys_text(a)}  {a.help}")
                for a in actions
            ]
        self._chosen = 0
        self._draw()

    def _draw(self) -> None:
        width = max(self._list.size.width, 20)
        strips = []
        for n, (_, what, about) in enumerate(self._offers):
            style: Style | None = CURSOR if n == self._chosen else None
            strips.append(
                strip_of([(" " + fit(what, 24), style or BOLD), (" " + fit(about, width - 26), style)], width)
            )
        self._list.show_strips(strips)
        room = self._list.room
        if not self._list.top <= self._chosen < self._list.top + room:
            self._list.scroll_lines(self._chosen - room // 2)
        self._note.show((" Enter does it · Tab completes · Esc closes", DIM))

    def on_resize(self) -> None:
        """Draw for the new width."""
        self.call_after_refresh(self._draw)

    def on_input_changed(self, message: Input.Changed) -> None:
        """Offer anew."""
        message.stop()
        self._offer(message.value)

    def action_choose(self, step: int) -> None:
        """Choose another offer."""
        if self._offers:
            self._chosen = (self._chosen + step) % len(self._offers)
            self._draw()

    def action_complete(self) -> None:
        """Take the chosen offer into the input."""
        if self._offers:
            field = self.query_one(Input)
            field.value = self._offers[self._chosen][0] + " "
            field.cursor_position = len(field.value)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Do what was typed, or the chosen offer."""
        message.stop()
        text = message.value.strip()
        chosen = self._offers[self._chosen][0] if self._offers else ""
        if chosen and (self._chosen or not text or self._means_chosen(text, chosen)):
            text = chosen
        read = parse(text, self._scopes)
        if isinstance(read, str):
            self._note.show((f" {harmless(read)}", BOLD))
            return
        self.dismiss(read)

    def _means_chosen(self, text: str, chosen: str) -> bool:
        """Say whether what was typed is the beginning of the chosen offer, not a thing of its own."""
        name = text.partition(" ")[0]
        if not chosen.startswith(f"{name} "):
            return " " not in text
        action = next(a for a in matching(name, self._scopes) if a.name == name)
        begun = " " in text or bool(action.argument and action.argument.required)
        return begun and text not in {offer for offer, _, _ in self._offers}

    def action_leave(self) -> None:
        """Close without doing anything."""
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        """A click outside closes."""
        if event.widget is self:
            self.dismiss(None)
