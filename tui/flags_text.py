"""Flags of a store: one row a flag for scripts, alike ones together for reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from intermezzo.queries.matrix import number_text
from intermezzo.queries.statistics.results import plural

from .output import Answer, Sheet

if TYPE_CHECKING:
    from intermezzo.queries.flags import CollapsedRun, Flags, IdenticalPair
    from intermezzo.queries.store.layout import Store

COLUMNS = (
    *("flag", "system", "task", "split", "subset", "metric", "language", "train_seed", "run_id"),
    *("value", "threshold", "reason", "other_system", "other_seed", "other_run_id", "prediction_hash"),
)
"""The columns of both kinds of flag; what a kind has not is unknown."""

_SAME = "the same predictions: trained runs that should differ"


def flags_answer(
    store: Store, *, system: Sequence[str], task: Sequence[str], all_columns: bool
) -> tuple[Answer, str]:
    """Look for flags.

    Returns:
        The answer, and the sentence for an empty one.

    Raises:
        Problem: A system or task is unknown.
    """
    from intermezzo.queries.flags import flags

    from .stores import known_names, reading

    with reading(store) as reader:
        names = known_names(reader, system=system, task=task)
        found = flags(reader, systems=names["system"], tasks=names["task"])
    rows = [_row("collapsed", run) for run in found.collapsed]
    rows += [_row("identical", pair, reason=_SAME) for pair in found.identical]
    data = Sheet(COLUMNS, [tuple(row.get(name) for name in COLUMNS) for row in rows])
    looked = _looked_at(found)
    told = (
        f"Collapsed: {len(found.collapsed):,}, a run in a language each. "
        f"Identical: {plural(len(found.identical), 'pair')}, two runs in a language each."
    )
    answer = Answer(data, None if all_columns else lambda: _sheets(found), notes=[told, *looked])
    return answer, " ".join(["No run collapsed and no two predict the same, as far as can be told.", *looked])


def _row(flag: str, found: CollapsedRun | IdenticalPair, **more: Any) -> dict[str, Any]:
    own = {name: getattr(found, name) for name in COLUMNS if hasattr(found, name)}
    return {"flag": flag, **own, **more}


def _looked_at(found: Flags) -> list[str]:
    """Say what was looked at, and what could not be."""
    values, hashed = plural(found.judged, "value"), plural(found.hashed, "prediction")
    told = [f"Looked at: {values} of trained runs, {hashed} with a hash."]
    if found.open:
        values = plural(found.open, "value")
        told.append(f"Not judged: {values}: what guessing reaches is not known, and siblings are too few.")
    if found.untrained:
        told.append(f"Left out: {plural(found.untrained, 'value')} of systems that were not trained.")
    if not found.hashed:
        told.append(
            "No file here names a hash of its predictions; `intermezzo show compare` looks at kept items."
        )
    return told


def _sheets(found: Flags) -> list[Sheet]:
    """Lay out both kinds, each where there is one."""
    sheets = []
    columns: tuple[str, ...]
    if found.collapsed:
        columns = (
            "system",
            "task",
            "split",
            "subset",
            "metric",
            "language",
            "seed",
            "value",
            "threshold",
            "reason",
        )
        rows = [
            (
                *(run.system, run.task, run.split, run.subset, run.metric, run.language, run.train_seed),
                number_text(run.value, unit_interval=True),
                number_text(run.threshold, unit_interval=True),
                run.reason,
            )
            for run in found.collapsed
        ]
        right = frozenset({"value", "threshold"})
        sheets.append(_without_empty(columns, rows, "Collapsed: a run in a language a line; x 100", right))
    if found.identical:
        columns = (
            "system",
            "seed",
            "other system",
            "other seed",
            "task",
            "split",
            "subset",
            "languages",
            "which",
        )
        groups: dict[tuple[Any, ...], list[str]] = {}
        for pair in found.identical:
            who = (pair.system, pair.train_seed, pair.other_system, pair.other_seed)
            groups.setdefault((*who, pair.task, pair.split, pair.subset), []).append(pair.language)
        lines = [(*key, len(languages), " ".join(languages)) for key, languages in groups.items()]
        sheets.append(_without_empty(columns, lines, f"Identical: {_SAME}", frozenset()))
    return sheets


def _without_empty(
    columns: Sequence[str], rows: Sequence[tuple[Any, ...]], caption: str, right: frozenset[str]
) -> Sheet:
    kept = [n for n in range(len(columns)) if any(row[n] is not None for row in rows)]
    shown = [tuple(row[n] for n in kept) for row in rows]
    return Sheet([columns[n] for n in kept], shown, caption=caption, right=right)
