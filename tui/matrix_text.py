"""The matrix as an answer of the command line: long for scripts, systems x tasks for reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from intermezzo.queries.matrix import AGGREGATES, LETTERS, Cell, Matrix, Yardstick, matrix_of, number_text

from .asking import narrowed, only, records, sheet
from .output import BETTER, NOTHING, WORSE, Answer, Sheet, counted

if TYPE_CHECKING:
    from intermezzo.queries.intervals import Intervals
    from intermezzo.queries.store.layout import Store
    from intermezzo.queries.store.reader import Reader, Table

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
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: the options of ``show matrix``."""

    task: tuple[str, ...] = ()
    system: tuple[str, ...] = ()
    metric: str | None = None
    aggregate: str = "macro"
    baseline: str | None = None
    words: str | None = None
    deltas: bool = False
    intervals: bool = False
    all_columns: bool = False


def matrix_answer(store: Store, asked: Asked) -> Answer:
    """Ask the store for its matrix.

    Raises:
        Problem: A system, task or metric is unknown.
    """
    from .stores import known_names, reading

    with reading(store) as reader:
        names = known_names(
            reader,
            system=asked.system,
            task=asked.task,
            metric=(asked.metric,) if asked.metric else (),
            baseline=(asked.baseline,) if asked.baseline else (),
        )
        table = reader.ask(
            "matrix",
            baseline=only(names["baseline"]),
            aggregate=asked.aggregate,
            metric=only(names["metric"]),
            # intervals are judged over the whole matrix, whatever is looked at
            task=None if asked.intervals else only(names["task"]),
            system=None if asked.intervals else only(names["system"]),
        )
        judged = _judged(reader, table, asked) if asked.intervals else None
    # narrowing comes last: what a delta is taken against, and its family, do not depend on what is looked at
    rows = narrowed(records(table), system=names["system"], task=names["task"], words=asked.words)
    for row in rows if judged else ():
        found = judged.cells.get((row["system"], row["yardstick"])) if judged else None
        if found is not None:
            row |= {"low": found.low, "high": found.high, "p_adjusted": found.p_adjusted}
    data = sheet(table.columns if asked.all_columns else KEYS, rows)
    matrix = matrix_of(table.columns, [tuple(row.values()) for row in rows])
    deltas = asked.deltas or asked.intervals
    notes = [*notes_on(matrix, asked), *(interval_notes(matrix, judged) if judged else ())]
    return Answer(data, lambda: [pivoted(matrix, deltas=deltas)], notes=notes)


def _judged(reader: Reader, table: Table, asked: Asked) -> Intervals:
    """Read the items behind every delta of the matrix; how far it is, is told on stderr."""
    from intermezzo.queries.intervals import matrix_intervals

    from .progress import Meter

    aggregate = next(a for a in AGGREGATES if a == asked.aggregate)
    meter = Meter()
    try:
        whole = matrix_of(table.columns, table.rows)
        return matrix_intervals(reader, whole, aggregate, progress=partial(meter, what="cells"))
    finally:
        meter.close()


def interval_notes(matrix: Matrix, judged: Intervals) -> list[str]:
    """Say what the signs of deltas mean, and which cells have none and why."""
    notes = [f"{BETTER} better, {WORSE} worse than the baseline: adjusted p < .05 over {judged.family}."]
    shown = {(system.name, y.id) for system in matrix.systems for y in matrix.yardsticks}
    reasons = Counter(x.reason for key, x in judged.cells.items() if x.reason and key in shown)
    notes += [f"No interval in {counted(count, 'cell')}: {why}" for why, count in reasons.most_common(8)]
    return notes


def pivoted(matrix: Matrix, *, deltas: bool = False) -> Sheet:
    """Lay the matrix out as systems x tasks, cells as text."""
    columns = ["system"]
    cells: list[list[str]] = [[] for _ in matrix.systems]
    for yardstick in matrix.yardsticks:
        columns.append(_heading(yardstick, columns))
        column = [matrix.cells.get((system.name, yardstick.id)) for system in matrix.systems]
        for row, text in zip(cells, _column(column, yardstick, deltas=deltas), strict=True):
            row.append(text)
    rows = [(system.name, *row) for system, row in zip(matrix.systems, cells, strict=True)]
    return Sheet(columns, rows, right=frozenset(columns[1:]), keys=1)


