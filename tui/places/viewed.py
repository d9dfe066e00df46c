"""A place whose whole view is one frozen state: undo, history, resuming and panes come with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Generic, TypeVar, cast

from intermezzo.tui.keys import bindings
from intermezzo.tui.messages import PaneFocused, PlaceChanged
from intermezzo.tui.output import Answer, Sheet
from intermezzo.tui.panes.plot import PlotPane
from intermezzo.tui.sheets import PICTURE, PLAIN, save_answer, save_lines, save_picture, tsv
from intermezzo.tui.state import Spot, Timeline, revived, to_record, with_fields_of
from intermezzo.tui.text import count
from textual.widget import Widget

from .base import Frame, Place

S = TypeVar("S")

WIDE = 120
"""Columns from which panes stand side by side."""


class Viewed(Place, Generic[S]):
    """A place built around an immutable state, which has a field ``pane``.

    A place says what its state is by the class attributes, and how it is shown by ``show``, ``ask`` and
    ``pane_widget``.

    Attributes:
        blank: The state of someone who was never here.
        cursor: Fields that are no step of undo: the cursor, the pane.
        where: Fields that say where one is, for back and forward.
        words: Fields that may only be one of some words.
        panes: The panes in the order of Tab; the first is the main one.
        stays: What undo does not take back here, and what does.
        filters_live: Whether what a filter leaves is shown while it is typed; not so where it must be read.
    """

    BINDINGS = bindings("view")
    blank: ClassVar[Any]
    cursor: ClassVar[tuple[str, ...]] = ("pane",)
    where: ClassVar[tuple[str, ...]] = ()
    words: ClassVar[Mapping[str, tuple[Any, ...]]] = {}
    panes: ClassVar[tuple[str, ...]] = ()
    stays: ClassVar[str] = ""
    filters_live: ClassVar[bool] = True

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.time: Timeline[S] = Timeline(cast(S, self.blank))

    # what a place built on this says

    def show(self) -> None:
        """Show the state."""
        raise NotImplementedError

    def ask(self) -> None:
        """Ask for what the state needs and is not there yet."""

    def lay_out(self) -> None:
        """Decide which panes are seen: all where there is room, else the one with the focus."""
        wide = self.app.size.width >= WIDE
        self.set_class(wide, "-wide")
        for scope in self.panes:
            self.pane_widget(scope).display = wide or scope == self.pane

    def on_resize(self) -> None:
        """Lay out for the new width."""
        self.lay_out()
        self.ask()

    def pane_widget(self, scope: str) -> Widget:
        """Return the widget of a pane."""
        raise NotImplementedError

    def sheet(self, *, row_only: bool = False) -> tuple[Sheet, str] | None:
        """Return what is on screen as a sheet with a name for its file, or the row under the cursor.

        ``None`` where there is nothing.
        """
        del row_only
        return None

    def printed(self) -> Answer | None:
        """Return what the command behind the view prints, to export; ``None`` where there is nothing."""
        found = self.sheet()
        return None if found is None else Answer(found[0])

    def lines(self) -> Sequence[str]:
        """Return the lines of the focused pane where it is no table but a plot: ``.txt`` keeps them."""
        pane = self.pane_widget(self.pane)
        return pane.text_lines() if isinstance(pane, PlotPane) else ()

    def cell_text(self) -> str:
        """Return the cell under the cursor as text; empty where there is none."""
        return ""

    # the state

    @property
    def state(self) -> S:
        """The view."""
        return self.time.now

    @property
    def pane(self) -> str:
        """Scope of the focused pane."""
        return str(getattr(self.state, "pane", ""))

    def amend(self, **fields: Any) -> None:
        """Change the state without a step of undo: the cursor moved."""
        self.time = self.time.amended(replace(cast(Any, self.state), **fields))

    def change(self, **fields: Any) -> None:
        """Take a step that can be undone, show it, and ask for what it needs; say so where it is none."""
        new = replace(cast(Any, self.state), **fields)
        if new == self.state:
            self.frame.say("it is so already")
            return
        self.time = self.time.then(new)
        self.changed()

    def changed(self) -> None:
        """Show the state, and ask again where it needs other rows."""
        self.show()
        self.ask()
        self.post_message(PlaceChanged())

    def action_undo(self) -> None:
        """Undo the last change."""
        self._step(self.time.back, f"nothing to undo{self.stays and f'; {self.stays}'}")

    def action_redo(self) -> None:
        """Do it again."""
        self._step(self.time.forward, "nothing to redo")

    def _step(self, step: Callable[[], Timeline[S]], otherwise: str) -> None:
        time, before = step(), self.state
        if time is self.time:
            self.frame.say(otherwise)
            return
        self.time = time.amended(with_fields_of(time.now, before, self.cursor))
        self.changed()

    def record(self) -> dict[str, Any]:
        """The view as plain data."""
        return to_record(self.state)

    def restore(self, record: object) -> None:
        """Resume a view."""
        words = {**self.words, "pane": self.panes}
        self.time = Timeline(revived(cast(S, self.blank), record, words))

    # panes and history

    def enter(self) -> None:
        """Focus the pane that has it in this view."""
        self.screen.set_focus(self.pane_widget(self.pane))

    def go_pane(self, scope: str) -> None:
        """Show and focus a pane."""
        self.amend(pane=scope)
        self.lay_out()
        self.screen.set_focus(self.pane_widget(scope))
        self.changed()

    def turn(self, step: int) -> None:
        """To the next pane."""
        self.frame.visited(self.spot())
        self.go_pane(self.panes[(self.panes.index(self.pane) + step) % len(self.panes)])

    def out(self) -> bool:
        """Back to the main pane; in the main pane, clear the filter."""
        if self.pane != self.panes[0]:
            self.frame.visited(self.spot())
            self.go_pane(self.panes[0])
            return True
        if getattr(self.state, "filter", ""):
            self.filter_by("")
            return True
        return False

    def spot(self) -> Spot:
        """Return pane and what the cursor is on."""
        return Spot(self.place, self.pane, tuple(getattr(self.state, name) for name in self.where))

    def visit(self, spot: Spot) -> None:
        """Go to a spot of this place."""
        self.amend(**dict(zip(self.where, spot.at, strict=False)))
        self.go_pane(spot.pane if spot.pane in self.panes else self.panes[0])

    def on_pane_focused(self, message: PaneFocused) -> None:
        """A click focused another pane; one that lost the focus since is not told of any more."""
        message.stop()
        if message.pane != self.pane and self.pane_widget(message.pane) is self.screen.focused:
            self.amend(pane=message.pane)
            self.show()
            self.post_message(PlaceChanged())

    # typing a filter, copying, exporting

    def filter_by(self, words: str) -> None:
        """Show only what holds these words (the state's field ``filter``)."""
        self.change(filter=words)

    def action_filter(self, text: str | None = None) -> None:
        """Filter by words; without them, ask for them, showing what they leave meanwhile."""
        if text is not None:
            self.filter_by(text)
            return
        before = self.time
        words = str(getattr(self.state, "filter", ""))

        def preview(text: str) -> None:
            if not self.filters_live:
                return
            filtered = replace(cast(Any, before.now), filter=text)
            self.time = before.amended(with_fields_of(filtered, self.state, self.cursor))
            self.show()

        def done(text: str | None) -> None:
            self.time = before
            if text in (None, words):
                self.changed()
            else:
                self.filter_by(text)

        self.frame.prompt("filter", words, preview, done)

    def action_copy(self) -> None:
        """Copy the cell under the cursor."""
        text = self.cell_text()
        self.frame.copy(text, "1 cell") if text else self.frame.say("there is nothing to copy here")

    def action_copy_row(self) -> None:
        """Copy the row under the cursor."""
        found = self.sheet(row_only=True)
        if found is None or not found[0].rows:
            self.frame.say("there is nothing to copy here")
            return
        rows = found[0].rows
        cells = sum(len(row) for row in rows)
        what = count(cells, "cell") if len(rows) == 1 else f"{count(len(rows), 'row')} with their heading"
        self.frame.copy(tsv(found[0]), what)

    def action_export(self, name: str | None = None) -> None:
        """Write what is on screen to a file, as the command behind the view prints it; or a picture of it."""
        found = self.sheet()
        if found is None or not found[0].rows:
            self.frame.say("there is nothing to export here")
            return
        sheet, stem = found
        if name is None:

            def done(text: str | None) -> None:
                if text:
                    self.action_export(text)

            usual = stem + (PLAIN if self.lines() else ".csv")
            self.frame.prompt("export to", usual, lambda _: None, done)
        elif name.lower().endswith(PICTURE):
            # the prompt has to be gone from the screen first
            self.call_after_refresh(self._save_picture, name)
        elif name.lower().endswith(PLAIN) and (lines := self.lines()):
            self.write(lambda: save_lines(lines, name))
        else:
            self.export(sheet, name)

    def export(self, sheet: Sheet, name: str) -> None:
        """Write the view to a file, in a thread.

        Args:
            sheet: What is on screen.
            name: The file; its ending chooses the format.
        """
        answer = self.printed()
        if answer is not None:
            self.write(lambda: save_answer(answer, sheet, name))

    def _save_picture(self, name: str) -> None:
        svg = self.app.export_screenshot(title="intermezzo", simplify=True)
        self.write(lambda: save_picture(svg, name))

    def write(self, save: Callable[[], str]) -> None:
        """Write a file in a thread and say what ``save`` says of it."""

        def work() -> None:
            self.app.call_from_thread(self.frame.say, save())

        self.run_worker(work, thread=True, group="export", exit_on_error=False)
