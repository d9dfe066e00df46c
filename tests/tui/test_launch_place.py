"""The Launch place by keys: an evaluation proposed for a cell, started, watched, stopped."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from cli_store import small_store
from click.testing import CliRunner
from fake_launcher import Recorded
from intermezzo.engine import launchers
from intermezzo.engine.jobs import JobSpec, Reporter, find_job, jobs, make_job
from intermezzo.queries.errors import Problem
from intermezzo.queries.store.layout import Store
from intermezzo.queries.store.reader import connect
from intermezzo.tui.cli import cli
from intermezzo.tui.evaluate_dialog import EvaluateDialog
from intermezzo.tui.evaluating import read_words, requested
from intermezzo.tui.places.launch import LaunchPlace
from intermezzo.tui.proposing import Proposal, propose
from screens import opened, press, screen_text, settled
from textual.widgets import Input


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(launchers, "launcher_for", Recorded)
    monkeypatch.setattr("intermezzo.tui.evaluating.check", lambda _asked: None)
    return small_store(tmp_path / "store")


def looked(app: Any) -> LaunchPlace:
    place = app.place
    assert isinstance(place, LaunchPlace)
    place._look()
    return place


def command_in(app: Any) -> str:
    assert isinstance(app.screen, EvaluateDialog)
    return app.screen.query_one(Input).value


async def test_r_on_a_cell_proposes_starts_and_shows_the_job(store: Store) -> None:
    async with opened((100, 30), ask=connect(store)) as (app, pilot):
        await press(app, pilot, "r")
        assert isinstance(app.screen, EvaluateDialog)
        text = screen_text(app)
        assert "intermezzo evaluate" in text
        assert command_in(app).startswith("xnli --model xlm-roberta-large --languages ar,bg")
        assert "The cell has a value in 3 languages" in text
        await press(app, pilot, "enter")
        await settled(app, pilot)
        [job] = jobs(store)
        assert job.spec.what["task"] == "xnli"
        assert "sw" not in job.spec.what["languages"]
        looked(app)
        await settled(app, pilot)
        assert f"{job.id}  waiting" in screen_text(app)
        report = Reporter(job.folder)
        report.step(40, 100, "items")
        report.running()
        job.log.write_text("going on\n")
        looked(app)
        await settled(app, pilot)
        await press(app, pilot, "enter")
        text = screen_text(app)
        assert "going on" in text
        assert "40/100 items (40 %)" in text


async def test_the_log_pane_exports_the_log_as_the_command_prints_it(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    job = make_job(store, JobSpec("evaluate", {}, "a long one"), "here")
    find_job(store, job.name).log.write_text("".join(f"step {n}\x1b[2J\n" for n in range(500)))
    async with opened((100, 30), ask=connect(store)) as (app, pilot):
        await press(app, pilot, "6", "enter")
        await press(app, pilot, "x", "enter", "colon", *"export a.json", "enter")
        printed = CliRunner().invoke(cli, ["--store", str(store.path), "jobs", "log", job.name]).stdout
        assert "step 499" in printed
        assert (tmp_path / f"job-{job.name}.txt").read_text() == printed
        assert len(json.loads((tmp_path / "a.json").read_text())) == 500
        await press(app, pilot, "escape", "colon", *"export jobs.json", "enter")
        assert json.loads((tmp_path / "jobs.json").read_text())[0]["id"] == job.name


async def test_escape_starts_nothing(store: Store) -> None:
    async with opened((100, 30), ask=connect(store)) as (app, pilot):
        await press(app, pilot, "r")
        await press(app, pilot, "escape")
        assert jobs(store) == []
        assert isinstance(app.place, LaunchPlace)
        await press(app, pilot, "left_square_bracket")
        assert app.place.place == "matrix"


@pytest.fixture
def _untried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no form try its evaluation: that makes the pocket model."""

    class Untried:
        def __init__(self, _asked: Any, *, try_it: bool) -> None:
            del try_it

        def findings(self) -> tuple[()]:
            return ()

        def stop(self) -> None:
            pass

    monkeypatch.setattr("intermezzo.engine.expected.Expecting", Untried)


@pytest.mark.usefixtures("_untried")
async def test_the_cursor_goes_to_a_job_that_was_started(store: Store) -> None:
    make_job(store, JobSpec("evaluate", {}, "an earlier one"), "here")
    async with opened((100, 30), ask=connect(store)) as (app, pilot):
        await press(app, pilot, "6", "n", "enter")
        looked(app)
        await settled(app, pilot)
        newest = jobs(store)[0]
        assert newest.spec.title != "an earlier one"
        place = app.place
        assert isinstance(place, LaunchPlace)
        assert place.job == newest


