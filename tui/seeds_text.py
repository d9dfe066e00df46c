"""The train seeds behind the languages of cells, as an answer of the command line."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from intermezzo.queries.matrix import number_text

from .asking import narrowed, only, records, sheet
from .languages_text import cell_name
from .output import NOTHING, Answer, Sheet

if TYPE_CHECKING:
    from intermezzo.queries.store.layout import Store

KEYS = (
    "system", "task", "split", "language", "metric", "train_seed", "value", "n", "stderr", "evidence",
    "run_id",
)  # fmt: skip
"""The columns for scripts, in this order: one row a system, yardstick, language and train seed."""

NOTES = (
    "sd: spread of the seeds, with n - 1; each seed's own standard error over items is in --format csv.",
    "?: the seed is not known, or nothing was trained.",
)


def seeds_answer(
    store: Store,
    *,
    system: Sequence[str] = (),
    task: Sequence[str] = (),
    yardstick: str | None = None,
    metric: str | None = None,
    words: str | None = None,
    all_columns: bool = False,
) -> Answer:
    """Ask the store for the scores of each train seed.

    Raises:
        Problem: A system, task or metric is unknown.
    """
    from .stores import known_names, reading

    with reading(store) as reader:
        names = known_names(reader, system=system, task=task, metric=(metric,) if metric else ())
        table = reader.ask(
            "seeds",
            system=only(names["system"]),
            task=only(names["task"]),
            yardstick=yardstick,
            metric=only(names["metric"]),
        )
    rows = narrowed(records(table), system=names["system"], task=names["task"], words=words)
    if metric is None and yardstick is None:
        rows = [row for row in rows if row["is_primary"]]
    data = sheet(table.columns if all_columns else KEYS, rows)
    return Answer(data, lambda: _blocks(rows), notes=NOTES if rows else ())


def _blocks(rows: Sequence[dict[str, Any]]) -> list[Sheet]:
    """Lay out one block a cell: languages down, seeds across."""
    return [_block(list(group)) for _, group in groupby(rows, key=lambda r: (r["system"], r["yardstick"]))]


def _block(rows: Sequence[dict[str, Any]]) -> Sheet:
    first, unit = rows[0], bool(rows[0]["unit_interval"])
    # runs of one unknown seed are told apart by their place
    columns = list(dict.fromkeys(seed for _, of in _by_language(rows) for seed in _seeds(of)))
    heads = ["language", *(f"seed {name}" for name in columns), "mean", "sd"]
    lines: list[tuple[str | None, ...]] = []
    for language, of in _by_language(rows):
        found = dict(zip(_seeds(of), (row["value"] for row in of), strict=True))
        values = [value for value in found.values() if value is not None]
        spread = number_text(statistics.stdev(values), unit_interval=unit) if len(values) > 1 else NOTHING
        mean = statistics.fmean(values) if values else None
        numbers = [*(found.get(name) for name in columns), mean]
        lines.append((language, *(number_text(number, unit_interval=unit) for number in numbers), spread))
    return Sheet(heads, lines, caption=cell_name(first), right=frozenset(heads[1:]), keys=1)


def _by_language(rows: Iterable[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    def label(row: dict[str, Any]) -> str:
        code = row["language"] or row["subject"] or "?"
        return f"{code}>{row['language_2']}" if row["language_2"] else str(code)

    return [(name, list(group)) for name, group in groupby(rows, key=label)]


def _seeds(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Name the seeds of a language's rows, in their order."""
    names: list[str] = []
    for row in rows:
        name = "?" if row["train_seed"] is None else str(row["train_seed"])
        same = sum(known.partition(" ")[0] == name for known in names)
        names.append(f"{name} ({same + 1})" if same else name)
    return names
