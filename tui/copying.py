"""Copying out of the app: by the terminal (OSC 52), or to a file where that would be too much for it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import TYPE_CHECKING

from .terminal import OSC52_LIMIT, in_screen, past_screen, swallowed

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
    if in_screen() and app._driver is not None:
        # screen drops what Textual has just sent
        encoded = b64encode(text.encode("utf-8", "replace")).decode("ascii")
        app._driver.write(past_screen(f"\x1b]52;c;{encoded}\a"))
    say(f"copied {what} (OSC 52)")
    app.run_worker(tell_swallowed, thread=True, group="clipboard", exclusive=True)
