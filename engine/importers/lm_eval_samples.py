"""Per-item outputs of lm-eval: samples files become a run's items, and scores are recomputed from them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from intermezzo.engine.importing.draft import Refused, Waiting
from intermezzo.engine.importing.reading import table, text
from intermezzo.engine.metrics.figure import Figure, mean_figure
from intermezzo.queries.metrics import check_value, metric
from intermezzo.queries.records import Items, Score, Source, item_set_hash
from intermezzo.queries.task_names import read_task_name
from intermezzo.queries.tasks import task as known_task

from .lm_eval_lines import Lines, Memo, Read, read_lines
from .lm_eval_rows import DIALECT, Part, Row

DATE = r"\d{4}-\d\d-\d\dT\d\d[-:]\d\d[-:]\d\d(?:\.\d+)?"
"""A date as the tool writes it into file names."""

SAMPLES_NAME = re.compile(rf"^samples_(?P<task>.+)_(?P<date>{DATE})(?P<rest>.*)\.jsonl$")

TEXT_BUDGET = 192 * 2**20
"""Characters of document texts kept for the runs of one result file."""


@dataclass(slots=True)
class Shelf:
    """The samples files of one result file, read as they are asked for.

    Attributes:
        by_task: Task name as the results file has it -> file.
        results: The result file's content.
        memo: Documents known from files read before.
        texts_left: Characters of texts that may still be kept.
    """

    by_task: dict[str, Path]
    results: dict[str, Any]
    memo: Memo
    texts_left: int = TEXT_BUDGET
    _read: dict[str, tuple[Read, Source | None]] = field(default_factory=dict)

    def lines(self, parts: Part, name: str, version: int) -> dict[str, tuple[Read, Source | None]]:
        """Return what was read for each task of a part, and forget files of earlier parts."""
        wanted = {row.task_name for row in parts.rows if row.task_name in self.by_task}
        self._read = {task: read for task, read in self._read.items() if task in wanted}
        fresh = sorted(wanted - self._read.keys())

        def one(task: str) -> tuple[Read, Source | None]:
            path = self.by_task[task]
            metrics = metrics_of(self.results, task)
            found = read_lines(path, metrics, is_choice(self.results, task), self.memo)
            return found, _source(path, found.sha256, name, version)

        self._read.update((task, one(task)) for task in fresh)
        return self._read


@dataclass(frozen=True, slots=True)
class Attached:
    """The rows of a part with what their samples add.

    Attributes:
        rows: Scores, recomputed where all items are there.
        items: The items; ``None`` without samples.
        sources: The samples files used.
        remarks: Refusals, and files that are being written.
        implementations: Which implementation the credits of each metric are of.
    """

    rows: tuple[Row, ...]
    items: Items | None = None
    sources: tuple[Source, ...] = ()
    remarks: tuple[Refused | Waiting, ...] = ()
    implementations: dict[str, str] = field(default_factory=dict)


def shelve(companions: Iterable[Path], results: dict[str, Any], memo: Memo) -> tuple[Shelf, list[Refused]]:
    """Sort samples files by the task that their names carry; of two for one task the larger counts."""
    tasks = [name for name, entry in table(results.get("results")).items() if isinstance(entry, dict)]
    by_file_name = {re.sub(r"\W", "_", name): name for name in tasks} | {name: name for name in tasks}
    found: dict[str, Path] = {}
    refused = []
    for path in sorted(companions, key=_size):
        dated = SAMPLES_NAME.match(path.name)
        if dated:
            task = by_file_name.get(dated["task"])
        else:
            ends = [name for name in by_file_name if path.stem == name or path.stem.endswith(f"_{name}")]
            task = by_file_name[max(ends, key=len)] if ends else None
        if task is None:
            refused.append(Refused(path, "the results file beside it has no such task"))
            continue
        if task in found:
            refused.append(Refused(found[task], f"{path.name} beside it has more samples of the same task"))
        found[task] = path
    return Shelf(found, results, memo), refused


def attach(shelf: Shelf, part: Part, name: str, version: int) -> Attached:
    """Join a part's rows with their samples.

    A value is recomputed as the mean of the credits where every item behind it is there and the metric is a
    plain mean; otherwise the tool's value stays and the items are marked as partial.
    """
    if not any(row.task_name in shelf.by_task for row in part.rows):
        return Attached(part.rows)
    read = shelf.lines(part, name, version)
    rows: list[Row] = []
    remarks: list[Refused | Waiting] = []
    sources: list[Source] = []
    gather = _Gathered(shelf)
    tasks: dict[str, list[Row]] = {}
    for row in part.rows:
        if row.score.scope == "language":
            tasks.setdefault(row.task_name, []).append(row)
        else:
            rows.append(row)
    for task_name, mine in tasks.items():
        found, source = read.get(task_name, (Read({}), None))
        remarks.extend(found.refused)
        if found.waiting:
            return Attached(part.rows, remarks=(found.waiting,))
        lines = found.filters.get(part.place.filter) or found.filters.get("")
        if lines is None or source is None:
            rows.extend(mine)
            gather.without.append(task_name)
            continue
        sources.append(source)
        ids = item_ids(part.place.task, mine[0].score.language, lines.doc_ids)
        item_set = item_set_hash(ids)
        rows.extend(_rescored(shelf, Path(source.path), row, lines, item_set, remarks) for row in mine)
        gather.add(mine, lines, ids)
    remarks = list(dict.fromkeys(remarks))
    return Attached(tuple(rows), gather.items(), tuple(sources), tuple(remarks), gather.implementations)


def item_ids(task: str, language: str | None, doc_ids: list[str]) -> list[str]:
    """Return item ids: document numbers, made the language's own where the task is not parallel."""
    known = known_task(task)
    if language is None or (known is not None and known.parallel):
        return doc_ids
    return [f"{language}:{doc_id}" for doc_id in doc_ids]


