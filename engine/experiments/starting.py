"""Starting an experiment as jobs: what is left of it, in an order that works, nothing twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from intermezzo.engine.alone import alone, when_free
from intermezzo.engine.jobs import Job, JobSpec, jobs, jobs_folder
from intermezzo.queries.store.layout import folder_inside, saying

from .doing import Unit, grouped, spec_of, unit_from

if TYPE_CHECKING:
    from intermezzo.engine.jobs import Launcher
    from intermezzo.queries.store.layout import Store


@dataclass(frozen=True, slots=True)
class Started:
    """A job that was started.

    Attributes:
        job: Its id.
        title: What it is called.
        after: The job that it waits for.
        evaluations: How many it does.
    """

    job: str
    title: str
    after: str | None
    evaluations: int


@dataclass(frozen=True, slots=True)
class Start:
    """What became of starting an experiment.

    Attributes:
        started: The new jobs.
        under_way: Jobs of an earlier start that are at some of it already.
        strangers: Jobs under way of an experiment of the same name that are no part of it: of an earlier
            version of its file.
    """

    started: tuple[Started, ...]
    under_way: tuple[Job, ...] = ()
    strangers: tuple[Job, ...] = ()


def stage_jobs(found: Sequence[Job]) -> dict[str, list[Job]]:
    """Return the jobs of each stage, by the stage's id, in the order of jobs."""
    by_stage: dict[str, list[Job]] = {}
    for job in found:
        if job.spec.work == "stage":
            by_stage.setdefault(str(job.spec.what["stage"]["stage_id"]), []).append(job)
    return by_stage


def start_jobs(store: Store, name: str, found: Sequence[Unit], where: str, needs: Mapping[str, Any]) -> Start:
    """Submit what is left of an experiment, each part after those that it rests on.

    What a job of an earlier start is at is left to it; what that does not cover is done after it.

    Args:
        store: Where jobs and runs go.
        name: The experiment's name.
        found: What is left, in an order that works.
        where: A launcher's name.
        needs: What jobs need there.

    Raises:
        Problem: The launcher does not take them.
    """
    with saying(f"The jobs cannot be kept in {jobs_folder(store)}"):
        folder = folder_inside(store, jobs_folder(store).name)

    def start() -> Start:
        with alone(folder / "starting.lock", "Another process is starting jobs in this store."):
            return _start(store, name, found, where, needs)

    return when_free(start, lambda: None)


def _start(store: Store, name: str, found: Sequence[Unit], where: str, needs: Mapping[str, Any]) -> Start:
    from intermezzo.engine.launchers import launcher_for
    from intermezzo.engine.launchers.slurm import refreshed

    launcher = launcher_for(where)
    open_jobs = [job for job in refreshed(jobs(store)) if not job.over]
    at_work = stage_jobs(open_jobs)
    # the first of a stage's jobs trains it; those behind it wait for that
    names = {stage_id: found[-1].id for stage_id, found in at_work.items()}
    started: list[Started] = []
    for after, group in grouped(list(found)).items():
        fresh = [unit for unit in group if unit.stage.stage_id not in at_work]
        before = (names[after],) if after is not None else ()
        specs = [spec_of(unit, before, needs if where == "slurm" else {}, name) for unit in fresh]
        for unit, job in zip(fresh, _submitted(launcher, store, specs), strict=True):
            names[unit.stage.stage_id] = job
            started.append(Started(job, unit.title, before[0] if before else None, len(unit.scorings)))
        for unit in group:
            if (more := _beyond(unit, at_work.get(unit.stage.stage_id, ()))) is not None:
                first = names[unit.stage.stage_id]
                spec = spec_of(more, (first,), needs if where == "slurm" else {}, name)
                [job] = _submitted(launcher, store, [spec])
                started.append(Started(job, more.title, first, len(more.scorings)))
    ours = {unit.stage.stage_id for unit in found}
    strangers = [
        job
        for stage_id, those in at_work.items()
        for job in those
        if stage_id not in ours and job.spec.what.get("experiment") == name
    ]
    under_way = [job for stage_id, those in at_work.items() for job in those if stage_id in ours]
    return Start(tuple(started), tuple(under_way), tuple(strangers))


def _submitted(launcher: Launcher, store: Store, specs: Sequence[JobSpec]) -> list[str]:
    if not specs:
        return []
    many = getattr(launcher, "submit_all", None)
    return list(many(store, specs)) if many else [launcher.submit(store, spec) for spec in specs]


def _beyond(unit: Unit, at_work: Sequence[Job]) -> Unit | None:
    """Return what a unit has that the jobs at its stage will not do; ``None`` without any at it."""
    covered = {repr(s) for job in at_work for s in unit_from(job.spec.what).scorings}
    more = tuple(s for s in unit.scorings if repr(s) not in covered)
    return replace(unit, scorings=more) if at_work and more else None
