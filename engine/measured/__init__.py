"""Runs of the project's own experiment, as they came out (README.md beside this file).

``packing`` makes the files of this folder from the store of an experiment; here they become runs again,
without ``torch`` and without the model.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intermezzo.queries.errors import Problem

if TYPE_CHECKING:
    import polars as pl
    from intermezzo.queries.claims.claim import Claim
    from intermezzo.queries.records import Items, Run

RUNS, SCORES, CLAIMS = "runs.json.gz", "scores.parquet", "claims.toml"
"""What each run is; the scores of all; claims over them, written before the results were there."""


def folder() -> Path:
    """Return the folder of the files."""
    return Path(str(files(__package__)))


def items_name(task: str) -> str:
    """Return the name of the file with the items of a task."""
    return f"items-{task}.parquet"


def content_hash() -> str:
    """Return a hash of all that is shipped here."""
    digest = hashlib.sha256()
    for path in sorted((folder() / name for name in (RUNS, SCORES, CLAIMS)), key=lambda p: p.name):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    for path in sorted(folder().glob(items_name("*"))):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def measured_claims() -> list[Claim]:
    """Return the claims over these runs."""
    from intermezzo.queries.claims.claim_file import read_claims

    return read_claims(folder() / CLAIMS)


def measured_runs(place: Path | None = None) -> list[tuple[Run, Items]]:
    """Return the runs with scores and items.

    Args:
        place: Folder with files that ``packing`` made; by default those that came with the program.

    Raises:
        Problem: A file cannot be read: the installation is damaged.
    """
    import polars as pl
    from intermezzo.queries.records import Score
    from intermezzo.queries.store.manifest import run_of

    here = place or folder()
    try:
        listed = json.loads(gzip.decompress((here / RUNS).read_bytes()))
        scores: dict[str, list[Score]] = {}
        for row in _frame(here / SCORES).to_dicts():
            scores.setdefault(row.pop("run_id"), []).append(Score(**row))
        by_task: dict[str, list[dict[str, Any]]] = {}
        for raw in listed:
            by_task.setdefault(raw["task"], []).append(raw)
        found = []
        for task, raws in by_task.items():
            frame = _frame(here / items_name(task))
            for number, raw in enumerate(raws):
                run = replace(run_of(raw).run, scores=tuple(scores[raw["run_id"]]))
                found.append((run, _items(frame, number)))
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
        raise Problem(
            f"The measured runs that came with this program cannot be read ({error}): "
            "install intermezzo anew."
        ) from error
    return found


def _frame(path: Path) -> pl.DataFrame:
    import polars as pl

    return pl.read_parquet(path.read_bytes(), use_pyarrow=False)


def _items(frame: pl.DataFrame, number: int) -> Items:
    """Return the items of a run: the columns that all runs of the task share, and its own."""
    from intermezzo.engine.examples import text_sha
    from intermezzo.queries.records import ITEM_COLUMNS, Items

    columns = {}
    for name in ITEM_COLUMNS:
        for column in (name, f"{name}:{number}"):
            if column in frame.columns:
                columns[name] = frame[column].to_list()
    texts = frame["text"].to_list()
    columns["text_sha"] = [text_sha(text) for text in texts]
    return Items(columns, texts=dict(zip(columns["text_sha"], texts, strict=True)))
