"""How a stage trains; all of it is part of what the stage is."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from intermezzo.queries.errors import Problem

SCHEDULES = ("linear", "constant")
SELECTIONS = {
    "train language dev": "the evaluation of the stage's own validation split that scored best",
    "last": "the last step, whatever any evaluation says",
}
"""What the kept weights are chosen on."""

SAMPLINGS = ("proportional", "capped")
HEAD_POOLINGS = ("declared", "mean", "cls")


@dataclass(frozen=True, slots=True)
class Settings:
    """Hyper-parameters of a stage.

    Attributes:
        learning_rate: Highest learning rate of AdamW.
        batch_size: Examples whose gradients make one step.
        accumulation: Parts that a batch is computed in; decides memory, not the sum.
        epochs: Passes over the training data; may be a fraction.
        max_steps: Most steps, whatever ``epochs`` says; 0: no limit.
        warmup: Share of the steps during which the learning rate rises.
        schedule: ``linear`` (down to zero) or ``constant`` after that.
        weight_decay: Of AdamW; none for biases and normalisations.
        clip: Largest norm of the gradient; 0: any.
        max_tokens: Most tokens of an input; 0: what the task declares.
        freeze_embeddings: Leave the embeddings as they are.
        freeze_layers: Leave so many layers as they are, from the bottom.
        train_limit: Only the first so many examples of the training split; 0: all.
        dev_limit: Only the first so many examples of the validation split; 0: all.
        checks: Evaluations of the validation split an epoch.
        selection: What the kept weights are chosen on, see ``SELECTIONS``.
        mask: Share of tokens to be guessed (masked LM).
        sampling: How joint tasks are mixed: ``proportional`` to their sizes, or ``capped``: likewise, none
            counted with more than ``cap`` examples.
        cap: See ``sampling``.
        head_pooling: What a head of one vector an input reads: ``mean`` of all tokens; ``cls``: the head that
            ``transformers`` has (the first token); ``declared``: as the encoder's folder says, else ``cls``.
    """

    learning_rate: float = 2e-5
    batch_size: int = 32
    accumulation: int = 1
    epochs: float = 3.0
    max_steps: int = 0
    warmup: float = 0.1
    schedule: str = "linear"
    weight_decay: float = 0.01
    clip: float = 1.0
    max_tokens: int = 0
    freeze_embeddings: bool = False
    freeze_layers: int = 0
    train_limit: int = 0
    dev_limit: int = 0
    checks: int = 1
    selection: str = "train language dev"
    mask: float = 0.15
    sampling: str = "proportional"
    cap: int = 10_000
    head_pooling: str = "declared"

    def record(self) -> dict[str, Any]:
        """Return them JSON-serialisable."""
        return asdict(self)


_CHOICES: Mapping[str, tuple[str, ...]] = {
    "schedule": SCHEDULES,
    "selection": tuple(SELECTIONS),
    "sampling": SAMPLINGS,
    "head_pooling": HEAD_POOLINGS,
}

NAMES = {f.name: f.type for f in fields(Settings)}

_LEAST: Mapping[str, float] = {
    "batch_size": 1,
    "accumulation": 1,
    "checks": 0,
    "cap": 1,
}


def settings_from(parts: Mapping[str, Any], where: str) -> Settings:
    """Return settings from a table.

    Args:
        parts: Setting -> value; what is left out stays the default.
        where: What the table is called in messages.

    Raises:
        Problem: An unknown setting, or a value that it cannot have.
    """
    for name, value in parts.items():
        check_setting(name, value, where)
    values: dict[str, Any] = {n: float(v) if NAMES[n] == "float" else v for n, v in parts.items()}
    made = Settings(**values)
    if made.accumulation > made.batch_size:
        raise Problem(
            f"{where}: a batch of {made.batch_size} cannot be computed in {made.accumulation} parts."
        )
    return made


def check_setting(name: str, value: Any, where: str) -> None:
    """Raise a sentence unless ``name`` is a setting that may have ``value``."""
    kind = NAMES.get(name)
    if kind is None:
        near = difflib.get_close_matches(name, NAMES, 1)
        hint = f"Did you mean {near[0]}?" if near else f"Settings: {', '.join(NAMES)}."
        raise Problem(f"{where}: there is no setting {name!r}. {hint}")
    right = {
        "float": isinstance(value, (int, float)) and not isinstance(value, bool),
        "int": isinstance(value, int) and not isinstance(value, bool),
        "bool": isinstance(value, bool),
        "str": isinstance(value, str),
    }[str(kind)]
    if not right:
        words = {"float": "a number", "int": "a whole number", "bool": "true or false", "str": "a word"}
        raise Problem(f"{where}: {name} must be {words[str(kind)]}, not {value!r}.")
    choices = _CHOICES.get(name)
    if choices and value not in choices:
        raise Problem(f"{where}: {name} must be {' or '.join(map(repr, choices))}, not {value!r}.")
    if kind in ("float", "int"):
        least = _LEAST.get(name, 0)
        if not least <= value < float("inf") or (name in ("learning_rate", "epochs") and not value):
            raise Problem(f"{where}: {name} cannot be {value!r}.")
        if name in ("warmup", "mask") and value >= 1:
            raise Problem(f"{where}: {name} is a share between 0 and 1, not {value!r}.")
