"""Making the files of this folder from the store of an experiment.

``python -m intermezzo.engine.measured.packing STORE``. A run keeps all that its manifest says but paths of
the machine: its model is named by its folder in the store. What all runs of a task share (ids, clusters,
gold, texts) is written once; predictions and counts are a column a run.
"""

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from intermezzo.queries.errors import Problem
from intermezzo.queries.records import ITEM_COLUMNS
from intermezzo.queries.store.layout import Store, open_store

from . import RUNS, SCORES, folder, items_name

if TYPE_CHECKING:
    import polars as pl

_KEYS = ("language", "item_id", "metric")


def pack(store: Store, into: Path) -> list[Path]:
    """Write the runs of a store; return the files.

    Args:
        store: The store of one experiment: all its runs have items.
        into: Folder of the files.

    Raises:
        Problem: A run has no items, or runs of one task are not about the same items.
    """
    import polars as pl
    from intermezzo.queries.store.frames import parquet
    from intermezzo.queries.store.manifest import ITEMS
    from intermezzo.queries.store.verify import read_folder, run_folders

    raws: dict[str, list[tuple[Path, dict[str, Any]]]] = {}
    for name in run_folders(store):
        place = store.runs / name
        for raw in read_folder(place).runs:
            raws.setdefault(raw["task"], []).append((place, raw))
    runs, scores, written = [], [], []
    for task, found in sorted(raws.items()):
        found.sort(key=lambda pair: _order(pair[1]))
        frames = []
        for place, raw in found:
            if not raw["items"]["rows"]:
                raise Problem(f"Run {raw['run_id']} ({task}) has no items.")
            runs.append(_without_paths(raw, str(store.path)))
            scores.append(_read(place / SCORES))
            frames.append(_read(place / ITEMS))
        texts = pl.concat([_read(p) for p in sorted(store.texts.glob("*.parquet"))]).unique("text_sha")
        written.append(into / items_name(task))
        written[-1].write_bytes(parquet(_joined(task, frames, texts)))
    written += [into / SCORES, into / RUNS]
    (into / SCORES).write_bytes(parquet(pl.concat(scores)))
    # no time stamp and the strongest level: the same runs, the same bytes
    (into / RUNS).write_bytes(gzip.compress(orjson.dumps(runs), 9, mtime=0))
    return written


def _order(raw: Mapping[str, Any]) -> tuple[Any, ...]:
    found = raw["found"]
    return found["base_model"], found["recipe"] != "direct", found["recipe"], found["train_seed"] or 0


def _without_paths(value: Any, store: str) -> Any:
    """Return a record with places inside the store named from there."""
    if isinstance(value, dict):
        return {k: _without_paths(v, store) for k, v in value.items()}
    if isinstance(value, list):
        return [_without_paths(v, store) for v in value]
    return value.removeprefix(store + "/") if isinstance(value, str) else value


def _read(path: Path) -> pl.DataFrame:
    import polars as pl

    return pl.read_parquet(io.BytesIO(path.read_bytes()), use_pyarrow=False)


def _joined(task: str, frames: list[pl.DataFrame], texts: pl.DataFrame) -> pl.DataFrame:
    """Return the items of a task's runs side by side; what all have alike once."""
    import polars as pl

    first = frames[0]
    if not all(frame.select(_KEYS).equals(first.select(_KEYS)) for frame in frames):
        raise Problem(f"The runs of {task} are not about the same items.")
    columns = []
    for name in ITEM_COLUMNS:
        if name == "text_sha" or all(frame[name].is_null().all() for frame in frames):
            continue
        if all(frame[name].equals(first[name]) for frame in frames):
            columns.append(_small(first[name]))
            continue
        columns += [_small(frame[name]).alias(f"{name}:{n}") for n, frame in enumerate(frames)]
    text = first.select("text_sha").join(texts, on="text_sha", how="left", maintain_order="left")["text"]
    if text.null_count():
        raise Problem(f"The store has no text of {text.null_count()} items of {task}.")
    return pl.DataFrame([*columns, text])


def _small(column: pl.Series) -> pl.Series:
    """Return numbers in the smallest type that holds them, and texts as they are."""
    import polars as pl

    if column.dtype == pl.Float64 and column.cast(pl.Int8, strict=False).cast(pl.Float64).equals(column):
        return column.cast(pl.Int8)
    return column.shrink_dtype() if column.dtype == pl.Int64 else column


if __name__ == "__main__":
    for path in pack(open_store(Path(sys.argv[1])), folder()):
        sys.stdout.write(f"{path.stat().st_size:>9,} bytes  {path.name}\n")
