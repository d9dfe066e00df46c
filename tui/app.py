"""The app: a frame of four lines around the places, which it knows only by their common face."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from intermezzo.queries.harmless import harmless
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.containers import Container
from textual.events import Key, Resize
from textual.geometry import Size
from textual.worker import get_current_worker

from . import anchoring, resume
from .actions import Action, scopes_of
from .asking_child import AskingChild
from .copying import copy_out
from .data import Ask, Desk, Work, sql_of, watch
from .frame_lines import crumbs_line, keys_line, status_line
from .keys import bindings
from .keys_in_order import KeysInOrder
from .messages import Answered, Noticed, PlaceChanged, Progress, StoreChanged, Watching
from .panes.lines import Line
from .places import PLACES, entry
from .places.base import Frame, Place
from .running import run
from .state import LIMIT, Errand, Spot, Timeline
from .terminal import depth, window_size

__all__ = ["IntermezzoApp", "run"]

SLOW = 0.5
"""Seconds after which a query that still runs is mentioned."""


class IntermezzoApp(KeysInOrder, inherit_bindings=False):
    """The explorer.

    Args:
        ask: Who answers questions, or a function that opens it (called in a thread, after the first paint).
        store_name: What the breadcrumb calls the store; views are resumed by it.
        store_options: Options that name the store on a command line, for the ``.`` dialog.
        check: Looks for a new generation; called a few times a second in a thread.
        state_file: Where views are kept; ``None`` keeps none.
        state_key: What the views are kept under; the store's name where not given.
        ahead: Who was sent to ask the first question.
        tour: Whether the tour is shown to someone who has not seen it.
    """

    CSS_PATH = "app.tcss"
    BINDINGS = bindings("global")
    ENABLE_COMMAND_PALETTE = False
    TITLE = "intermezzo"

    def __init__(
        self,
        ask: Ask | Callable[[], Ask],
        *,
        store_name: str,
        store_options: tuple[str, ...] = (),
        check: Callable[[], str | None] | None = None,
        state_file: Path | None = None,
        state_key: str | None = None,
        ahead: AskingChild | None = None,
        tour: bool = False,
    ) -> None:
        self._depth = depth()
        # the terminal's own foreground and background: fewer bytes, light terminals stay light, and NO_COLOR
        # then leaves no colour at all (without this Textual would still paint greys)
        super().__init__(ansi_color=True)
        anchoring.install()
        self.theme = "ansi-dark"
        self.store_name = store_name
        self._check, self._state_file, self._state_key = check, state_file, state_key or store_name
        self._desk = Desk(ask, self.post_message, self._start, ahead)
        self._store_options = store_options
        self._places: dict[str, Place] = {}
        self._stale: set[str] = set()
        self._saved = resume.load(state_file, self._state_key) if state_file else {}
        self._tour = tour and not self._saved.get(resume.TOURED)
        self._current = here if entry(here := str(self._saved.get(resume.HERE))) else PLACES[0].name
        self._marks = resume.words(self._saved.get(resume.MARKS))
        # what the marks are to be compared on, and what of that a place took last
        self._offer: Errand | None = None
        self._taken: Errand | None = None
        self._trail: Timeline[Spot] = Timeline(Spot(self._current, ""))
        self._said = self._ms = self._progress = self._watching = ""
        self._prompting = False
        self._crumbs, self._status, self._footer = Line(id="crumbs"), Line(id="status"), Line(id="footer")

    def compose(self) -> ComposeResult:
        """Breadcrumb, place, status, footer."""
        yield self._crumbs
        with Container(id="places"):
            yield self._make(self._current)
        yield self._status
        yield self._footer

    def on_mount(self) -> None:
        """Show the frame; start to watch the store."""
        self.place.take_marks(self._marks)
        self.place.enter()
        self._draw_frame()
        if self._tour:
            self.call_after_refresh(self.action_tour)
        if self._check is not None:
            check = self._check
            self.run_worker(
                lambda: watch(check, self.post_message, get_current_worker().cancelled_event),
                thread=True,
                group="watch",
                exit_on_error=False,
            )

    # places

    @property
    def place(self) -> Place:
        """The place that is shown."""
        return self._places[self._current]

    def _frame_of(self, name: str) -> Frame:
        return Frame(
            depth=self._depth,
            store=self._store_options,
            request=partial(self._request, name),
            say=self.say,
            prompt=self._prompt,
            copy=self._copy,
            visited=self._visited,
            compute=partial(self._request, name),
            go=self._sent,
            marks=self._marked,
            palette=self.action_palette,
        )

    def _make(self, name: str) -> Place:
        """Import and build a place, resumed where it was left."""
        found = entry(name)
        assert found is not None, f"no place {name}"
        place = cast(Place, getattr(import_module(found.module), found.widget)(self._frame_of(name)))
        place.restore(self._saved.get(name))
        self._places[name] = place
        return place

    async def _go(self, name: str, errand: Errand | None = None) -> None:
        """Show a place."""
        if name != self._current and entry(name) is not None:
            marks = self._marked()
            if self.place.marks() is not None:
                self._offer = self.place.offer()
            self.place.display = False
            if name not in self._places:
                await self.query_one("#places").mount(self._make(name))
            self._current = name
            self.place.display = True
            self.place.take_marks(marks)
        if name in self._stale:
            self._stale.discard(name)
            self.place.store_changed()
        if errand is not None:
            self.place.arrive(errand)
        self.place.enter()
        self._draw_frame()

    def _marked(self) -> tuple[str, ...]:
        """Return the marked systems: those of the place that is shown, or else of the last that knew any."""
        known = self.place.marks() if self._current in self._places else None
        if known is not None:
            self._marks = known
        return self._marks

    def _sent(self, name: str, errand: Errand) -> None:
        """A place sends to another."""
        self._visited(self.place.spot())
        self._taken = errand
        self.call_next(self._go, name, errand)

    async def action_place(self, name: str) -> None:
        """Go to a place."""
        if name != self._current:
            self._visited(self.place.spot())
        await self._go(name)
        if self._offer is not None and self._offer != self._taken:
            self.place.take_offer(self._offer)
            self._draw_frame()

    def _visited(self, spot: Spot) -> None:
        # the present is always where one is: it is filled in when one goes back
        self._trail = Timeline(Spot("", ""), (*self._trail.past, spot)[-LIMIT:])

    async def _travel(self, forward: bool) -> None:
        here = self._trail.amended(self.place.spot())
        there = here.forward() if forward else here.back()
        if there is here:
            self.say("nothing further ahead" if forward else "nothing further back")
            return
        self._trail = there
        await self._go(there.now.place)
        self.place.visit(there.now)

    async def action_back(self) -> None:
        """Back to where one was."""
        await self._travel(forward=False)

    async def action_forward(self) -> None:
        """Forward again."""
        await self._travel(forward=True)

    def action_next_pane(self) -> None:
        """Next pane of the place."""
        self.place.turn(1)

    def action_previous_pane(self) -> None:
        """Previous pane of the place."""
        self.place.turn(-1)

    def action_out(self) -> None:
        """Out one level."""
        self.place.out()

    async def action_quit(self) -> None:
        """Out of a pane that was drilled into; else leave the app."""
        pane = self.place.pane
        if pane.endswith(".grid") or not self.place.out():
            self.leave()

    def leave(self) -> None:
        """End the app, remembering its views."""
        self._desk.stop()
        if self._state_file is not None:
            views = self._saved | {name: place.record() for name, place in self._places.items()}
            views |= {resume.HERE: self._current, resume.MARKS: list(self._marked())}
            resume.save(self._state_file, self._state_key, views)
        self.exit(0)

    # questions

    def _start(self, work: Callable[[], None], slot: str) -> None:
        self.run_worker(work, thread=True, group=f"ask-{slot}", exit_on_error=False)

    def _request(
        self, place: str, slot: str, question: str, params: dict[str, Any], work: Work | None = None
    ) -> int:
        number = self._desk.request(f"{place}/{slot}", question, params, work)
        self.set_timer(SLOW, self._draw_frame)
        return number

    def on_answered(self, message: Answered) -> None:
        """Hand an answer to the place that asked, unless it is stale."""
        answer = message.answer
        if not self._desk.current(answer):
            return
        took = getattr(answer.table or answer.result, "ms", None)
        if took is not None:
            self._ms = f"{took:.0f} ms".rjust(7)
        name, _, slot = answer.slot.partition("/")
        place = self._places.get(name)
        if place is not None:
            place.answered(replace(answer, slot=slot))
        self._draw_frame()
        self.call_after_refresh(self._desk.shown)

    def on_store_changed(self, _message: StoreChanged) -> None:
        """Ask again; cursors stay by name. Places out of sight ask when they are seen again."""
        self._desk.forget()
        self._stale = set(self._places) - {self._current}
        self.place.store_changed()

    def on_progress(self, message: Progress) -> None:
        """Show how far an import is."""
        self._progress = harmless(message.text)
        self._draw_frame()

    def on_watching(self, message: Watching) -> None:
        """Show what a watched folder has come to."""
        self._watching = harmless(message.text)
        self._draw_frame()

    def on_noticed(self, message: Noticed) -> None:
        """Tell something once."""
        self.say(message.text)

    def action_stop(self) -> None:
        """Interrupt what runs; places say so where the answer would have been."""
        given_up = self._desk.stop()
        for answer in given_up:
            place, _, slot = answer.slot.partition("/")
            self._stale.add(place)
            self._places[place].answered(replace(answer, slot=slot))
        self.say("stopped" if given_up else "nothing runs; q leaves")

    # the frame

    def say(self, sentence: str) -> None:
        """Show a sentence in the status line until something else happens there."""
        self._said = harmless(sentence)
        self._draw_frame()

    def on_place_changed(self, _message: PlaceChanged) -> None:
        """A place reads differently now."""
        self._draw_frame()

    def on_key(self, _event: Key) -> None:
        """A key takes the last sentence away."""
        if self._said:
            self.say("")

    def _draw_frame(self) -> None:
        width = max(self.size.width, 20)
        found, place = entry(self._current), self._places.get(self._current)
        if place is None or found is None:
            return
        crumbs = [self.store_name, found.title, *place.crumbs()]
        self._crumbs.show(*crumbs_line(width, crumbs, self._watching))
        right = "asking ..." if self._desk.busy() else self._ms
        right = f"{self._progress} · {right}" if self._progress else right
        self._status.show(*status_line(width, self._said, place.status(), right))
        self._footer.show(*keys_line(place.pane, prompting=self._prompting))

    def on_resize(self, event: Resize) -> None:
        """Draw the frame for the new width."""
        # signals of a burst interrupt each other: an older size may come last
        size = None if self.is_headless else window_size()
        if size and size != event.size:
            self.post_message(Resize(Size(*size), Size(*size)))
        self._draw_frame()

    def _prompt(
        self, label: str, start: str, change: Callable[[str], None], done: Callable[[str | None], None]
    ) -> None:
        from .prompt import Prompt

        if self._prompting:
            return

        def ended(text: str | None) -> None:
            self._prompting = False
            self._status.display = True
            self.place.enter()
            done(text)

        self._prompting = True
        self._status.display = False
        self._draw_frame()
        # the next key goes into it
        self.call_next(self.mount(Prompt(label, start, change, ended), before=self._footer))

    def _copy(self, text: str, what: str) -> None:
        copy_out(self, text, what, self.say)

    # dialogs

    def action_help(self) -> None:
        """Help of the focused pane."""
        from .dialogs import help_dialog

        self.push_screen(help_dialog(self.place.pane))

    def action_tour(self) -> None:
        """Show the tour; once seen it comes by itself no more."""
        from .tour import TourDialog

        def seen(_: None) -> None:
            self._saved = self._saved | {resume.TOURED: True}
            if self._tour and self._state_file is not None:
                resume.save(self._state_file, self._state_key, self._saved)
            self._tour = False

        self.push_screen(TourDialog(), seen)

    def action_command(self) -> None:
        """The command and SQL behind the view."""
        from .dialogs import BehindDialog

        behind = self.place.behind()
        if behind is None:
            self.say("there is no view to name a command for yet")
            return
        self.push_screen(BehindDialog(behind, behind.sql or sql_of(behind.question), self._copy))

    def action_palette(self, typed: str = "") -> None:
        """Type an action, the beginning of its line being there already."""
        from .dialogs import Palette

        self.push_screen(Palette(scopes_of(self.place.pane), self.place.choices, typed), self._perform)

    async def _perform(self, chosen: tuple[Action, str] | None) -> None:
        """Do what was chosen in the palette, in the pane, the place or the app, whoever has it."""
        if chosen is None:
            return
        action, argument = chosen
        node = self.focused or self.place
        for owner in (*node.ancestors_with_self,):
            method = getattr(owner, f"action_{action.method}", None)
            if method is not None and (owner is not self.screen):
                try:
                    result = method(argument) if argument else method()
                    if result is not None:
                        await result
                except SkipAction:  # as an editor does where nothing is selected
                    self.say(f"there is nothing to {action.title} here")
                return
