"""Jobs as they are listed: one line each, in the terminal and in the app."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .output import Answer, Sheet, say_wrapped
from .progress import Meter

if TYPE_CHECKING:
    from intermezzo.engine.jobs import Job
    from intermezzo.queries.store.layout import Store

COLUMNS = (
    "id", "state", "done", "total", "unit", "title", "message", "launcher", "submitted", "started", "ended",
    "runs", "log",
)  # fmt: skip

_DATE = len("20260101-")
"""Length of the date that ids begin with."""

_WATCH, _SLURM_WATCH = 0.5, 5.0
"""Seconds between two looks; SLURM is asked less often."""


def progress_of(job: Job) -> str:
    """Return how far a job is, in a few characters."""
    if not job.total:
        return ""
    return f"{job.done:,}/{job.total:,} {job.unit} ({100 * job.done // job.total} %)"


def jobs_answer(store: Store) -> Answer:
    """Return a store's jobs."""
    from intermezzo.engine.jobs import jobs
    from intermezzo.engine.launchers.slurm import refreshed

    return answer_of(refreshed(jobs(store)))


def answer_of(found: Sequence[Job]) -> Answer:
    """Return jobs as rows for scripts and as a sheet for reading."""
    rows = [
        (
            j.id, j.state, j.done, j.total, j.unit, j.spec.title, j.message, j.launcher, j.submitted,
            j.started, j.ended, list(j.runs), os.fspath(j.log),
        )
        for j in found
    ]  # fmt: skip
    return Answer(Sheet(COLUMNS, rows), lambda: [_sheet(found)])


def _sheet(found: Sequence[Job]) -> Sheet:
    short = {j.id[_DATE:] for j in found}
    cut = _DATE if len(short) == len(found) else 0  # an end of an id names a job, too
    rows = [(j.id[cut:], j.state, _counted(j), j.spec.title, j.message) for j in found]
    return Sheet(("job", "state", "progress", "title", "message"), rows)


def _counted(job: Job) -> str:
    return f"{job.done:,}/{job.total:,} {job.unit}" if job.total else ""


def watch_jobs(store: Store) -> None:
    """Tell on stderr how the jobs that are under way fare, until none is left."""
    from intermezzo.engine.jobs import jobs
    from intermezzo.engine.launchers.slurm import refreshed

    meter = Meter()
    seen: dict[str, str] = {}
    try:
        while True:
            found = refreshed(jobs(store))
            under_way = [j for j in found if not j.over]
            for job in reversed(found):
                if job.id in seen and seen[job.id] != job.state:
                    meter.close()
                    said = f": {job.message}" if job.message and job.state != "running" else ""
                    say_wrapped(f"{job.spec.title} is {job.state} ({job.id}){said}")
                seen[job.id] = job.state
            if not under_way:
                return
            running = [j for j in under_way if j.state == "running"]
            if len(under_way) > 1:
                # one line for all: how many are over of those that are seen
                meter(len(found) - len(under_way), len(found), f"jobs over, {len(running)} running")
            else:
                meter(under_way[0].done, under_way[0].total, under_way[0].unit or "items")
            time.sleep(_SLURM_WATCH if any(j.launcher == "slurm" for j in under_way) else _WATCH)
    finally:
        meter.close()
