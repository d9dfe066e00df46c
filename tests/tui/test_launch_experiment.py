"""Experiments in the Launch place by keys: planned, started, watched, stopped; nothing is trained."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_store import small_store
from fake_launcher import Recorded
from intermezzo.engine import launchers
from intermezzo.engine.jobs import Job, Reporter, jobs, note_handle, read_folder
from intermezzo.engine.training.folders import stage_folder, write_json
from intermezzo.queries.records import Found, Run, Score
from intermezzo.queries.store.layout import Store
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.reader import connect
from intermezzo.queries.store.writer import write_runs
from intermezzo.tui.experiment_reading import read_plan
from intermezzo.tui.form_dialog import FormDialog
from intermezzo.tui.launch_state import LaunchState
from intermezzo.tui.places.launch import LaunchPlace
from screens import opened, press, screen_text, settled
from textual.widgets import Input

FILE = """
models = ["a/model"]
recipes = ["direct", "ccg", "mlm"]
targets = ["xnli", "tatoeba"]
seeds = [1, 2]
[data]
ccg = "data"
[slurm]
gres = "gpu:2"
minutes = 90
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(launchers, "launcher_for", Recorded)
    monkeypatch.setattr("intermezzo.engine.launchers.slurm.ask_sacct", lambda _handles: {})
    monkeypatch.setattr("shutil.which", lambda _command: None)
    (tmp_path / "data" / "ccg").mkdir(parents=True)
    (tmp_path / "data" / "ccg" / "train.jsonl").write_text("{}\n" * 64)
    (tmp_path / "mine.toml").write_text(FILE)
    (tmp_path / "other.toml").write_text("[tool]\nname = 1\n")
    monkeypatch.chdir(tmp_path)
    return small_store(tmp_path / "store")


def looked(app: Any) -> LaunchPlace:
    place = app.place
    assert isinstance(place, LaunchPlace)
    place._look()
    return place


def line(app: Any, start: str) -> list[str]:
    found = next(text for text in screen_text(app).splitlines() if text.strip().startswith(start))
    return found.split("▏")[0].split()


def said(app: Any) -> str:
    """What the pane of the stage says, whatever of it is in view."""
    return "\n".join(text for _, text in app.place.stage_pane.lines)


def job_of(store: Store, title: str) -> Job:
    return next(job for job in jobs(store) if job.spec.title == f"a/model: {title}")


async def test_an_experiment_is_chosen_from_those_there_are_and_planned(store: Store) -> None:
    async with opened((130, 36), ask=connect(store)) as (app, pilot):
        await press(app, pilot, "6", "e")
        offered = screen_text(app)
        assert all(name in offered for name in ("pocket", "xstilts", "mine.toml"))
        assert "other.toml" not in offered
        await press(app, pilot, *"min", "enter")
        assert line(app, "a/model") == ["a/model", "0/1", "to", "do"]
        assert line(app, "ccg") == ["ccg", "6", "0/2", "to", "do", "to", "do"]
        assert line(app, "mlm") == ["mlm", "0/2", "blocked", "blocked"]
        assert "1 missing: see the first line" in screen_text(app)
        assert "name a folder with LANGUAGE.txt files" in said(app)
        assert "From the hub (not tried): the model a/model" in said(app)
        await press(app, pilot, "j", "j")
        assert "No step of this stage was taken yet" in screen_text(app)
        assert "starts from the base model" in said(app)
        assert "tatoeba: to do" in said(app)
        assert "xnli" not in said(app)


@pytest.mark.parametrize(
    ("name", "told"),
    [("none.toml", "There is no experiment file none.toml"), ("bad.toml", "is not valid TOML")],
)
async def test_a_file_that_cannot_be_planned_is_a_sentence(store: Store, name: str, told: str) -> None:
    Path("bad.toml").write_text("models = [")
    async with opened((100, 30), ask=connect(store)) as (app, pilot):
        await press(app, pilot, "6", "colon", *f"experiment {name}", "enter")
        assert told in screen_text(app)
        await press(app, pilot, "s")
        assert "no experiment here yet" in screen_text(app)
        await press(app, pilot, "escape")
        assert app.place.pane == "launch.grid"


async def test_back_leads_to_the_experiment_that_was_there(store: Store) -> None:
    Path("second.toml").write_text(FILE.replace('"ccg", "mlm"', '"qqp"'))
    async with opened((100, 30), ask=connect(store)) as (app, pilot):
        await press(app, pilot, "6", "colon", *"experiment mine.toml", "enter", "j", "j")
        await press(app, pilot, "colon", *"experiment second.toml", "enter")
        assert "ccg" not in screen_text(app)
        assert line(app, "qqp")
        await press(app, pilot, "left_square_bracket")
        assert "qqp" not in screen_text(app)
        assert app.place.stage.lineage == "ccg"


