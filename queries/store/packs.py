"""Many runs without items at once, by columns: for trees of a hundred thousand small files.

A pack is made where files are parsed (in another process, if need be) and comes as bytes, ready to write;
``write_pack`` writes it as ``writer.write_runs`` would write its runs.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from intermezzo.queries.records import Run

from . import frames, manifest
from .batch import RunColumns, columns_of
from .known import present_runs
from .layout import Step, Store, StoreError, no_step, require_writable, saying
from .manifest import Damaged, RunEntry
from .writer import Written, land_pack


@dataclass(frozen=True, slots=True)
class Pack:
    """Runs as their folder will have them.

    Attributes:
        run_ids: The runs, in order.
        entries: Each as a manifest has it.
        scores: ``scores.parquet``.
        rows: Rows in it.
        columns: The runs again, as the index takes them in.
    """

    run_ids: tuple[str, ...]
    entries: tuple[bytes, ...]
    scores: bytes
    rows: int
    columns: RunColumns


def pack(runs: Sequence[Run], columns: Mapping[str, list[Any]]) -> Pack:
    """Make a pack.

    Args:
        runs: Identified runs, without scores; all runs of one source file must be in one pack.
        columns: Their scores: some of ``frames.SCORE_COLUMNS``, all of one length, ``run_id`` among them.

    Raises:
        StoreError: If a run cannot be written, or a value is no finite number.
    """
    once = {run.run_id: run for run in runs}
    if len(once) != len(runs) or not all(map(manifest.valid_id, once)):
        raise StoreError("A pack has a run without a name, or one twice (a fault of intermezzo).")
    expected = Counter((s.path, s.sha256) for run in runs for s in run.sources)
    told = [
        RunEntry(run=run, source_runs=tuple(expected[s.path, s.sha256] for s in run.sources)) for run in runs
    ]
    try:
        entries, raws = manifest.dump_entries(told)
    except Damaged as error:
        raise StoreError(f"Run {_unfit(told)} cannot be kept: {error}.") from error
    data, rows = frames.score_columns_parquet(columns)
    return Pack(tuple(once), tuple(entries), data, rows, columns_of(raws))


def _unfit(entries: Sequence[RunEntry]) -> str:
    """Return the id of the first run that cannot be written."""
    for entry in entries:
        try:
            manifest.dump_entries([entry])
        except Damaged:
            return entry.run.run_id
    return entries[0].run.run_id


def write_pack(
    store: Store, made: Pack, present: set[str] | None = None, step: Step = no_step
) -> tuple[Written, int]:
    """Write those runs of a pack that are not in the store yet; they are on disk when this returns.

    Args:
        store: Where.
        made: The pack.
        present: Runs known to be in the store, when many packs are written one after another: looked up
            where it is ``None``, and added to.
        step: Hook for tests.

    Returns:
        What it came to, and how many scores the runs added have.

    Raises:
        StoreError: If the store cannot be written; nothing half-written is left.
    """
    require_writable(store)
    there = present_runs(store, made.run_ids) if present is None else present
    old = [run_id for run_id in made.run_ids if run_id in there]
    if old:
        made = _without(made, set(old))
    written = Written(unchanged=old)
    scores = 0
    if made.run_ids:
        with saying(f"The store at {store.path} cannot be written"):
            landed = land_pack(store, made.run_ids, made.entries, made.scores, made.rows, made.columns, step)
        (written.added if landed else written.unchanged).extend(made.run_ids)
        if landed is not None:
            written.folders.append(landed.name)
            written.told.append(landed)
            scores = made.rows
    if present is not None:
        present.update(made.run_ids)
    return written, scores


def _without(made: Pack, gone: set[str]) -> Pack:
    import polars as pl

    frame = pl.read_parquet(io.BytesIO(made.scores), use_pyarrow=False)
    frame = frame.filter(~pl.col("run_id").is_in(list(gone)))
    data, rows = frames.score_columns_parquet(frame.to_dict(as_series=False))
    kept = [(i, e) for i, e in zip(made.run_ids, made.entries, strict=True) if i not in gone]
    left = tuple(i for i, _ in kept)
    return Pack(left, tuple(e for _, e in kept), data, rows, made.columns.only(set(left)))
