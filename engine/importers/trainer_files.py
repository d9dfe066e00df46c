"""The files of a Hugging Face Trainer output folder, parsed: results, state, model card, predictions."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

from intermezzo.engine.importing.reading import Unreadable, load_json, number, table, text, whole

from .curves import curve

SPEEDS = re.compile(
    r"(?:runtime|samples|samples_per_second|steps_per_second|tokens_per_second|jit_compilation_time"
    r"|model_preparation_time|mem_.*)(?:_mm)?"
)
"""Keys of a set that are not scores."""

_SPEED = "_samples_per_second"
_STATE = ("global_step", "max_steps", "num_train_epochs", "epoch", "best_metric", "best_global_step")
_TRAINING = ("train_loss", "train_runtime", "train_samples", "total_flos")
_CARD = re.compile(r"^base_model:[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_FINE_TUNED = re.compile(r"fine-tuned version of \[([^\]]+)\]")
_DATASET = re.compile(
    r"^ +dataset:\n(?: +(?!type:)\w+:.*\n)* +type: (\S+)$(?:\n +args: (\S+)$)?", re.MULTILINE
)
_DATASETS = re.compile(r"^datasets:\n- (\S+)$", re.MULTILINE)
_SETTING = re.compile(r"^- ([a-z_0-9]+): (.+)$", re.MULTILINE)


@dataclass(slots=True)
class EvalSet:
    """The figures of one evaluation set.

    Attributes:
        prefix: What its keys start with: ``eval``, ``eval_de``, ``predict``.
        name: The part after ``eval_``; empty for the only set.
        phase: ``eval``, ``predict`` or ``test``.
        values: Figures by name, as found.
        n: Items, if they can be told.
        n_recovered: Whether ``n`` was told from time and speed.
    """

    prefix: str
    name: str
    phase: str
    values: dict[str, Any] = field(default_factory=dict)
    n: int | None = None
    n_recovered: bool = False


def read_sets(found: dict[str, Any]) -> list[EvalSet]:
    """Sort the keys of a results file by evaluation set.

    The Trainer writes speeds for every set it evaluates, so what stands before ``_samples_per_second`` is the
    prefix of one. Without speeds, ``eval``, ``predict`` and ``test`` are.
    """
    prefixes = {key.removesuffix(_SPEED) for key in found if key.endswith(_SPEED)}
    prefixes |= {p for p in ("eval", "predict", "test") if any(key.startswith(f"{p}_") for key in found)}
    sets: dict[str, EvalSet] = {}
    for key, value in found.items():
        prefix = max((p for p in prefixes if key.startswith(f"{p}_")), key=len, default="")
        phase = prefix.partition("_")[0]
        if phase not in ("eval", "predict", "test"):
            continue
        one = sets.setdefault(prefix, EvalSet(prefix, prefix[len(phase) + 1 :], phase))
        one.values[key[len(prefix) + 1 :]] = value
    for one in sets.values():
        _count(one)
    return [one for one in sets.values() if any(not SPEEDS.fullmatch(key) for key in one.values)]


def _count(one: EvalSet) -> None:
    told = whole(one.values.get("samples"))
    if told is not None and told > 0:
        one.n = told
        return
    seconds, speed = number(one.values.get("runtime")), number(one.values.get("samples_per_second"))
    if not seconds or not speed or not math.isfinite(seconds * speed) or seconds <= 0 or speed <= 0:
        return
    n = seconds * speed
    # the Trainer rounds seconds to four places, speed to three
    error = n * (0.00005 / seconds + 0.0005 / speed)
    if error < 0.4 and abs(n - round(n)) <= error + 1e-6 and round(n) > 0:
        one.n, one.n_recovered = round(n), True


@dataclass(slots=True)
class State:
    """What ``trainer_state.json`` says.

    Attributes:
        step: The last step.
        kept: Figures worth keeping.
        curves: Learning curves, compact.
        last: The last figures of each evaluation set during training.
        best: Path of the best checkpoint.
    """

    step: int | None
    kept: dict[str, Any]
    curves: dict[str, dict[str, list[float | None]]]
    last: dict[str, Any]
    best: str | None


def read_state(data: bytes) -> State:
    """Read ``trainer_state.json``.

    Raises:
        Unreadable: It is none.
    """
    found = load_json(data)
    history = table(found).get("log_history")
    if not isinstance(history, list):
        raise Unreadable("it has no log_history")
    points: dict[str, list[dict[str, Any]]] = {}
    last: dict[str, Any] = {}
    for entry in history:
        entry = table(entry)
        sets = read_sets(entry)
        for one in sets:
            values = {key: value for key, value in one.values.items() if not SPEEDS.fullmatch(key)}
            points.setdefault(one.prefix, []).append(values | {"step": entry.get("step")})
        if sets:
            last.update({k: v for k, v in entry.items() if k not in ("epoch", "step")})
        elif "loss" in entry:
            points.setdefault("train", []).append({k: v for k, v in entry.items() if k != "epoch"})
    return State(
        step=whole(found.get("global_step")),
        kept={key: found[key] for key in _STATE if found.get(key) is not None},
        curves={name: made for name in sorted(points) if (made := curve(points[name]))},
        last=last,
        best=text(found.get("best_model_checkpoint")),
    )


@dataclass(slots=True)
class Card:
    """What model card and model configuration say.

    Attributes:
        base_model: The model that was fine-tuned.
        seed: Seed of the training.
        settings: Hyper-parameters as written.
        dataset: The data set's name, and its configuration if that is named too.
    """

    base_model: str | None = None
    seed: int | None = None
    settings: dict[str, str] = field(default_factory=dict)
    dataset: tuple[str, ...] = ()


def read_card(data: bytes) -> Card:
    """Read the model card that the Trainer writes (``README.md``): base model and hyper-parameters."""
    written = data.decode("utf-8", "replace")
    if "generated_from_trainer" not in written:
        return Card()
    _, _, after = written.partition("### Training hyperparameters")
    settings = dict(_SETTING.findall(after.partition("\n### ")[0]))
    head = written.partition("\n---\n")[0]
    base = _CARD.search(head)
    tuned = _FINE_TUNED.search(written)
    seed = settings.get("seed", "")
    data_set = _DATASET.search(head) or _DATASETS.search(head)
    return Card(
        base[1] if base else tuned[1] if tuned else None,
        int(seed) if seed.isdecimal() and len(seed) < 19 else None,
        settings,
        tuple(part for part in data_set.groups() if part) if data_set else (),
    )


def training(found: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of the training that a results file has."""
    return {
        key: value
        for key in _TRAINING
        if (value := number(found.get(key))) is not None and math.isfinite(value)
    }


def read_predictions(data: bytes) -> list[str] | None:
    """Return the predictions of a ``predictions.txt`` in order; ``None`` where it is none of the Trainer's.

    As the example scripts write it: a head ``index<TAB>prediction`` and numbered lines.
    """
    lines = data.decode("utf-8", "replace").splitlines()
    if not lines or lines[0].strip().split("\t") != ["index", "prediction"]:
        return None
    found = []
    for at, line in enumerate(lines[1:]):
        index, tab, prediction = line.partition("\t")
        if not tab or index.strip() != str(at):
            return None
        found.append(prediction.strip())
    return found
