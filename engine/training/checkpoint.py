"""Checkpoints of a training: weights and the optimiser's state in one file of safetensors, never a pickle."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from intermezzo.queries.errors import Problem

from .folders import write_json

log = logging.getLogger("intermezzo.engine")

CHECKPOINT, BEST = "checkpoint.safetensors", "best.safetensors"
_STATE = ("step", "exp_avg", "exp_avg_sq")


class _Damaged(Exception):
    """A file is not as it was written; the message says what is wrong."""


def save_checkpoint(
    folder: Path, parameters: Mapping[str, Any], optimiser: Any, state: Mapping[str, Any]
) -> None:
    """Replace the checkpoint of a stage, whole.

    Args:
        folder: The stage's.
        parameters: What is trained, by name.
        optimiser: AdamW over them.
        state: What else is needed to go on, JSON-serialisable; ``step`` is how many steps are done.
    """
    tensors = {f"weight|{name}": p.detach() for name, p in parameters.items()}
    for name, parameter in parameters.items():
        for key in _STATE:
            if parameter in optimiser.state:
                tensors[f"{key}|{name}"] = optimiser.state[parameter][key]
    _write(folder / CHECKPOINT, tensors, state)
    write_json(folder / "checkpoint.json", {"step": state["step"], "steps": state["steps"]})


def load_checkpoint(folder: Path, parameters: Mapping[str, Any], optimiser: Any) -> dict[str, Any] | None:
    """Take up the last checkpoint; return its state, or ``None`` where there is none.

    One that is not as it was written, or whose best weights are not, is removed: the stage begins anew.
    """
    path = folder / CHECKPOINT
    if not path.is_file():
        return None
    try:
        tensors, state = _read(path)
        if state.get("best") is not None:
            _read(folder / BEST)
    except _Damaged as damage:
        log.warning("A checkpoint of %s is damaged (%s): its training begins anew.", folder.name, damage)
        drop_checkpoints(folder)
        return None
    if {k.removeprefix("weight|") for k in tensors if k.startswith("weight|")} != set(parameters):
        return None
    import torch

    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(tensors[f"weight|{name}"])
            if f"step|{name}" in tensors:
                kept = {key: tensors[f"{key}|{name}"] for key in _STATE}
                moved = {k: v if k == "step" else v.to(parameter.device) for k, v in kept.items()}
                optimiser.state[parameter] = moved
    return state


def save_best(folder: Path, parameters: Mapping[str, Any]) -> None:
    """Keep the weights as they are now."""
    _write(folder / BEST, {name: p.detach() for name, p in parameters.items()}, {})


def load_best(folder: Path, parameters: Mapping[str, Any]) -> bool:
    """Put the kept weights in place; say whether there are any.

    Raises:
        Problem: They are not as they were written.
    """
    if not (folder / BEST).is_file():
        return False
    import torch

    try:
        tensors, _ = _read(folder / BEST)
    except _Damaged as damage:
        drop_checkpoints(folder)
        raise Problem(
            f"The weights that {folder.name} had kept as its best are damaged ({damage}): repeat the "
            "command, and it is trained anew."
        ) from damage
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(tensors[name])
    return True


def drop_checkpoints(folder: Path) -> None:
    """Remove what only a training that is not done needs."""
    for name in (CHECKPOINT, BEST, "checkpoint.json"):
        (folder / name).unlink(missing_ok=True)


def _write(path: Path, tensors: Mapping[str, Any], state: Mapping[str, Any]) -> None:
    from safetensors.torch import save_file

    # A stage is trained by one process at a time, which sweeps what a killed one left.
    side = path.with_name(f"{path.name}.{os.getpid()}.new")
    whole = {name: t.detach().cpu().contiguous() for name, t in tensors.items()}
    try:
        save_file(whole, side, metadata={"state": json.dumps(state), "sha256": _digest(whole, state)})
        with open(side, "rb") as file:
            os.fsync(file.fileno())
        os.replace(side, path)
    except BaseException:
        side.unlink(missing_ok=True)  # a full disk needs the room
        raise


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return tensors and state of a file.

    Raises:
        _Damaged: It is not as it was written.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            told = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        state = json.loads(told.get("state", "{}"))
    except (SafetensorError, OSError, ValueError, RecursionError) as error:
        raise _Damaged(f"{path.name}: {str(error)[:100]}") from error
    if told.get("sha256") != _digest(tensors, state):
        raise _Damaged(f"{path.name}: its checksum is wrong")
    return tensors, state


def _digest(tensors: Mapping[str, Any], state: Mapping[str, Any]) -> str:
    """Return a hash over state, names, and all numbers."""
    import torch

    digest = hashlib.sha256(json.dumps(state, sort_keys=True).encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(memoryview(tensor.reshape(-1).view(torch.uint8).numpy()))
    return digest.hexdigest()