def metrics_of(results: dict[str, Any], task: str) -> list[str]:
    """Return the tool's metric names of a task's row, in order."""
    entry = table(table(results.get("results")).get(task))
    names = (key.partition(",")[0] for key in entry if "," in key)
    return list(dict.fromkeys(name for name in names if name and not name.endswith("_stderr")))


def is_choice(results: dict[str, Any], task: str) -> bool:
    """Tell whether a task is multiple choice, as its configuration says."""
    return table(table(results.get("configs")).get(task)).get("output_type") == "multiple_choice"


def is_mean(results: dict[str, Any], row: Row) -> bool:
    """Tell whether a row's value is the plain mean over items: by the configuration, else by the metric."""
    listed = table(table(results.get("configs")).get(row.task_name)).get("metric_list")
    for entry in listed if isinstance(listed, list) else []:
        if table(entry).get("metric") == row.metric_name and text(table(entry).get("aggregation")):
            return bool(entry["aggregation"] == "mean")
    known = metric(row.score.metric)
    of_task = known_task(read_task_name(DIALECT, row.task_name).task)
    return known is not None and known.kind_for(of_task.kind if of_task else None) == "mean"


def _rescored(
    shelf: Shelf, path: Path, row: Row, lines: Lines, item_set: str, remarks: list[Refused | Waiting]
) -> Row:
    score = row.score
    values = lines.values.get(row.metric_name)
    if score.n is not None and len(lines) != score.n:
        if len(lines) > score.n:
            reason = f"{len(lines)} items where the results file counts {score.n}: not recomputed"
            remarks.append(Refused(path, reason, row.metric_name))
        return row
    known = [c for c in values or () if c is not None]
    whole = bool(known) and len(known) == len(lines)
    if not whole or not is_mean(shelf.results, row):
        complete = score.n is not None
        return row._replace(score=replace(score, item_set=item_set)) if complete else row
    problem = check_value(score.metric, min(known)) or check_value(score.metric, max(known))
    figure = mean_figure(known)
    if problem or figure.value is None:
        said = f"an item's value {problem}" if problem else figure.reason
        reason = f"{said}: items kept without values"
        remarks.append(Refused(path, reason, row.metric_name))
        lines.values[row.metric_name] = [None] * len(lines)
        return row
    if score.n is None and not (
        score.value is not None and math.isclose(figure.value, score.value, abs_tol=1e-9)
    ):
        return row  # how many there should be is not known, and these are not they
    return row._replace(score=recomputed(score, figure, item_set))


