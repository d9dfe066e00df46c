"""What is submitted of an experiment when some of it is under way, failed, or was edited; nothing runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from experiment_files import SMALL, experiment
from intermezzo.engine import launchers
from intermezzo.engine.experiments.doing import units
from intermezzo.engine.experiments.plan import make_plan
from intermezzo.engine.experiments.stages import resolve
from intermezzo.engine.experiments.starting import Start, start_jobs
from intermezzo.engine.jobs import Job, JobOver, JobSpec, Reporter, jobs, make_job, read_folder
from intermezzo.engine.launchers import cancel_all
from intermezzo.queries.store.layout import Store, open_store
from intermezzo.tui.cli import cli
from intermezzo.tui.running_experiments import start_told

TEXT = SMALL.replace("[1, 2]", "[1]").replace('"mnli > qqp", "qqp + mnli"', '"qqp > ccg"')


class Recorded:
    """A launcher that makes the folder and starts nothing; it takes what can be one array at once."""

    name = "here"

    def __init__(self) -> None:
        self.calls: list[int] = []
        self.ending = ""

    def submit(self, store: Store, spec: JobSpec) -> str:
        return make_job(store, spec, self.name).name

    def submit_all(self, store: Store, specs: list[JobSpec]) -> list[str]:
        assert len({(s.after, str(s.needs)) for s in specs}) == 1
        self.calls.append(len(specs))
        return [self.submit(store, spec) for spec in specs]

    def state(self, job: Job) -> str:
        return job.state

    def ends_before(self, job: Job) -> None:
        """Let a job end between the question what runs and its cancelling."""
        self.ending = job.id

    def cancel(self, job: Job) -> None:
        if job.id == self.ending:
            Reporter(job.folder).end("done", "")
            job = read_folder(job.folder)
        if job.state not in ("waiting", "running"):
            raise JobOver(job, job.state)
        Reporter(job.folder).end("cancelled", "cancelled")


@pytest.fixture
def launcher(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    made = Recorded()
    monkeypatch.setattr(launchers, "launcher_for", lambda _name: made)
    return made


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store", create=True)


def start(store: Store, folder: Path, text: str = TEXT) -> Start:
    (folder / "ccg").mkdir(exist_ok=True)
    (folder / "ccg" / "train.jsonl").touch()
    plan = make_plan(resolve(experiment(folder, text, data=str(folder))), store)
    came = start_jobs(store, plan.resolved.experiment.name, units(plan), "here", {})
    assert start_told(came, plan, "here")
    return came


def test_what_waits_for_the_same_stage_is_one_array(store: Store, tmp_path: Path, launcher: Recorded) -> None:
    came = start(store, tmp_path)
    assert sum(launcher.calls) == len(came.started) == len(jobs(store))
    assert len(launcher.calls) == len({s.after for s in came.started})
    ids = [s.job for s in came.started]
    assert all(s.after is None or ids.index(s.after) < ids.index(s.job) for s in came.started)


def test_a_second_start_submits_nothing_twice(store: Store, tmp_path: Path, launcher: Recorded) -> None:
    first = start(store, tmp_path)
    again = start(store, tmp_path)
    assert again.started == ()
    assert {job.id for job in again.under_way} == {s.job for s in first.started}
    assert len(jobs(store)) == len(first.started)


def test_cancelled_and_failed_jobs_are_submitted_again_and_nothing_else(
    store: Store, tmp_path: Path, launcher: Recorded
) -> None:
    first = start(store, tmp_path)
    root = next(s for s in first.started if s.title == "a/model: qqp, seed 1")
    rest = [s for s in first.started if s.after == root.job]
    Reporter(read_folder(store.path / "jobs" / root.job).folder).end("failed", "the disk is full")
    Reporter(read_folder(store.path / "jobs" / rest[0].job).folder).end("failed", "it needs another")
    again = start(store, tmp_path)
    assert [s.title for s in again.started] == [root.title, rest[0].title]
    assert again.started[1].after == again.started[0].job, "it waits for the new one"


def test_an_evaluation_added_to_the_file_comes_after_the_job_at_its_stage(
    store: Store, tmp_path: Path, launcher: Recorded
) -> None:
    first = start(store, tmp_path, TEXT.replace(', "tatoeba"', ""))
    mnli = next(s for s in first.started if s.title == "a/model: mnli, seed 1" and s.evaluations == 0)
    again = start(store, tmp_path)
    added = next(s for s in again.started if s.after == mnli.job)
    assert (added.title, added.evaluations) == (mnli.title, 1)
    [spec] = [job.spec for job in jobs(store) if job.id == added.job]
    assert [s["target"] for s in spec.what["scorings"]] == ["tatoeba"]
    assert start(store, tmp_path).started == (), "and not a third time"


def test_jobs_of_an_edited_file_are_named_and_left_alone(
    store: Store, tmp_path: Path, launcher: Recorded
) -> None:
    first = start(store, tmp_path)
    text = TEXT.replace("learning_rate = 1e-5", "learning_rate = 3e-5")
    plan = make_plan(resolve(experiment(tmp_path, text, data=str(tmp_path))), store)
    came = start_jobs(store, "small", units(plan), "here", {})
    assert {job.id for job in came.strangers} <= {s.job for s in first.started}
    assert came.strangers
    said = " ".join(start_told(came, plan, "here"))
    assert f"{len(came.strangers)} jobs of an earlier version of this file go on" in said
    assert {job.state for job in jobs(store)} == {"waiting"}


def test_all_are_cancelled_the_newest_first_and_what_is_over_is_told(
    store: Store, tmp_path: Path, launcher: Recorded
) -> None:
    start(store, tmp_path)
    found = jobs(store)
    Reporter(found[0].folder).end("done", "")
    came = cancel_all(jobs(store))
    assert [job.id for job in came.cancelled] == [job.id for job in found[1:]]
    assert came.over == [f"Job {found[0].id} is done: there is nothing to cancel."]
    assert came.problems == []


def test_a_job_that_ends_just_before_its_turn_does_not_spoil_cancelling_all(
    store: Store, tmp_path: Path, launcher: Recorded
) -> None:
    start(store, tmp_path)
    first, second, third = jobs(store)[:3]
    launcher.ends_before(first)
    words = ["jobs", "cancel", "--store", str(store.path)]
    gone = CliRunner().invoke(cli, [*words, "--experiment", "small"])
    assert gone.exit_code == 0, gone.stderr
    assert f"Job {first.id} is done: there is nothing to cancel." in gone.stderr
    assert {job.state for job in jobs(store)} == {"done", "cancelled"}
    assert CliRunner().invoke(cli, [*words, second.id, third.id]).exit_code == 2
