"""Runs as text: rows of the list, everything about one, what differs between two."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from intermezzo.queries.matrix import LETTERS

from .runs_lineage import lineage_lines
from .table import Column
from .text import count

Line = tuple[str, str]
"""A line of a text: how it looks (``bold``, ``dim`` or empty), and what it says."""

SORTS = ("date", "system", "task", "seed", "items", "evidence")
"""What runs are sorted by, in turn."""

LARGEST_FIRST = frozenset({"date", "items", "evidence"})
"""Sorts that begin with the largest (the newest, the strongest), as usual."""

EVERY = 2**53
"""More runs than any store holds: for a list that is wanted whole."""

COLUMNS = (
    Column("run", most=10),
    Column("system", most=26, stretch=True, middle=True),
    Column("task", most=22, stretch=True),
    Column("seed", right=True, most=6),
    Column("langs", right=True, most=5),
    Column("items", right=True, most=9),
    Column("e", most=1),
    Column("state", most=10),
    Column("date", most=10),
)

_SHOWN_ID = 10


@dataclass(frozen=True, slots=True)
class RunsState:
    """What the Runs place shows.

    Attributes:
        filter: Words that a run must hold.
        system: Only runs of this system.
        task: Only runs of this task.
        sort: What the list is sorted by.
        descending: Largest first.
        hidden: Whether hidden and superseded runs are listed too.
        run: Run under the cursor.
        marks: Marked runs, in the order of marking.
        compared: The two runs whose difference the detail shows, instead of the run under the cursor.
    """

    pane: str = "runs.grid"
    filter: str = ""
    system: str | None = None
    task: str | None = None
    sort: str = "date"
    descending: bool = True
    hidden: bool = True
    run: str | None = None
    marks: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()


def with_mark(state: RunsState, run: str) -> RunsState:
    """Mark a run, or take its mark away."""
    kept = tuple(mark for mark in state.marks if mark != run)
    return replace(state, marks=kept if run in state.marks else (*state.marks, run))


def listing_of(state: RunsState) -> dict[str, Any]:
    """Return what the list of a view hangs on: parameters of ``run_page``; those left open are absent."""
    asked = {
        "system": state.system,
        "task": state.task,
        "filter": state.filter or None,
        "concealed": None if state.hidden else False,
        "sort": state.sort,
        "descending": state.descending,
    }
    return {name: value for name, value in asked.items() if value is not None}


def command_of(state: RunsState, store: Sequence[str], *, detail: bool = False) -> str:
    """Return the command that prints the list, or what is known of the run (or of the two compared).

    Args:
        state: The view.
        store: The options that name the store.
        detail: Whether a pane behind the list has the focus.
    """
    if detail and (runs := shown_runs(state)):
        return shlex.join(["intermezzo", "runs", "show", *runs, *store])
    options = {"--system": state.system, "--task": state.task, "--filter": state.filter.strip() or None}
    words = [word for name, value in options.items() if value for word in (name, value)]
    usual = state.sort in LARGEST_FIRST
    words += ["--sort", state.sort] if state.sort != SORTS[0] else []
    words += ["--reverse"] if state.descending != usual else []
    words += [] if state.hidden else ["--in-view"]
    return shlex.join(["intermezzo", "show", "runs", *words, *store])


def sql_of(state: RunsState, *, detail: bool = False) -> str:
    """Return the SQL that makes the rows of the list, or of the runs behind it."""
    from intermezzo.queries.view_sql import filled, run_page_sql

    if detail and (runs := shown_runs(state)):
        parts = [f"({filled('run_record', {'run': run})})" for run in runs]
        return "\nUNION ALL\n".join(parts) + ";\n"
    return run_page_sql(listing_of(state))


def shown_runs(state: RunsState) -> tuple[str, ...]:
    """Return the two runs that are compared, or the one under the cursor."""
    return state.compared or ((state.run,) if state.run else ())


def look_of(rows: Sequence[Mapping[str, Any]], n: int) -> str:
    """Return how a row of the list is drawn."""
    row = rows[n] if 0 <= n < len(rows) else None
    return "dim" if row is not None and (row["hidden"] or row["superseded_by"]) else ""


def cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a run's cells in the list."""
    task = " ".join(str(part) for part in (row["task"], row["subset"], row["split"]) if part)
    items = row["items"]
    return (
        str(row["run_id"])[:_SHOWN_ID],
        str(row["system"] or row["identity"] or "?"),
        task,
        "" if row["train_seed"] is None else str(row["train_seed"]),
        str(row["languages"] or ""),
        "" if items is None else f"{items:,}",
        LETTERS.get(str(row["evidence"]), "?"),
        state_of(row),
        str(row["date"] or "")[:10],
    )


def laid_out(rows: Sequence[Mapping[str, Any]]) -> tuple[tuple[Column, ...], list[tuple[str, ...]]]:
    """Return the columns of the list that hold anything, and the texts in them."""
    texts = [cells(row) for row in rows]
    used = [n for n in range(len(COLUMNS)) if n < 3 or any(text[n] for text in texts)]
    return tuple(COLUMNS[n] for n in used), [tuple(text[n] for n in used) for text in texts]


def state_of(row: Mapping[str, Any]) -> str:
    """Say whether a run is hidden or superseded; its detail says why."""
    return "superseded" if row["superseded_by"] else "hidden" if row["hidden"] else ""


_PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("System", ("system", "base_model", "base_revision", "recipe", "shots", "prompt", "train_seed",
                "eval_seed", "step", "checkpoint", "train_language", "selection", "identity",
                "identity_why")),
    ("Task", ("task", "subset", "split", "task_version", "dataset_revision", "filter", "prompt_hash",
              "item_limit", "items", "items_partial")),
    ("Source", ("source", "source_sha256", "source_key", "found_name", "found_path", "tool",
                 "tool_version", "date", "importer", "importer_version", "written", "supersedes",
                 "superseded_by", "hidden", "hidden_why")),
)  # fmt: skip

