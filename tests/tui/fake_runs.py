"""Invented runs: two seeds of a system, one published, one hidden, one superseded."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from intermezzo.queries.matrix import LETTERS
from intermezzo.tui.runs_text import RunsState

Answered = tuple[list[str], list[tuple[Any, ...]]]

_SHARED = {
    "base_model": "mbert", "task": "xnli", "split": "test", "evidence": "measured", "languages": 15,
    "items": 75150, "scores": 15, "date": "2026-01-05T10:00:00", "source": "seed-1/test.jsonl",
}  # fmt: skip
RUNS: list[dict[str, Any]] = [
    {**_SHARED, "run_id": "1111aaaa00000000", "system": "mbert", "recipe": "direct", "train_seed": 1},
    {**_SHARED, "run_id": "2222bbbb00000000", "system": "mbert", "recipe": "direct", "train_seed": 2,
     "date": "2026-01-06"},
    {**_SHARED, "run_id": "3333cccc00000000", "system": "mbert + mnli", "recipe": "mnli", "train_seed": 1,
     "task": "pawsx", "date": "2026-01-07", "hidden": True, "hidden_why": "trained on test"},
    {**_SHARED, "run_id": "4444dddd00000000", "system": "xlm-r-large + mnli > squad",
     "recipe": "mnli > squad", "evidence": "published", "items": None, "train_seed": None, "date": None,
     "scores": 1, "languages": 0},
    {**_SHARED, "run_id": "5555eeee00000000", "system": "中文模型", "recipe": None, "train_seed": None,
     "date": "2025-12-31", "superseded_by": "1111aaaa00000000"},
]  # fmt: skip
_LIST = """run_id system base_model recipe task split subset shots train_seed step scores languages evidence
items items_path identity found_name tool tool_version date source superseded_by hidden hidden_why"""
_RECORD = """run_id folder system base_model base_revision recipe train_seed eval_seed task split subset
dataset_revision selection items source source_sha256 supersedes superseded_by hidden hidden_why config"""
_SCORE = """metric language language_2 subject scope value n stderr evidence logged implementation gap
locator"""
LIST, RECORD, SCORE = _LIST.split(), _RECORD.split(), _SCORE.split()
CONFIGS = {1: {"lr": 2e-5, "model": {"layers": 12}, "batch": 32}, 2: {"lr": 3e-5, "model": {"layers": 12}}}


def run_list(params: dict[str, Any]) -> Answered:
    wanted = [run for run in RUNS if all(run[name] == value for name, value in params.items())]
    return LIST, [tuple(run.get(name) for name in LIST) for run in wanted]


def run_page(params: dict[str, Any]) -> Answered:
    """The list as it was asked for, and the stretch of it around a run or from a position on."""
    state = RunsState(
        filter=params.get("filter", ""), system=params.get("system"), task=params.get("task"),
        sort=params["sort"], descending=params["descending"], hidden=params.get("concealed", True),
    )  # fmt: skip
    columns, rows = run_list({})
    newest_first = listed([dict(zip(columns, row, strict=True)) for row in rows], RunsState())
    kept = listed(newest_first, state)
    ids = [row["run_id"] for row in kept]
    most = params["most"]
    first = (
        max(ids.index(params["run"]) - most // 2, 0) if params.get("run") in ids else params.get("first", 0)
    )
    told = [
        (*row.values(), first + n, len(kept), len(rows)) for n, row in enumerate(kept[first : first + most])
    ]
    return [*columns, "position", "matching", "whole"], told


def listed(rows: Iterable[Mapping[str, Any]], state: RunsState) -> list[Mapping[str, Any]]:
    """Return the runs that a view shows, in its order."""
    words = [word.casefold() for word in state.filter.split()]
    kept = []
    for row in rows:
        if state.system is not None and row["system"] != state.system:
            continue
        if state.task is not None and row["task"] != state.task:
            continue
        if not state.hidden and (row["hidden"] or row["superseded_by"]):
            continue
        text = " ".join(str(value) for value in row.values() if value is not None).casefold()
        if all((word[1:] not in text) if word[:1] == "!" else word in text for word in words):
            kept.append(row)
    rungs = {rung: n for n, rung in enumerate(LETTERS)}

    def key(row: Mapping[str, Any]) -> Any:
        name = {"seed": "train_seed"}.get(state.sort, state.sort)
        value = row[name]
        return rungs.get(str(value), -1) if state.sort == "evidence" else value

    known = [row for row in kept if key(row) is not None]
    unknown = [row for row in kept if key(row) is None]
    return [*sorted(known, key=key, reverse=state.descending), *unknown]


def run_record(params: dict[str, Any]) -> Answered:
    run = next(run for run in RUNS if run["run_id"] == params["run"])
    record = {
        **run,
        "source_sha256": "ab" * 32,
        "config": json.dumps(CONFIGS.get(run["train_seed"] or 0)),
        "supersedes": ["5555eeee00000000"] if run["train_seed"] == 1 and run["system"] == "mbert" else None,
    }
    return RECORD, [tuple(record.get(name) for name in RECORD)]


def run_scores(_params: dict[str, Any]) -> Answered:
    scores = [
        {"metric": "accuracy", "language": "de", "scope": "language", "value": 0.70123456, "n": 5010,
         "stderr": 0.006, "evidence": "measured", "logged": 0.7},
        {"metric": "accuracy", "language": "th", "scope": "language", "gap": "the file was cut off",
         "evidence": "measured"},
    ]  # fmt: skip
    return SCORE, [tuple(score.get(name) for name in SCORE) for score in scores]


RUN_QUESTIONS: dict[str, Callable[[dict[str, Any]], Answered]] = {
    "run_list": run_list,
    "run_page": run_page,
    "run_record": run_record,
    "run_scores": run_scores,
}
