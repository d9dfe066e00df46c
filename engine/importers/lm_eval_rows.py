"""The rows of an lm-eval v0.4 result file: which run each belongs to, and its score.

Key grammar of a row: ``<metric>,<filter>`` and ``<metric>_stderr,<filter>``. Rows of groups stand among those
of tasks; they become scores of scope ``group``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from intermezzo.engine.importing.draft import Refused
from intermezzo.engine.importing.reading import number, shorten, table, text, whole
from intermezzo.engine.metrics.figure import exact_n
from intermezzo.queries.metrics import canonical_metric, check_value, natural_value
from intermezzo.queries.records import Score
from intermezzo.queries.task_names import TaskName, read_task_name

TOOL = "lm-eval"
DIALECT = "lm-eval-0.4"

_NOT_SCORES = frozenset({"alias", "name", "sample_len", "sample_count"})
_UNKNOWN: tuple[Any, ...] = ("N/A", None, [])


class Place(NamedTuple):
    """What tells the runs of one file apart; its parts joined are the run's key inside the file."""

    task: str
    split: str | None
    subset: str | None
    version: str | None
    prompt: str | None
    shots: int | None
    filter: str

    @property
    def key(self) -> str:
        """The place as one string."""
        return "|".join("" if part is None else str(part) for part in self)


class Row(NamedTuple):
    """One number of the file: the task and metric as the file names them, and the score it makes."""

    task_name: str
    metric_name: str
    score: Score


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of a file that make one run."""

    place: Place
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """What a file says of one of its tasks."""

    name: str
    read: TaskName
    split: str | None
    split_from_table: bool
    version: str | None
    shots: int | None
    n: int | None

    def place(self, filter_: str) -> Place:
        """Return the place of its rows."""
        read = self.read
        return Place(read.task, self.split, read.subset, self.version, prompt_of(read), self.shots, filter_)


def read_parts(path: Path, results: dict[str, Any], guesses: list[str]) -> tuple[list[Part], list[Refused]]:
    """Read all rows of a result file.

    Args:
        path: The file, for refusals.
        results: Its content.
        guesses: Sentences on what had to be inferred are added here.

    Returns:
        The parts that make runs, sorted by place, and the keys that were refused.
    """
    refused: list[Refused] = []
    entries = {**table(results.get("groups")), **table(results.get("results"))}
    groups = [name for name in entries if _is_group(results, name)]
    tasks: dict[str, Task] = {}
    rows: dict[Place, list[Row]] = {}
    for name, entry in entries.items():
        if not isinstance(entry, dict):
            refused.append(Refused(path, f"the row is {shorten(entry)}, not a table", f"results.{name}"))
        elif name not in groups:
            task = tasks[name] = read_task(results, name)
            for filter_, row in _scores(path, name, task.read.task, entry, task.n, refused):
                score = replace(
                    row.score,
                    language=task.read.language,
                    language_2=task.read.language_2,
                    subject=None if task.read.language else name,
                )
                rows.setdefault(task.place(filter_), []).append(row._replace(score=score))
    _add_groups(
        path, results, [g for g in groups if isinstance(entries[g], dict)], tasks, rows, refused, guesses
    )
    guesses.extend(_guesses(tasks))
    # siblings that differ by filter only stay together: they share samples files
    places = sorted(rows, key=lambda p: tuple("" if part is None else str(part) for part in p))
    return [Part(place, tuple(rows[place])) for place in places], refused


def read_task(results: dict[str, Any], name: str, dialect: str = DIALECT) -> Task:
    """Return what a file and the table of task names say of one task; the file wins where both speak."""
    read = read_task_name(dialect, name)
    config = table(table(results.get("configs")).get(name))
    split = text(config.get("test_split")) or text(config.get("validation_split"))
    version = table(results.get("versions")).get(name)
    counted = table(table(results.get("n-samples")).get(name))
    shots = whole(table(results.get("n-shot")).get(name))
    return Task(
        name=name,
        read=read,
        split=split or read.split,
        split_from_table=split is None and read.split is not None,
        version=str(version) if isinstance(version, str | int | float) and version != "N/A" else None,
        shots=shots if shots is not None else whole(config.get("num_fewshot")),
        n=whole(counted.get("effective")) or whole(counted.get("original")),
    )


def prompt_of(read: TaskName) -> str | None:
    """Return the prompt variant that a task name carries, with the prompt's language where it has one."""
    if read.prompt_language is None:
        return read.prompt
    return " ".join(part for part in (read.prompt, f"in {read.prompt_language}") if part)


