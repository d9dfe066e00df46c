"""What SLURM says, read without a SLURM; ``make test-slurm`` asks a real one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from intermezzo.engine.jobs import JobSpec, Reporter, jobs, make_job, note_handle
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
        "12_0": "COMPLETED",
        "12_1": "CANCELLED by 0",
        **dict.fromkeys(("12_2", "12_3", "12_5"), "PENDING"),
        "13": "RUNNING",
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
    lines = ["7_0|TIMEOUT", "7_1|CANCELLED by 0", "7_3|PENDING", "7_4|FAILED", "7_5|CANCELLED by 0"]
    sacct.write_text(
        "#!/bin/sh\n" + "".join(f"echo '{line}'\n" for line in lines) + f"echo >>{tmp_path}/calls\n"
    )
    sacct.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    store = open_store(tmp_path / "store", create=True)
    folders = [
        make_job(store, JobSpec("stage", {}, f"job {n}"), "here" if n == 2 else "slurm") for n in range(6)
    ]
    for n, folder in enumerate(folders):
        note_handle(folder, f"7_{n}")
    # stopped by SLURM, which put it back into the queue; and one that had said itself that it was done
    Reporter(folders[3]).end("cancelled", "cancelled; what is finished is kept")
    Reporter(folders[4]).end("done", "")
    Reporter(folders[5]).end("cancelled", "cancelled before it began")
    found = {job.spec.title: (job.state, job.message) for job in refreshed(jobs(store))}
    assert found == {
        "job 0": ("failed", "SLURM says TIMEOUT"),
        "job 1": ("cancelled", "SLURM says CANCELLED by 0"),
        "job 2": ("waiting", ""),
        "job 3": ("waiting", "cancelled; what is finished is kept"),
        "job 4": ("done", ""),
        "job 5": ("cancelled", "cancelled before it began"),
    }
    assert (tmp_path / "calls").read_text() == "\n", "sacct is asked once for all"


def test_a_job_after_one_that_slurm_does_not_know_waits_by_itself(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    folder = make_job(store, JobSpec("stage", {}, "trains here"), "here")
    before = [job for job in jobs(store) if job.handle]
    assert parameters({}, before)["slurm_additional_parameters"] == {"requeue": True}
    note_handle(folder, "9")
    said = parameters({}, jobs(store))["slurm_additional_parameters"]
    assert said["dependency"] == "afterok:9"
