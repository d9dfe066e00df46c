"""What SLURM says, read without a SLURM; ``make test-slurm`` asks a real one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from intermezzo.engine.jobs import JobSpec, jobs, make_job, note_handle
from intermezzo.engine.launchers.slurm import our_state, parameters, parse_sacct, refreshed
from intermezzo.queries.errors import Problem
from intermezzo.queries.store.layout import open_store


@pytest.mark.parametrize(
    ("said", "ours"),
    [
        ("COMPLETED", "done"),
        ("COMPLETING", "running"),
        ("CANCELLED by 0", "cancelled"),
        ("CANCELLED+", "cancelled"),
        ("OUT_OF_MEMORY", "failed"),
        ("PENDING", "waiting"),
        ("REQUEUED", "waiting"),
        ("SOMETHING_NEW", None),
    ],
)
def test_states_are_told_by_how_they_begin(said: str, ours: str | None) -> None:
    assert our_state(said) == ours


def test_the_waiting_part_of_an_array_is_one_line() -> None:
    text = "12_[2-3,5%4]|PENDING\n12_0|COMPLETED\n12_1|CANCELLED by 0\n13|RUNNING\n"
    wanted = ["12_0", "12_1", "12_2", "12_3", "12_4", "12_5", "13"]
    assert parse_sacct(text, wanted) == {
        "12_0": "done",
        "12_1": "cancelled",
        **dict.fromkeys(("12_2", "12_3", "12_5"), "waiting"),
        "13": "running",
    }


def test_needs_become_submitits_parameters() -> None:
    found = parameters({"gres": "gpu:1", "partition": "long", "minutes": 30})
    assert found["slurm_gres"] == "gpu:1"
    assert found["timeout_min"] == 30
    assert found["slurm_additional_parameters"] == {"requeue": True}
    with pytest.raises(Problem, match="has no colour"):
        parameters({"colour": "red"})


def test_a_job_that_cannot_say_how_it_ended_is_asked_of_sacct(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sacct = tmp_path / "sacct"
    sacct.write_text("#!/bin/sh\necho '7_0|TIMEOUT'\necho '7_1|CANCELLED by 0'\n")
    sacct.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    store = open_store(tmp_path / "store", create=True)
    for n in range(3):
        note_handle(make_job(store, JobSpec("stage", {}, f"job {n}"), "slurm" if n < 2 else "here"), f"7_{n}")
    found = {job.spec.title: job.state for job in refreshed(jobs(store))}
    assert found == {"job 0": "failed", "job 1": "cancelled", "job 2": "waiting"}
