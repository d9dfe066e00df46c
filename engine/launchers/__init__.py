"""Launchers: where jobs run."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from intermezzo.engine.jobs import Job, Launcher
from intermezzo.queries.errors import Problem

LAUNCHERS = {"here": "intermezzo.engine.launchers.here", "slurm": "intermezzo.engine.launchers.slurm"}
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


def cancel_all(found: Iterable[Job]) -> tuple[list[Job], list[str]]:
    """Cancel jobs, the newest first, so that none sees one fail that it waits for.

    Returns:
        Those that are cancelled; sentences about the others.
    """
    cancelled, problems = [], []
    for job in sorted(found, key=lambda j: j.id, reverse=True):
        try:
            launcher_for(job.launcher).cancel(job)
        except Problem as problem:
            problems.append(str(problem))
        else:
            cancelled.append(job)
    return cancelled, problems
