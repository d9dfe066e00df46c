"""Checkpoints of a training: weights and the optimiser's state in one file of safetensors, never a pickle."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .folders import write_json

CHECKPOINT, BEST = "checkpoint.safetensors", "best.safetensors"
_STATE = ("step", "exp_avg", "exp_avg_sq")


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
    """Take up the last checkpoint; return its state, or ``None`` where there is none."""
    path = folder / CHECKPOINT
    if not path.is_file():
        return None
    tensors, state = _read(path)
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
    """Put the kept weights in place; say whether there are any."""
    if not (folder / BEST).is_file():
        return False
    import torch

    tensors, _ = _read(folder / BEST)
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

    side = path.with_name(f"{path.name}.{os.getpid()}.new")
    whole = {name: t.detach().cpu().contiguous() for name, t in tensors.items()}
    save_file(whole, side, metadata={"state": json.dumps(state)})
    os.replace(side, path)


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        state = json.loads((file.metadata() or {}).get("state", "{}"))
        return {name: file.get_tensor(name) for name in file.keys()}, state  # noqa: SIM118
