"""The terminal that tests of the app think they are in, whatever the developer's own is."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _usual_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """256 colours, as over ssh."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("TEXTUAL_COLOR_SYSTEM", raising=False)
