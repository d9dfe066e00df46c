"""What a job's folder says in odd moments: before its process begins, and when it never does."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from intermezzo.engine import work
from intermezzo.engine.experiments.starting import start_jobs
from intermezzo.engine.jobs import JobSpec, Reporter, make_job, read_folder
from intermezzo.engine.spool import spool
from intermezzo.queries.errors import Problem
from intermezzo.queries.store.layout import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store", create=True)


def test_a_job_cancelled_before_it_began_does_not_begin(store: Store) -> None:
    folder = make_job(store, JobSpec("dance", {}, "x"), "here")
    Reporter(folder).end("cancelled", "cancelled")
    assert work.main(folder) == 1
    assert read_folder(folder).state == "cancelled"


def test_nothing_is_started_in_a_store_that_was_moved_away(store: Store) -> None:
    os.rename(store.path, elsewhere := store.path.with_name("elsewhere"))
    spec = JobSpec("dance", {}, "x")

    def begin_spool() -> None:
        with spool(store, "a" * 8):
            pass

    for start in (
        lambda: make_job(store, spec, "here"),
        lambda: start_jobs(store, "tiny", [], "here", {}),
        begin_spool,
    ):
        with pytest.raises(Problem, match="not there any more: it was moved"):
            start()
        assert not store.path.exists()
    assert make_job(open_store(elsewhere), spec, "here").parent == elsewhere / "jobs"


@pytest.mark.parametrize(("launcher", "state"), [("here", "lost"), ("slurm", "waiting")])
def test_a_process_that_never_began_is_lost_after_a_while(store: Store, launcher: str, state: str) -> None:
    folder = make_job(store, JobSpec("dance", {}, "x"), launcher)
    assert read_folder(folder).state == "waiting"
    record = json.loads((folder / "job.json").read_text())
    (folder / "job.json").write_text(json.dumps(record | {"submitted": "2026-01-01T00:00:00+00:00"}))
    assert read_folder(folder).state == state