def _heading(yardstick: Yardstick, taken: Sequence[str]) -> str:
    heading = f"{yardstick.label}\n{yardstick.detail}" if yardstick.detail else yardstick.label
    return heading if heading not in taken else f"{heading} {yardstick.id}"


def _column(cells: Sequence[Cell | None], yardstick: Yardstick, *, deltas: bool) -> list[str]:
    """Return the texts of a column, marks padded so that the digits stand under each other."""
    unit = yardstick.unit_interval
    numbers, marks, differences = [], [], []
    any_judged = any(cell is not None and cell.p_adjusted is not None for cell in cells)
    for cell in cells:
        value = cell.value if cell else None
        numbers.append("" if cell is None else number_text(value, unit_interval=unit))
        marks.append("" if cell is None or value is None else _marks(cell))
        delta = cell.delta if cell else None
        text = "" if delta is None else number_text(delta, unit_interval=unit, signed=True)
        differences.append(text + _sign(cell, yardstick) if cell and any_judged else text)
    wide = max(map(len, marks), default=0)
    texts = [number + mark.ljust(wide) for number, mark in zip(numbers, marks, strict=True)]
    if deltas and any(differences):
        most = max(map(len, differences))
        texts = [f"{text} {delta.rjust(most)}" for text, delta in zip(texts, differences, strict=True)]
    return texts


def _sign(cell: Cell, yardstick: Yardstick) -> str:
    if not cell.significant or cell.delta is None:
        return " "
    return BETTER if (cell.delta > 0) == yardstick.higher_is_better else WORSE


def _marks(cell: Cell) -> str:
    return cell.letter + ("≠" if cell.mismatch else "") + ("~" if cell.gap else "")


def notes_on(matrix: Matrix, asked: Asked) -> list[str]:
    """Return what a reader of the pivoted matrix has to know: marks, gaps by reason, uneven languages."""
    shown = list(matrix.cells.values())
    notes = []
    met = {cell.evidence for cell in shown if cell.value is not None}
    letters = [f"{letter} {rung}" for rung, letter in LETTERS.items() if rung in met]
    letters += ["≠ recomputed differs from the tool's own"] if any(c.mismatch for c in shown) else []
    unit = any(y.unit_interval for y in matrix.yardsticks)
    notes.append(f"{MEANS[asked.aggregate].capitalize()}{' x 100' if unit else ''}. " + ", ".join(letters))
    if asked.deltas:
        arm = f"system {asked.baseline}" if asked.baseline else "the direct recipe of the same base model"
        notes.append(f"Deltas: against {arm}, on the languages and items that both have.")
    partial = [c for c in shown if c.value is not None and c.gap]
    for reason, count in Counter(c.gap for c in partial).most_common():
        notes.append(f"~ {counted(count, 'cell')}: {reason}")
    gaps = Counter(c.gap or "the store does not say why" for c in shown if c.value is None)
    for reason, count in gaps.most_common():
        notes.append(f"{NOTHING} {counted(count, 'cell')}: {reason}")
    if uneven := [text for y in matrix.yardsticks if (text := _uneven(matrix, y))]:
        notes.append(
            f"Languages differ within a column: {'; '.join(uneven)}. "
            "Deltas use those in common; `intermezzo show coverage` says what is missing."
        )
    return notes


def _uneven(matrix: Matrix, yardstick: Yardstick) -> str:
    found: list[Any] = [
        cell.languages
        for system in matrix.systems
        if (cell := matrix.cells.get((system.name, yardstick.id)))
        and cell.value is not None
        and cell.languages
    ]
    if not found or min(found) == max(found):
        return ""
    name = f"{yardstick.label} {yardstick.detail}".strip()
    return f"{name} {min(found)} to {max(found)}"
