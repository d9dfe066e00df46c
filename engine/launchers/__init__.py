"""Launchers: where jobs run."""

from __future__ import annotations

from importlib import import_module

from intermezzo.engine.jobs import Launcher
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
