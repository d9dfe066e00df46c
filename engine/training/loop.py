"""Training a stage: steps that are the same whenever and however often it is taken up again.

A step hangs on the seed, its number and the weights alone: the batch, the dropout, the masked tokens. So a
training that was killed goes on from its last checkpoint and ends with the same weights (on a CPU, with the
same number of threads).
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intermezzo.queries.errors import Problem

from .checkpoint import load_best, load_checkpoint, save_best, save_checkpoint
from .heads import trained
from .lesson import Lesson
from .order import Order, learning_rate
from .settings import Settings

if TYPE_CHECKING:
    from intermezzo.engine.models import Model

Watch = Callable[[int, int, str], None]
"""Called now and then: steps done, steps in all, what is to be said."""

CHECKPOINT_SECONDS = float(os.environ.get("INTERMEZZO_CHECKPOINT_SECONDS") or 120)
"""Time between checkpoints, which decides what a kill costs and nothing else."""

CURVE_POINTS = 100
"""Points of the training loss that a learning curve keeps."""


@dataclass(slots=True)
class Came:
    """What came of a training.

    Attributes:
        steps: Steps in all.
        seconds: Time that they took, evaluations and checkpoints aside, over all its starts.
        curve: Points with ``step`` and ``loss`` and ``learning_rate``, or ``dev``.
        best: Step, metric and value of the kept weights; ``None``: the last step's.
        starts: How often it was taken up.
    """

    steps: int = 0
    seconds: float = 0.0
    curve: list[dict[str, Any]] = field(default_factory=list)
    best: dict[str, Any] | None = None
    starts: int = 1


def run_steps(
    folder: Path,
    model: Model,
    lessons: Sequence[Lesson],
    settings: Settings,
    seed: int,
    *,
    watch: Watch | None = None,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
) -> Came:
    """Train lessons that share an encoder, from the last checkpoint on; the kept weights are in place then.

    Raises:
        Problem: The loss is no number any more.
    """
    import torch

    parameters = trained(model.module, {lesson.name: lesson.head for lesson in lessons})
    if not parameters:
        raise Problem("Everything is frozen: there is nothing to train.")
    optimiser = _optimiser(parameters, settings)
    order = Order([lesson.part() for lesson in lessons], settings, seed)
    came, start = Came(order.steps), 0
    if (state := load_checkpoint(folder, parameters, optimiser)) is not None:
        start, came.best, came.curve = state["step"], state["best"], state["curve"]
        came.seconds, came.starts = state["seconds"], state["starts"] + 1
    _write_curve(folder, came.curve)
    checks, every = order.checks(), max(1, order.steps // CURVE_POINTS)
    saved, losses = time.monotonic(), []
    for step in range(start, order.steps):
        began = time.monotonic()
        rate = learning_rate(step, order.steps, settings)
        for group in optimiser.param_groups:
            group["lr"] = rate
        part, indices = order.at(step)
        torch.manual_seed((seed << 24) + step)
        losses.append(_step(lessons[part], indices, parameters, optimiser, settings, (seed, step)))
        came.seconds += time.monotonic() - began
        done = step + 1
        if done % every == 0 or done == order.steps:
            mean = sum(losses) / len(losses)
            losses = []
            if not math.isfinite(mean):
                raise Problem(
                    f"The loss is no number any more at step {done:,} of {order.steps:,}: "
                    "say a lower learning_rate or a longer warmup."
                )
            _point(folder, came, {"step": done, "loss": mean, "learning_rate": rate})
        if done in checks:
            _check(folder, came, lessons, parameters, settings, done)
        if time.monotonic() - saved >= checkpoint_seconds and done < order.steps and not losses:
            state = {"step": done, "steps": order.steps, "best": came.best, "curve": came.curve}
            state |= {"seconds": came.seconds, "starts": came.starts}
            save_checkpoint(folder, parameters, optimiser, state)
            saved = time.monotonic()
        if watch:
            watch(done, order.steps, _said(came))
    if came.best is not None:
        load_best(folder, parameters)
    return came


def _step(
    lesson: Lesson,
    indices: Sequence[int],
    parameters: dict[str, Any],
    optimiser: Any,
    settings: Settings,
    seed: tuple[int, int],
) -> float:
    import torch

    lesson.head.train()
    optimiser.zero_grad(set_to_none=True)
    size = math.ceil(len(indices) / settings.accumulation)
    pieces = [indices[i : i + size] for i in range(0, len(indices), size)]
    made = [lesson.inputs(piece, (*seed, n)) for n, piece in enumerate(pieces)]
    whole, total = sum(targets for _, targets in made), 0.0
    device = lesson.model.device
    narrow = torch.autocast(device, torch.bfloat16) if device == "cuda" else nullcontext()
    for arrays, targets in made:
        tensors = {name: torch.from_numpy(a).to(device) for name, a in arrays.items()}
        with narrow:
            # a mean over this piece's targets, weighted so that the pieces add up to the batch's mean
            loss = lesson.head(**tensors).loss * (targets / max(whole, 1))
        if targets:
            loss.backward()
            total += float(loss.detach())
    if settings.clip:
        torch.nn.utils.clip_grad_norm_(list(parameters.values()), settings.clip)
    optimiser.step()
    return total


def _optimiser(parameters: dict[str, Any], settings: Settings) -> Any:
    import torch

    plain = [p for p in parameters.values() if p.ndim < 2]
    decayed = [p for p in parameters.values() if p.ndim >= 2]
    groups = [
        {"params": decayed, "weight_decay": settings.weight_decay},
        {"params": plain, "weight_decay": 0},
    ]
    # one kernel for all parameters: on two cores the step takes a third of the time
    return torch.optim.AdamW([g for g in groups if g["params"]], lr=settings.learning_rate, fused=True)


def _check(
    folder: Path,
    came: Came,
    lessons: Sequence[Lesson],
    parameters: dict[str, Any],
    settings: Settings,
    step: int,
) -> None:
    """Evaluate the validation splits, and keep the weights where they are the best so far."""
    found = {lesson.name: value for lesson in lessons if (value := lesson.check()) is not None}
    if not found:
        return
    mean = sum(value for _, value in found.values()) / len(found)
    metric = " + ".join(dict.fromkeys(metric for metric, _ in found.values()))
    point = {"step": step, "dev": mean, "metric": metric}
    if len(found) > 1:
        point["dev_by_task"] = {name: value for name, (_, value) in found.items()}
    _point(folder, came, point)
    if settings.selection != "last" and (came.best is None or mean > came.best["value"]):
        save_best(folder, parameters)
        came.best = {"step": step, "metric": metric, "value": mean}


def _point(folder: Path, came: Came, point: dict[str, Any]) -> None:
    came.curve.append(point)
    with (folder / "curve.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(point) + "\n")


def _write_curve(folder: Path, curve: Sequence[dict[str, Any]]) -> None:
    """Write the curve up to the checkpoint anew: what came after it comes again."""
    text = "".join(json.dumps(point) + "\n" for point in curve)
    (folder / "curve.jsonl").write_text(text, encoding="utf-8")


def _said(came: Came) -> str:
    loss = next((p["loss"] for p in reversed(came.curve) if "loss" in p), None)
    dev = next((p for p in reversed(came.curve) if "dev" in p), None)
    words = [] if loss is None else [f"loss {loss:.3f}"]
    if dev is not None:
        words.append(f"dev {dev['metric']} {dev['dev']:.3f}")
    return ", ".join(words)
