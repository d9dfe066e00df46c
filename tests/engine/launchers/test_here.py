"""Jobs on this machine: real detached processes, their turns, their end, and stopping them."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import download_folder
import platformdirs
import pytest
from intermezzo.engine.evaluation import Evaluation
from intermezzo.engine.jobs import OVER, Job, JobSpec, Reporter, find_job, jobs, make_job, read_folder
from intermezzo.engine.launchers import launcher_for
from intermezzo.engine.launchers.here import turn
from intermezzo.queries.errors import Problem
from intermezzo.queries.store.layout import Store, open_store
from intermezzo.queries.store.reader import connect
from intermezzo.queries.store.workspace import process_id

PATIENCE = 240
"""Seconds before a test gives up on a process; nothing hangs on how long it takes."""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store", create=True)


@pytest.fixture
def spec(tmp_path: Path, tiny_model: Callable[..., Path]) -> Callable[[int], JobSpec]:
    def make(lines: int) -> JobSpec:
        folder = download_folder.make(tmp_path / f"download-{lines}", lines)
        model = tiny_model("pair classification", download_folder.LABELS)
        asked = Evaluation(
            "xnli", model=str(model), data=str(folder), device="cpu", options={"token_budget": 32}
        )
        return JobSpec("evaluate", asked.as_json(), f"xnli {lines}")

    return make


def until(job: Callable[[], Job], reached: Callable[[Job], bool]) -> Job:
    deadline = time.monotonic() + PATIENCE
    while not reached(found := job()):
        assert time.monotonic() < deadline, (found, found.log.read_text())
        time.sleep(0.05)
    return found


def ended(store: Store, name: str) -> Job:
    return until(lambda: find_job(store, name), lambda j: j.state in OVER)


@pytest.mark.slow
def test_two_jobs_at_once_take_turns_and_make_one_run(store: Store, spec: Callable[[int], JobSpec]) -> None:
    here = launcher_for("here")
    names = [here.submit(store, spec(6)) for _ in range(2)]
    found = [ended(store, name) for name in names]
    assert [j.state for j in found] == ["done", "done"], [j.log.read_text() for j in found]
    assert found[0].runs == found[1].runs
    with connect(store) as reader:
        assert [r["run_id"] for r in reader.ask("run_list").dicts()] == list(found[0].runs)
    logs = [j.log.read_text() for j in found]
    assert sum("in the store already" in log for log in logs) == 1
    assert any(re.search(r"de accuracy \d", log) for log in logs)
    assert {(j.done, j.total, j.unit) for j in found} >= {(12, 12, "items")}


@pytest.mark.slow
def test_a_running_job_is_cancelled_and_the_next_goes_on(
    store: Store, spec: Callable[[int], JobSpec]
) -> None:
    here = launcher_for("here")
    name = here.submit(store, spec(3000))
    job = until(lambda: find_job(store, name), lambda j: j.done > 20 or j.state in OVER)
    assert job.state == "running", job.log.read_text()
    here.cancel(job)
    job = find_job(store, name)
    assert job.state == "cancelled"
    assert "kept for the next attempt" in job.message
    [kept] = (store.path / "jobs" / "spool").iterdir()
    assert (kept / "finished.jsonl").stat().st_size
    with pytest.raises(Problem, match="there is nothing to cancel"):
        here.cancel(job)


@pytest.mark.slow
def test_a_killed_job_is_lost_not_running(store: Store, spec: Callable[[int], JobSpec]) -> None:
    name = launcher_for("here").submit(store, spec(3000))
    job = until(lambda: find_job(store, name), lambda j: j.done > 0 or j.state in OVER)
    assert job.state == "running", job.log.read_text()
    pid = process_id(job.process)
    assert pid
    os.kill(pid, signal.SIGKILL)
    job = ended(store, name)
    assert job.state == "lost"
    assert not list(store.runs.iterdir())


@pytest.mark.slow
def test_a_job_waits_for_its_turn_and_can_be_cancelled_there(
    store: Store, spec: Callable[[int], JobSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTERMEZZO_JOBS", "1")
    turns = Path(platformdirs.user_cache_dir("intermezzo")) / "turns"
    folder = turns / re.sub(r"[^A-Za-z0-9_-]", "_", socket.gethostname())
    folder.mkdir(parents=True)
    with (folder / "0.lock").open("a") as taken:
        fcntl.flock(taken, fcntl.LOCK_EX)
        here = launcher_for("here")
        name = here.submit(store, spec(6))
        job = until(lambda: find_job(store, name), lambda j: "turn" in j.message or j.state in OVER)
        assert job.state == "waiting"
        here.cancel(job)
    assert find_job(store, name).state == "cancelled"


def test_turns_come_in_the_order_of_submission_and_the_dead_hold_up_nobody(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTERMEZZO_JOBS", "1")
    folders = [make_job(store, JobSpec("x", {}, str(n)), "here") for n in range(4)]
    assert [f.name for f in folders] == sorted(f.name for f in folders)
    dead, *living = folders
    order: list[str] = []

    def take(folder: Path) -> None:
        with turn(Reporter(folder)):
            order.append(folder.name)

    with turn(Reporter(make_job(store, JobSpec("x", {}, "first"), "here"))):
        [turns] = (Path(platformdirs.user_cache_dir("intermezzo")) / "turns").iterdir()
        (turns / f"{dead.name}.wait").touch()
        threads = [threading.Thread(target=take, args=(folder,)) for folder in reversed(living)]
        for thread in threads:
            thread.start()
        until(lambda: read_folder(living[0]), lambda job: "turn" in job.message)
        while any("turn" not in read_folder(folder).message for folder in living):
            time.sleep(0.01)
    for thread in threads:
        thread.join(PATIENCE)
    assert order == [folder.name for folder in living]
    assert [p.name for p in turns.iterdir()] == ["0.lock"]


def test_a_ticket_that_was_taken_for_a_dead_ones_is_made_anew(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTERMEZZO_JOBS", "1")
    folder = make_job(store, JobSpec("x", {}, "held up"), "here")
    lock, taken = fcntl.flock, []

    def flock(file: IO[str], how: int) -> None:
        if how == fcntl.LOCK_EX and not taken:  # between opening it and locking it
            taken.append(file.name)
            os.unlink(file.name)
        lock(file, how)

    def take() -> None:
        with turn(Reporter(folder)):
            pass

    with turn(Reporter(make_job(store, JobSpec("x", {}, "first"), "here"))):
        monkeypatch.setattr(fcntl, "flock", flock)
        thread = threading.Thread(target=take)
        thread.start()
        until(lambda: read_folder(folder), lambda job: "turn" in job.message)
        assert os.path.exists(taken[0]), "who comes later sees that it waits"
    thread.join(PATIENCE)
    assert not thread.is_alive()


@pytest.mark.slow
def test_what_goes_wrong_is_said_in_state_and_log(store: Store) -> None:
    here = launcher_for("here")
    asked = Evaluation("xnli", model="/nowhere", data="/nowhere")
    names = [
        here.submit(store, JobSpec("evaluate", asked.as_json(), "no data")),
        here.submit(store, JobSpec("dance", {}, "no such work")),
    ]
    first, second = (ended(store, name) for name in names)
    assert (first.state, second.state) == ("failed", "failed")
    assert "is no folder with data" in first.message
    assert first.message in first.log.read_text()
    assert "does not know how to do 'dance'" in second.message
    after = here.submit(store, JobSpec("dance", {}, "after a failed one", after=(first.id,)))
    assert "is failed, and this one needs it" in ended(store, after).message


def test_jobs_are_found_by_a_part_of_their_id(store: Store) -> None:
    folder = make_job(store, JobSpec("evaluate", {}, "one"), "here")
    assert read_folder(folder).state == "waiting"
    assert find_job(store, folder.name[-4:]).id == folder.name
    with pytest.raises(Problem, match="There is no job 'nothing'"):
        find_job(store, "nothing")
    (folder / "job.json").write_text("{")
    assert jobs(store) == []


def test_an_unknown_launcher_is_a_sentence() -> None:
    with pytest.raises(Problem, match="There is no launcher 'moon': here"):
        launcher_for("moon")
