"""Plans of experiments as the command line prints them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, fields
from typing import TYPE_CHECKING

from intermezzo.engine.experiments.plan import Plan, Step
from intermezzo.engine.experiments.stages import short_recipe, short_tasks

from .output import Answer, Sheet, counted

if TYPE_CHECKING:
    import click
    from intermezzo.engine.experiments.stages import Resolved
    from intermezzo.queries.store.layout import Store

LEGEND = "done/all; - left out; ! blocked"
"""What the signs of a plan's table mean."""


def store_if_there(ctx: click.Context) -> Store | None:
    """Open the store that is meant, if there is one: a plan needs none."""
    from .options import asked_path, chosen_store

    path = asked_path(ctx)
    return chosen_store(ctx) if path is None or path.exists() else None


def plan_answer(plan: Plan) -> Answer:
    """Return a plan: a row a stage and evaluation; for reading, two tables and what they do not say."""
    columns = [f.name for f in fields(Step)]
    data = Sheet(columns, [astuple(step) for step in plan.steps])
    return Answer(data, lambda: _sheets(plan), plan_notes(plan))


def _sheets(plan: Plan) -> list[Sheet]:
    sheets = []
    for model in plan.resolved.experiment.models:
        several = f"{model}: " if len(plan.resolved.experiment.models) > 1 else ""
        steps = [s for s in plan.steps if s.model == model]
        if any(s.what == "train" for s in steps):
            sheets.append(_trainings(plan.resolved, steps, several))
        sheets.append(_recipes(plan.resolved, steps, several))
    return sheets


def _trainings(resolved: Resolved, steps: Sequence[Step], several: str) -> Sheet:
    """Return a row for each data set that stages are trained on in one way."""
    groups: dict[tuple[str, int | None], list[Step]] = {}
    for step in steps:
        if step.what == "train":
            groups.setdefault((short_tasks(resolved.stages[step.stage_id].tasks), step.steps), []).append(
                step
            )
    rows = []
    for (name, length), found in groups.items():
        starts = len({resolved.stages[s.after].lineage if s.after else "" for s in found})
        seconds = [s.seconds for s in found if s.state not in ("done", "not needed")]
        known = None if None in seconds or not seconds else sum(s for s in seconds if s is not None)
        carried = sum(s.used_by or 0 for s in found)
        told = None if length is None else f"{length:,}"
        rows.append((name, starts, len(found), carried, told, duration(known), states(found)))
    heads = ("trained on", "starts\nfrom", "stages", "evalu-\nations", "steps\neach", "cost\nof all", "state")
    caption = f"{several}Stages, equal ones once"
    return Sheet(heads, rows, caption=caption, right=frozenset(heads[4:6]))


def _recipes(resolved: Resolved, steps: Sequence[Step], several: str) -> Sheet:
    """Return a row for each recipe: how much of its intermediate training and of each evaluation is done."""
    targets = list(resolved.experiment.targets)
    cells: dict[str, dict[str, list[Step]]] = {r: {} for r in resolved.experiment.recipes}
    for step in steps:
        if step.what == "evaluate":
            cells.setdefault(step.recipe or "", {}).setdefault(step.title, []).append(step)
    rows = [
        (
            short_recipe(recipe),
            *(done_of(by_target.get(target, [])) for target in targets),
        )
        for recipe, by_target in cells.items()
    ]
    right = frozenset(targets)
    caption = f"{several}Evaluations of each recipe ({LEGEND})"
    return Sheet(("recipe", *targets), rows, caption=caption, right=right, keys=1)


def done_of(steps: Sequence[Step]) -> str:
    """Return ``1/3``: how many steps are done; ``!`` where some are blocked, ``-`` where there are none."""
    if not steps:
        return "-"
    done = sum(s.state in ("done", "not needed") for s in steps)
    return f"{done}/{len(steps)}" + ("!" if any(s.state == "blocked" for s in steps) else "")


def states(steps: Sequence[Step]) -> str:
    """Return ``2 done, 1 to do``."""
    return ", ".join(f"{number} {state}" for state, number in Counter(s.state for s in steps).items())


def plan_notes(plan: Plan) -> list[str]:
    """Return what a plan comes to, in sentences: how much, what it costs, what is missing, what to know."""
    left = plan.left()
    train = [s for s in left if s.what == "train"]
    first = plan.resolved.experiment.name
    evaluations = counted(len(left) - len(train), "evaluation")
    says = [
        f"{first}: {counted(len(train), 'stage')} to train and {evaluations} to do; "
        f"{len(plan.steps) - len(left)} of {len(plan.steps)} done."
    ]
    says += cost_notes(left)
    says += plan.wanting()
    says += [f"{short_recipe(r)}: {r}" for r in plan.resolved.experiment.recipes if short_recipe(r) != r]
    if plan.hub:
        says.append(f"From the hub (not tried): {', '.join(plan.hub)}.")
    if plan.rivals:
        some = " ".join(run[:12] for run in plan.rivals[:4]) + (" ..." if len(plan.rivals) > 4 else "")
        says.append(
            f"{counted(len(plan.rivals), 'run')} of these systems in the store come from stages that were "
            "trained otherwise (an earlier version of the file?). The matrix shows one run a seed: take out "
            f"of view what is not to count, intermezzo runs hide --why 'earlier settings' {some}."
        )
    says += [f"Left out: {m}." for m in plan.resolved.left_out]
    says += [f"Note: {m}." for m in plan.resolved.notes]
    return says


def cost_notes(left: Sequence[Step]) -> list[str]:
    """Say how long trainings and evaluations would take, apart, and what that rests on."""
    could = [s for s in left if s.state != "blocked"]
    train = [s for s in could if s.what == "train"]
    evaluate = [s for s in could if s.what == "evaluate"]
    return [
        *_cost(train, "Training", "stages", "nothing was trained with these models here yet; plan --probe "
               "takes a few steps"),
        *_cost(evaluate, "Evaluating", "evaluations", "none of them was done here yet; plan --probe tries "
               "a few items"),
    ]  # fmt: skip


def _cost(steps: Sequence[Step], what: str, counted_as: str, unknown: str) -> list[str]:
    known = [s for s in steps if s.seconds is not None]
    if not steps:
        return []
    if not known:
        return [f"{what}: cost unknown: {unknown}."]
    some = f" for {len(known)} of {len(steps)} {counted_as}" if len(known) < len(steps) else ""
    total = duration(sum(s.seconds or 0.0 for s in known))
    bases = list(dict.fromkeys(s.why for s in known if s.why))
    more = f" (and {len(bases) - 3} more)" if len(bases) > 3 else ""
    return [f"{what} would take about {total}{some}, one after the other: {'; '.join(bases[:3])}{more}."]


def duration(seconds: float | None) -> str | None:
    """Return ``1:05 h``, ``3:20 min``, ``12 s``."""
    if seconds is None:
        return None
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02} min"
    return f"{whole // 3600:,}:{whole % 3600 // 60:02} h"
