"""Widgets of lines: a chrome line that repaints only what changed, and a scrolling pane of lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from intermezzo.tui.keys import bindings
from intermezzo.tui.messages import PaneFocused
from intermezzo.tui.text import fit, is_sure
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

BOLD = Style(bold=True)
DIM = Style(dim=True)
CURSOR = Style(bold=True, reverse=True)

Piece = tuple[str, Style | None]
"""Text, already harmless, and its style."""


def strip_of(pieces: Sequence[Piece], width: int) -> Strip:
    """Return pieces as a strip of exactly ``width`` cells, equal neighbours merged."""
    if pieces and not is_sure(pieces[-1][0]):
        # the blanks behind it belong to it: a terminal may need them to draw it
        text, style = pieces[-1]
        pieces = [*pieces[:-1], (text + " " * (width - sum(cell_len(t) for t, _ in pieces)), style)]
    strip = Strip([Segment(text, style) for text, style in pieces if text])
    return strip.simplify().crop_extend(0, width, None)


def changed_span(old: Strip, new: Strip) -> tuple[int, int] | None:
    """Return the first cell in which two strips differ and the one behind the last.

    Several spans a line would come to more bytes: each begins with a move of the cursor and its style.
    """
    if old == new:
        return None
    was, now = list(_cells(old)), list(_cells(new))
    longest = max(len(was), len(now))
    if not (is_sure(old.text) and is_sure(new.text)):
        return 0, longest  # a terminal may have put what stands behind elsewhere
    # nothing is a blank in the terminal's own colours
    blank = (" ", None, 0)
    was += [blank] * (longest - len(was))
    now += [blank] * (longest - len(now))
    differ = [x for x in range(longest) if was[x] != now[x]]
    return (differ[0], differ[-1] + 1) if differ else None


def _cells(strip: Strip) -> Iterator[tuple[str, Style | None, int]]:
    """Yield character, style, and which half of a wide one, of each cell."""
    for text, style, _ in strip:
        for character in text:
            for half in range(cell_len(character)):
                yield character, style or None, half


class Line(Widget):
    """One line of chrome; a change repaints from the first changed cell on."""

    DEFAULT_CSS = "Line { height: 1; width: 1fr; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._pieces: tuple[Piece, ...] = ()

    @property
    def text(self) -> str:
        """What the line says."""
        return "".join(text for text, _ in self._pieces)

    def show(self, *pieces: Piece) -> None:
        """Show these pieces; their text must be harmless."""
        if pieces == self._pieces:
            return
        old, self._pieces = self._pieces, pieces
        start = 0
        for (was, was_style), (now, now_style) in zip(old, pieces, strict=False):
            if was_style != now_style:
                break
            same = 0
            while same < min(len(was), len(now)) and was[same] == now[same]:
                same += 1
            start += cell_len(now[:same])
            if same < max(len(was), len(now)):
                break
        self.refresh(Region(start, 0, max(self.size.width - start, 0), 1))

    def render_line(self, _y: int) -> Strip:
        """Render the line."""
        return strip_of(self._pieces, self.size.width)


class LinesPane(Widget, can_focus=True):
    """A pane of lines that scrolls; the first ``fixed`` lines stay.

    Attributes:
        pane: The pane's scope in the action registry.
        lit: Whether it is drawn with the focus; Textual's own ``has_focus`` changes only after ``on_focus``.
    """

    BINDINGS = bindings("move")
    pane = ""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.strips: Sequence[Strip] = ()
        self.fixed = 0
        self.top = 0
        self.lit = False
        self._shown: list[Strip] = []

    def show_strips(self, strips: Sequence[Strip], fixed: int = 0) -> None:
        """Show these lines; only the cells that differ are repainted."""
        self.strips, self.fixed = strips, fixed
        self.top = min(self.top, self.last_top)
        self.repaint()

    def repaint(self) -> None:
        """Repaint the cells that differ from those of the last time; to be called once ``top`` changed."""
        was = self._shown
        now = self._shown = [self.render_line(y) for y in range(self.size.height)]
        if len(was) != len(now) or any(a.cell_length != b.cell_length for a, b in zip(was, now, strict=True)):
            self.refresh()
            return
        for y, (before, after) in enumerate(zip(was, now, strict=True)):
            if (span := changed_span(before, after)) is not None:
                self.refresh(Region(span[0], y, span[1] - span[0], 1))

    def line_at(self, y: int) -> int:
        """Return the number of the line shown on row ``y``."""
        return y if y < self.fixed else y + self.top

    @property
    def room(self) -> int:
        """Rows for lines that scroll."""
        return max(self.size.height - self.fixed, 1)

    @property
    def last_top(self) -> int:
        """Furthest that can be scrolled."""
        return max(len(self.strips) - self.fixed - self.room, 0)

    def scroll_lines(self, top: int) -> None:
        """Show the lines from ``top`` on."""
        top = min(max(top, 0), self.last_top)
        if top != self.top:
            self.top = top
            self.repaint()

    def render_line(self, y: int) -> Strip:
        """Render a row."""
        n = self.line_at(y)
        if n >= len(self.strips):
            return Strip.blank(self.size.width)
        return self.strips[n].crop_extend(0, self.size.width, None)

    def on_focus(self) -> None:
        """Say that this pane has the focus."""
        self.lit = True
        if self.pane:
            self.post_message(PaneFocused(self.pane))

    def on_resize(self) -> None:
        """Keep what is shown inside."""
        self.top = min(self.top, self.last_top)
        self.repaint()

    def action_up(self) -> None:
        """One line up."""
        self.scroll_lines(self.top - 1)

    def action_down(self) -> None:
        """One line down."""
        self.scroll_lines(self.top + 1)

    def action_left(self) -> None:
        """Nothing to the left here."""

    def action_right(self) -> None:
        """Nothing to the right here."""

    def action_first_column(self) -> None:
        """Only one column here."""

    def action_last_column(self) -> None:
        """Only one column here."""

    def action_top(self) -> None:
        """To the first line."""
        self.scroll_lines(0)

    def action_bottom(self) -> None:
        """To the last line."""
        self.scroll_lines(self.last_top)

    def action_half_down(self) -> None:
        """Half a page down."""
        self.scroll_lines(self.top + max(self.room // 2, 1))

    def action_half_up(self) -> None:
        """Half a page up."""
        self.scroll_lines(self.top - max(self.room // 2, 1))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll by the wheel."""
        event.stop()
        self.scroll_lines(self.top + 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll by the wheel."""
        event.stop()
        self.scroll_lines(self.top - 3)


def message_strips(text: str, width: int) -> list[Strip]:
    """Return sentences as wrapped lines, with a blank one before; one line a line of ``text``."""
    from intermezzo.tui.text import wrapped

    lines = [""]
    for paragraph in text.split("\n"):
        lines += wrapped(paragraph, max(width - 4, 10))
    return [strip_of([("  " + fit(line, width - 2), None)], width) for line in lines]