async def test_it_starts_here_or_on_slurm_as_the_form_says(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened((100, 30), ask=connect(store)) as (app, pilot):
        await press(app, pilot, "6", "colon", *"experiment mine.toml", "enter", "s")
        assert isinstance(app.screen, FormDialog)
        held = {str(field.id): field.value for field in app.screen.query(Input)}
        assert held == {
            "field-on": "here",
            "field-partition": "",
            "field-gres": "gpu:2",
            "field-minutes": "90",
        }
        await press(app, pilot, "escape")
        assert jobs(store) == []
        await press(
            app, pilot, "s", *["backspace"] * 4, *"slurm", "down", *"long", "tab", "tab", "end", "0", "enter"
        )
        await settled(app, pilot)
        made = jobs(store)
        assert {job.launcher for job in made} == {"slurm"}
        assert made[0].spec.needs == {"gres": "gpu:2", "minutes": 900, "partition": "long"}
        assert "jobs submitted (slurm)" in screen_text(app)
        await press(app, pilot, "s", "enter")
        await settled(app, pilot)
        assert len(jobs(store)) == len(made), "what is under way is not started again"


@pytest.mark.parametrize(("keys", "told"), [("x", "jobs run here or on slurm"), ("", "a whole number")])
async def test_a_form_filled_wrongly_starts_nothing(store: Store, keys: str, told: str) -> None:
    async with opened((100, 30), ask=connect(store)) as (app, pilot):
        await press(app, pilot, "6", "colon", *"experiment mine.toml", "enter", "s")
        await press(app, pilot, *(keys or ["up", "end", "h"]), "enter")
        assert told in screen_text(app)
        assert jobs(store) == []


@pytest.fixture
def begun(store: Store) -> Callable[[Any, Any], Any]:
    async def begin(app: Any, pilot: Any) -> None:
        await press(app, pilot, "6", "colon", *"experiment mine.toml", "enter", "s", "enter")
        await settled(app, pilot)
        looked(app)
        await settled(app, pilot)

    return begin


async def test_stages_are_watched_from_their_first_step_to_their_runs(
    store: Store, begun: Callable[[Any, Any], Any]
) -> None:
    async with opened((130, 40), ask=connect(store)) as (app, pilot):
        await begun(app, pilot)
        assert line(app, "ccg")[-2:] == ["queued", "queued"]
        job = job_of(store, "ccg, seed 2")
        report = Reporter(job.folder)
        report.running()
        report._last = 0
        report.step(3, 6, "steps", "loss 0.500")
        job.log.write_text("going on\n")
        folder = stage_folder(store, job.spec.what["stage"]["stage_id"])
        folder.mkdir(parents=True)
        points = [{"step": n, "loss": 1 / n, "learning_rate": 0.1} for n in range(1, 4)]
        points.append({"step": 3, "dev": 0.75, "metric": "accuracy"})
        (folder / "curve.jsonl").write_text("".join(json.dumps(p) + "\n" for p in points))
        await press(app, pilot, "j", "j", "l")
        looked(app)
        await settled(app, pilot)
        await settled(app, pilot)
        assert line(app, "ccg")[-4:] == ["queued", "train", "50", "%"]
        text = screen_text(app)
        assert "dev accuracy" in text
        assert "loss" in text
        assert "seed 2 0.333" in text
        assert "going on" in said(app)
        report.step(10, 20, "texts", "tatoeba")
        report._write()
        write_json(folder / "done.json", {"stage": {}, "steps": 6})
        looked(app)
        await settled(app, pilot)
        assert line(app, "ccg")[-3:] == ["eval", "50", "%"]
        report.end("failed", "tatoeba: its data are gone")
        looked(app)
        await settled(app, pilot)
        assert line(app, "ccg")[-1] == "failed"
        assert "its data are gone" in screen_text(app)


async def test_curves_of_stages_that_are_elsewhere_come_from_their_runs(store: Store) -> None:
    step = next(
        s for s in read_plan(store, "mine.toml").steps if (s.recipe, s.title, s.seed) == ("ccg", "tatoeba", 2)
    )
    curve = [{"step": n, "loss": 1 / n} for n in range(1, 5)]
    stages = [{"stage": {"stage_id": step.stage_id, "lineage": "ccg"}, "curve": curve}]
    run = Run(
        found=Found("x", base_model="a/model", recipe="ccg", train_seed=2),
        task="tatoeba",
        split="test",
        sources=(),
        checkpoint=f"stage {step.stage_id}",
        scores=(Score("accuracy", 0.9, language="de"),),
        config={"asked": {"options": {}, "training": {"stages": stages}}},
        run_id="abcdef0123456789",
    )
    write_runs(store, [(run, None)])
    publish(store, wait=True)
    async with opened((130, 36), ask=connect(store)) as (app, pilot):
        await press(app, pilot, "6", "colon", *"experiment mine.toml", "enter", "j", "j", "l")
        looked(app)
        await settled(app, pilot)
        await settled(app, pilot)
        assert line(app, "ccg")[-1] == "done"
        assert "seed 2 0.25" in screen_text(app)
        assert "tatoeba: run abcdef012345" in said(app)


async def test_a_training_in_another_terminal_is_seen_without_a_job(store: Store) -> None:
    async with opened((100, 30), ask=connect(store)) as (app, pilot):
        await press(app, pilot, "6", "colon", *"experiment mine.toml", "enter", "j", "j")
        place = looked(app)
        assert place.stage is not None
        folder = stage_folder(store, place.stage.stage_id)
        folder.mkdir(parents=True)
        (folder / "curve.jsonl").write_text('{"step": 2, "loss": 1.0}\n{"step": 3, "lo')
        looked(app)
        await settled(app, pilot)
        assert line(app, "ccg")[-4:-2] == ["33", "%"]


async def test_jobs_and_plan_are_there_again_when_the_app_is(
    store: Store, begun: Callable[[Any, Any], Any], tmp_path: Path
) -> None:
    views = tmp_path / "views.json"
    async with opened((100, 30), ask=connect(store), state_file=views) as (app, pilot):
        await begun(app, pilot)
        await press(app, pilot, "j", "j", "l")
        at = app.place.state
        app.leave()
    report = Reporter(job_of(store, "ccg, seed 2").folder)
    report.running()
    report.step(5, 6, "steps", "")
    report._write()
    async with opened((100, 30), ask=connect(store), state_file=views) as (app, pilot):
        await settled(app, pilot)
        assert app.place.state == at
        assert isinstance(at, LaunchState)
        looked(app)
        await settled(app, pilot)
        assert line(app, "ccg")[-3:] == ["train", "83", "%"]


async def test_the_first_line_stops_all_jobs_another_one_its_own(
    store: Store, begun: Callable[[Any, Any], Any]
) -> None:
    async with opened((100, 30), ask=connect(store)) as (app, pilot):
        await begun(app, pilot)
        await press(app, pilot, "j", "j", "X", "y", "enter")
        await settled(app, pilot)
        assert read_folder(job_of(store, "ccg, seed 1").folder).state == "cancelled"
        assert sum(job.state == "cancelled" for job in jobs(store)) == 1
        looked(app)
        await settled(app, pilot)
        assert line(app, "ccg")[-2:] == ["stopped", "queued"]
        await press(app, pilot, "g", "X")
        assert f"cancel all {len(jobs(store)) - 1} jobs of mine.toml?" in screen_text(app)
        await press(app, pilot, "y", "enter")
        await settled(app, pilot)
        assert {job.state for job in jobs(store)} == {"cancelled"}


async def test_jobs_on_slurm_are_as_slurm_says_also_between_two_questions(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[set[str]] = []

    def sacct(handles: Any) -> dict[str, str]:
        asked.append(set(handles))
        return {"7_1": "TIMEOUT", "7_2": "RUNNING"}

    monkeypatch.setattr("intermezzo.engine.launchers.slurm.ask_sacct", sacct)
    async with opened((130, 36), ask=connect(store)) as (app, pilot):
        await press(app, pilot, "6", "colon", *"experiment mine.toml", "enter", "s")
        await press(app, pilot, *["backspace"] * 4, *"slurm", "enter")
        await settled(app, pilot)
        for n in (1, 2):
            note_handle(job_of(store, f"ccg, seed {n}").folder, f"7_{n}")
        place = looked(app)
        await settled(app, pilot)
        place._slurm_asked = float("-inf")
        for _ in range(3):
            looked(app)
            await settled(app, pilot)
            assert line(app, "ccg")[-2:] == ["failed", "starts"]
        assert len([handles for handles in asked if handles == {"7_1", "7_2"}]) == 1
        await press(app, pilot, "j", "j")
        assert "SLURM says TIMEOUT" in said(app)


async def test_panes_of_the_plan_in_a_narrow_terminal(store: Store) -> None:
    async with opened((80, 24), ask=connect(store)) as (app, pilot):
        await press(app, pilot, "6", "colon", *"experiment mine.toml", "enter", "j", "enter")
        assert "Learning curve: mnli, seed 1" in screen_text(app)
        await press(app, pilot, "tab")
        assert "learning_rate = 2e-05" in screen_text(app)
        await press(app, pilot, "full_stop")
        assert "intermezzo plan mine.toml" in screen_text(app)
        await press(app, pilot, "escape", "escape")
        assert app.place.pane == "launch.plan"
        await press(app, pilot, "escape")
        assert app.place.pane == "launch.grid"
        await press(app, pilot, "left_square_bracket")
        assert app.place.pane == "launch.plan"


@pytest.mark.parametrize("size", [(20, 5), (30, 8)])
async def test_tiny_terminals_break_nothing(store: Store, size: tuple[int, int]) -> None:
    async with opened(size, ask=connect(store)) as (app, pilot):
        await press(
            app,
            pilot,
            "6",
            "colon",
            *"experiment mine.toml",
            "enter",
            *"jjllhG0$",
            "tab",
            "tab",
            "s",
            "escape",
        )
        await pilot.resize_terminal(130, 40)
        await settled(app, pilot)
        assert "ccg" in screen_text(app)
