"""Questions asked off the event loop: in threads, numbered, interruptible, remembered.

No widget is touched here: answers are posted as messages, and an answer that is not the newest of its
slot is dropped.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from intermezzo.queries.errors import Problem
from textual.message import Message

from .asking_child import AskingChild
from .messages import Answered, StoreChanged

REMEMBERED = 128
"""Answers kept."""

POLL_SECONDS = 0.25
"""How often the store is looked at while something happens there; half as often after a while without."""

FIRST_POLL = 1.0
"""When it is looked at first, seconds after the start: the first screen comes before."""

SOON = 0.5
"""Longest wait, in seconds, for the first answer to be on screen before the store is opened."""

SLOWEST_POLL = 30.0
"""Longest pause between looks, where looking is slow or fails (a network file system that hangs)."""


class Table(Protocol):
    """An answer: column names, rows, and the milliseconds it took."""

    @property
    def columns(self) -> list[str]:
        """Column names."""
        ...

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """Rows, in order."""
        ...

    @property
    def ms(self) -> float:
        """Milliseconds that it took."""
        ...


class Ask(Protocol):
    """Who answers questions: ``intermezzo.queries.store.reader.Reader``, or a fake in tests.

    It may be called from several threads at once. ``interrupt`` makes what runs raise.
    """

    @property
    def generation(self) -> str:
        """Name of the generation that is asked."""
        ...

    def ask(self, name: str, /, **params: Any) -> Table:
        """Ask a question; parameters left out are open."""
        ...

    def interrupt(self) -> None:
        """Stop what runs."""
        ...


STOPPED = "Stopped. The number of the place (1 to 7) asks again, so does moving away and back."
"""What stands for an answer that was not waited for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for a request.

    Attributes:
        slot: Who asked: one slot waits for one answer at a time.
        number: The request's number; the newest of its slot counts.
        table: The rows, or ``None`` where it failed.
        problem: A sentence where it failed.
        result: What a computation gave, where one was asked for instead of a question.
    """

    slot: str
    number: int
    question: str
    params: dict[str, Any]
    table: Table | None = None
    problem: str | None = None
    result: Any = None


@dataclass(frozen=True, slots=True)
class Work:
    """Something to compute from the store in a thread, where one question does not do.

    Attributes:
        do: Computes it; it is given whoever answers questions, and may raise ``Problem``.
        stop: Makes ``do`` end early where that is not done by interrupting questions.
        remember: Whether the same work need not be done again while the store stays the same.
    """

    do: Callable[[Any], Any]
    stop: Callable[[], None] | None = None
    remember: bool = True


@dataclass(slots=True)
class _Running:
    newest: dict[str, int] = field(default_factory=dict)
    active: dict[str, int] = field(default_factory=dict)
    asked: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    stops: dict[str, Callable[[], None]] = field(default_factory=dict)
    interruptions: int = 0


class Desk:
    """Takes requests, answers from memory where it can, and lets a thread ask where not.

    Args:
        source: Who answers, or a function that opens it; it is called in a thread, after the first paint.
        post: Posts a message to the app; safe from threads.
        start: Runs a function in a thread.
        ahead: Who was sent to ask the first question, before there was an app.
    """

    def __init__(
        self,
        source: Ask | Callable[[], Ask],
        post: Callable[[Message], Any],
        start: Callable[[Callable[[], None], str], Any],
        ahead: AskingChild | None = None,
    ) -> None:
        self._source = source
        self._post = post
        self._start = start
        self._ask: Ask | None = None if callable(source) else source
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._ahead, self._first = ahead, ""
        self._shown = threading.Event()
        self._state = _Running()
        self._number = 0
        self._memory: OrderedDict[tuple[Any, ...], Any] = OrderedDict()

    @property
    def generation(self) -> str:
        """The generation answers come from; empty before the store is open."""
        return self._ask.generation if self._ask is not None else ""

    def busy(self) -> bool:
        """Whether a request waits for its answer."""
        with self._lock:
            return bool(self._state.active)

    def request(self, slot: str, question: str, params: dict[str, Any], work: Work | None = None) -> int:
        """Ask; the answer comes as a message. An unanswered request of the same slot is given up.

        Args:
            slot: Who asks.
            question: A question's name, or what the work is called.
            params: The question's parameters; of work, all that its result depends on.
            work: What to do instead of asking the question.

        Returns:
            The request's number.
        """
        with self._lock:
            self._number += 1
            number = self._number
            self._state.newest[slot] = number
            superseded = slot in self._state.active
            remembered = self._memory.get(self._key(question, params)) if _kept(work) else None
        if superseded:
            self._interrupt((slot,))
        if remembered is not None:
            self._post(Answered(_answer(slot, number, question, params, remembered, work)))
        else:
            with self._lock:
                self._state.active[slot] = number
                self._state.asked[slot] = (question, params)
                if work is not None and work.stop is not None:
                    self._state.stops[slot] = work.stop
            self._start(lambda: self._work(slot, number, question, params, work), slot)
        return number

    def current(self, answer: Answer) -> bool:
        """Whether an answer is the one its slot still waits for."""
        return self._state.newest.get(answer.slot) == answer.number

    def stop(self) -> tuple[Answer, ...]:
        """Give up all requests and interrupt their queries; return what now stands for their answers."""
        with self._lock:
            given_up = []
            for slot in self._state.active:
                self._number += 1
                self._state.newest[slot] = self._number
                question, params = self._state.asked[slot]
                given_up.append(Answer(slot, self._number, question, params, problem=STOPPED))
            self._state.active.clear()
        if given_up:
            self._interrupt(tuple(answer.slot for answer in given_up))
        return tuple(given_up)

    def forget(self) -> None:
        """Let go of the answers of generations that nobody asks any more."""
        with self._lock:
            for key in [key for key in self._memory if key[0] != self.generation]:
                del self._memory[key]

    def _key(self, question: str, params: dict[str, Any]) -> tuple[Any, ...]:
        return (self.generation, question, *sorted(params.items()))

    def _interrupt(self, slots: tuple[str, ...]) -> None:
        with self._lock:
            self._state.interruptions += 1
            ask, ahead = self._ask, self._ahead
            stops = [self._state.stops.pop(slot) for slot in slots if slot in self._state.stops]
        if ask is not None:
            ask.interrupt()
        elif ahead is not None:
            ahead.give_up()
        for stop in stops:
            stop()

    def shown(self) -> None:
        """What was answered is on screen: now the store may be opened."""
        self._shown.set()

    def _open(self) -> Ask:
        with self._opening:
            if self._ask is None:
                if self._first:
                    # loading DuckDB would hold up the very paint that was asked for ahead
                    self._shown.wait(SOON)
                self._ask = cast("Callable[[], Ask]", self._source)()
                if self._first not in {"", self._ask.generation}:
                    self._post(StoreChanged(self._ask.generation))
            return self._ask

    def _had(self, question: str, params: dict[str, Any]) -> Table | None:
        """Return the answer that was had ahead, if it is to this question."""
        with self._opening:
            first = self._ahead.first() if self._ahead is not None else None
            self._ahead = None
            if first is None or (first.question, first.params) != (question, params):
                return None
            self._first = first.generation
            return first

    def _is_newest(self, slot: str, number: int) -> bool:
        with self._lock:
            return self._state.newest.get(slot) == number

    def _work(self, slot: str, number: int, question: str, params: dict[str, Any], work: Work | None) -> None:
        """Ask in a thread. Another slot's interruption may hit us too: then it is asked again."""
        result: Any = None
        problem: str | None = None
        while self._is_newest(slot, number):
            before = self._state.interruptions
            try:
                if work is None and self._ahead is not None:
                    result = self._had(question, params)
                    if result is not None or not self._is_newest(slot, number):
                        break
                ask = self._open()
                key = self._key(question, params)
                result = ask.ask(question, **params) if work is None else work.do(ask)
                problem = None
                with self._lock:
                    if _kept(work) and self._key(question, params) == key:
                        self._memory[key] = result
                    while len(self._memory) > REMEMBERED:
                        self._memory.popitem(last=False)
                break
            except Problem as error:
                problem = str(error)
            except Exception as error:
                # whatever a driver raises becomes a sentence on screen, never a traceback over it
                problem = f"The question {question!r} failed: {error}"
            if self._state.interruptions == before or (work is not None and work.stop is not None):
                break
        with self._lock:
            if self._state.active.get(slot) == number:
                del self._state.active[slot]
                self._state.stops.pop(slot, None)
        if self._is_newest(slot, number):
            self._post(Answered(_answer(slot, number, question, params, result, work, problem)))
        if self._first:
            # whoever watches the store needs it open, even where nothing more is asked; the next asks why not
            with suppress(Exception):
                self._open()


