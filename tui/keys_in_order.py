"""One key after the other: each meets what the key before it made, however fast they come.

Textual hands a key to the widget with the focus, and does what is bound to it once the key has bubbled back
to the app. The keys of a burst (a paste without brackets, typing on a slow link) are all handed over before
the first of them has done anything: text meant for a line, an editor or a dialog that a key before it opens
was lost, or did what its letters are bound to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from unicodedata import category

from textual.app import App
from textual.dom import DOMNode
from textual.events import Event, Key
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, TextArea

from .actions import in_scopes

MOVES = frozenset(key for action in in_scopes(["move"]) for key in action.keys)
"""Keys that only move the cursor of a pane."""

PATIENCE = 1.0
"""Seconds after which the next key is taken although a widget is still at the last one."""


class KeysInOrder(App[int], inherit_bindings=False):
    """An app that takes a key once the last one has been dealt with."""

    _handed_over: Key | None = None
    """The key that a widget has, until it comes back: widgets keep what they type."""

    async def on_event(self, event: Event) -> None:
        """Deal with a key to its end; leave other events to Textual."""
        if isinstance(event, Key) and not event.is_forwarded:
            await self._deal_with(event)
        else:
            await super().on_event(event)

    def post_message(self, message: Message) -> bool:
        """Take a key back at once that was bubbling up, in front of those that came after it."""
        if message is self._handed_over:
            self._handed_over = None
            return True
        return super().post_message(message)

    async def _deal_with(self, key: Key) -> None:
        taker = self.focused or self.screen
        if isinstance(taker, Input | TextArea) and _is_text(key.character):
            put = taker.insert_text_at_cursor if isinstance(taker, Input) else taker.insert
            put(str(key.character))
            return
        if len(self.screen_stack) > 1 or isinstance(taker, Input | TextArea):
            self._handed_over = key
            await super().on_event(key)
            await _rest(taker)
            if self._handed_over is key or not key.is_forwarded:
                self._handed_over = None
                return
        else:
            # panes take no key themselves: all that they do is bound to keys
            key._set_forwarded()
            if not MOVES.isdisjoint((key.key, key.character)):
                # a cursor is moved at once, and nothing opens: a burst of moves is drawn as one
                await super().on_event(key)
                return
        await super().on_event(key)
        await _rest(self.focused or self.screen)


def _is_text(character: str | None) -> bool:
    """Whether this is a joiner or a space of another script, which fields take for unprintable and drop."""
    return (
        character is not None
        and len(character) == 1
        and character != " "
        and category(character) in {"Cf", "Zs"}
    )


async def _rest(widget: Widget) -> None:
    """Wait until a widget and those around it did what they were told; twice, for they tell each other."""
    rested: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on(nodes: Sequence[DOMNode]) -> None:
        for n, node in enumerate(nodes):
            if node.call_later(on, nodes[n + 1 :]):
                return
        if not rested.done():
            rested.set_result(None)

    on([node for node in widget.ancestors_with_self if not isinstance(node, App)] * 2)
    with suppress(TimeoutError):
        await asyncio.wait_for(rested, PATIENCE)
