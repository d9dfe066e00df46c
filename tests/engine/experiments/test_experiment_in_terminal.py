"""An experiment started from the app in a real terminal, which is killed; another app finds it again."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from intermezzo.engine.jobs import OVER, jobs
from intermezzo.queries.store.layout import open_store
from intermezzo.queries.store.publisher import publish
from running_data import write_experiment

sys.path.append(str(Path(__file__).resolve().parents[2] / "terminal"))

from driver import Terminal


def choose(app: Terminal) -> None:
    app.send("e")
    app.wait_for("Tab completes")
    app.send("tiny", "enter")


@pytest.mark.slow
@pytest.mark.terminal
def test_jobs_outlive_the_app_and_are_found_again(tmp_path: Path, tiny_model: Callable[..., Path]) -> None:
    file = write_experiment(tmp_path, tiny_model(model_type="xlm-roberta"), epochs=100)
    text = file.read_text().replace("[1, 2]", "[1]").replace('"direct", "ccg"', '"direct"')
    file.write_text(text.replace(', "tatoeba"', ""))
    store = open_store(tmp_path / "store", create=True)
    publish(store, wait=True)
    command = [sys.executable, "-m", "intermezzo.tui", "--store", str(store.path)]
    env = {"OMP_NUM_THREADS": "1", "PATH": str(tmp_path)}  # a machine with SLURM has it chosen in the form
    with Terminal(command, env=env, cwd=tmp_path) as app:
        app.wait_for("no runs yet")
        app.send("6")
        app.wait_for("e plans an experiment")
        choose(app)
        app.wait_for("0 of 2 done")
        app.send("s")
        app.wait_for("Enter starts it")
        app.send("enter")
        app.wait_for("1 job submitted (here)")
        app.send("j")
        app.wait_for("train ")
        app.process.send_signal(signal.SIGKILL)
    [job] = jobs(store)
    assert job.state not in OVER
    with Terminal(command, env=env, cwd=tmp_path) as app:
        app.wait_for("Matrix")
        app.send("6")
        app.wait_for(job.id)
        choose(app)
        app.wait_for("mnli")
        app.send("j", "enter")
        app.wait_for("Learning curve: mnli, seed 1")
        app.wait_for("dev accuracy")
        app.send("esc")
        app.wait_for("2 of 2 done")
        app.send("1")
        app.wait_for("xnli")
