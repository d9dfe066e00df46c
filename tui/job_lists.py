"""Jobs as they are listed: one line each, in the terminal and in the app."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from intermezzo.queries.harmless import harmless

from .output import Answer, Sheet, say
from .progress import Meter

if TYPE_CHECKING:
    from intermezzo.engine.jobs import Job
    from intermezzo.queries.store.layout import Store

COLUMNS = (
    "id", "state", "done", "total", "unit", "title", "message", "launcher", "submitted", "started", "ended",
    "runs", "log",
)  # fmt: skip

_WATCH = 0.5
"""Seconds between two looks."""


def progress_of(job: Job) -> str:
    """Return how far a job is, in a few characters."""
    if not job.total:
        return ""
    return f"{job.done:,}/{job.total:,} {job.unit} ({100 * job.done // job.total} %)"


def jobs_answer(store: Store) -> Answer:
    """Return a store's jobs."""
    from intermezzo.engine.jobs import jobs
    from intermezzo.engine.launchers.slurm import refreshed

    found = refreshed(jobs(store))
    rows = [
        (
            j.id, j.state, j.done, j.total, j.unit, j.spec.title, j.message, j.launcher, j.submitted,
            j.started, j.ended, list(j.runs), os.fspath(j.log),
        )
        for j in found
    ]  # fmt: skip
    return Answer(Sheet(COLUMNS, rows), lambda: [_sheet(found)])


def _sheet(found: list[Job]) -> Sheet:
    rows = [(j.id, j.state, progress_of(j), j.spec.title, j.message) for j in found]
    return Sheet(("job", "state", "progress", "title", "message"), rows)


def watch_jobs(store: Store) -> None:
    """Tell on stderr how the jobs that are under way fare, until none is left."""
    from intermezzo.engine.jobs import OVER, jobs

    meter = Meter()
    seen: dict[str, str] = {}
    try:
        while True:
            found = jobs(store)
            under_way = [j for j in found if j.state not in OVER]
            for job in reversed(found):
                if job.id in seen and seen[job.id] != job.state:
                    meter.close()
                    said = f": {job.message}" if job.message else ""
                    say(harmless(f"Job {job.id} is {job.state}{said}"))
                seen[job.id] = job.state
            if not under_way:
                return
            running = next((j for j in under_way if j.state == "running"), under_way[0])
            meter(running.done, running.total, running.unit or "items")
            time.sleep(_WATCH)
    finally:
        meter.close()
