"""Runs of several folders by column, as the index takes them in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import orjson
from intermezzo.queries.identity import Systems, resolve
from intermezzo.queries.records import Found

from . import manifest
from .layout import storable
from .manifest import Manifest

if TYPE_CHECKING:
    import numpy as np

_FOUND = tuple(f.name for f in fields(Found))
_AS_WRITTEN = (
    "run_id",
    "task",
    "split",
    "subset",
    "task_version",
    "dataset_revision",
    "filter",
    "prompt_hash",
    "eval_seed",
    "checkpoint",
    "train_language",
    "selection",
    "tool",
    "tool_version",
    "date",
    "importer",
    "importer_version",
)
_OF_IDENTITY = (
    "found",
    "system",
    "base_model",
    "base_revision",
    "recipe",
    "shots",
    "prompt",
    "identity",
    "identity_why",
    "train_seed",
    "step",
)
_OF_SOURCE = ("path", "sha256", "size", "mtime_ns", "importer", "importer_version", "runs")

Columns = dict[str, list[Any]]

Tables = dict[str, dict[str, "np.ndarray[Any, Any]"]]
"""Tables as DuckDB reads them: name -> column -> values."""


@dataclass(slots=True)
class Batch:
    """What a few folders add to the tables of the index.

    Attributes:
        rules: Who runs are about.
        rows: The ``scores.parquet`` of each folder -> the rows that its manifest promises.
    """

    rules: Systems
    rows: dict[str, int] = field(default_factory=dict)
    _folders: Columns = field(default_factory=lambda: {n: [] for n in ("folder", "runs", "bytes", "path")})
    _runs: Columns = field(default_factory=dict)
    _sources: Columns = field(default_factory=dict)
    _replaced: Columns = field(default_factory=lambda: {"run_id": [], "replaces": []})
    _there: set[str] = field(default_factory=set)
    _identities: dict[bytes, dict[str, Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._there) + len(self.rows)

    def add(self, folder: str, found: Manifest, path: str) -> None:
        """Add a folder.

        Args:
            folder: Its name.
            found: Its manifest.
            path: Its ``scores.parquet``.
        """
        size = sum(f.size for f in found.files.values())
        row = {"folder": folder, "runs": len(found.runs), "bytes": size, "path": path}
        for name, value in row.items():
            self._folders[name].append(value)
        self.rows[path] = found.files[manifest.SCORES].rows
        # The same run may lie in two folders, where two imports ran at once: the first folder counts.
        runs = [run for run in found.runs if run["run_id"] not in self._there]
        self._there.update(run["run_id"] for run in runs)
        _extend(self._runs, self._run_columns(folder, found.written, runs))
        _extend(self._sources, _source_columns(found.written, runs))
        for run in runs:
            for replaced in run["supersedes"]:
                self._replaced["run_id"].append(run["run_id"])
                self._replaced["replaces"].append(replaced)

    def tables(self) -> Tables:
        """Return the tables that the steps of ``load.sql`` read."""
        import numpy as np

        found: Tables = {}
        named = {
            "batch_folders": self._folders,
            "batch_runs": self._runs,
            "batch_sources": self._sources,
            "batch_replaced": self._replaced,
        }
        for table, columns in named.items():
            found[table] = {}
            for name, values in columns.items():
                array = np.empty(len(values), dtype=object)
                array[:] = values
                found[table][name] = array
        return found

    def _run_columns(self, folder: str, written: str, runs: Sequence[dict[str, Any]]) -> Columns:
        n = len(runs)
        columns = {name: [run.get(name) for run in runs] for name in _AS_WRITTEN}
        identities = [self._identity(run["found"]) for run in runs]
        columns.update({name: [one[name] for one in identities] for name in _OF_IDENTITY})
        columns["folder"] = [folder] * n
        columns["found_name"] = [run["found"]["name"] for run in runs]
        columns["found_path"] = [run["found"]["path"] for run in runs]
        columns["item_limit"] = [run.get("limit") for run in runs]
        columns["config"] = [orjson.dumps(run["config"]).decode() for run in runs]
        columns["source_path"] = [run["sources"][0]["path"] if run["sources"] else None for run in runs]
        columns["source_sha256"] = [run["sources"][0]["sha256"] if run["sources"] else None for run in runs]
        columns["source_key"] = [run["key"] for run in runs]
        items = [run["items"] for run in runs]
        columns["items_path"] = [f"runs/{folder}/{manifest.ITEMS}" if i["rows"] else None for i in items]
        columns["n_items"] = [i["rows"] or None for i in items]
        columns["items_partial"] = [i.get("partial") for i in items]
        columns["texts_path"] = [
            f"texts/{texts}.parquet" if (texts := i.get("texts")) else None for i in items
        ]
        columns["written"] = [written] * n
        return columns

    def _identity(self, found: dict[str, Any]) -> dict[str, Any]:
        key = orjson.dumps(found, option=orjson.OPT_SORT_KEYS)
        known = self._identities.get(key)
        if known is None:
            known = self._identities[key] = identity_row(found, self.rules)
        return known


def identity_row(found: dict[str, Any], rules: Systems) -> dict[str, Any]:
    """Return the columns of ``runs`` that an identity fills, and what it was made of.

    Args:
        found: The fields of a ``Found``.
        rules: The store's rules.
    """
    known: dict[str, Any] = {name: found.get(name) for name in _FOUND}
    told = resolve(Found(**known), rules)
    return {
        "found": orjson.dumps(found, option=orjson.OPT_SORT_KEYS).decode(),
        "system": storable(told.system),
        "base_model": told.base_model,
        "base_revision": told.base_revision,
        "recipe": told.recipe,
        "shots": told.shots,
        "prompt": told.prompt,
        "identity": told.status,
        "identity_why": told.why,
        "train_seed": told.train_seed,
        "step": told.step,
    }


def _source_columns(written: str, runs: Sequence[dict[str, Any]]) -> Columns:
    pairs = [(run["run_id"], source) for run in runs for source in run["sources"]]
    columns: Columns = {name: [source[name] for _, source in pairs] for name in _OF_SOURCE}
    columns["run_id"] = [run_id for run_id, _ in pairs]
    columns["guessed"] = [" ".join(source.get("guessed") or ()) or None for _, source in pairs]
    columns["written"] = [written] * len(pairs)
    return columns


def _extend(columns: Columns, more: Columns) -> None:
    for name, values in more.items():
        columns.setdefault(name, []).extend(values)
