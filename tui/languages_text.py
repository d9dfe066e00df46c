"""The languages behind cells, as an answer of the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from intermezzo.queries.language_rows import LanguageSort, language_rows, sorted_languages
from intermezzo.queries.matrix import number_text

from .asking import narrowed, only, records, sheet
from .output import NOTHING, TRAIN, Answer, Sheet

if TYPE_CHECKING:
    from intermezzo.queries.store.layout import Store

KEYS = (
    "system",
    "task",
    "split",
    "language",
    "metric",
    "value",
    "n",
    "stderr",
    "seeds",
    "evidence",
    "source",
)
"""The columns for scripts, in this order (a promise: see design, section 8)."""

ALL = "all"
"""``--metric all``: every metric, not only each task's own."""


def languages_answer(
    store: Store,
    *,
    system: Sequence[str] = (),
    task: Sequence[str] = (),
    metric: str | None = None,
    yardstick: str | None = None,
    baseline: str | None = None,
    words: str | None = None,
    by: LanguageSort | None = None,
    deltas: bool = False,
    reverse: bool = False,
    all_columns: bool = False,
) -> Answer:
    """Ask the store for the languages behind cells.

    Args:
        store: The store.
        system: Only these.
        task: Only these.
        metric: Only this; ``all`` for all, each task's own where not given.
        yardstick: Only this, by id.
        baseline: What deltas are taken against.
        words: Words of a filter.
        by: What the languages of a cell are sorted by; the question's order where not given.
        deltas: Sort by deltas instead of values.
        reverse: The other way round than is usual for ``by``.
        all_columns: Every column of the view.

    Raises:
        Problem: A system, task or metric is unknown.
    """
    from .stores import known_names, reading

    with reading(store) as reader:
        names = known_names(
            reader,
            system=system,
            task=task,
            metric=(metric,) if metric and metric != ALL else (),
            baseline=(baseline,) if baseline else (),
        )
        table = reader.ask(
            "languages",
            system=only(names["system"]),
            task=only(names["task"]),
            metric=only(names["metric"]),
            yardstick=yardstick,
            baseline=only(names["baseline"]),
        )
    rows = narrowed(records(table), system=names["system"], task=names["task"], words=words)
    if metric is None and yardstick is None:
        rows = [row for row in rows if row["is_primary"]]
    descending = (by in {"value", "n"}) != reverse
    columns = table.columns if all_columns else KEYS
    return answer_of(rows, by=by, descending=descending, deltas=deltas, columns=columns)


def answer_of(
    rows: list[dict[str, Any]],
    *,
    by: LanguageSort | None,
    descending: bool,
    deltas: bool,
    columns: Sequence[str] = KEYS,
) -> Answer:
    """Return languages as rows for scripts and as a block a cell for reading.

    Args:
        rows: Rows of the question ``languages``, cell by cell.
        by: What the languages of a cell are sorted by; the order that they have where not given.
        descending: Largest first.
        deltas: Whether ``value`` means the delta.
        columns: Columns for scripts.
    """
    if by is not None:
        cells = [list(cell) for _, cell in groupby(rows, key=lambda r: (r["system"], r["yardstick"]))]
        rows = [row for cell in cells for row in _sorted(cell, by, descending=descending, deltas=deltas)]
    return Answer(sheet(columns, rows), lambda: _blocks(rows), notes=_notes(rows))


def _sorted(
    cell: Sequence[dict[str, Any]], by: LanguageSort, *, descending: bool, deltas: bool
) -> list[dict[str, Any]]:
    """Sort the rows of a cell as the languages pane does; what is no language stands last."""
    known = language_rows(list(cell[0]), [tuple(row.values()) for row in cell])
    order = sorted_languages(known, by, descending=descending, deltas=deltas)
    place = {(row.language, row.language_2): n for n, row in enumerate(order)}
    return sorted(cell, key=lambda row: place.get((row["language"], row["language_2"]), len(place)))


def _blocks(rows: Sequence[dict[str, Any]]) -> list[Sheet]:
    """Lay out one block a cell, its name above."""
    return [_block(list(group)) for _, group in groupby(rows, key=lambda r: (r["system"], r["yardstick"]))]


def _block(rows: Sequence[dict[str, Any]]) -> Sheet:
    first = rows[0]
    with_deltas = any(row["delta"] is not None for row in rows)
    columns = ["language", "name", "value", "95 %", "n", "seeds", "evidence", "family", "script"]
    if with_deltas:
        columns.insert(4, f"delta to\n{first['baseline']}")
    return Sheet(
        columns,
        [_line(row, with_deltas=with_deltas) for row in rows],
        caption=cell_name(first),
        right=frozenset(columns[2 : 7 if with_deltas else 6]),
    )


def cell_name(row: Mapping[str, Any]) -> str:
    """Name the cell that a row belongs to: its system, and every known part of its yardstick."""
    parts = [row["task"], row["subset"], row["split"], row["metric"]]
    name = " ".join(str(part) for part in parts if part)
    implementation = f" ({row['implementation']})" if row["implementation"] else ""
    return f"{row['system']} · {name}{implementation}"


def _line(row: dict[str, Any], *, with_deltas: bool) -> tuple[Any, ...]:
    unit = bool(row["unit_interval"])
    low, high = row["low"], row["high"]
    interval = None
    if low is not None and high is not None and row["stderr"] is not None:
        low_text, high_text = (number_text(end, unit_interval=unit) for end in (low, high))
        interval = f"{low_text} to {high_text}"
    code = row["language"] or row["subject"] or "?"
    code += f">{row['language_2']}" if row["language_2"] else ""
    mark = "≠" if row["mismatch"] else ""
    evidence = f"{row['evidence']}{mark}" if row["value"] is not None else f"gap: {row['gap'] or 'unknown'}"
    line = [
        code + (TRAIN if row["is_train_language"] else ""),
        row["language_name"],
        number_text(row["value"], unit_interval=unit),
        interval,
        row["n"],
        row["seeds"] or None,
        evidence,
        row["family"],
        row["script"],
    ]
    if with_deltas:
        delta = row["delta"]
        line.insert(4, NOTHING if delta is None else number_text(delta, unit_interval=unit, signed=True))
    return tuple(line)


def _notes(rows: Sequence[dict[str, Any]]) -> list[str]:
    notes = []
    if any(row["is_train_language"] for row in rows):
        notes.append(f"{TRAIN} train language.")
    if any(row["stderr"] is None and row["value"] is not None for row in rows):
        notes.append("No interval where the standard error is not known.")
    if seeds := {row["seeds"] for row in rows if row["seeds"]}:
        if seeds == {1}:
            notes.append("1 seed or untrained: the variance of training is unknown.")
        elif 1 in seeds:
            notes.append("Where there is 1 seed, the variance of training is unknown.")
    if refused := sorted({row["refused"] for row in rows if row["refused"]}):
        notes.append(f"Deltas refused: {'; '.join(refused[:5])}{' ...' if len(refused) > 5 else ''}.")
    if differing := sum(bool(row["mismatch"]) for row in rows):
        notes.append(f"≠ {differing} differ from what the tool's file says: intermezzo show mismatches")
    return notes
