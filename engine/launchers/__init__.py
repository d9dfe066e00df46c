"""Launchers: where jobs run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module

from intermezzo.engine.jobs import Job, JobOver, Launcher
from intermezzo.queries.errors import Problem

LAUNCHERS = {
    "here": "intermezzo.engine.launchers.here",
    "slurm": "intermezzo.engine.launchers.slurm",
    "terminal": "intermezzo.engine.launchers.terminal",
}
"""Name -> module with a ``launcher``."""


def launcher_for(name: str) -> Launcher:
    """Return the launcher of that name.

    Raises:
        Problem: There is none.
    """
    if name not in LAUNCHERS:
        raise Problem(f"There is no launcher {name!r}: {', '.join(LAUNCHERS)}.")
    found: Launcher = import_module(LAUNCHERS[name]).launcher
    return found


@dataclass(frozen=True, slots=True)
class Cancelling:
    """What became of jobs that were to be cancelled."""

    cancelled: Sequence[Job]
    over: Sequence[str]
    """Sentences about those that had ended by themselves, be it a moment before."""
    problems: Sequence[str]
    """Sentences about those that could not be stopped."""


def cancel_all(found: Iterable[Job]) -> Cancelling:
    """Cancel jobs, the newest first, so that none sees one fail that it waits for."""
    cancelled, over, problems = [], [], []
    for job in sorted(found, key=lambda j: j.id, reverse=True):
        try:
            launcher_for(job.launcher).cancel(job)
        except JobOver as ended:
            over.append(str(ended))
        except Problem as problem:
            problems.append(str(problem))
        else:
            cancelled.append(job)
    return Cancelling(cancelled, over, problems)
