"""Experiments from the command line: in this process with a meter, as jobs, or only told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

from intermezzo.engine.experiments.doing import Unit, do_unit, grouped, spec_of, units
from intermezzo.engine.experiments.plan import Plan, make_plan
from intermezzo.engine.experiments.stages import resolve
from intermezzo.engine.training.folders import read_done
from intermezzo.queries.errors import Problem

from .output import Answer, Sheet, counted, emit, say, say_wrapped

if TYPE_CHECKING:
    from intermezzo.engine.experiments.file import Experiment
    from intermezzo.engine.experiments.starting import Start
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
    say(*plan.wanting())
    return 1 if plan.wanting() else 0


def do_here(store: Store, plan: Plan, found: list[Unit]) -> int:
    """Do what is left in this process, one after the other; a unit that fails leaves out what rests on it."""
    failed: set[str] = set()
    runs = faults = 0
    for number, unit in enumerate(found):
        if unit.after in failed:
            failed.add(unit.stage.stage_id)
            faults += 1
            say_wrapped(f"Left out: {unit.title}, which starts from a stage that failed.")
            continue
        say(f"[{number + 1}/{len(found)}] {unit.title}")
        try:
            runs += len(_do(store, unit, plan.resolved.experiment.name))
        except KeyboardInterrupt:
            say_wrapped("What is finished is kept: say the same again, and it goes on from there.")
            raise
        except Problem as problem:
            faults += 1
            if read_done(store, unit.stage.stage_id) is None:
                failed.add(unit.stage.stage_id)
            say_wrapped(f"Failed: {unit.title}: {problem}")
    if not found:
        say("Nothing is left to do." if not plan.wanting() else "Nothing can be done yet.")
    else:
        say(f"{counted(runs, 'run')} in the store; {counted(faults, 'job')} failed or left out.")
    say_wrapped(*plan.wanting())
    if plan.wanting() and not found:
        return 2
    return 1 if faults or plan.wanting() else 0


def _do(store: Store, unit: Unit, experiment: str) -> list[str]:
    """Do a unit with a meter on stderr, and what the engine says past it; others see it among the jobs."""
    from intermezzo.engine.launchers.terminal import at_terminal

    from .evaluating import talking
    from .progress import Meter

    meter = Meter()
    with talking(meter), at_terminal(store, spec_of(unit, (), {}, experiment)) as report:

        def told(done: int, total: int, what: str, said: str) -> None:
            report.step(done, total, what, said)
            if total:
                meter(done, total, what)

        runs = do_unit(store, unit, told)
        report.ran(*runs)
        return runs


def submit(
    store: Store, plan: Plan, found: list[Unit], where: str, needs: Mapping[str, Any], format_name: str
) -> int:
    """Submit what is left as jobs, each after those that it rests on."""
    from intermezzo.engine.experiments.starting import start_jobs

    came = start_jobs(store, plan.resolved.experiment.name, found, where, needs)
    rows = [astuple(started) for started in came.started]
    emit(Answer(Sheet(("job", "title", "after", "evaluations"), rows)), format_name)
    say_wrapped(*start_told(came, plan, where))
    say_wrapped(*plan.wanting())
    if plan.wanting() and not came.started and not came.under_way:
        return 2
    return 1 if plan.wanting() else 0


def start_told(came: Start, plan: Plan, where: str) -> list[str]:
    """Say what became of starting an experiment."""
    says = []
    if came.under_way:
        some = counted(len(came.under_way), "job")
        says.append(f"{some} of an earlier call still at work, not submitted again.")
    if came.strangers:
        ids = " ".join(job.id for job in came.strangers[:4]) + (" ..." if len(came.strangers) > 4 else "")
        says.append(
            f"{counted(len(came.strangers), 'job')} of an earlier version of this file go on: "
            f"intermezzo jobs cancel {ids} stops them."
        )
    if came.started:
        says.append(
            f"{counted(len(came.started), 'job')} submitted ({where}); `intermezzo jobs` shows how they fare."
        )
    elif not came.under_way:
        says.append("Nothing is left to do." if not plan.wanting() else "Nothing can be done yet.")
    return says
