"""Faults at some calls that change files, in every operation; ``make faults`` takes all calls and kinds."""

from __future__ import annotations

import errno
import importlib.util
from pathlib import Path

import pytest
from points import Zygote, compiled, try_all

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = compiled(tmp_path_factory.mktemp("shim"))
    if found is None:
        pytest.skip("left out: faults at every call need Linux and a C compiler")
    return found


@pytest.mark.parametrize("operation", ["import", "merge"])
def test_a_kill_or_a_full_disk_at_some_calls(operation: str, library: Path, tmp_path: Path) -> None:
    with Zygote(library, False, tmp_path) as zygote:
        *_, tally = try_all(zygote, operation, tmp_path / "cases", ["kill", "disk full"], most=2)
    assert tally.points > 10
    assert tally.met > 0
    assert tally.wrong == []


def test_a_full_disk_while_training(library: Path, tmp_path: Path) -> None:
    """Weights are equal to the bit in the end, and nothing is left of the first attempt."""
    if any(importlib.util.find_spec(name) is None for name in ("torch", "transformers")):
        pytest.skip("left out: torch and transformers are not installed; `make engine` does")
    with Zygote(library, True, tmp_path) as zygote:
        *_, tally = try_all(zygote, "train", tmp_path / "cases", ["disk full"], most=3)
    assert tally.points > 10
    assert tally.met > 0
    assert tally.wrong == []


def test_a_job_goes_on_where_its_state_cannot_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from intermezzo.engine import jobs

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(jobs, "write_atomic", full)
    report = jobs.Reporter(tmp_path / "jobs" / "a")
    report.running()
    report.end(jobs.DONE, "")
    assert "cannot be kept: No space left" in caplog.text
