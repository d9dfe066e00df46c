"""Plans of experiments as the command line prints them."""

from __future__ import annotations

from collections import Counter
from dataclasses import astuple, fields
from typing import TYPE_CHECKING

from intermezzo.engine.experiments.plan import Plan, Step

from .output import Answer, Sheet, counted

if TYPE_CHECKING:
    import click
    from intermezzo.queries.store.layout import Store


def store_if_there(ctx: click.Context) -> Store | None:
    """Open the store that is meant, if there is one: a plan needs none."""
    from .options import asked_path, chosen_store

    path = asked_path(ctx)
    return chosen_store(ctx) if path is None or path.exists() else None


def plan_answer(plan: Plan) -> Answer:
    """Return a plan: a row a stage and evaluation; for reading, equal rows of several seeds are one."""
    columns = [f.name for f in fields(Step)]
    data = Sheet(columns, [astuple(step) for step in plan.steps])
    return Answer(data, lambda: [_trainings(plan), _evaluations(plan)], _notes(plan))


def _trainings(plan: Plan) -> Sheet:
    groups: dict[tuple[str, str], list[Step]] = {}
    for step in plan.steps:
        if step.what == "train":
            groups.setdefault((step.model, step.title), []).append(step)
    rows = []
    for (model, title), steps in groups.items():
        seconds = [s.seconds for s in steps if s.state != "done"]
        known = None if None in seconds or not seconds else sum(s for s in seconds if s is not None)
        rows.append(
            (
                model,
                title,
                len(steps),
                _states(steps),
                steps[0].steps,
                duration(known),
                max(s.used_by or 0 for s in steps),
                next((s.why for s in steps if s.why), None),
            )
        )
    heads = ("model", "trained on", "seeds", "state", "steps each", "cost", "used by", "missing")
    return Sheet(heads, rows, caption="Stages", right=frozenset({"cost"}))


def _evaluations(plan: Plan) -> Sheet:
    groups: dict[tuple[str, str], dict[str, list[Step]]] = {}
    targets = list(dict.fromkeys(s.title for s in plan.steps if s.what == "evaluate"))
    for step in plan.steps:
        if step.what == "evaluate":
            groups.setdefault((step.model, step.recipe or ""), {}).setdefault(step.title, []).append(step)
    rows = [
        (model, recipe, *(_states(cells[t]) if t in cells else None for t in targets))
        for (model, recipe), cells in groups.items()
    ]
    return Sheet(("model", "recipe", *targets), rows, caption="Evaluations: runs by state", keys=2)


def _states(steps: list[Step]) -> str:
    return ", ".join(f"{number} {state}" for state, number in Counter(s.state for s in steps).items())


def _notes(plan: Plan) -> list[str]:
    left = plan.left()
    train = [s for s in left if s.what == "train"]
    known = [s.seconds for s in train if s.seconds is not None]
    first = plan.resolved.experiment.name
    done = len(plan.steps) - len(left)
    says = [
        f"{first}: {counted(len(train), 'stage')} to train and "
        f"{counted(len(left) - len(train), 'evaluation')} to do; {done} of {len(plan.steps)} done."
    ]
    if train and not known:
        says.append("Cost unknown: no stage of these models was trained in this store yet.")
    elif train:
        some = f" for {len(known)} of {len(train)} stages" if len(known) < len(train) else ""
        says.append(f"Training would take about {duration(sum(known))}{some}, one after the other, here.")
    says += [f"Missing: {m}." for m in plan.missing]
    says += [f"Left out: {m}." for m in plan.resolved.left_out]
    says += [f"Note: {m}." for m in plan.resolved.notes]
    return says


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
