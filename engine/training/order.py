"""Which examples make which step: the same for the same seed, wherever a training is taken up again."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from .settings import Settings

POOL = 64
"""Batches whose examples are sorted by length together: enough to save most padding, few enough to mix."""


def epoch_batches(
    lengths: Sequence[int], shapes: Sequence[int], batch_size: int, seed: str
) -> list[list[int]]:
    """Cut examples into the batches of an epoch: of like length each, in random order.

    Args:
        lengths: Tokens of each example.
        shapes: Examples of unlike shape (another number of choices) cannot share a batch.
        batch_size: Examples of a batch; the last one of each shape may have fewer.
        seed: Same seed, same batches.

    Returns:
        Batches of indices, every index once.
    """
    chance = random.Random(seed)
    batches: list[list[int]] = []
    for shape in sorted(set(shapes)):
        left = [i for i, s in enumerate(shapes) if s == shape]
        chance.shuffle(left)
        for start in range(0, len(left), POOL * batch_size):
            # sorting is stable, so that equal lengths stay shuffled
            pool = sorted(left[start : start + POOL * batch_size], key=lambda i: lengths[i])
            batches += [pool[i : i + batch_size] for i in range(0, len(pool), batch_size)]
    chance.shuffle(batches)
    return batches


@dataclass(slots=True)
class Part:
    """What is known of one of the joint tasks' training examples.

    Attributes:
        lengths: Tokens of each example.
        shapes: Its shape, see ``epoch_batches``.
    """

    lengths: Sequence[int]
    shapes: Sequence[int]


@dataclass(slots=True)
class Order:
    """The batches of a training by step.

    Attributes:
        parts: The joint tasks.
        settings: Batch size, epochs, sampling.
        seed: Train seed.
        steps: How many steps there are.
        picks: Which task each step is of.
    """

    parts: Sequence[Part]
    settings: Settings
    seed: int
    steps: int = 0
    picks: list[int] = field(default_factory=list)
    _nth: list[int] = field(default_factory=list)
    _epochs: dict[int, tuple[int, list[list[int]]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        s = self.settings
        counts = [len(self._epoch(n, 0)) for n in range(len(self.parts))]
        weights = [len(p.lengths) for p in self.parts]
        if s.sampling == "capped" and len(self.parts) > 1:
            counts = [min(c, math.ceil(s.cap / s.batch_size)) for c in counts]
            weights = [min(w, s.cap) for w in weights]
        self.steps = sum(math.ceil(c * s.epochs) for c in counts)
        if s.max_steps:
            self.steps = min(self.steps, s.max_steps)
        chance = random.Random(f"tasks {self.seed}")
        self.picks = chance.choices(range(len(self.parts)), weights, k=self.steps)
        seen = [0] * len(self.parts)
        for pick in self.picks:
            self._nth.append(seen[pick])
            seen[pick] += 1

    def at(self, step: int) -> tuple[int, list[int]]:
        """Return the task of a step, and the indices of its examples."""
        part = self.picks[step]
        size = len(self._epoch(part, 0)) if part not in self._epochs else len(self._epochs[part][1])
        epoch, place = divmod(self._nth[step], size)
        return part, self._epoch(part, epoch)[place]

    def _epoch(self, part: int, epoch: int) -> list[list[int]]:
        kept = self._epochs.get(part)
        if kept is None or kept[0] != epoch:
            found = self.parts[part]
            seed = f"{self.seed} {part} {epoch}"
            kept = epoch, epoch_batches(found.lengths, found.shapes, self.settings.batch_size, seed)
            self._epochs[part] = kept
        return kept[1]

    def checks(self) -> set[int]:
        """Return after how many steps the validation split is evaluated; after the last one in any case."""
        number = max(1, round(self.settings.epochs * self.settings.checks))
        return {max(1, round(n * self.steps / number)) for n in range(1, number + 1)} | {self.steps}


def learning_rate(step: int, steps: int, settings: Settings) -> float:
    """Return the learning rate of a step, counted from 0."""
    rising = math.ceil(settings.warmup * steps)
    if step < rising:
        return settings.learning_rate * (step + 1) / rising
    if settings.schedule == "constant":
        return settings.learning_rate
    return settings.learning_rate * (steps - step) / max(steps - rising, 1)
