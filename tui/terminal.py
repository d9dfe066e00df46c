"""What the terminal can do; nothing here imports Textual."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from .colours import Depth

OSC52_LIMIT = 50_000
"""Bytes of text that are copied through the terminal; many terminals drop more than some 74 kB of base64."""


SCREEN_PIECE = 512
"""Bytes that GNU screen is given to pass on at a time."""

_DROPS = {"off", "external"}


def usable(environ: Mapping[str, str] | None = None, *, tty: bool | None = None) -> str | None:
    """Return a sentence saying why the app cannot be drawn here, or ``None`` where it can.

    Args:
        environ: The environment; this process's where not given.
        tty: Whether stdin and stdout are a terminal; found out where not given.
    """
    env = os.environ if environ is None else environ
    if tty is None:
        tty = sys.stdin.isatty() and sys.stdout.isatty()
    instead = "`intermezzo show matrix` prints the same table, with --format json for scripts."
    if not tty:
        return f"The app needs a terminal, and standard input or output is none. {instead}"
    term = env.get("TERM", "")
    if term in {"dumb", "unknown"} or not term:
        named = f"TERM={term}" if term else "TERM is not set, which"
        return (
            f"The app cannot be drawn here: {named} says that the terminal cannot move its cursor. {instead}"
        )
    return None


def swallowed(environ: Mapping[str, str] | None = None) -> str:
    """Return why what is copied stays in tmux, and what to do; empty where it goes through, or nobody knows.

    tmux takes OSC 52 from what runs in it only where ``set-clipboard`` is ``on``; usual is ``external``.

    Args:
        environ: The environment; this process's where not given.
    """
    env = os.environ if environ is None else environ
    if not env.get("TMUX"):
        return ""
    import subprocess

    try:
        asked = ["tmux", "show-options", "-sv", "set-clipboard"]
        found = subprocess.run(asked, capture_output=True, text=True, timeout=2, env=dict(env))
    except (OSError, subprocess.SubprocessError):
        return ""
    said = found.stdout.strip()
    return "tmux drops it: say  tmux set -s set-clipboard on" if said in _DROPS else ""


def in_screen(environ: Mapping[str, str] | None = None) -> bool:
    """Tell whether GNU screen is what draws the app, and not a tmux inside it."""
    env = os.environ if environ is None else environ
    return bool(env.get("STY")) and not env.get("TMUX")


def past_screen(sequence: str) -> str:
    """Return a control sequence so that GNU screen hands it to the terminal around it instead of dropping it.

    screen passes on what stands between ``ESC P`` and its end, ``ESC`` and a backslash, but keeps at most
    768 bytes of a string (MAXSTR in its source): the sequence goes in pieces.
    """
    pieces = (sequence[n : n + SCREEN_PIECE] for n in range(0, len(sequence), SCREEN_PIECE))
    return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)


def few_colours(environ: Mapping[str, str] | None = None) -> str:
    """Return what to do where a multiplexer shows 16 colours though it could show 256; else empty.

    Args:
        environ: The environment; this process's where not given.
    """
    env = os.environ if environ is None else environ
    if depth(env) != "16":
        return ""
    if in_screen(env):
        return "in GNU screen put  term screen-256color  into ~/.screenrc and start screen anew"
    if env.get("TMUX"):
        return "in tmux say  tmux set -g default-terminal tmux-256color  and open a new window"
    return ""


def gone() -> bool:
    """Tell whether the terminal that the app was started in has been closed."""
    try:
        return not os.isatty(0)
    except OSError:
        return True


def window_size() -> tuple[int, int] | None:
    """Return columns and rows of the terminal's window now, or ``None`` where it tells none."""
    try:
        columns, rows = os.get_terminal_size(0)
    except OSError:
        return None
    return (columns, rows) if columns and rows else None


def depth(environ: Mapping[str, str] | None = None) -> Depth:
    """Return how many colours the terminal shows.

    What counts: ``NO_COLOR``, ``TEXTUAL_COLOR_SYSTEM``, ``COLORTERM``, ``TERM``, in this order.

    ssh does not forward ``COLORTERM`` by default: 256 colours are the usual case there.
    """
    env = os.environ if environ is None else environ
    if "NO_COLOR" in env:
        return "none"
    forced = env.get("TEXTUAL_COLOR_SYSTEM", "").strip().lower()
    if forced in {"standard", "256", "truecolor"}:
        return "16" if forced == "standard" else "256" if forced == "256" else "truecolor"
    if env.get("COLORTERM", "").strip().lower() in {"truecolor", "24bit"}:
        return "truecolor"
    term = env.get("TERM", "").strip().lower()
    return "256" if "256color" in term or term.rpartition("-")[2] == "kitty" else "16"


def prepare(environ: dict[str, str] | os._Environ[str] | None = None) -> None:
    """Set what Textual reads when it is imported: calm over SSH. Call before importing the app.

    What the user has set stays.
    """
    env = os.environ if environ is None else environ
    env.setdefault("TEXTUAL_ANIMATIONS", "none")
    if env.get("SSH_CONNECTION"):
        env.setdefault("TEXTUAL_FPS", "30")
        env.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
