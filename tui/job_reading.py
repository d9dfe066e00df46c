"""Reading jobs, and the stages they are at, for the Launch place, in threads: nothing here knows a widget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .experiment_reading import read_live, read_points
from .experiment_view import Live
from .text import count

if TYPE_CHECKING:
    from intermezzo.engine.experiments.plan import Plan
    from intermezzo.engine.jobs import Job
    from intermezzo.queries.store.layout import Store

TAIL = 200
"""Last lines of a log that are shown."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a look is to look at.

    Attributes:
        job: Job whose log is shown.
        plan: The experiment whose stages are shown.
        stages: Stages whose learning curves are shown, the one under the cursor first.
    """

    job: str | None = None
    plan: Plan | None = None
    stages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """The jobs of a store, the end of one's log, and what is known of the stages that are shown."""

    store: Store | None
    jobs: tuple[Job, ...] = ()
    job: str | None = None
    log: tuple[str, ...] = ()
    live: Live = field(default_factory=Live)
    stages: tuple[str, ...] = ()
    points: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    stage_log: tuple[str, ...] = ()


def store_of(ask: Any) -> Store | None:
    """Return the store behind who answers questions, if there is one."""
    found: Store | None = getattr(ask, "store", None)
    return found


def over(seen: Seen) -> frozenset[str]:
    """Return the ids of the jobs that are over."""
    return frozenset(job.id for job in seen.jobs if job.over)


def look(
    store: Store | None, wanted: Asked, *, slurm: bool, earlier: Mapping[str, Job] | None = None
) -> Seen:
    """Read the jobs, the end of a log, and the stages that are shown, in a thread.

    Args:
        store: Where they are.
        wanted: What is shown.
        slurm: Whether SLURM is asked for the state of its jobs; else what it said last holds.
        earlier: The jobs as they were seen last.
    """
    if store is None:
        return Seen(None)
    from intermezzo.engine.jobs import jobs
    from intermezzo.engine.launchers.slurm import refreshed

    found = jobs(store)
    if slurm:
        found = refreshed(found)
    elif earlier:
        found = [_as_before(job, earlier.get(job.id)) for job in found]
    job = next((j for j in found if j.id == wanted.job), found[0] if found else None)
    seen = Seen(store, tuple(found), job.id if job else None, _tail(job.log) if job else ())
    if wanted.plan is None:
        return seen
    live = read_live(store, wanted.plan, found)
    at = live.jobs.get(wanted.stages[0]) if wanted.stages else None
    log = _tail(at.log) if at else ()
    points = read_points(store, wanted.stages)
    return replace(seen, live=live, stages=wanted.stages, points=points, stage_log=log)


def _as_before(job: Job, before: Job | None) -> Job:
    """Return a job of SLURM's with the state that SLURM told last, until it says something new itself."""
    if job.launcher != "slurm" or before is None or job.state in ("done", "failed"):
        return job
    return replace(job, state=before.state, message=before.message if before.over else job.message)


def _tail(log: Path) -> tuple[str, ...]:
    try:
        with log.open("rb") as file:
            file.seek(max(log.stat().st_size - 100 * TAIL, 0))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ()
    return tuple(lines[-TAIL:])


def cancel(found: tuple[Job, ...], _ask: Any) -> str:
    """Cancel jobs, and return what became of it in a sentence."""
    from intermezzo.engine.launchers import cancel_all

    came = cancel_all(found)
    cancelled, problems = came.cancelled, (*came.problems, *came.over)
    if not cancelled:
        return problems[0]
    said = f"job {cancelled[0].id} is" if len(cancelled) == 1 else f"{count(len(cancelled), 'job')} are"
    return f"{said} cancelled; what is finished is kept{''.join(f'. {p}' for p in problems)}"