def _is_group(results: dict[str, Any], name: str) -> bool:
    if name in table(results.get("groups")) or table(results.get("group_subtasks")).get(name):
        return True
    configs = table(results.get("configs"))
    return bool(configs) and name not in configs and name not in table(results.get("n-samples"))


def _scores(
    path: Path, name: str, task: str, entry: dict[str, Any], n: int | None, refused: list[Refused]
) -> Iterator[tuple[str, Row]]:
    """Yield ``(filter, row)`` for each value of an entry, languages still open."""
    for key, value in entry.items():
        if key in _NOT_SCORES or not key.strip():
            continue
        where = f"results.{name}.{key}"
        metric_name, sign, filter_ = key.partition(",")
        if not sign:
            refused.append(Refused(path, "the key is not of the form metric,filter", where))
            continue
        if metric_name.endswith("_stderr"):
            continue
        metric, implementation = canonical_metric(TOOL, metric_name)
        bare = Score(metric, None, implementation=implementation, n=n, locator=where)
        if value in _UNKNOWN:
            gap = "the file has no value" if value is None else f"the file says {shorten(value)}"
            yield filter_, Row(name, metric_name, replace(bare, gap=gap))
            continue
        found, problem = checked(metric, value, metric_name, task)
        if problem:
            refused.append(Refused(path, problem, where))
            continue
        error_key = f"{metric_name}_stderr,{filter_}"
        stderr, problem = read_stderr(entry.get(error_key))
        if problem:
            refused.append(Refused(path, problem, f"results.{name}.{error_key}"))
        if stderr is not None:
            stderr = natural_value(TOOL, metric_name, stderr, task)
        if stderr == 0.0 and found not in (0.0, 1.0):
            stderr = None  # the tool writes 0.0 for metrics whose error it does not estimate
        yield filter_, Row(name, metric_name, replace(bare, value=found, stderr=stderr))


def checked(metric: str, value: Any, name: str, task: str) -> tuple[float | None, str | None]:
    """Return a foreign value in the metric's natural unit, or why it cannot be one of this metric's.

    Args:
        metric: Metric id.
        value: As found.
        name: The tool's name for the metric.
        task: Task id.
    """
    found = number(value)
    if found is None:
        return None, f"the value is {shorten(value)}, not a number"
    found = natural_value(TOOL, name, found, task)
    problem = check_value(metric, found)
    return (None, f"the value {problem}") if problem else (found, None)


def read_stderr(value: Any) -> tuple[float | None, str | None]:
    """Return a foreign standard error (``None`` where the file has none), or why it is impossible."""
    if value in _UNKNOWN:
        return None, None
    found = number(value)
    if found is None or not math.isfinite(found) or found < 0:
        return None, f"the standard error is {shorten(value)}"
    return found, None


def recover_n(value: float | None, stderr: float | None) -> int | None:
    """Return the number of 0/1 items behind an accuracy and its standard error, if there is one.

    A credit that is not 0/1 is told by ``n`` or ``n * value`` not being whole.
    """
    if value is None or not stderr or not 0 < value < 1:
        return None
    exact = exact_n(value, stderr)
    if not 2 <= exact < 1e8:
        return None
    n = round(exact)
    if abs(exact - n) > 1e-6 * n + 1e-3 or abs(n * value - round(n * value)) > 1e-6 * n:
        return None
    return n


