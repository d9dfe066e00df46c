"""Experiments from the command line: in this process with a meter, as jobs, or only told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from intermezzo.engine.experiments.doing import Unit, do_unit, grouped, spec_of, units
from intermezzo.engine.experiments.plan import Plan, make_plan
from intermezzo.engine.experiments.stages import resolve
from intermezzo.engine.training.folders import read_done
from intermezzo.queries.errors import Problem

from .output import Answer, Sheet, counted, emit, say

if TYPE_CHECKING:
    from intermezzo.engine.experiments.file import Experiment
    from intermezzo.queries.store.layout import Store


def planned(experiment: Experiment, store: Store | None) -> tuple[Plan, list[Unit]]:
    """Return an experiment's plan, and what is left to do of it."""
    plan = make_plan(resolve(experiment), store)
    return plan, units(plan)


def dry_answer(plan: Plan, found: list[Unit], where: str, needs: Mapping[str, Any], format_name: str) -> int:
    """Print what would be done, and return the exit code."""
    titles = {u.stage.stage_id: u.title for u in found}
    rows = [
        (
            n + 1,
            unit.title,
            unit.stage.stage_id,
            not unit.trained,
            titles.get(unit.after, unit.after) if unit.after else None,
            ", ".join(s.target for s in unit.scorings) or None,
        )
        for n, unit in enumerate(found)
    ]
    emit(Answer(Sheet(("job", "title", "stage_id", "trains", "after", "evaluates"), rows)), format_name)
    if where == "slurm":
        from intermezzo.engine.launchers.slurm import parameters

        options = parameters(needs)
        said = ", ".join(f"{key.removeprefix('slurm_')}={value}" for key, value in options.items())
        groups = grouped(found)
        say(f"SLURM: {counted(len(groups), 'array')} of {counted(len(found), 'job')}; each: {said}.")
    return _tell(plan, found, "would be done; nothing was")


def _tell(plan: Plan, found: list[Unit], done: str) -> int:
    trains = sum(not u.trained for u in found)
    scorings = sum(len(u.scorings) for u in found)
    say(f"{counted(trains, 'stage')} and {counted(scorings, 'evaluation')} {done}.")
    say(*(f"Missing: {m}." for m in plan.missing))
    return 1 if plan.missing else 0


def do_here(store: Store, plan: Plan, found: list[Unit]) -> int:
    """Do what is left in this process, one after the other; a unit that fails leaves out what rests on it."""
    from .progress import Meter

    failed: set[str] = set()
    runs = faults = 0
    for number, unit in enumerate(found):
        if unit.after in failed:
            failed.add(unit.stage.stage_id)
            faults += 1
            say(f"Left out: {unit.title}, which starts from a stage that failed.")
            continue
        say(f"[{number + 1}/{len(found)}] {unit.title}")
        meter = Meter()

        def told(done: int, total: int, what: str, _said: str, meter: Meter = meter) -> None:
            meter(done, total, what)

        try:
            runs += len(do_unit(store, unit, told))
        except Problem as problem:
            meter.close()
            faults += 1
            if read_done(store, unit.stage.stage_id) is None:
                failed.add(unit.stage.stage_id)
            say(f"Failed: {unit.title}: {problem}")
        finally:
            meter.close()
    if not found:
        say("Nothing is left to do." if not plan.missing else "Nothing can be done yet.")
    else:
        say(f"{counted(runs, 'run')} in the store; {counted(faults, 'job')} failed or left out.")
    say(*(f"Missing: {m}." for m in plan.missing))
    if plan.missing and not found:
        return 2
    return 1 if faults or plan.missing else 0


def submit(
    store: Store, plan: Plan, found: list[Unit], where: str, needs: Mapping[str, Any], format_name: str
) -> int:
    """Submit what is left as jobs, each after those that it rests on."""
    from intermezzo.engine.jobs import OVER, jobs
    from intermezzo.engine.launchers import launcher_for

    launcher = launcher_for(where)
    at_work = {
        job.spec.what["stage"]["stage_id"]: job
        for job in reversed(jobs(store))
        if job.spec.work == "stage" and launcher_for(job.launcher).state(job) not in OVER
    }
    names: dict[str, str] = {stage_id: job.id for stage_id, job in at_work.items()}
    rows = []
    for after, group in grouped(found).items():
        fresh = [unit for unit in group if unit.stage.stage_id not in at_work]
        if not fresh:
            continue
        before = (names[after],) if after is not None else ()
        specs = [spec_of(unit, before, needs if where == "slurm" else {}) for unit in fresh]
        many = getattr(launcher, "submit_all", None)
        made = many(store, specs) if many else [launcher.submit(store, spec) for spec in specs]
        for unit, name in zip(fresh, made, strict=True):
            names[unit.stage.stage_id] = name
            rows.append((name, unit.title, before[0] if before else None, len(unit.scorings)))
    emit(Answer(Sheet(("job", "title", "after", "evaluations"), rows)), format_name)
    if len(rows) < len(found):
        say(
            f"{counted(len(found) - len(rows), 'job')} of an earlier call still at work, not submitted again."
        )
    say(f"{counted(len(rows), 'job')} submitted ({where}); `intermezzo jobs` shows how they fare.")
    say(*(f"Missing: {m}." for m in plan.missing))
    return 1 if plan.missing else 0
