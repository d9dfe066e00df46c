"""``intermezzo evaluate`` and ``jobs``: what a shell sees."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import download_folder
import pytest
from click.testing import CliRunner, Result
from intermezzo.tui.cli import cli

PATIENCE = 240
"""Seconds before a test gives up on a process; nothing hangs on how long it takes."""


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


@pytest.fixture
def words(tmp_path: Path, tiny_model: Callable[..., Path]) -> tuple[str, ...]:
    folder = download_folder.make(tmp_path / "download")
    model = tiny_model("pair classification", download_folder.LABELS)
    return ("evaluate", "xnli", "--model", str(model), "--data", str(folder), "--store", str(tmp_path / "s"))


def test_scores_go_to_stdout_and_talk_to_stderr(words: tuple[str, ...]) -> None:
    done = run(*words, "--languages", "de", "--recipe", "mnli", "--base-model", "xlm-roberta-base")
    assert done.exit_code == 0, done.stderr
    assert "xlm-r-base + mnli · xnli test · measured" in done.stdout
    assert "evidence measured" in done.stderr
    # who looks from elsewhere sees it among the jobs
    [job] = json.loads(run("jobs", *words[-2:], "--format", "json").stdout)
    assert (job["launcher"], job["state"]) == ("terminal", "done")
    assert "xnli with tiny" in job["title"]
    again = run(*words, "--languages", "de", "--recipe", "mnli", "--base-model", "xlm-roberta-base",
                "--format", "json")  # fmt: skip
    [row] = json.loads(again.stdout)
    assert (row["task"], row["language"], row["metric"], row["n"]) == ("xnli", "de", "accuracy", 6)
    assert row["evidence"] == "measured"
    assert "is not done twice" in again.stderr


def test_languages_that_are_not_there_are_left_out_and_said(words: tuple[str, ...]) -> None:
    done = run(*words, "--languages", "de,fr")
    assert done.exit_code == 0, done.stderr
    assert "Left out, kept as gaps: fr: there is no xnli/test-fr.tsv." in done.stderr
    assert "fr        accuracy  there is no xnli/test-fr.tsv" in done.stdout
    none = run(*words, "--languages", "fr,it")
    assert none.exit_code == 2
    assert "none of the languages asked for" in none.stderr
    assert "Languages: de, en." in none.stderr
    jobs = json.loads(run("jobs", *words[-2:], "--format", "json").stdout)
    assert sorted(job["state"] for job in jobs) == ["done", "failed"]


@pytest.mark.slow
def test_in_the_background(words: tuple[str, ...]) -> None:
    started = run(*words, "--limit", "3", "--background")
    assert started.exit_code == 0, started.stderr
    assert "intermezzo jobs --watch" in started.stderr
    deadline = time.monotonic() + PATIENCE
    while True:
        [job] = json.loads(run("jobs", *words[-2:], "--format", "json").stdout)
        if job["state"] not in ("waiting", "running"):
            break
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert job["state"] == "done", run("jobs", "log", job["id"], *words[-2:]).stdout
    assert "the first 3 a language" in job["title"]
    assert "de accuracy" in run("jobs", "log", job["id"], *words[-2:]).stdout
    assert run("jobs", "--watch", *words[-2:]).exit_code == 0
    cancelled = run("jobs", "cancel", job["id"][-4:], *words[-2:])
    assert cancelled.exit_code == 2
    assert "there is nothing to cancel" in cancelled.stderr


@pytest.mark.usefixtures("_engine")
@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("xnly",), "xnly is no task. Did you mean xnli"),
        (("xnli",), "the pocket model is a bare encoder"),
        (("xnli", "--languages", "q1"), "'q1' is no language"),
        (("retrieval", "--data", "x"), "it takes no --data"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(tmp_path: Path, more: tuple[str, ...], said: str) -> None:
    data = ("--data", str(download_folder.make(tmp_path / "d"))) if more[0] == "xnli" else ()
    done = run("evaluate", *more, *data, "--store", str(tmp_path / "s"))
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_without_the_extra_it_says_what_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "torch" else find(name))
    done = run("evaluate", "retrieval", "--store", str(tmp_path / "s"))
    assert done.exit_code == 2
    assert "Evaluating needs torch: pip install 'intermezzo[engine]'" in done.stderr


def test_no_job_yet(tmp_path: Path, words: tuple[str, ...]) -> None:
    run("evaluate", "nothing", "--store", str(tmp_path / "s"))
    assert "No job yet" in run("jobs", "--store", str(tmp_path / "s")).stderr
    assert "There is no job 'x'" in run("jobs", "log", "x", "--store", str(tmp_path / "s")).stderr
