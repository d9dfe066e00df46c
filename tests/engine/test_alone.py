from __future__ import annotations

import errno
import fcntl
import logging
from pathlib import Path

import pytest
from intermezzo.engine import alone as module
from intermezzo.engine.alone import Busy, alone, when_free
from intermezzo.queries.errors import Problem


def test_one_at_a_time_and_the_next_when_it_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 0)
    lock, tries, told = tmp_path / "lock", [0], [0]
    first = alone(lock, "busy")

    def do() -> str:
        tries[0] += 1
        if tries[0] == 3:
            first.__exit__(None, None, None)
        with alone(lock, "busy"):
            return "done"

    with pytest.raises(Busy, match="busy"), alone(lock, "own"), alone(lock, "busy"):
        pass
    first.__enter__()
    assert when_free(do, lambda: told.__setitem__(0, told[0] + 1)) == "done"
    assert (tries, told) == ([3], [1])


def test_a_lock_that_was_removed_meanwhile_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / "lock"
    flock = fcntl.flock

    def late(file: int, how: int) -> None:
        lock.unlink()
        flock(file, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with pytest.raises(Busy), alone(lock, "busy"):
        pass


def test_where_there_are_no_locks_it_goes_on_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def none(_file: int, _how: int) -> None:
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr(fcntl, "flock", none)
    with caplog.at_level(logging.WARNING), alone(tmp_path / "lock", "busy"):
        assert "cannot be locked here" in caplog.text
    with pytest.raises(Problem, match="cannot be written"), alone(tmp_path / "none" / "lock", "busy"):
        pass