def recomputed(score: Score, figure: Figure, item_set: str) -> Score:
    """Return a score recomputed from all its items; what the file said is kept in ``logged``.

    The standard error of a mean is that of the tool's own ``mean_stderr``.
    """
    return replace(
        score,
        value=figure.value,
        stderr=figure.stderr,
        n=figure.n,
        evidence="recomputed",
        logged=score.value,
        item_set=item_set,
        gap=None,
    )


class _Gathered:
    """Columns of a run's items, task by task."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.columns: dict[str, list[Any]] = {
            name: []
            for name in (
                "language",
                "language_2",
                "item_id",
                "cluster_id",
                "metric",
                "credit",
                "gold",
                "prediction",
                "text_sha",
            )
        }
        self.texts: dict[str, str] = {}
        self.partial: list[str] = []
        self.without: list[str] = []
        self.implementations: dict[str, str] = {}

    def add(self, rows: list[Row], lines: Lines, ids: list[str]) -> None:
        """Add the lines of one task: a row an item and metric."""
        score = rows[0].score
        if score.n is not None and len(ids) != score.n:
            first = lines.doc_ids == [str(i) for i in range(len(ids))]
            self.partial.append(f"{'first ' if first else ''}{len(ids)} of {score.n}")
        clusters = _clusters(lines, ids)
        shas = self._keep(lines)
        metrics: dict[str, list[float | None]] = {}
        for row in rows:
            name = row.score.metric
            implementation = row.score.implementation or row.metric_name
            if name in metrics or self.implementations.get(name, implementation) != implementation:
                name = row.metric_name  # acc and acc_norm are both accuracy: the second keeps the tool's name
            self.implementations.setdefault(name, implementation)
            mean = is_mean(self.shelf.results, row)
            values = lines.values.get(row.metric_name) if mean else None
            if values is not None or not metrics:
                metrics[name] = values or [None] * len(ids)
        for name, values in metrics.items():
            columns = self.columns
            columns["language"] += [score.language] * len(ids)
            columns["language_2"] += [score.language_2] * len(ids)
            columns["item_id"] += ids
            columns["cluster_id"] += clusters
            columns["metric"] += [name] * len(ids)
            columns["credit"] += [c if c is None or math.isfinite(c) else None for c in values]
            columns["gold"] += lines.gold
            columns["prediction"] += lines.prediction
            columns["text_sha"] += shas

    def items(self) -> Items | None:
        """Return what was gathered; ``None`` if nothing."""
        if not self.columns["item_id"]:
            return None
        partial = [f"no samples of {', '.join(sorted(self.without))}"] if self.without else []
        kinds = list(dict.fromkeys(self.partial))
        return Items(self.columns, "; ".join(kinds + partial) or None, self.texts)

    def _keep(self, lines: Lines) -> list[str | None]:
        shas: list[str | None] = []
        for found in lines.texts:
            if found is not None and found.sha not in self.texts and self.shelf.texts_left > 0:
                self.texts[found.sha] = found.text
                self.shelf.texts_left -= len(found.text)
            shas.append(found.sha if found is not None and found.sha in self.texts else None)
        return shas


def _clusters(lines: Lines, ids: list[str]) -> list[str | None]:
    """Return for each item the id of the first item on the same passage, or nothing if none share one."""
    first: dict[str, str] = {}
    passages = [found.passage if found else None for found in lines.texts]
    if len({p for p in passages if p}) == sum(1 for p in passages if p):
        return [None] * len(ids)
    return [first.setdefault(p, item) if p else None for p, item in zip(passages, ids, strict=True)]


def _source(path: Path, sha256: str, name: str, version: int) -> Source | None:
    try:
        status = path.stat()
        return Source(str(path), sha256, status.st_size, status.st_mtime_ns, name, version)
    except OSError:
        return None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
