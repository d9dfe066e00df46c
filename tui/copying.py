"""Copying out of the app: by the terminal (OSC 52), or to a file where that would be too much for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .terminal import OSC52_LIMIT, swallowed

if TYPE_CHECKING:
    from textual.app import App


def copy_out(app: App[int], text: str, what: str, say: Callable[[str], None]) -> None:
    """Copy a text and say what became of it.

    Args:
        app: The app, whose terminal copies.
        text: What to copy.
        what: What it is, in words.
        say: Shows a sentence.
    """
    if len(text.encode("utf-8", "replace")) > OSC52_LIMIT:
        from .sheets import save_text

        say(save_text(text, "intermezzo-copy.txt"))
        return

    def tell_swallowed() -> None:  # in a thread: the multiplexer is asked
        if why := swallowed():
            app.call_from_thread(say, f"not copied: {why}")

    app.copy_to_clipboard(text)
    say(f"copied {what} (OSC 52)")
    app.run_worker(tell_swallowed, thread=True, group="clipboard", exclusive=True)
