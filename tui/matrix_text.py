"""The matrix as rows and as a table: shared by the command and by what the app exports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from intermezzo.queries.arranging import Arranged, Arrangement, arranged
from intermezzo.queries.matrix import (
    AGGREGATES,
    LETTERS,
    Aggregate,
    Cell,
    Matrix,
    System,
    Yardstick,
    matrix_of,
    number_text,
    with_intervals,
)
from intermezzo.queries.task_means import coverage, is_mean

from .asking import only, records
from .output import BETTER, NOTHING, WORSE, Answer, Sheet, counted
from .spans import span, spanned

if TYPE_CHECKING:
    from intermezzo.queries.intervals import Intervals
    from intermezzo.queries.store.layout import Store
    from intermezzo.queries.store.reader import Reader

KEYS = (
    "system",
    "base_model",
    "recipe",
    "task",
    "split",
    "metric",
    "value",
    "languages",
    "seeds",
    "evidence",
    "delta",
    "low",
    "high",
    "p_adjusted",
    "baseline",
    "gap",
)
"""The columns for scripts, in this order (a promise: see design, section 8)."""

MEANS = {
    "macro": "mean over languages",
    "without-train": "mean over languages without the train language",
    "median": "median over languages",
    "worst": "worst language",
    "micro": "mean over items",
    "transfer-gap": "train language minus the mean of the others",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: the options of ``show matrix``.

    Attributes:
        how: How the matrix is looked at.
        metric: Metric of the columns; each task's own where not given.
        baseline: System that deltas are taken against; each one's direct arm where not given.
        intervals: Whether items are read for intervals and significance.
        transposed: Whether tasks go down and systems across.
        all_columns: Every column of the question, for scripts.
    """

    how: Arrangement = field(default_factory=Arrangement)
    metric: str | None = None
    baseline: str | None = None
    intervals: bool = False
    transposed: bool = False
    all_columns: bool = False


def matrix_answer(store: Store, asked: Asked) -> Answer:
    """Ask the store for its matrix.

    Raises:
        Problem: A system, task or metric is unknown.
    """
    from .stores import known_names, reading

    how = asked.how
    with reading(store) as reader:
        names = known_names(
            reader,
            system=how.systems,
            metric=(asked.metric,) if asked.metric else (),
            baseline=(asked.baseline,) if asked.baseline else (),
        )
        baseline = only(names["baseline"])
        # intervals are judged over the whole matrix, and a name may be that of a group: narrowing comes last
        alone = not asked.intervals and not how.sort and not how.hidden
        table = reader.ask(
            "matrix",
            baseline=baseline,
            aggregate=None if how.aggregate == "transfer-gap" else how.aggregate,
            metric=only(names["metric"]),
            system=only(names["system"]) if alone else None,
            task=_one_task(reader, how.tasks) if alone else None,
        )
        whole = matrix_of(table.columns, table.rows)
        tasks = tuple(task for word in how.tasks for task in _tasks(reader, whole, word))
        hidden = tuple(name for word in how.hidden for name in _hidden(reader, whole, word))
        judged = _judged(reader, whole, how.aggregate) if asked.intervals else None
        sort = _sort(reader, whole, how.sort)
    settled = replace(how, systems=names["system"], tasks=tasks, hidden=hidden, sort=sort)
    rows = {(row["system"], row["yardstick"]): row for row in records(table)} if asked.all_columns else None
    return answer_of(whole, replace(asked, how=settled, baseline=baseline), judged=judged, rows=rows)


def _one_task(reader: Reader, words: Sequence[str]) -> str | None:
    """Return the one task that is asked for, as the store has it."""
    from intermezzo.queries.errors import Problem

    from .stores import known_names

    try:
        return only(known_names(reader, task=words)["task"])
    except Problem:  # a group, or a yardstick: or nothing, which is said once the matrix is there
        return None


def _tasks(reader: Reader, matrix: Matrix, word: str) -> tuple[str, ...]:
    """Return the name of a task, a task group or a yardstick as the store has it."""
    from .stores import known_names

    groups = {y.group for y in matrix.yardsticks} | {y.id for y in matrix.yardsticks}
    return (word,) if word in groups else known_names(reader, task=(word,))["task"]


