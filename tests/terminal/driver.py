"""Drives a program in a real pseudo-terminal: its size is fixed before it starts, its screen kept by pyte.

with Terminal([sys.executable, "app.py"], columns=80, rows=24) as terminal:
    terminal.wait_for("Matrix")
    terminal.send("j", "j")
    terminal.wait_for("row 3")
    assert terminal.bytes_of("j") <= 600
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

import pyte

KEYS = {
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "enter": "\r", "esc": "\x1b",
    "tab": "\t", "shift+tab": "\x1b[Z", "backspace": "\x7f", "pagedown": "\x1b[6~", "pageup": "\x1b[5~",
    "home": "\x1b[H", "end": "\x1b[F", "space": " ",
    **{f"ctrl+{letter}": chr(ord(letter) - 96) for letter in "abcdefghjklnopqrstuvwxyz"},
}  # fmt: skip
"""Names of keys that are not a character."""

PATIENCE = 60.0
"""Seconds after which a wait fails: far more than anything takes, so that only a hang gets there."""

QUIET = 0.15
"""Seconds without a byte after which a program is taken to rest."""

FRAME_BEGINS, FRAME_ENDS = b"\x1b[?2026h", b"\x1b[?2026l"
"""What a program says around what is to be seen at once (synchronised output)."""


def cut_short(data: bytes) -> bytes:
    """Return the control sequence at the end of ``data`` whose own end has not come yet."""
    begun = re.search(rb"\x1b(\[[0-?]*[ -/]*)?\Z", data)
    return begun[0] if begun else b""


class Terminal:
    """A program in a pseudo-terminal.

    Args:
        command: Program and arguments.
        columns: Width.
        rows: Height.
        env: Variables to set; ``None`` takes one away. ``TERM`` is ``xterm-256color`` where not given.
        cwd: Working folder.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str | None] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = bytearray()
        self._held = b""
        own, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._fd = own
        unset = {"COLUMNS", "LINES", "NO_COLOR", "COLORTERM", "SSH_CONNECTION"}
        variables = {name: value for name, value in os.environ.items() if name not in unset}
        for name, value in {"TERM": "xterm-256color", **(env or {})}.items():
            variables.pop(name, None)
            if value is not None:
                variables[name] = value

        def adopt() -> None:
            signal.signal(signal.SIGHUP, signal.SIG_DFL)  # as from a shell, though tests run under nohup
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            list(command), stdin=theirs, stdout=theirs, stderr=theirs, env=variables, cwd=cwd, close_fds=True,
            start_new_session=True, preexec_fn=adopt,
        )  # fmt: skip
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the program, whatever it is doing."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self._fd)

    @property
    def text(self) -> str:
        """The screen, lines without trailing spaces."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def line(self, n: int) -> str:
        """Return a line of the screen; negative counts from the bottom."""
        return self.screen.display[n].rstrip()

    def _read(self, seconds: float) -> bool:
        """Take in what comes within ``seconds``; say whether anything came."""
        ready, _, _ = select.select([self._fd], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self._fd, 65536)
        except OSError:
            return False
        if b"\x1b[?2026$p" in data:
            os.write(self._fd, b"\x1b[?2026;2$y")  # as a real terminal: synchronised frames are known
        self._take(data)
        return bool(data)

    def _take(self, data: bytes) -> None:
        """Keep what came, and draw of it what a real terminal would: no frame before its end has come.

        A frame is longer than one read, and half of it on the screen would be a state that nobody sees.
        """
        self.raw += data
        data = self._held + data
        last = data.rfind(FRAME_BEGINS)
        whole = last if last > data.rfind(FRAME_ENDS) else len(data) - len(cut_short(data))
        data, self._held = data[:whole], data[whole:]
        # pyte knows no DEC private queries with "$" nor the kitty keyboard protocol
        for strange in (b"\x1b[?2026$p", b"\x1b[?2048$p", b"\x1b[>1u", b"\x1b[<u", b"\x1b[?u", b"\x1b[>4;1m"):
            data = data.replace(strange, b"")
        self._stream.feed(data)

    def wait_until(self, true: Callable[[], bool], what: str) -> None:
        """Read until ``true()``; fail with the screen where the program ends or hangs before."""
        end = time.monotonic() + PATIENCE
        while not true():
            came = self._read(0.2)
            ended = not came and self.process.poll() is not None
            if (ended or time.monotonic() > end) and not true():
                why = f"ended with {self.process.returncode}" if ended else "did not get there"
                raise AssertionError(f"the program {why} while waiting for {what}; screen:\n{self.text}")

    def wait_for(self, text: str) -> None:
        """Read until ``text`` is on screen."""
        self.wait_until(lambda: text in self.text, repr(text))

    def wait_for_line(self, pattern: str) -> None:
        """Read until ``pattern`` is found on screen, its ``^`` and ``$`` those of a line."""
        said = re.compile(pattern, re.MULTILINE)
        self.wait_until(lambda: said.search(self.text) is not None, repr(pattern))

    def wait_gone(self, text: str) -> None:
        """Read until ``text`` is not on screen."""
        self.wait_until(lambda: text not in self.text, f"no {text!r}")

    def rest(self) -> None:
        """Read until nothing comes for a while."""
        while self._read(QUIET):
            pass

    def send(self, *keys: str) -> None:
        """Press keys: names of ``KEYS``, or characters; several characters are typed."""
        os.write(self._fd, "".join(KEYS.get(key, key) for key in keys).encode())

    def bytes_of(self, *keys: str, until: Callable[[], bool] | None = None) -> int:
        """Press keys and return how many bytes the program sends until it rests (and ``until()`` holds)."""
        self.rest()
        before = len(self.raw)
        self.send(*keys)
        if until is not None:
            self.wait_until(until, f"the effect of {keys}")
        else:
            self._read(PATIENCE)
        self.rest()
        return len(self.raw) - before

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the terminal."""
        self.screen.resize(rows, columns)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process.send_signal(signal.SIGWINCH)

    def hang_up(self) -> int:
        """Close the terminal under the program; return its exit code once it has ended."""
        os.close(self._fd)
        self._fd = os.open(os.devnull, os.O_RDONLY)
        return self.process.wait(PATIENCE)

    def ended(self) -> int:
        """Read until the program ends; return its exit code."""
        self.wait_until(lambda: self.process.poll() is not None, "its end")
        return self.process.wait()
