"""How a pane tells its place that the cursor moved."""

from __future__ import annotations

from textual.message import Message
from textual.widget import Widget


def tell(pane: Widget, message: Message) -> None:
    """Hand a message to the nearest widget around the pane that takes it, before anything else happens.

    A posted message would come after the next key where two keys arrive at once, and that key would then
    act on the row just left.
    """
    for node in pane.ancestors:
        take = getattr(node, message.handler_name, None)
        if take is not None:
            take(message)
            return
