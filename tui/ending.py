"""The end of the app without a key: its terminal is gone, or a signal asks for it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from .terminal import gone

HANGUP = 129
"""Exit code of a program whose terminal went away: 128 + SIGHUP."""

PATIENCE = 2.0
"""Seconds that the app has for leaving: drawing to a terminal that is gone may never end."""


@dataclass(frozen=True)
class Ending:
    """How the app ends without a key: its terminal is gone, or a signal says so.

    Attributes:
        asked: Set by a signal, and when the app has ended.
        ended: Set when the app has ended.
    """

    asked: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def listen(self) -> None:
        """Take SIGHUP and SIGTERM as the wish to quit."""
        for number in (signal.SIGHUP, signal.SIGTERM):
            if signal.getsignal(number) is signal.SIG_DFL:  # what nohup ignores stays ignored
                signal.signal(number, self._ask)

    def _ask(self, *_: object) -> None:
        self.asked.set()

    def over(self) -> None:
        """Say that the app has ended."""
        self.ended.set()
        self.asked.set()

    def wait(self, call: Callable[[Callable[[], None]], object], leave: Callable[[], None]) -> None:
        """Wait for a signal or until the terminal is gone, then end the app as quitting does.

        Under ``make`` or ``nohup`` no signal says that a connection broke, and the app would spin on an input
        that has ended.

        Args:
            call: Has the app call a function, without waiting for it.
            leave: Ends the app.
        """
        while not gone() and not self.asked.wait(1):
            pass
        if self.ended.is_set():
            return
        call(leave)
        if not self.ended.wait(PATIENCE):
            os._exit(HANGUP)
