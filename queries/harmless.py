"""Foreign strings made harmless for a terminal.

Stored data stay as found; whatever is shown, on a screen or printed, goes through ``harmless``.
"""

from __future__ import annotations

import re

# C0 and DEL, C1, line/paragraph separators, bidi controls and isolates, zero-width and invisible format
# characters that move or hide text, lone surrogates, tag characters and the byte-order mark.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def harmless(text: str) -> str:
    """Return ``text`` with every control that a terminal could obey replaced by ``\ufffd``.

    Tabs and line breaks become a space, so that one value stays on one line. Joiners that scripts
    need (U+200C, U+200D) are kept.
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(lambda m: " " if m.group() in "\t\n\r" else "\ufffd", text)