def _hidden(reader: Reader, matrix: Matrix, word: str) -> tuple[str, ...]:
    """Return the name of a system, task, yardstick or mean as the store has it."""
    from intermezzo.queries.errors import Problem

    from .stores import known_names

    if matrix.system(word) or matrix.yardstick(word) or is_mean(Yardstick(word, word, word)):
        return (word,)
    try:
        return known_names(reader, task=(word,))["task"]
    except Problem:
        return known_names(reader, system=(word,))["system"]


def _sort(reader: Reader, matrix: Matrix, word: str | None) -> str | None:
    """Return the key that is meant: a task stands for its first yardstick."""
    from .stores import known_names

    if word is None or word == "name" or is_mean(Yardstick(word, word, word)):
        return word
    yardstick = next((y.id for y in matrix.yardsticks if word in (y.id, y.task)), None)
    return yardstick or known_names(reader, system=(word,))["system"][0]


def _judged(reader: Reader, whole: Matrix, aggregate: str) -> Intervals:
    """Read the items behind every delta of the matrix; how far it is, is told on stderr."""
    from intermezzo.queries.intervals import matrix_intervals

    from .progress import Meter

    meter = Meter()
    try:
        kind = next(a for a in AGGREGATES if a == aggregate)
        return matrix_intervals(reader, whole, kind, progress=partial(meter, what="cells"))
    finally:
        meter.close()


def answer_of(
    whole: Matrix,
    asked: Asked,
    *,
    judged: Intervals | None = None,
    rows: Mapping[tuple[str, str], Mapping[str, Any]] | None = None,
) -> Answer:
    """Return a matrix as rows for scripts and as a table for reading.

    Args:
        whole: The matrix before narrowing.
        asked: How it is looked at.
        judged: The intervals of its deltas, if they are known.
        rows: All columns of its cells, where they are asked for.
    """
    found = arranged(with_intervals(whole, judged.cells) if judged else whole, asked.how)
    pairs = [(system, y) for y in found.matrix.yardsticks for system in found.matrix.systems]
    if rows is None:
        data = Sheet(
            KEYS, [tuple(record(found.matrix, asked.how.aggregate, *pair).values()) for pair in pairs]
        )
    else:
        columns = list(next(iter(rows.values()), dict.fromkeys(KEYS)))
        data = Sheet(columns, [_full(found.matrix, rows, columns, *pair) for pair in pairs])
    notes = [*notes_on(found.matrix, asked), *(interval_notes(found.matrix, judged) if judged else ())]
    return Answer(data, lambda: [pivoted(found, asked)], notes=notes)


def record(matrix: Matrix, aggregate: Aggregate, system: System, yardstick: Yardstick) -> dict[str, Any]:
    """Return a cell by the names of ``KEYS``; the task of a mean over tasks is ``mean``."""
    cell = matrix.cell(system.name, yardstick.id)
    gaps = aggregate == "transfer-gap"
    found: dict[str, Any] = {name: getattr(cell, name, None) for name in KEYS}
    return found | {
        "base_model": system.base_model,
        "recipe": system.recipe,
        "task": yardstick.id if is_mean(yardstick) else yardstick.task,
        "split": yardstick.split,
        "metric": yardstick.metric,
        "value": cell.transfer_gap if gaps else cell.value,
        "delta": None if gaps else cell.delta,
    }


def _full(
    matrix: Matrix,
    rows: Mapping[tuple[str, str], Mapping[str, Any]],
    columns: Sequence[str],
    system: System,
    yardstick: Yardstick,
) -> tuple[Any, ...]:
    cell = matrix.cell(system.name, yardstick.id)
    row = dict(rows.get((system.name, yardstick.id)) or record(matrix, "macro", system, yardstick))
    row |= {"low": cell.low, "high": cell.high, "p_adjusted": cell.p_adjusted}
    return tuple(row.get(name) for name in columns)


