"""Experiments on a real SLURM that ``make test-slurm`` (tests/slurm/run.sh) has brought up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from intermezzo.engine.jobs import Job, jobs
from intermezzo.engine.launchers import launcher_for
from intermezzo.engine.training.folders import done_stages, read_json
from intermezzo.queries.store.layout import Store, open_store
from intermezzo.tui.cli import cli

sys.path.append(str(Path(__file__).resolve().parents[1] / "experiments"))

from running_data import write_experiment

NODES = int(os.environ.get("INTERMEZZO_SLURM_NODES", "0"))
pytestmark = pytest.mark.skipif(
    NODES == 0, reason="left out: no SLURM was brought up; `make test-slurm` does"
)
PATIENCE = 900.0
"""Seconds before a test gives up on SLURM; nothing hangs on how long it takes."""


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERMEZZO_CHECKPOINT_SECONDS", "0.2")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def run(file: Path, store: Store, *more: str) -> Result:
    words = ["run", str(file), "--on", "slurm", "--store", str(store.path), *more]
    return CliRunner().invoke(cli, words)


def states(store: Store) -> dict[str, str]:
    return {job.spec.title.split(": ")[1]: launcher_for("slurm").state(job) for job in reversed(jobs(store))}


def told(store: Store) -> str:
    """Return everything that jobs have said, for a test that fails."""
    logs = "\n".join(f"{job.id} {job.message}\n{job.log.read_text()[-800:]}" for job in jobs(store))
    return f"{states(store)}\n{logs}"


def wait(what: Callable[[], bool], store: Store) -> None:
    until = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < until, told(store)
        time.sleep(0.5)


def ended(store: Store) -> bool:
    return set(states(store).values()).isdisjoint({"waiting", "running"})


def begun(store: Store, step: int) -> Job | None:
    """Return a job that is running, once its training is so far."""
    for job in jobs(store):
        stage = job.spec.what["stage"]["stage_id"]
        progress = read_json(store.path / "stages" / stage / "checkpoint.json") or {"step": 0}
        if launcher_for("slurm").state(job) == "running" and progress["step"] >= step:
            return job
    return None


@pytest.mark.slow
def test_arrays_run_in_their_order_and_bring_runs(tmp_path: Path, tiny_model: Callable[..., Path]) -> None:
    file = write_experiment(tmp_path, tiny_model(model_type="xlm-roberta"))
    store = open_store(tmp_path / "store", create=True)
    found = run(file, store)
    assert found.exit_code == 0, found.stderr
    made = jobs(store)
    assert len(made) == 7
    # what waits for nothing is one array; what starts from a stage waits for that stage's job
    assert len({job.handle.split("_")[0] for job in made if not job.spec.after}) == 1
    assert sum(bool(job.spec.after) for job in made) == 2
    twice = run(file, store)
    assert "at work" in twice.stderr
    assert len(jobs(store)) == 7
    wait(lambda: ended(store), store)
    assert set(states(store).values()) == {"done"}, told(store)
    assert all(job.runs for job in jobs(store))
    plan = CliRunner().invoke(cli, ["plan", str(file), "--store", str(store.path), "--format", "json"])
    assert {row["state"] for row in json.loads(plan.stdout)} == {"done"}
    if NODES > 1:
        command = ["sacct", "-X", "-n", "-P", "-o", "NodeList"]
        nodes = set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
        assert len(nodes & {f"n{n + 1}" for n in range(NODES)}) > 1


@pytest.mark.slow
def test_a_failure_is_told_and_stops_what_rests_on_it(
    tmp_path: Path, tiny_model: Callable[..., Path]
) -> None:
    file = write_experiment(tmp_path, tiny_model(model_type="xlm-roberta"))
    (tmp_path / "data" / "ccg" / "train.jsonl").write_text('{"tokens": ["a"]}\n')
    store = open_store(tmp_path / "store", create=True)
    run(file, store)
    wait(lambda: ended(store), store)
    found = states(store)
    assert found["ccg, seed 1"] == "failed", told(store)
    assert found["ccg > mnli, seed 1"] == "cancelled", told(store)
    assert found["mnli, seed 1"] == "done", told(store)
    failed = next(job for job in jobs(store) if job.state == "failed")
    assert "it needs the columns" in failed.message


@pytest.mark.slow
def test_a_cancelled_and_a_requeued_job_go_on_where_they_were(
    tmp_path: Path, tiny_model: Callable[..., Path]
) -> None:
    file = write_experiment(tmp_path, tiny_model(model_type="xlm-roberta"), epochs=60)
    file.write_text(
        file.read_text().replace('"ccg"]', '"direct"]').replace('["direct", "direct"]', '["direct"]')
    )
    file.write_text(file.read_text().replace("[1, 2]", "[1]").replace(', "tatoeba"', ""))
    store = open_store(tmp_path / "store", create=True)
    run(file, store)
    wait(lambda: begun(store, 5) is not None, store)
    job = begun(store, 5)
    assert job is not None
    launcher_for("slurm").cancel(job)
    wait(lambda: ended(store), store)
    assert set(states(store).values()) == {"cancelled"}
    assert not done_stages(store)
    run(file, store)
    wait(lambda: begun(store, 10) is not None, store)
    again = begun(store, 10)
    assert again is not None
    assert again.id != job.id
    subprocess.run(["scontrol", "requeue", again.handle], check=True)
    wait(lambda: bool(done_stages(store)) and ended(store), store)
    done = next(iter(done_stages(store).values()))
    # two where the requeue came before the second start had written a checkpoint of its own
    assert done["starts"] in (2, 3)
    assert sorted(states(store).values()) == ["done"]


@pytest.mark.slow
def test_what_is_asked_for_is_asked_of_slurm_and_a_refusal_is_told(
    tmp_path: Path, tiny_model: Callable[..., Path]
) -> None:
    file = write_experiment(tmp_path, tiny_model(model_type="xlm-roberta"))
    store = open_store(tmp_path / "store", create=True)
    refused = run(file, store, "--partition", "nowhere")
    assert refused.exit_code == 2
    assert "SLURM did not take the jobs: " in refused.stderr
    assert "Traceback" not in refused.stderr
    assert {job.state for job in jobs(store)} == {"failed"}
    assert all("SLURM did not take it: " in job.message for job in jobs(store))
    found = run(file, store, "--partition", "debug", "--time", "7")
    assert found.exit_code == 0, found.stderr
    made = [job for job in jobs(store) if job.handle]
    command = ["sacct", "-X", "-n", "-P", "-o", "Partition,TimelimitRaw,ReqCPUS", "-j", made[0].handle]
    wait(lambda: bool(subprocess.run(command, capture_output=True, text=True).stdout.strip()), store)
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    # how many processors is the file's word, partition and time are those of the command
    assert said[0] == "debug|7|1"
    words = ["jobs", "cancel", "--experiment", "tiny", "--store", str(store.path)]
    gone = CliRunner().invoke(cli, words)
    assert gone.exit_code == 0, gone.stderr
    wait(lambda: ended(store), store)
    assert set(states(store).values()) <= {"cancelled", "done"}
