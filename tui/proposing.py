"""An evaluation that would fill a cell: the command, already filled in, and what is known about it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from intermezzo.queries.errors import Problem

from .asking import records
from .evaluating import command_of, job_of, read_words, requested
from .outlook import Cell, Outlook
from .output import counted

if TYPE_CHECKING:
    from intermezzo.engine.evaluation import Evaluation
    from intermezzo.queries.store.layout import Store


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the dialog starts with.

    Attributes:
        words: What follows ``intermezzo evaluate``, to be edited; empty where there is nothing to run here.
        notes: Sentences about it.
        copy: A command for elsewhere, where it cannot be run here.
        outlook: Finds out more about the command, as it is edited.
    """

    words: str
    notes: tuple[str, ...]
    copy: str = ""
    outlook: Outlook | None = None


def propose(ask: Any, system: str | None, task: str | None, yardstick: str | None = None) -> Proposal:
    """Return an evaluation for a cell; without one, the pocket suite's retrieval. Called in a thread.

    Args:
        ask: Who answers questions; it may have a store.
        system: Row of the cell.
        task: Task of its column.
        yardstick: Its column.
    """
    if system is None or task is None:
        return described(ask, requested("retrieval"))
    runs = records(ask.ask("run_list", system=system))
    record: Mapping[str, Any] = {}
    if runs:
        nearest = sorted(runs, key=lambda r: (r["tool"] != "intermezzo", r["task"] != task))[0]
        record = (records(ask.ask("run_record", run=nearest["run_id"])) or [{}])[0]
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
    rows = [row for row in records(ask.ask("languages", **place)) if row["value"] is not None]
    have = {row["language"] for row in rows}
    errors = tuple((row["stderr"], row["n"]) for row in rows if row["stderr"] and row["n"])
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
    return described(ask, asked, notes, Cell(name, errors))


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


def described(ask: Any, asked: Evaluation, notes: Sequence[str] = (), cell: Cell | None = None) -> Proposal:
    """Return an evaluation as the dialog starts with it."""
    words = command_of(asked).partition(" evaluate ")[2]
    return Proposal(words, tuple(notes), outlook=Outlook(ask, cell))


def start(store: Store | None, words: str) -> str:
    """Start the evaluation in the background and return the job's id. Called in a thread.

    Raises:
        Problem: It cannot be started.
    """
    if store is None:
        raise Problem("Only a store can take in a run.")
    from intermezzo.engine.launchers import launcher_for

    from .evaluating import check

    asked = read_words(words)
    check(asked)
    return launcher_for("here").submit(store, job_of(asked))
