"""The data sets that the engine evaluates, as ``targets.toml`` declares them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

from intermezzo.queries.tasks import Task, task


@dataclass(frozen=True, slots=True)
class HubSource:
    """Where a data set stands on the Hugging Face hub.

    Attributes:
        id: ``owner/name``.
        config: Configuration; ``{code}``, ``{three}`` and ``{name}`` stand for the language.
        splits: Our name of a split -> its name there.
        texts: Columns of the texts.
        gold: Column of the label.
        language: Column that tells the language, where one configuration holds all.
        ids: ``own`` where its items are not those of XTREME's download.
    """

    id: str
    config: str
    splits: Mapping[str, str]
    texts: tuple[str, ...] = ()
    gold: str = ""
    language: str = ""
    ids: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A data set that can be evaluated.

    Attributes:
        task: The task, with its kind and languages.
        reader: How its files are read.
        files: Split -> path below XTREME's download folder, ``{code}`` for the language.
        metrics: (metric, implementation), the primary one first.
        labels: Every label there is; empty where answers are open.
        max_tokens: XTREME's own limit of an input; 0: the model's.
        stride: How far windows of a long context overlap, in tokens.
        hub: Where it stands on the hub; ``None`` where the hub's copy is not the task.
    """

    task: Task
    reader: str
    files: Mapping[str, str]
    metrics: tuple[tuple[str, str], ...]
    labels: tuple[str, ...] = ()
    max_tokens: int = 0
    stride: int = 0
    hub: HubSource | None = field(default=None)


@lru_cache(maxsize=1)
def targets() -> Mapping[str, Target]:
    """Return every declared data set by task id, in the table's order."""
    table = tomllib.loads(files(__package__).joinpath("targets.toml").read_text(encoding="utf-8"))
    found: dict[str, Target] = {}
    for task_id, row in table.items():
        known = task(task_id)
        if known is None:
            raise ValueError(f"targets.toml: {task_id} is no task")
        hub = row.pop("hub", None)
        if hub is not None:
            hub = HubSource(**(hub | {"texts": tuple(hub.get("texts", ()))}))
        row["metrics"] = tuple((metric, implementation) for metric, implementation in row["metrics"])
        row["labels"] = tuple(row.get("labels", ()))
        found[task_id] = Target(task=known, hub=hub, **row)
    return found