def _kept(work: Work | None) -> bool:
    return work is None or work.remember


def _answer(
    slot: str,
    number: int,
    question: str,
    params: dict[str, Any],
    result: Any,
    work: Work | None,
    problem: str | None = None,
) -> Answer:
    if work is None:
        return Answer(slot, number, question, params, None if problem else result, problem)
    return Answer(slot, number, question, params, None, problem, None if problem else result)


def watch(
    check: Callable[[], str | None],
    post: Callable[[Message], Any],
    stopped: threading.Event,
    seconds: float = POLL_SECONDS,
    first: float = FIRST_POLL,
) -> None:
    """Look at the store until stopped and post ``StoreChanged`` for each new generation.

    A look that takes long or fails makes the next one come later: ten times as long as it took where there
    was nothing new, but only as long where there was: runs that land one after the other all appear soon.

    Args:
        check: Returns the new generation, or ``None`` where nothing changed.
        post: Posts a message to the app.
        stopped: Set when the app ends.
        seconds: The shortest pause.
        first: The first one.
    """
    pause = first
    while not stopped.wait(pause):
        begin = time.monotonic()
        try:
            generation = check()
            took = time.monotonic() - begin
            pause = max(seconds, took) if generation else max(10 * took, min(1.2 * pause, 2 * seconds))
        except Exception:
            # the store may be unreachable for a while; what is on screen stays
            generation = None
            pause *= 2
        pause = min(pause, SLOWEST_POLL)
        if generation is not None and not stopped.is_set():
            post(StoreChanged(generation))


def sql_of(question: str) -> str | None:
    """Return the SQL behind a question, if it can be found."""
    from importlib import resources

    file = resources.files("intermezzo.queries.questions").joinpath(f"{question}.sql")
    return file.read_text("utf-8") if file.is_file() else None
