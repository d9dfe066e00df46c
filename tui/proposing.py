"""An evaluation that would fill a cell: the command, already filled in, and what is known about it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from intermezzo.queries.errors import Problem

from .evaluating import command_of, requested, title_of
from .output import counted
from .progress import progress_text

if TYPE_CHECKING:
    from intermezzo.engine.evaluation import Evaluation
    from intermezzo.queries.store.layout import Store

_HAVE = 2.8
"""Standard errors that a difference must have to be found in 80 of 100 tries at 5 %: 1.96 + 0.84."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the dialog starts with.

    Attributes:
        words: What follows ``intermezzo evaluate``, to be edited; empty where there is nothing to run here.
        notes: Sentences about it.
        copy: A command for elsewhere, where it cannot be run here.
    """

    words: str
    notes: tuple[str, ...]
    copy: str = ""


def propose(ask: Any, system: str | None, task: str | None, yardstick: str | None = None) -> Proposal:
    """Return an evaluation for a cell; without one, the pocket suite's retrieval. Called in a thread.

    Args:
        ask: Who answers questions; it may have a store.
        system: Row of the cell.
        task: Task of its column.
        yardstick: Its column.
    """
    if system is None or task is None:
        return described(getattr(ask, "store", None), requested("retrieval"))
    runs = _dicts(ask, "run_list", system=system)
    record: Mapping[str, Any] = {}
    if runs:
        nearest = sorted(runs, key=lambda r: (r["tool"] != "intermezzo", r["task"] != task))[0]
        record = (_dicts(ask, "run_record", run=nearest["run_id"]) or [{}])[0]
    from intermezzo.engine.data.read import languages_of, task_id

    if record.get("shots") is not None or str(record.get("tool") or "").startswith("lm-eval"):
        return _language_model(system, task, record)
    try:
        name = task_id(task)
    except Problem as error:
        return Proposal("", (str(error),))
    told = json.loads(record.get("config") or "{}").get("asked") or {}
    notes = []
    if told:
        same = told["task"] in (task, name)
        asked = replace(
            requested(name, told["model"], told["data"] if same else None),
            options=told["options"] if same else {},
            found=told["found"],
        )
    else:
        base = str(record.get("base_model") or system)
        asked = requested(name, base)
        notes.append(f"The store does not know where {system} is: put its folder or hub id behind --model.")
    place = {"system": system, "task": task} | ({"yardstick": yardstick} if yardstick else {})
    have = {row["language"] for row in _dicts(ask, "languages", **place) if row["value"] is not None}
    if have:
        try:
            wanted = languages_of(name, asked.data, asked.split)
        except Problem as error:
            return Proposal("", (str(error),))
        missing = tuple(code for code in wanted if code not in have)
        if missing:
            asked = replace(asked, languages=missing)
            done = counted(len(have), "language")
            notes.append(f"The cell has a value in {done}; the languages above have none yet.")
        else:
            notes.append("Every language that there are data of has a value already.")
    return described(getattr(ask, "store", None), asked, notes)


def _dicts(ask: Any, question: str, **params: Any) -> list[dict[str, Any]]:
    table = ask.ask(question, **params)
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def _language_model(system: str, task: str, record: Mapping[str, Any]) -> Proposal:
    model = record.get("base_model") or system
    shots = f" --num_fewshot {record['shots']}" if record.get("shots") is not None else ""
    line = (
        f"lm_eval --model hf --model_args pretrained={model} --tasks {task}{shots} --log_samples "
        "--output_path results"
    )
    note = (
        f"{system} is a language model: lm-evaluation-harness runs it. y copies its command; then "
        "intermezzo import results"
    )
    return Proposal("", (line, note), line)


def described(store: Store | None, asked: Evaluation, notes: Sequence[str] = ()) -> Proposal:
    """Return an evaluation with what can be said before it runs: items, time, what it could find."""
    said = list(notes)
    words = command_of(asked).partition(" evaluate ")[2]
    if (
        asked.data is not None
        or asked.task.startswith("pocket")
        or asked.task in ("retrieval", "intents", "slots")
    ):
        said += _counted(store, asked)
    else:
        said.append("Its data come from the hub; --data names a folder instead (XTREME's, save_to_disk).")
    return Proposal(words, tuple(said))


def _counted(store: Store | None, asked: Evaluation) -> list[str]:
    from intermezzo.engine.data.read import load_data

    try:
        data = load_data(
            asked.task, path=asked.data, languages=asked.languages, split=asked.split, limit=asked.limit
        )
    except Problem as error:
        return [str(error)]
    sizes = [sum(e.gold is not None for e in found) for found in data.languages.values()]
    whole, least = sum(sizes), min(sizes)
    codes = ", ".join(data.languages)
    said = [f"{counted(whole, 'item')}: {least:,} to {max(sizes):,} in each of {codes}."]
    seconds = _seconds_an_item(store, asked)
    if seconds is not None:
        left = progress_text(1, 1 + whole, seconds, "").rpartition(" · ")[2].removesuffix(" left")
        said.append(f"About {left} (h:)m:s, as fast as the last one with this model.")
    if least:
        points = 100 * _HAVE * math.sqrt(0.5 / least)
        said.append(
            f"In its smallest language it can tell apart two systems {points:.0f} points apart (80 of 100 "
            "times, accuracy near 50, items not paired; paired it is less)."
        )
    return said


def _seconds_an_item(store: Store | None, asked: Evaluation) -> float | None:
    """Return how long an item took in the newest job with the same model."""
    if store is None:
        return None
    from datetime import datetime

    from intermezzo.engine.jobs import jobs

    for job in jobs(store):
        same = job.spec.what.get("model") == asked.model and job.spec.what.get("task") == asked.task
        if same and job.state == "done" and job.total and job.started and job.ended:
            took = datetime.fromisoformat(job.ended) - datetime.fromisoformat(job.started)
            return max(took.total_seconds(), 1.0) / job.total
    return None


def read_words(words: str) -> Evaluation:
    """Read what stands behind ``intermezzo evaluate``.

    Raises:
        Problem: It cannot be read; the sentence says why.
    """
    import shlex

    import click

    from .commands.evaluate import command

    try:
        context = command.make_context("evaluate", shlex.split(words))
    except ValueError as error:
        raise Problem(f"The line cannot be read: {error}.") from error
    except click.ClickException as error:
        raise Problem(error.format_message()) from error
    except click.exceptions.Exit as error:
        raise Problem("Say a task and options, e.g.  retrieval --languages de,sw") from error
    given = {k: v for k, v in context.params.items() if k not in ("background", "format_name")}
    return requested(**given)


def start(store: Store | None, words: str) -> str:
    """Start the evaluation in the background and return the job's id. Called in a thread.

    Raises:
        Problem: It cannot be started.
    """
    if store is None:
        raise Problem("Only a store can take in a run.")
    from intermezzo.engine.launchers import launcher_for

    from .evaluating import check, job_of

    asked = read_words(words)
    check(asked)
    return launcher_for("here").submit(store, job_of(asked))


__all__ = ["Proposal", "described", "propose", "read_words", "start", "title_of"]
