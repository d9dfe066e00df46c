"""The records of a store: what a writer hands over and what a manifest keeps.

Values are in the metric's natural unit (accuracy and F1 in 0..1, perplexity as it is); the faces
show unit-interval metrics x 100. Unknown is ``None`` everywhere, and is shown as unknown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, Literal

Evidence = Literal["published", "logged", "recomputed", "measured"]
"""How well a score is founded, weakest first (design: the rungs)."""

RUNGS: tuple[Evidence, ...] = ("published", "logged", "recomputed", "measured")
"""The rungs in order, weakest first: an aggregate is as well founded as its weakest part."""

Scope = Literal["language", "macro", "group"]
"""What a score covers: one language, a published mean over languages, or a tool's own group."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that a run was read from.

    Attributes:
        path: Absolute path at the time of import.
        sha256: Hash of the whole file.
        size: Bytes.
        mtime_ns: Modification time, nanoseconds.
        importer: Name of the importer that read it.
        importer_version: That importer's version; a new version reads the file again.
        guessed: Sentences saying what the importer had to guess.
    """

    path: str
    sha256: str
    size: int
    mtime_ns: int
    importer: str
    importer_version: int
    guessed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """Who a run is about, as the files say it; ``systems.toml`` says what that means.

    Attributes:
        name: The name that files or folders give the system, e.g. ``google/gemma-2-9b-it``.
        path: Folder or file relative to the imported root: what path patterns match.
        base_model: Base model if the files name one.
        base_revision: Its revision if known.
        recipe: ``direct``, ``mnli``, ``a > b``, ``a + b``, if the files say so.
        shots: Few-shot examples in the prompt, for language models.
        prompt: Prompt variant (a short name), for language models.
        train_seed: Seed of the training, never an evaluation seed.
        step: Training step of the checkpoint.
    """

    name: str
    path: str = ""
    base_model: str | None = None
    base_revision: str | None = None
    recipe: str | None = None
    shots: int | None = None
    prompt: str | None = None
    train_seed: int | None = None
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """One number of a run: language x metric -> value.

    Attributes:
        metric: Metric id of ``queries/data/metrics.toml``, or the tool's own name where unknown.
        value: In the metric's natural unit; ``None`` for a gap, whose reason is ``gap``.
        language: Canonical BCP 47 code; ``None`` for scope macro or group, or where unknown.
        language_2: The other language of a cross-lingual pair (context, English side, ...).
        implementation: Who computed it how, e.g. ``lm-eval acc`` or ``xtreme seqeval-0.0.12``.
        n: Items behind the value.
        stderr: Standard error over items, in the value's unit.
        scope: What it covers.
        evidence: Its rung.
        logged: What the tool's file said, where ``value`` was recomputed.
        item_set: Hash of the item ids behind it (see ``item_set_hash``); ``None`` if not known.
        subject: As found: the language or subset as the file names it, where it is unknown to us.
        locator: Where in the source it stands (a key, a table, a row); for published figures.
        gap: Why there is no value.
    """

    metric: str
    value: float | None
    language: str | None = None
    language_2: str | None = None
    implementation: str | None = None
    n: int | None = None
    stderr: float | None = None
    scope: Scope = "language"
    evidence: Evidence = "logged"
    logged: float | None = None
    item_set: str | None = None
    subject: str | None = None
    locator: str | None = None
    gap: str | None = None


ITEM_COLUMNS: dict[str, str] = {
    "language": "VARCHAR",
    "language_2": "VARCHAR",
    "item_id": "VARCHAR",
    "cluster_id": "VARCHAR",
    "metric": "VARCHAR",
    "credit": "DOUBLE",
    "tp": "BIGINT",
    "n_pred": "BIGINT",
    "n_gold": "BIGINT",
    "gold": "VARCHAR",
    "prediction": "VARCHAR",
    "text_sha": "VARCHAR",
}
"""Columns of ``items.parquet`` (DuckDB types): one row an item and metric, sorted by language, metric,
item_id. ``credit`` is the item's contribution to a mean metric; corpus metrics keep counts instead."""


