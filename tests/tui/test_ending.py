"""How the app ends without a key."""

from __future__ import annotations

import pytest
from intermezzo.tui import ending
from intermezzo.tui.ending import HANGUP, Ending


def test_who_waits_for_the_terminal_to_go_ends_with_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    # else it would know the app at exit, and DuckDB would complain of connections on the terminal
    monkeypatch.setattr(ending, "gone", lambda: False)
    end = Ending()
    end.over()
    end.wait(pytest.fail, pytest.fail)


def test_an_app_that_cannot_leave_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[int] = []
    monkeypatch.setattr(ending, "gone", lambda: True)
    monkeypatch.setattr(ending, "PATIENCE", 0.01)
    monkeypatch.setattr("os._exit", codes.append)
    asked: list[object] = []
    Ending().wait(asked.append, test_an_app_that_cannot_leave_is_ended)
    assert asked == [test_an_app_that_cannot_leave_is_ended]
    assert codes == [HANGUP]
