"""Reading runs in full for the Runs place, and hiding one, in threads: nothing here knows a widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from intermezzo.queries.errors import Problem
from intermezzo.queries.training_curves import TrainingCurve, curves_in

from . import runs_text as rt
from .plots.curves import Series
from .runs_lineage import stage_ids

if TYPE_CHECKING:
    from .data import Table


@dataclass(frozen=True, slots=True)
class OneRun:
    """What is known of a run.

    Attributes:
        record: Its fields.
        scores: Its scores.
        files: Name, rows, bytes and sha256 of the files of its manifest.
        runs: Stage that it was trained in -> what the store holds of it.
        curves: Learning curves kept with it.
    """

    record: Mapping[str, Any]
    scores: Sequence[Mapping[str, Any]]
    files: tuple[tuple[str, int, int, str], ...]
    runs: Mapping[str, Sequence[Mapping[str, Any]]]
    curves: tuple[TrainingCurve, ...]


def read_runs(ask: Any, run_ids: Sequence[str]) -> tuple[OneRun, ...]:
    """Read all that is known of runs, in a thread."""
    found = []
    for run in run_ids:
        rows = ask.ask("run_record", run=run)
        if not rows.rows:
            raise Problem(f"Run {run} is not in the store any more.")
        record = dict(zip(rows.columns, rows.rows[0], strict=True))
        scores = ask.ask("run_scores", run=run)
        config = rt.config_of(record)
        others = {i: _dicts(ask.ask("stage_runs", checkpoint=f"stage {i}")) for i in stage_ids(config)}
        curves = curves_in(config, record.get("train_seed"))
        files = _files(ask, str(record.get("folder") or ""))
        found.append(OneRun(record, _dicts(scores), files, others, curves))
    return tuple(found)


def _dicts(table: Table) -> list[dict[str, Any]]:
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def panels(runs: Sequence[OneRun]) -> tuple[tuple[str, tuple[Series, ...]], ...]:
    """Return the curves of runs, a panel a quantity; of several runs each line is named by its id."""
    found: dict[str, list[Series]] = {}
    for run in runs:
        seed = run.record.get("train_seed")
        name = str(run.record["run_id"])[:6] if len(runs) > 1 else f"seed {'?' if seed is None else seed}"
        for curve in run.curves:
            found.setdefault(curve.quantity, []).append(Series(name, curve.points))
    return tuple((quantity, tuple(series)) for quantity, series in found.items())


def _files(ask: Any, folder: str) -> tuple[tuple[str, int, int, str], ...]:
    store = getattr(ask, "store", None)
    if store is None or not folder:
        return ()
    from intermezzo.queries.store.manifest import Damaged
    from intermezzo.queries.store.verify import read_folder

    try:
        files = read_folder(store.runs / folder, checksums=False).files
    except Damaged:
        return ()
    return tuple((name, entry.rows, entry.size, entry.sha256) for name, entry in files.items())


def hide_run(ask: Any, run: str, why: str | None) -> str:
    """Hide or unhide a run and publish, in a thread; return what to say."""
    store = getattr(ask, "store", None)
    if store is None:
        raise Problem("Only runs of a store can be hidden.")
    from intermezzo.queries.store.hidden import hide, unhide
    from intermezzo.queries.store.publisher import publish

    changed = unhide(store, [run]) if why is None else hide(store, [run], why)
    publish(store, wait=True)
    now = "in view again" if why is None else "hidden: no number counts it now; H brings it back"
    return f"run {run[:10]} is {now}" if changed else f"run {run[:10]} was so already"
