"""The dialog that says who runs are: names that are not known, with what their files suggest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from intermezzo.queries.errors import Problem
from intermezzo.queries.harmless import harmless
from intermezzo.queries.suggestions import Suggestion, read_rule, rule_text
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from .panes.lines import BOLD, CURSOR, DIM, Line, LinesPane, Piece, strip_of
from .text import count, fit, wrapped

Entry = dict[str, str | int]

FOOT = "Enter accepts · A all complete · e edits · s skips · Esc closes"

NOTE = 3
"""Lines for what is said of a name, or of what was done."""


class Accepted(NamedTuple):
    """What became of entries.

    Attributes:
        added: Those that are rules now.
        refused: Sentences on the others.
    """

    added: list[Entry]
    refused: list[str]


class _Names(LinesPane):
    """The lines of names, drawn anew whenever they get another width."""

    def __init__(self, draw: Callable[[], None]) -> None:
        super().__init__()
        self._draw_all = draw

    def on_resize(self) -> None:
        """Draw for the width there is."""
        super().on_resize()
        self._draw_all()


class NamingDialog(ModalScreen[None]):
    """Names down, what is suggested beside each; accepted ones become rules of ``systems.toml``.

    Args:
        found: The suggestions.
        accept: Writes entries in a thread; the answer comes to ``taken``.
    """

    AUTO_FOCUS = ""  # the line to edit in is for edits only
    BINDINGS = [
        Binding("escape,q", "leave", show=False),
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("g,home", "move(-100000)", show=False),
        Binding("G,end", "move(100000)", show=False),
        Binding("enter,a", "accept", show=False),
        Binding("A", "accept_all", show=False),
        Binding("e", "edit", show=False),
        Binding("s,space", "skip", show=False),
    ]

    def __init__(self, found: Sequence[Suggestion], accept: Callable[[list[Entry]], None]) -> None:
        super().__init__()
        self._found, self._accept = list(found), accept
        self._at = 0
        self._state: dict[int, str] = {}
        self._waiting: dict[int, Entry] = {}
        self._editing = False

    def compose(self) -> ComposeResult:
        """Title, names, what is said, and a line to edit in."""
        self._title, self._note, self._foot = Line(), LinesPane(), Line()
        self._list = _Names(self._draw)
        self._list.can_focus = self._note.can_focus = False
        self._note.styles.height = NOTE
        self._input = Input(compact=True, max_length=2_000, select_on_focus=False)
        self._input.display = False
        with Vertical(classes="dialog"):
            yield self._title
            yield self._list
            yield self._note
            yield self._input
            yield self._foot

    def on_mount(self) -> None:
        """Keep the cursor of the line to edit in still: a blink is bytes for nothing."""
        self._input.cursor_blink = False

    # showing

    def _draw(self, said: str = "") -> None:
        width = max(self._list.size.width, 20)
        wide = max(width * 2 // 5, 12)
        strips = []
        for n, one in enumerate(self._found):
            style: Style | None = CURSOR if n == self._at else DIM if n in self._state else None
            meaning = one.meaning() or "nothing is suggested: e says what it is"
            what = self._state.get(n) or (meaning if one.complete or not one.said else f"{meaning} ?")
            pieces: list[Piece] = [(" " + fit(harmless(one.about), wide) + " ", style)]
            pieces.append((fit(harmless(what), width - wide - 3), style))
            strips.append(strip_of(pieces, width))
        self._list.show_strips(strips)
        if not self._list.top <= self._at < self._list.top + self._list.room:
            self._list.scroll_lines(self._at - self._list.room // 2)
        left = len(self._found) - len(self._state)
        self._title.show((f" Who these runs are: {count(left, 'name')} not known", BOLD))
        one = self._found[self._at]
        where = f", e.g. {one.example}" if one.example else ""
        about = harmless(f"{one.identity}: {count(one.runs, 'run')}{where}")
        style = BOLD if said else DIM
        told = wrapped(said or about, width - 2)[:NOTE]
        self._note.show_strips([strip_of([(" " + line, style)], width) for line in told])
        self._foot.show((f" {'Enter takes it · Esc gives up' if self._editing else FOOT}", DIM))

    # choosing

    def action_move(self, step: int) -> None:
        """Go to another name."""
        self._at = min(max(self._at + step, 0), len(self._found) - 1)
        self._draw()

    def action_skip(self) -> None:
        """Leave a name as it is, for now."""
        self._state.setdefault(self._at, "skipped")
        self._next()

    def _next(self) -> None:
        after = [n for n in range(len(self._found)) if n not in self._state]
        self._at = next((n for n in after if n > self._at), after[0] if after else self._at)
        self._draw("" if after else "all are looked at: Esc closes")

    def action_accept(self) -> None:
        """Make a rule of what is suggested."""
        one = self._found[self._at]
        if not one.said:
            self._draw("nothing is suggested for it: e says what it is")
        elif self._state.get(self._at, "skipped") == "skipped":
            self._take({self._at: one.entry()})

    def action_accept_all(self) -> None:
        """Make rules of all suggestions that say both base model and recipe."""
        entries = {
            n: one.entry() for n, one in enumerate(self._found) if one.complete and n not in self._state
        }
        if entries:
            self._take(entries)
        else:
            self._draw("no suggestion that is left says both base model and recipe")

    def _take(self, entries: dict[int, Entry]) -> None:
        if self._waiting:
            self._draw("one moment: the last are still being written")
            return
        self._waiting = entries
        for n in entries:
            self._state[n] = "..."
        self._accept(list(entries.values()))
        self._next()

    def taken(self, outcome: Accepted | str) -> None:
        """Take what became of the entries that were to be written: or a sentence where they could not be."""
        waiting, self._waiting = self._waiting, {}
        failed = outcome if isinstance(outcome, str) else " ".join(outcome.refused)
        added = [] if isinstance(outcome, str) else outcome.added
        for n, entry in waiting.items():
            if entry in added:
                self._state[n] = f"accepted: {_meaning(self._found[n], entry)}"
            else:
                self._state.pop(n, None)
        self._draw(harmless(failed) if failed else f"{count(len(added), 'rule')} written to systems.toml")

    # editing

    def action_edit(self) -> None:
        """Edit what is suggested."""
        self._editing = True
        self._input.display = True
        self._input.value = rule_text(self._found[self._at])
        self._input.cursor_position = len(self._input.value)
        self._input.focus()
        self._draw()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Make a rule of what was typed."""
        message.stop()
        one = self._found[self._at]
        try:
            entry = read_rule(one, message.value)
        except Problem as problem:
            self._draw(harmless(str(problem)))
            return
        self._end_edit()
        self._take({self._at: entry})

    def _end_edit(self) -> None:
        self._editing = False
        self._input.display = False
        self.set_focus(None)
        self._draw()

    def action_leave(self) -> None:
        """Close; while editing, give up the edit."""
        if self._editing:
            self._end_edit()
        else:
            self.dismiss()

    def on_key(self, event: events.Key) -> None:
        """Give up an edit on Esc, wherever the key goes."""
        if self._editing and event.key == "escape":
            event.stop()
            self._end_edit()


def _meaning(one: Suggestion, entry: Entry) -> str:
    from dataclasses import replace

    return replace(one, said={k: v for k, v in entry.items() if k not in ("name", "path")}).meaning()


def write_entries(ask: Any, entries: list[Entry]) -> Accepted:
    """Write rules into the ``systems.toml`` of the store that answers, and publish (in a thread).

    Raises:
        Problem: They cannot be written.
    """
    from intermezzo.queries.store.publisher import publish
    from intermezzo.queries.systems_edit import annotate_all

    added, refused = annotate_all(ask.store, entries)
    if added:
        publish(ask.store, wait=True)
    return Accepted(added, refused)