@dataclass(frozen=True, slots=True)
class Items:
    """Per-item outputs of a run, by column; every list has one entry a row.

    Attributes:
        columns: Some of ``ITEM_COLUMNS``; the rest are written as NULL.
            ``language``, ``item_id`` and ``metric`` are required.
        partial: Why these are not all the items behind the scores, e.g. ``first 60 of 817``.
        texts: ``{sha256 of the text: text}`` of the data set, stored once for all runs.
    """

    columns: dict[str, list[Any]]
    partial: str | None = None
    texts: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.columns["item_id"])


@dataclass(frozen=True, slots=True)
class Run:
    """One system on one task, one train seed, one split, one checkpoint: immutable once written.

    ``run_id`` is left empty by importers: ``identified`` fills it.

    Attributes:
        found: Who it is about, as found.
        task: Task id (``xnli``), or the tool's own name where the task is unknown.
        split: ``test``, ``validation``, ...; ``None`` unknown.
        key: The key inside the source that tells this run from its siblings there.
        subset: Part of a task that is a yardstick of its own (``native``, ``cross-lingual``, ...).
        task_version: Version the tool gives the task.
        dataset_revision: Revision or hash of the data.
        filter: Answer extraction of the tool.
        prompt_hash: Hash of the prompt template.
        limit: Only the first so many items were evaluated; ``None`` for all.
        eval_seed: Seed of the evaluation (lm-eval's random_seed).
        checkpoint: Path or name of the checkpoint as found.
        train_language: Canonical code of the language of the training data.
        selection: What the checkpoint was chosen on.
        tool: Who produced the file: ``lm-eval``, ``xtreme``, ...
        tool_version: Its version.
        date: When it was made, ISO 8601, from the file.
        sources: The files it was read from.
        scores: Its numbers.
        config: What else is worth keeping, JSON-serialisable.
        supersedes: Run ids that this one replaces.
        importer: Importer (or ``engine``) that made the record.
        importer_version: Its version.
    """

    found: Found
    task: str
    sources: tuple[Source, ...]
    scores: tuple[Score, ...]
    split: str | None = None
    key: str = ""
    subset: str | None = None
    task_version: str | None = None
    dataset_revision: str | None = None
    filter: str | None = None
    prompt_hash: str | None = None
    limit: int | None = None
    eval_seed: int | None = None
    checkpoint: str | None = None
    train_language: str | None = None
    selection: str | None = None
    tool: str | None = None
    tool_version: str | None = None
    date: str | None = None
    config: dict[str, Any] = field(default_factory=dict)
    supersedes: tuple[str, ...] = ()
    importer: str = ""
    importer_version: int = 0
    run_id: str = ""


_all_but_id: Callable[[Run], tuple[Any, ...]] = attrgetter(*[f.name for f in fields(Run)][:-1])


def identified(run: Run) -> Run:
    """Return ``run`` with its ``run_id``: a hash of what the run is, whoever writes it.

    The hash covers the sources' contents, the key inside them, the importer and its version, and who
    the files say it is about, so that byte-identical outputs of two systems stay two runs.
    """
    if run.run_id:
        return run
    f = run.found
    parts = [
        *sorted(s.sha256 for s in run.sources),
        run.key,
        run.importer,
        str(run.importer_version),
        *(repr(v) for v in (f.name, f.base_model, f.recipe, f.shots, f.prompt, f.train_seed, f.step)),
        *(repr(v) for v in (run.task, run.split, run.subset)),
    ]
    digest = hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    values: list[Any] = [*_all_but_id(run), digest[:24]]
    return Run(*values)  # as ``replace``, which takes three times as long


def item_set_hash(item_ids: list[str]) -> str:
    """Return a short hash of a set of item ids, whatever their order."""
    each = "".join(f"{item_id}\0" for item_id in sorted(item_ids))
    return hashlib.sha256(each.encode("utf-8", "surrogatepass")).hexdigest()[:16]
