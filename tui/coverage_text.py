"""Coverage by language: what there is and what is missing, alike reasons together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .asking import narrowed, only, records, sheet
from .output import Answer, Sheet

if TYPE_CHECKING:
    from intermezzo.queries.store.layout import Store

Row = dict[str, Any]

ORDER = ("there", "gap", "unknown")


def coverage_answer(
    store: Store,
    *,
    system: Sequence[str],
    task: Sequence[str],
    words: str | None,
    all_columns: bool,
) -> Answer:
    """Ask which system x task x language cells there are; one row a cell, in tables one a reason.

    Raises:
        Problem: A system or task is unknown.
    """
    from .stores import known_names, reading

    with reading(store) as reader:
        names = known_names(reader, system=system, task=task)
        table = reader.ask("coverage_languages", system=only(names["system"]), task=only(names["task"]))
    rows = narrowed(records(table), system=names["system"], task=names["task"], words=words)
    counts = Counter(row["state"] for row in rows)
    told = ", ".join(f"{counts[state]:,} {state}" for state in ORDER if counts[state])
    return Answer(
        sheet(table.columns, rows),
        None if all_columns else lambda: [_grouped(rows)],
        notes=[f"Cells of system, task and language: {told}."],
    )


def _grouped(rows: Sequence[Row]) -> Sheet:
    """Put the languages of one state and reason into one line."""
    groups: dict[tuple[Any, ...], list[str]] = {}
    for row in rows:
        state = (ORDER.index(row["state"]), row["state"], row["reason"])
        key = (
            row["system"],
            row["task"],
            row["subset"],
            row["split"],
            row["metric"],
            row["yardstick"],
            *state,
        )
        groups.setdefault(key, []).append(row["language"] or row["subject"] or "?")
    lines = sorted(groups.items(), key=lambda item: [str(part) for part in item[0]])
    columns = ("system", "task", "subset", "split", "metric", "state", "languages", "reason", "which")
    cells = [
        (key[0], key[1], key[2], key[3], key[4], key[7], len(languages), key[8], " ".join(languages))
        for key, languages in lines
    ]
    kept = [n for n, name in enumerate(columns) if name != "subset" or any(cell[n] for cell in cells)]
    return Sheet([columns[n] for n in kept], [tuple(cell[n] for n in kept) for cell in cells])