def pivoted(found: Arranged, asked: Asked) -> Sheet:
    """Lay the matrix out as systems x tasks, or the other way round, cells as text."""
    matrix = found.matrix
    systems = [(system.name, (system, None)) for system in matrix.systems]
    tasks: list[tuple[str, tuple[None, Yardstick]]] = []
    for yardstick in matrix.yardsticks:
        tasks.append((_heading(yardstick, [name for name, _ in tasks]), (None, yardstick)))
    down: Sequence[tuple[str, Any]] = tasks if asked.transposed else systems
    across: Sequence[tuple[str, Any]] = systems if asked.transposed else tasks
    columns: list[list[str]] = []
    for _, (system, yardstick) in across:
        of = [(system or s, yardstick or y) for _, (s, y) in down]
        columns.append(_column([(matrix.cell(s.name, y.id), y) for s, y in of], asked))
    heads = ["task" if asked.transposed else "system", *(name for name, _ in across)]
    names = [" ".join(name.split("\n")) for name, _ in down]
    rows = [(name, *(column[n] for column in columns)) for n, name in enumerate(names)]
    groups = (found.system_groups, found.yardstick_groups)
    row_groups, spans = groups[::-1] if asked.transposed else groups
    starts, at = [], 0
    for label, size in row_groups:
        starts.append((at, label))
        at += size
    return Sheet(heads, rows, right=frozenset(heads[1:]), keys=1, groups=tuple(starts), spans=tuple(spans))


def _heading(yardstick: Yardstick, taken: Sequence[str]) -> str:
    heading = f"{yardstick.label}\n{yardstick.detail}" if yardstick.detail else yardstick.label
    return heading if heading not in taken else f"{heading} {yardstick.id}"


def _column(cells: Sequence[tuple[Cell, Yardstick]], asked: Asked) -> list[str]:
    """Return the texts of a column, marks padded so that the digits stand under each other."""
    deltas, gaps = asked.how.show == "deltas", asked.how.aggregate == "transfer-gap"
    judged = any(cell.p_adjusted is not None for cell, _ in cells)
    values, marks, differences, intervals = [], [], [], []
    for cell, yardstick in cells:
        unit = yardstick.unit_interval
        number = cell.transfer_gap if gaps else cell.value
        values.append(number_text(number, unit_interval=unit, signed=gaps))
        marks.append("" if number is None else _marks(cell))
        text = "" if cell.delta is None or gaps else number_text(cell.delta, unit_interval=unit, signed=True)
        text += f" {coverage(cell, 'deltas')}" if text and cell.matched_tasks != cell.tasks else ""
        differences.append(text + _sign(cell, yardstick) if judged and text else text)
        intervals.append(_interval(cell, unit=unit) if judged and text else "")
    wide = max(map(len, marks), default=0)
    texts = [value + mark.ljust(wide) for value, mark in zip(values, marks, strict=True)]
    if not deltas or not any(differences):
        return texts
    most, longest = max(map(len, differences)), max(map(len, intervals))
    differences = [text.rjust(most) for text in differences]
    if longest:
        differences = [f"{d} {i.ljust(longest)}" for d, i in zip(differences, intervals, strict=True)]
    return [f"{text} {delta}" for text, delta in zip(texts, differences, strict=True)]


def _sign(cell: Cell, yardstick: Yardstick) -> str:
    if not cell.significant or cell.delta is None:
        return " "
    return BETTER if (cell.delta > 0) == yardstick.higher_is_better else WORSE


def _interval(cell: Cell, *, unit: bool) -> str:
    if cell.low is None or cell.high is None:
        return ""
    low, high = (number_text(end, unit_interval=unit, signed=True) for end in (cell.low, cell.high))
    return f"[{low}, {high}]"


def _marks(cell: Cell) -> str:
    covered = coverage(cell, "values")
    partial = cell.tasks != cell.of_tasks if covered else bool(cell.gap)
    marks = cell.letter + ("≠" if cell.mismatch else "") + ("~" if partial else "")
    return f"{marks} {covered}" if covered else marks


