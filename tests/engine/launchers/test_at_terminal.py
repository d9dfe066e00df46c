"""Work at a terminal, seen among the jobs of its store."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from intermezzo.engine.jobs import JobSpec, jobs
from intermezzo.engine.launchers import launcher_for
from intermezzo.engine.launchers.terminal import at_terminal
from intermezzo.queries.errors import Problem
from intermezzo.queries.store.layout import Store, open_store

SPEC = JobSpec("stage", {}, "a stage")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store", create=True)


def test_others_see_how_far_it_is_and_what_came_of_it(store: Store) -> None:
    log = logging.getLogger("intermezzo.engine")
    with at_terminal(store, SPEC) as report:
        report.step(40, 100, "items", "xnli")
        report.ran("a" * 24)
        log.warning("half as many tokens")
        [job] = jobs(store)
        assert (job.state, job.done, job.total, job.unit, job.message) == (
            *("running", 40, 100, "items", "xnli"),
        )
    log.warning("of something else")
    [job] = jobs(store)
    assert (job.state, job.runs) == ("done", ("a" * 24,))
    assert job.log.read_text().endswith(" half as many tokens\n")


@pytest.mark.parametrize(
    ("error", "state", "said"),
    [
        (Problem("No data."), "failed", "No data."),
        (KeyboardInterrupt(), "cancelled", "stopped at its terminal; what is finished is kept"),
        (ZeroDivisionError("by 0"), "failed", "an error of this program: ZeroDivisionError: by 0"),
    ],
)
def test_however_it_ends_is_said(store: Store, error: BaseException, state: str, said: str) -> None:
    with pytest.raises(type(error)), at_terminal(store, SPEC):
        raise error
    [job] = jobs(store)
    assert job.state == state
    assert job.message.startswith(said)


def test_nothing_is_submitted_to_a_terminal(store: Store) -> None:
    with pytest.raises(Problem, match="does its work itself"):
        launcher_for("terminal").submit(store, SPEC)
    assert not jobs(store)
