"""Who an lm-eval result file is about: its model arguments, adapters, checkpoints."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from intermezzo.engine.importing.reading import table, text, whole

NAMING = ("peft", "delta", "pretrained", "model", "path", "engine")
"""Model arguments that name the system, first found wins: an adapter is the system, not what it adapts."""

_SECRET = re.compile(r"(?i)(auth|api_?key|secret|passw|bearer|(access|hf|hub)_token|^token$)")
_STEP = re.compile(r"(?:^|[/_-])(?:checkpoint|global_?step|step)[-_]?(\d+)/?$")


@dataclass(frozen=True, slots=True)
class Model:
    """The system of a result file, as the file says it.

    Attributes:
        name: Its name; ``None`` if the file has none.
        base_model: What it adapts, where it is an adapter or a delta.
        revision: Revision or hash of its weights.
        step: Training step of the checkpoint, if a path or revision ends in one.
        arguments: The model arguments, without anything that looks like a credential.
    """

    name: str | None
    base_model: str | None
    revision: str | None
    step: int | None
    arguments: dict[str, Any]


def read_model(results: dict[str, Any]) -> Model:
    """Read who a result file (v0.3 or v0.4) is about; never raises, whatever the file holds."""
    config = table(results.get("config"))
    arguments = model_arguments(config.get("model_args"))
    named = next((n for key in NAMING if (n := text(arguments.get(key)))), None)
    adapter = text(arguments.get("peft")) or text(arguments.get("delta"))
    name = adapter or text(results.get("model_name")) or named
    base = text(arguments.get("pretrained")) if adapter else None
    asked = text(arguments.get("revision")) or text(config.get("model_revision"))
    revision = text(config.get("model_sha")) or (asked if asked != "main" else None)
    step = next((int(m[1]) for value in (asked, name) if value and (m := _STEP.search(value))), None)
    return Model(
        name, base, revision, whole(step), {k: v for k, v in arguments.items() if not _SECRET.search(k)}
    )


def model_arguments(found: Any) -> dict[str, Any]:
    """Return the model arguments of a result file as a table, from ``a=1,b=2`` or from an object."""
    if isinstance(found, dict):
        return dict(found)
    if not isinstance(found, str):
        return {}
    pairs = (part.partition("=") for part in found.split(","))
    return {key.strip(): value.strip() for key, sign, value in pairs if sign and key.strip()}


def name_of_folder(folder: str) -> str | None:
    """Return the model name behind a folder name of the tool: ``org__model`` is ``org/model``."""
    org, sign, model = folder.partition("__")
    return f"{org}/{model}" if sign and org and model else None
