"""Reading an experiment for the Launch place and starting it, in threads: nothing here knows a widget."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intermezzo.queries.errors import Problem
from intermezzo.queries.training_curves import stages_in

from .experiment_view import Live
from .running_experiments import start_told
from .runs_text import config_of

if TYPE_CHECKING:
    from intermezzo.engine.experiments.plan import Plan
    from intermezzo.engine.jobs import Job
    from intermezzo.queries.store.layout import Store

FRESH = 90.0
"""Seconds after which a curve that does not grow is not taken for a training under way."""

_LARGEST = 200_000
"""Bytes of a TOML file that is looked into for being an experiment."""


def read_plan(store: Store | None, file: str) -> Plan:
    """Return the plan of an experiment.

    Raises:
        Problem: There is no such file, or it says something that cannot be done.
    """
    from intermezzo.engine.experiments.file import find_experiment, read_experiment
    from intermezzo.engine.experiments.plan import make_plan
    from intermezzo.engine.experiments.stages import resolve

    return make_plan(resolve(read_experiment(find_experiment(file))), store)


def read_live(store: Store, plan: Plan, found: Sequence[Job]) -> Live:
    """Return what files say of an experiment's stages now.

    Args:
        store: Where they are.
        plan: The experiment.
        found: The store's jobs, the newest first.
    """
    from intermezzo.engine.experiments.starting import stage_jobs
    from intermezzo.engine.training.folders import last_step

    stages = store.path / "stages"
    ours = plan.resolved.stages
    there = [name for name in os.listdir(stages) if name in ours] if stages.is_dir() else []
    done = {name for name in there if (stages / name / "done.json").exists()}
    newest = {s: _telling(those) for s, those in stage_jobs(found).items() if s in ours}
    training = {}
    for name in there:
        job = newest.get(name)
        if name not in done and (job is None or job.over):
            curve = stages / name / "curve.jsonl"
            if _age(curve) < FRESH and (step := last_step(store, name)) is not None:
                training[name] = step
    return Live(newest, frozenset(done), training)


def _telling(found: Sequence[Job]) -> Job:
    """Return the job of a stage that tells how it fares: one that runs, else the newest."""
    return next((job for job in found if job.state == "running"), found[0])


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return float("inf")


def read_points(store: Store, stage_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the learning curves of stages as far as they are, by stage id."""
    from intermezzo.engine.training.folders import read_curve

    return {stage_id: read_curve(store, stage_id) for stage_id in stage_ids}


def kept_points(ask: Any, runs: Mapping[str, str]) -> dict[str, list[Mapping[str, Any]]]:
    """Return the learning curves of stages whose folders are not here, from runs that keep them.

    Args:
        ask: Who answers questions.
        runs: Stage id -> a run that was trained in it.
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    for run in dict.fromkeys(runs.values()):
        rows = ask.ask("run_record", run=run)
        for row in rows.rows:
            record = dict(zip(rows.columns, row, strict=True))
            for done in stages_in(config_of(record)):
                stage, curve = done.get("stage"), done.get("curve")
                if isinstance(stage, dict) and isinstance(curve, list):
                    found[str(stage.get("stage_id"))] = [p for p in curve if isinstance(p, dict)]
    return found


def start_experiment(store: Store | None, file: str, where: str, asked: Mapping[str, Any]) -> str:
    """Start what is left of an experiment as jobs; return what became of it, in a sentence.

    Args:
        store: Where jobs and runs go.
        file: The experiment's file, read anew.
        where: ``here`` or ``slurm``.
        asked: What jobs need, beside or instead of what the file says; ``None`` or empty: not said.

    Raises:
        Problem: Nothing can be started, or not there.
    """
    from intermezzo.engine.experiments.doing import units
    from intermezzo.engine.experiments.starting import start_jobs
    from intermezzo.queries.store.layout import require_writable

    if store is None:
        raise Problem("There is no store here that runs could go into.")
    require_writable(store)
    plan = read_plan(store, file)
    experiment = plan.resolved.experiment
    needs = {**experiment.slurm, **{k: v for k, v in asked.items() if v not in (None, "")}}
    came = start_jobs(store, experiment.name, units(plan), where, needs)
    return " ".join(start_told(came, plan, where))


def experiment_files(folder: Path | None = None) -> list[str]:
    """Return the experiments that can be chosen: those that came with the program, and files in a folder."""
    from intermezzo.engine.experiments.file import SHIPPED

    found = []
    for path in sorted((folder or Path.cwd()).glob("*.toml")):
        try:
            with path.open("rb") as file:
                text = file.read(_LARGEST)
        except OSError:
            continue
        if b"\nrecipes" in b"\n" + text and b"\ntargets" in b"\n" + text:
            found.append(path.name)
    return [*SHIPPED, *found]
