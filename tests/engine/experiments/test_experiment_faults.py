"""An experiment that is disturbed: two at once, kills, a cancelled job, an edited file. Real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from intermezzo.engine.jobs import OVER, Job, jobs
from intermezzo.engine.training.folders import done_stages, read_progress
from intermezzo.queries.store.layout import Store, open_store
from intermezzo.queries.store.reader import connect
from intermezzo.queries.store.workspace import process_id
from intermezzo.tui.cli import cli
from running_data import write_experiment

TinyModel = Callable[..., Path]

PATIENCE = 300
"""Seconds before a test gives up on a process; nothing hangs on how long it takes."""


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERMEZZO_CHECKPOINT_SECONDS", "0")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.fixture
def file(tmp_path: Path, tiny_model: TinyModel) -> Path:
    """One stage after another: ccg, then on it the target's own."""
    path = write_experiment(tmp_path, tiny_model(model_type="xlm-roberta"), epochs=10)
    text = path.read_text().replace("[1, 2]", "[1]").replace('"direct", "ccg"', '"ccg"')
    path.write_text(text.replace(', "tatoeba"', ""))
    return path


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store", create=True)


def say(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(w) for w in words])


def until(true: Callable[[], object], store: Store) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        said = "\n".join(f"{j.state} {j.message}\n{j.log.read_text()[-500:]}" for j in jobs(store))
        assert time.monotonic() < deadline, said
        time.sleep(0.05)


def run_count(store: Store) -> int:
    with connect(store) as reader:
        return len(reader.ask("run_list").rows)


def stages(store: Store) -> dict[str, int]:
    """Return lineage -> how often it was taken up, of the stages that are done."""
    return {row["stage"]["lineage"]: row["starts"] for row in done_stages(store).values()}


@pytest.mark.slow
def test_two_at_once_do_everything_once(file: Path, store: Store) -> None:
    command = [sys.executable, "-m", "intermezzo.tui", "run", str(file), "--store", str(store.path)]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=PATIENCE)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert any("training: waits for another process that is at it" in text for text in said), said
    assert stages(store) == {"ccg": 1, "ccg > mnli": 1}
    assert run_count(store) == 1
    assert all("1 run in the store; 0 jobs failed" in text for text in said)


def newest(store: Store, title: str) -> Job:
    return next(job for job in jobs(store) if job.spec.title.partition(": ")[2] == title)


@pytest.mark.slow
def test_killed_and_cancelled_jobs_go_on_where_they_were(file: Path, store: Store) -> None:
    start = ("run", file, "--detach", "--store", store.path)
    assert say(*start).exit_code == 0
    first = newest(store, "ccg, seed 1")

    def begun() -> bool:
        progress = read_progress(store, first.spec.what["stage"]["stage_id"])
        return progress is not None and progress["step"] > 3

    until(begun, store)
    pid = process_id(newest(store, "ccg, seed 1").process)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until(lambda: all(job.state in OVER for job in jobs(store)), store)
    assert newest(store, "ccg, seed 1").state == "lost"
    after = newest(store, "ccg > mnli, seed 1")
    assert after.state == "failed"
    assert after.message.endswith("is lost, and this one needs it.")
    # and once more, stopped in good order this time
    assert "2 jobs submitted" in say(*start).stderr
    until(lambda: newest(store, "ccg, seed 1").done > 5, store)
    gone = say("jobs", "cancel", "--experiment", "tiny", "--store", store.path)
    assert gone.exit_code == 0, gone.stderr
    assert {job.state for job in jobs(store)} == {"lost", "failed", "cancelled"}
    assert done_stages(store) == {}
    assert "2 jobs submitted" in say(*start).stderr
    until(lambda: all(job.state in OVER for job in jobs(store)), store)
    assert [newest(store, t).state for t in ("ccg, seed 1", "ccg > mnli, seed 1")] == ["done", "done"]
    assert stages(store) == {"ccg": 3, "ccg > mnli": 1}
    assert run_count(store) == 1
    assert "Nothing is left to do." in say(*start).stderr


@pytest.mark.slow
def test_an_edited_file_keeps_what_it_shares_and_names_what_it_replaces(file: Path, store: Store) -> None:
    assert say("run", file, "--store", store.path).exit_code == 0
    file.write_text(file.read_text() + "\n[target]\nepochs = 2\n")
    again = say("run", file, "--store", store.path)
    assert again.exit_code == 0, again.stderr
    assert "[1/1] " in again.stderr, "the intermediate stage is shared"
    plan = say("plan", file, "--store", store.path)
    assert "1 run of these systems in the store come" in plan.stderr
    assert "3 of 3 done" in plan.stderr
    assert run_count(store) == 2


def test_data_that_are_missing_altogether_are_told_and_nothing_is_begun(file: Path, store: Store) -> None:
    (file.parent / "data" / "ccg" / "train.jsonl").unlink()
    for words in (("run", file), ("run", file, "--detach"), ("plan", file)):
        found = say(*words, "--store", store.path)
        assert "data has no ccg/train.jsonl: write one, an object a line with tokens, tags" in found.stderr
        assert found.exit_code == (1 if words[0] == "plan" else 2)
    assert not jobs(store)
    assert not (store.path / "stages").exists()