def _add_groups(
    path: Path,
    results: dict[str, Any],
    groups: list[str],
    tasks: dict[str, Task],
    rows: dict[Place, list[Row]],
    refused: list[Refused],
    guesses: list[str],
) -> None:
    entries = {**table(results.get("groups")), **table(results.get("results"))}
    by_task = {
        (r.task_name, place.filter, r.metric_name): (place, r.score) for place, rs in rows.items() for r in rs
    }
    leaves_at = {place: {r.task_name for r in rs} for place, rs in rows.items()}
    sized: list[str] = []
    for group in groups:
        leaves = [tasks[leaf] for leaf in _leaves(results, group) if leaf in tasks]
        n = sum(leaf.n or 0 for leaf in leaves) if leaves and all(leaf.n for leaf in leaves) else None
        task = read_task_name(DIALECT, group).task
        for filter_, row in _scores(path, group, task, entries[group], n, refused):
            parts = [p for leaf in leaves if (p := by_task.get((leaf.name, filter_, row.metric_name)))]
            score = replace(row.score, scope="group", subject=group)
            if score.stderr is not None and not _is_pooled(score.value, [s for _, s in parts]):
                score = replace(score, stderr=None)
                sized.append(group)
            places = {place for place, _ in parts}
            here = next(iter(places)) if len(places) == 1 else None
            if here is None or leaves_at[here] != {leaf.name for leaf in leaves}:
                here = _group_place(results, group, leaves, filter_)
            rows.setdefault(here, []).append(row._replace(score=score))
    if sized:
        guesses.append(
            f"the standard error of {named(sorted(set(sized)))} is left out: "
            "it is weighted by size, the mean is not known to be"
        )


def _leaves(results: dict[str, Any], group: str) -> list[str]:
    """Return the tasks of a group, through groups of groups."""
    subtasks = table(results.get("group_subtasks"))
    seen: dict[str, None] = {}
    pending = [group]
    while pending:
        name = pending.pop()
        inside = subtasks.get(name)
        if name in seen:
            continue
        seen[name] = None
        if isinstance(inside, list):
            pending.extend(child for child in inside if isinstance(child, str))
    return [name for name in seen if not subtasks.get(name)]


def _is_pooled(value: float | None, parts: list[Score]) -> bool:
    """Tell whether a group's value is the mean of its parts weighted by size, as its standard error is."""
    known = [(s.value, s.n) for s in parts if s.value is not None and s.n]
    if value is None or not known or len(known) != len(parts):
        return False
    total = sum(n for _, n in known)
    return math.isclose(value, sum(v * n for v, n in known) / total, abs_tol=1e-6)


def _group_place(results: dict[str, Any], group: str, leaves: list[Task], filter_: str) -> Place:
    """Return a place of its own for a group that spans several runs, or only a part of one."""
    places = [leaf.place(filter_) for leaf in leaves]

    def shared(attribute: str) -> Any:
        values = {getattr(place, attribute) for place in places}
        return values.pop() if len(values) == 1 else None

    task = shared("task") or group
    version = read_task(results, group).version or shared("version")
    subset = None if group == task else group
    return Place(task, shared("split"), subset, version, shared("prompt"), shared("shots"), filter_)


def _guesses(tasks: dict[str, Task]) -> Iterator[str]:
    unknown = [t.name for t in tasks.values() if not t.read.known]
    if unknown:
        yield f"the table of task names has no {named(unknown)}: language unknown"
    borrowed = [t.name for t in tasks.values() if t.split_from_table]
    if borrowed:
        yield f"the split of {named(borrowed)} is not in the file: taken from the table of task names"


def named(found: Iterable[str], most: int = 3) -> str:
    """Return a few of the names, each once, and how many more there are, for a sentence."""
    names = list(dict.fromkeys(found))
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
