"""Target tasks: what is evaluated. In ``data/tasks.toml``; XTREME's sizes in ``data/xtreme_cells.csv``."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from .languages import canonical
from .metrics import canonical_metric
from .task_names import mteb_tasks, task_languages


@dataclass(frozen=True, slots=True)
class Task:
    """A target task.

    Attributes:
        id: As in XTREME's code where it is one of its nine (``xnli``), else the common short name.
        title: Name for people.
        group: ``reasoning``, ``tagging``, ``qa``, ``retrieval``, ``knowledge``, ``mathematics``,
            ``modelling``, ``classification``, ``translation``, ``similarity`` or ``clustering``.
        kind: What a model has to do, e.g. ``pair classification``, ``tagging``, ``extractive qa``.
        primary_metric: Metric id of the headline figure.
        extra_metrics: Metric ids reported beside it.
        parallel: Whether its items are the same across languages, so that item ids can be matched.
        train_language: Language of the training data in the usual zero-shot setting, or ``None``.
        aliases: Other names of the task.
        chance: Value of the primary metric that guessing reaches, in its natural unit; ``None`` unknown.
        languages: Canonical codes of the languages it has (XTREME's for its nine).
        xtreme_group: ``classification``, ``tagging``, ``qa`` or ``retrieval``; ``None`` outside XTREME.
    """

    id: str
    title: str
    group: str
    kind: str
    primary_metric: str
    extra_metrics: tuple[str, ...]
    parallel: bool
    train_language: str | None
    aliases: tuple[str, ...]
    chance: float | None
    languages: tuple[str, ...]
    xtreme_group: str | None


@dataclass(frozen=True, slots=True)
class XtremeCell:
    """One task and language of XTREME.

    Attributes:
        task: Task id.
        language: Canonical code.
        n_test: Test items; for bucc2018 gold pairs. ``None`` if not known for the language alone.
        n_dev: Development items; ``None`` where there are none or the number is not known.
        unit: What an item is: ``pair``, ``sentence``, ``question``, ...
        source: Where the sizes were read.
    """

    task: str
    language: str
    n_test: int | None
    n_dev: int | None
    unit: str
    source: str


@lru_cache(maxsize=1)
def xtreme_cells() -> tuple[XtremeCell, ...]:
    """Return XTREME's 162 task-and-language cells with their sizes."""
    text = files(__package__).joinpath("data/xtreme_cells.csv").read_text(encoding="utf-8")
    cells = []
    for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
        language = canonical(row["language"])
        if language is None:
            raise ValueError(f"xtreme_cells.csv: {row['language']!r} is no language code")
        test, dev = (int(row[key]) if row[key] else None for key in ("n_test", "n_dev"))
        cells.append(XtremeCell(row["task"], language.code, test, dev, row["unit"], row["source"]))
    return tuple(cells)


@lru_cache(maxsize=1)
def _tasks() -> dict[str, Task]:
    table = tomllib.loads(files(__package__).joinpath("data/tasks.toml").read_text(encoding="utf-8"))
    found: dict[str, Task] = {}
    for task_id, entry in table["task"].items():
        languages = {cell.language for cell in xtreme_cells() if cell.task == task_id}
        found[task_id] = Task(
            id=task_id,
            title=entry["title"],
            group=entry["group"],
            kind=entry["kind"],
            primary_metric=entry["primary_metric"],
            extra_metrics=tuple(entry.get("extra_metrics", ())),
            parallel=entry["parallel"],
            train_language=entry.get("train_language"),
            aliases=tuple(entry.get("aliases", ())),
            chance=entry.get("chance"),
            languages=tuple(sorted(languages or task_languages(task_id))),
            xtreme_group=entry.get("xtreme_group"),
        )
    return found


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    return {alias: t.id for t in _tasks().values() for alias in (t.id, *t.aliases)}


_MTEB_GROUPS = {
    "Any2AnyMultilingualRetrieval": ("retrieval", "retrieval"),
    "Any2AnyReranking": ("retrieval", "reranking"),
    "Any2AnyRetrieval": ("retrieval", "retrieval"),
    "AudioClustering": ("clustering", "clustering"),
    "AudioPairClassification": ("reasoning", "pair similarity"),
    "AudioReranking": ("retrieval", "reranking"),
    "BitextMining": ("retrieval", "bitext mining"),
    "Clustering": ("clustering", "clustering"),
    "DocumentUnderstanding": ("retrieval", "retrieval"),
    "ImageClustering": ("clustering", "clustering"),
    "InstructionReranking": ("retrieval", "reranking"),
    "InstructionRetrieval": ("retrieval", "retrieval"),
    "PairClassification": ("reasoning", "pair similarity"),
    "Reranking": ("retrieval", "reranking"),
    "Retrieval": ("retrieval", "retrieval"),
    "STS": ("similarity", "similarity"),
    "Summarization": ("similarity", "similarity"),
    "VideoClustering": ("clustering", "clustering"),
    "VideoPairClassification": ("reasoning", "pair similarity"),
    "VisualSTS(eng)": ("similarity", "similarity"),
    "VisualSTS(multi)": ("similarity", "similarity"),
}
"""MTEB's types -> group and kind; its several kinds of classification are ``classification``."""


@lru_cache(maxsize=1024)
def task(name: str) -> Task | None:
    """Return the task with this id or alias, or ``None`` where it is unknown.

    MTEB's tasks without a row of their own are known by MTEB's name for them.
    """
    if task_id := _names().get(name):
        return _tasks()[task_id]
    if name not in mteb_tasks():
        return None
    kind, main_score = mteb_tasks()[name]
    group, kind = _MTEB_GROUPS.get(kind, ("classification", "classification"))
    metric, _ = canonical_metric("mteb", main_score)
    return Task(name, name, group, kind, metric, (), False, None, (), None, (), None)


def all_tasks() -> tuple[Task, ...]:
    """Return every task of the table, XTREME's nine first, in its order; MTEB's own are left out."""
    return tuple(_tasks().values())
