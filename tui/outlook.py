"""What the evaluation in the dialog's line would take and could tell apart, found out in threads."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from intermezzo.queries.errors import Problem

from .asking import records
from .evaluating import read_words
from .output import counted

if TYPE_CHECKING:
    from intermezzo.engine.evaluation import Evaluation
    from intermezzo.engine.expected import Expecting, Pace, Size

Sentences = tuple[str, ...]

CORPUS_KINDS = ("tagging", "bitext mining")
"""Kinds whose metric is no mean over items: their error cannot be bounded before there are items."""

_EARLIER = 20
"""Newest runs of a task that are looked through for one by the same model."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What the store has in the cell that is to be filled.

    Attributes:
        task: Its task.
        errors: (standard error, items) of its languages, where both are known.
    """

    task: str = ""
    errors: tuple[tuple[float, int], ...] = ()


class Outlook:
    """Looks at one line after the other; a newer look ends the one before.

    Args:
        ask: Who answers questions; it may have a store.
        cell: What is known of the cell.
    """

    def __init__(self, ask: Any, cell: Cell | None = None) -> None:
        self._ask, self._cell = ask, cell or Cell()
        self._lock = threading.Lock()
        self._number = 0
        self._running: Expecting | None = None
        self._paces: dict[Any, Pace] = {}

    def stop(self) -> None:
        """End what is being tried."""
        with self._lock:
            self._begin()

    def _begin(self) -> int:
        self._number += 1
        if self._running is not None:
            self._running.stop()
            self._running = None
        return self._number

    def look(self, words: str, tell: Callable[[Sentences], Any]) -> None:
        """Find out about a line and tell it, more and more. Called in a thread.

        Args:
            words: What follows ``intermezzo evaluate``.
            tell: Takes all that is known so far.
        """
        from intermezzo.engine import expected
        from intermezzo.engine.model_files import lacking_model

        with self._lock:
            number = self._begin()
        try:
            asked = read_words(words)
        except Problem as error:
            tell((str(error),))
            return
        lacking = lacking_model(asked.model)
        if lacking is not None:
            said = (f"The model is not here: {lacking}. --model takes another folder, or a hub id.",)
            told = tell

            def tell(sentences: Sentences) -> None:
                told(said + sentences)

        if not _data_here(asked):
            tell(("Its data come from the hub; --data names a folder instead (XTREME's, save_to_disk).",))
            return
        tell(("counting its items ...",))
        key = repr({k: v for k, v in asked.as_json().items() if k not in ("languages", "limit", "found")})
        pace = self._paces.get(key) or expected.earlier_pace(asked, self._runs(asked.task))
        trying = pace is None and _model_here(asked)
        with self._lock:
            if number != self._number:
                return
            running = self._running = expected.Expecting(asked, try_it=trying)
        size: Size | None = None
        waiting = self._waiting()
        for found in running.findings():
            why = ""
            if isinstance(found, expected.Size):
                size = found
            elif isinstance(found, expected.Pace):
                pace = self._paces[key] = found
            else:
                why = found
            if number != self._number:
                return
            tell((*sentences(asked, size, pace, trying, self._cell), *([why] if why else []), *waiting))

    def _runs(self, task: str) -> list[Mapping[str, Any]]:
        """Return the records of the newest runs of a task that were made here."""
        from intermezzo.engine.data.read import task_id

        try:
            listed = records(self._ask.ask("run_list", task=task_id(task)))
        except Problem:
            return []
        ids = [row["run_id"] for row in listed if row["tool"] == "intermezzo"][:_EARLIER]
        return [record for run in ids for record in records(self._ask.ask("run_record", run=run))]

    def _waiting(self) -> Sentences:
        store = getattr(self._ask, "store", None)
        if store is None:
            return ()
        from intermezzo.engine.jobs import RUNNING, WAITING, jobs
        from intermezzo.engine.launchers.here import slots

        under_way = sum(job.launcher == "here" and job.state in (WAITING, RUNNING) for job in jobs(store))
        if under_way < slots():
            return ()
        return (f"It waits for its turn first: {counted(under_way, 'job')} under way, {slots()} at a time.",)


def sentences(asked: Evaluation, size: Size | None, pace: Pace | None, trying: bool, cell: Cell) -> Sentences:
    """Say what is known of an evaluation: items, time, what it could tell apart."""
    from intermezzo.engine.data.errors import reasons

    if size is None or not size.items:
        return ()
    told = (_items(size), _time(size, pace, trying), _difference(asked, size, cell))
    return (*told, f"Left out: {reasons(size.left_out)}.") if size.left_out else told


def _items(size: Size) -> str:
    counts = size.items.values()
    least, most = min(counts), max(counts)
    each = f"{least:,}" if least == most else f"{least:,} to {most:,}"
    codes = list(size.items)
    where = ", ".join(codes) if len(codes) <= 12 else f"{', '.join(codes[:10])} and {len(codes) - 10} more"
    return f"{counted(sum(counts), 'item')}: {each} in each of {where}."


def _time(size: Size, pace: Pace | None, trying: bool) -> str:
    from .experiments import duration

    if pace is None:
        return "How long? Trying a few of them ..." if trying else "How long it takes is not known yet."
    rate = 1 / max(pace.a_unit, 1e-9)
    speed = f"{rate:,.0f} {size.unit} a second" if rate >= 2 else f"{pace.a_unit:,.1f} s each"
    return (
        f"About {duration(pace.seconds(size))}: {duration(pace.loading)} to load, then {size.units:,} "
        f"{size.unit}, {speed}, {pace.said}."
    )


def _difference(asked: Evaluation, size: Size, cell: Cell) -> str:
    """Say which difference its smallest language could show, and what that rests on."""
    from intermezzo.engine.data.read import task_id
    from intermezzo.queries.statistics.flags import Detectable, detectable, detectable_unpaired

    code, items = min(size.items.items(), key=lambda pair: pair[1])
    independent = min(size.clusters[code], items)
    if cell.errors and cell.task == task_id(asked.task):
        spread = median(error * math.sqrt(n) for error, n in cell.errors)
        source = f"the standard errors that this cell has in {counted(len(cell.errors), 'language')}"
        found = detectable(math.sqrt(2 / max(items, 1)) * spread, f"{source}, not paired")
    elif size.kind in CORPUS_KINDS:
        return "What it could tell apart is not known before a first run: its F1 is no mean over items."
    else:
        found = detectable_unpaired(0.5, independent)
    if not isinstance(found, Detectable):
        return f"What it could tell apart cannot be said: {found.reason}"
    once = "" if independent == items else "; items that hang together are counted once"
    return (
        f"In its smallest language ({code}, {counted(items, 'item')}) it could tell apart two systems "
        f"{100 * found.difference:.0f} points apart, in 80 of 100 tries: {found.source}{once}. "
        "Paired by item it is less."
    )


def _data_here(asked: Evaluation) -> bool:
    from intermezzo.engine.data.read import POCKET, task_id

    try:
        pocket = task_id(asked.task) in POCKET.values()
    except Problem:
        return True  # who counts says what is wrong with it
    return pocket or (asked.data is not None and os.path.exists(asked.data))


def _model_here(asked: Evaluation) -> bool:
    """Say whether a few items may be tried unasked: nothing is fetched, made or trusted for that."""
    from intermezzo.engine.model_files import POCKET

    here = asked.model == POCKET or os.path.isdir(asked.model)
    return here and not asked.trust_remote_code and asked.options.get("precision") != "int8"