@pytest.mark.usefixtures("_untried")
async def test_a_form_that_is_given_up_before_it_opens_stays_away(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = threading.Event()
    real = propose

    def slow(*words: Any) -> Proposal:
        ready.wait()
        return real(*words)

    monkeypatch.setattr("intermezzo.tui.proposing.propose", slow)
    async with opened((100, 30), ask=connect(store)) as (app, pilot):
        try:
            await pilot.press("r")
            await pilot.pause()
            assert "preparing the form ... Esc gives up" in screen_text(app)
            await pilot.press("escape")
        finally:
            ready.set()
        await settled(app, pilot)
        assert not isinstance(app.screen, EvaluateDialog)
        assert "given up; nothing was started" in screen_text(app)
        ready.clear()
        try:
            await pilot.press("n", "1")
        finally:
            ready.set()
        await settled(app, pilot)
        assert not isinstance(app.screen, EvaluateDialog), "one is at the matrix by now"
        await press(app, pilot, "6", "n")
        assert isinstance(app.screen, EvaluateDialog)


async def test_what_cannot_be_read_is_said_and_starts_nothing(store: Store) -> None:
    async with opened((100, 30), ask=connect(store)) as (app, pilot):
        await press(app, pilot, "r")
        await press(app, pilot, "end", *" --colour", "enter")
        assert "No such option" in screen_text(app)
        assert command_in(app).endswith(" --colour"), "what was typed is still there"
        await press(app, pilot, *["backspace"] * 9, "enter")
        assert len(jobs(store)) == 1


async def test_a_job_is_stopped_after_asking(store: Store) -> None:
    folder = make_job(store, JobSpec("evaluate", {}, "a long one"), "here")
    async with opened((100, 30), ask=connect(store)) as (app, pilot):
        await press(app, pilot, "6", "X", "n", "enter")
        assert find_job(store, folder.name).state == "waiting"
        await press(app, pilot, "X", "y", "enter")
        await settled(app, pilot)
        assert find_job(store, folder.name).state == "cancelled"
        await press(app, pilot, "X")
        assert "no job under way" in screen_text(app)


async def test_an_empty_store_says_what_to_do(store: Store) -> None:
    async with opened((80, 24), ask=connect(store)) as (app, pilot):
        await press(app, pilot, "6")
        text = " ".join(screen_text(app).split())
        assert "Nothing was started yet. e plans an experiment: a TOML file of yours, or pocket" in text
        assert "n starts an evaluation" in text


def test_a_language_model_gets_the_command_of_its_own_tool() -> None:
    class Ask:
        def ask(self, name: str, /, **params: Any) -> Any:
            class Table:
                columns = ["run_id", "tool", "task", "shots", "base_model", "config"]
                rows = [("r", "lm-eval", "xnli", 2, "facebook/xglm-564M", None)]

            return Table()

    found = propose(Ask(), "xglm", "xnli")
    assert found.words == ""
    assert found.copy.startswith("lm_eval --model hf --model_args pretrained=facebook/xglm-564M --tasks xnli")
    assert "--num_fewshot 2" in found.copy


def test_a_task_that_cannot_be_run_here_says_so(store: Store) -> None:
    with connect(store) as reader:
        found = propose(reader, "xlm-r-large", "mmlu")
    assert isinstance(found, Proposal)
    assert found.words == ""
    assert "cannot be evaluated here" in found.notes[0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("xnli --limit no", "not a valid integer"),
        ("xnli 'open", "The line cannot be read"),
        ("--help", "Say a task and options"),
    ],
)
def test_lines_that_cannot_be_read(words: str, said: str) -> None:
    with pytest.raises(Problem, match=said):
        read_words(words)


def test_a_whole_command_may_be_pasted() -> None:
    words = "retrieval --languages de,sw"
    assert read_words(f"intermezzo evaluate {words}") == read_words(words)


def test_what_is_typed_is_what_the_command_would_do() -> None:
    asked = read_words("tatoeba --model a/b --languages de,sw --limit 5 --pooling cls --layer 7")
    assert asked == requested("tatoeba", "a/b", None, "de,sw", 5, pooling="cls", layer=7)
    assert json.dumps(asked.as_json())