def notes_on(matrix: Matrix, asked: Asked) -> list[str]:
    """Return what a reader has to know: what numbers are, over how much, marks, gaps by reason."""
    cells = [(matrix.cell(s.name, y.id), y) for s in matrix.systems for y in matrix.yardsticks]
    shown = [cell for cell, y in cells if not is_mean(y)]
    notes = []
    met = {cell.evidence for cell in shown if cell.value is not None}
    letters = [f"{letter} {rung}" for rung, letter in LETTERS.items() if rung in met]
    letters += ["≠ recomputed differs from the tool's own"] if any(c.mismatch for c in shown) else []
    unit = any(y.unit_interval for y in matrix.yardsticks)
    what = MEANS[asked.how.aggregate].capitalize()
    notes.append(f"{what}{' x 100' if unit else ''}. " + ", ".join(letters))
    notes += _basis(shown)
    if asked.how.show == "deltas":
        arm = f"system {asked.baseline}" if asked.baseline else "the direct recipe of the same base model"
        notes.append(f"Deltas: against {arm}, on the languages and items that both have.")
    if any(is_mean(y) for y in matrix.yardsticks):
        notes.append(_about_means(matrix, asked))
    partial = [c for c in shown if c.value is not None and c.gap]
    for reason, count in Counter(c.gap for c in partial).most_common():
        notes.append(f"~ {counted(count, 'cell')}: {reason}")
    gaps = Counter(c.gap or "the store does not say why" for c in shown if c.value is None)
    for reason, count in gaps.most_common():
        notes.append(f"{NOTHING} {counted(count, 'cell')}: {reason}")
    if asked.how.hidden:
        notes.append(f"Hidden: {', '.join(_told(matrix, name) for name in asked.how.hidden)}.")
    if uneven := [text for y in matrix.yardsticks if (text := _uneven(matrix, y))]:
        notes.append(
            f"Languages differ within a column: {'; '.join(uneven)}. "
            "Deltas use those in common; `intermezzo show coverage` says what is missing."
        )
    return notes


def _basis(cells: Sequence[Cell]) -> list[str]:
    """Say over how many items and train seeds the cells are."""
    there = [cell for cell in cells if cell.value is not None]
    parts = []
    if n := span(cell.n for cell in there):
        parts.append(f"items a cell: {n}")
    if seeds := span(cell.seeds for cell in there):
        alone = any(cell.seeds == 1 for cell in there)
        unknown = any(cell.seeds is None for cell in there)
        parts.append(f"train seeds: {seeds}" + (" or unknown" if unknown else ""))
        parts += ["with 1 seed the variance of training is unknown"] if alone else []
    return [f"{'; '.join(parts).capitalize()}."] if parts else []


def _about_means(matrix: Matrix, asked: Asked) -> str:
    what = "deltas" if asked.how.show == "deltas" else "numbers"
    left = sorted({y.task for y in matrix.yardsticks if not (y.unit_interval and y.higher_is_better)})
    without = f", without {', '.join(left)} (not in 0..1, or lower is better)" if left else ""
    return (
        f"mean: of the {what} of the tasks shown{without}, each task once; n/m: n of m tasks have one. "
        "Yardsticks differ, so it has no interval."
    )


def _told(matrix: Matrix, name: str) -> str:
    yardstick = matrix.yardstick(name)
    return yardstick.full_name if yardstick else name


def interval_notes(matrix: Matrix, judged: Intervals) -> list[str]:
    """Say what the signs of deltas mean, by which test, and which cells have none and why."""
    shown = {(system.name, y.id) for system in matrix.systems for y in matrix.yardsticks}
    of = [found for key, found in judged.cells.items() if key in shown]
    notes = [f"{BETTER} better, {WORSE} worse than the baseline: adjusted p < .05 over {judged.family}."]
    tests = spanned(found.reference for found in of)
    notes += [f"Plain 95 % intervals in brackets: {'; '.join(tests)}."] if tests else []
    notes += [f"Intervals: {text}." for text in spanned(found.training for found in of)]
    reasons = Counter(found.reason for found in of if found.reason)
    notes += [f"No interval in {counted(count, 'cell')}: {why}" for why, count in reasons.most_common(8)]
    return notes


def _uneven(matrix: Matrix, yardstick: Yardstick) -> str:
    cells = [matrix.cell(system.name, yardstick.id) for system in matrix.systems]
    found = [cell.languages for cell in cells if cell.value is not None and cell.languages]
    if not found or min(found) == max(found):
        return ""
    name = f"{yardstick.label} {yardstick.detail}".strip()
    return f"{name} {min(found)} to {max(found)}"