WORTH_SAYING = ("train_seed", "recipe", "base_model", "split", "dataset_revision", "selection")
"""Fields that are shown as unknown where they are not known."""


def detail_lines(
    record: Mapping[str, Any],
    scores: Sequence[Mapping[str, Any]],
    files: Sequence[tuple[str, int, int, str]],
    runs: Mapping[str, Sequence[Mapping[str, Any]]],
) -> list[Line]:
    """Return everything about a run.

    Args:
        record: What ``run_record`` answers.
        scores: What ``run_scores`` answers.
        files: Name, rows, bytes and sha256 of each file of its manifest.
        runs: Stage -> what the store holds of it.
    """
    lines: list[Line] = [("", ""), ("bold", "Lineage")]
    lines += lineage_lines(record, config_of(record), runs)
    for title, names in _PARTS:
        lines += [("", ""), ("bold", title)]
        for name in names:
            value = record.get(name)
            if value in (None, [], False, ""):
                if name not in WORTH_SAYING:
                    continue
                value = "unknown"
            shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            shown = f"{value:,}" if name == "items" and isinstance(value, int) else shown
            lines.append(("", f"  {name:<17} {shown}"))
    lines += [("", ""), ("bold", "Files, with the sha256 they were written with")]
    for name, rows, size, sha in files:
        lines.append(("", f"  {name:<17} {count(rows, 'row')}, {size:,} bytes, {sha}"))
    if not files:
        lines.append(("dim", "  not at hand: the run's folder could not be read"))
    config = flat(record.get("config"))
    lines += [("", ""), ("bold", f"Config, as recorded: {count(len(config), 'entry', 'entries')}")]
    lines += [("", f"  {name} = {value}") for name, value in config.items()]
    lines += [("", ""), ("bold", f"Scores, as written: {len(scores):,}")]
    for score in scores:
        lines.append(("", "  " + score_line(score)))
    return lines[1:]


def score_line(score: Mapping[str, Any]) -> str:
    """Return a score in one line, unrounded."""
    where = score["language"] or score["subject"] or score["scope"] or "?"
    where += f">{score['language_2']}" if score["language_2"] else ""
    value = score["value"]
    text = f"{where:<10} {score['metric']:<14} "
    text += f"gap: {score['gap'] or 'unknown'}" if value is None else f"{value:.6g}"
    if score["n"] is not None:
        text += f"  n {score['n']:,}"
    if score["stderr"] is not None:
        text += f"  ± {score['stderr']:.3g}"
    text += f"  {score['evidence'] or 'evidence unknown'}"
    return text + (f"  (logged {score['logged']:.6g})" if score["logged"] is not None else "")


def config_of(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the configuration of a run; empty where it has none, or none with names."""
    config = record.get("config")
    if isinstance(config, str):
        try:
            config = json.loads(config)
        except ValueError:
            return {}
    return config if isinstance(config, dict) else {}


_CURVES = frozenset({"curve", "curves"})
"""Names in a config whose numbers are drawn, not listed."""


def flat(config: object, before: str = "") -> dict[str, str]:
    """Return a config with nested names joined by dots, those in lists by number; JSON text is read first."""
    if isinstance(config, str) and not before:
        try:
            config = json.loads(config)
        except ValueError:
            return {"": str(config)}
    if isinstance(config, list) and any(isinstance(part, Mapping) for part in config):
        config = {str(n): part for n, part in enumerate(config)}
    if isinstance(config, Mapping):
        found: dict[str, str] = {}
        for name, value in config.items():
            at = f"{before}.{name}" if before else str(name)
            found |= {at: "a learning curve"} if name in _CURVES and value else flat(value, at)
        return found
    if config is None and not before:
        return {}
    return {before: config if isinstance(config, str) else json.dumps(config, ensure_ascii=False)}


_OWN = frozenset({"run_id", "config", "folder", "items_path", "texts_path", "written"})
"""Fields of a record that differ between any two runs, or are said elsewhere."""


def difference(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[tuple[str, str | None, str | None]]:
    """Return what differs between two runs, their configs entry by entry: name, a's value, b's."""
    left = {name: _text(value) for name, value in a.items() if name not in _OWN}
    right = {name: _text(value) for name, value in b.items() if name not in _OWN}
    left |= _config_entries(a)
    right |= _config_entries(b)
    names = dict.fromkeys((*left, *right))
    return [(n, left.get(n), right.get(n)) for n in names if left.get(n) != right.get(n)]


_TIMES = frozenset({"began", "ended", "seconds", "seconds_a_step"})
"""Entries of a training's record that differ each time it is done."""


def _config_entries(record: Mapping[str, Any]) -> dict[str, str]:
    found = flat(record.get("config"))
    return {f"config.{n}": v for n, v in found.items() if n.rpartition(".")[2] not in _TIMES}


def _text(value: object) -> str | None:
    return None if value in (None, []) else str(value)


def difference_lines(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Line]:
    """Return the difference of two runs as lines with ``-`` and ``+``."""
    found = difference(a, b)
    names = {n for r in (a, b) for n in (*r, *_config_entries(r)) if n not in _OWN}
    lines: list[Line] = [
        ("", f"- {a['run_id']}  {a['system']}"),
        ("", f"+ {b['run_id']}  {b['system']}"),
        ("dim", f"{count(len(found), 'field')} of {len(names)} differ"),
    ]
    for name, left, right in found:
        lines += [("", ""), ("bold", name), ("", f"- {left or 'unknown'}"), ("", f"+ {right or 'unknown'}")]
    return lines
