"""Runs of several folders by column, as the index takes them in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from intermezzo.queries.identity import Systems, resolve
from intermezzo.queries.records import Found

from .layout import storable
from .manifest import FileEntry

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
_OF_SOURCE = ("path", "sha256", "size", "mtime_ns", "importer", "importer_version", "runs")

Columns = dict[str, list[Any]]

Tables = dict[str, dict[str, "np.ndarray[Any, Any]"]]
"""Tables as DuckDB reads them: name -> column -> values."""


class RunColumns(NamedTuple):
    """Runs by column: what their manifest says of them.

    Attributes:
        runs: One row a run: columns of the table ``runs``, but not who it is about, its folder and its time.
        sources: One row a run and file that it was read from.
        replaced: One row a run and run that it replaces.
    """

    runs: Columns
    sources: Columns
    replaced: Columns

    def only(self, run_ids: Collection[str]) -> RunColumns:
        """Return those of some runs."""
        return RunColumns(*(_only(columns, run_ids) for columns in self))


def columns_of(runs: Sequence[dict[str, Any]]) -> RunColumns:
    """Return runs by column, from what a manifest has of each."""
    columns = {name: [run.get(name) for run in runs] for name in _AS_WRITTEN}
    found = [run["found"] for run in runs]
    columns["found"] = [orjson.dumps(one, option=orjson.OPT_SORT_KEYS).decode() for one in found]
    columns["found_name"] = [one["name"] for one in found]
    columns["found_path"] = [one["path"] for one in found]
    columns["item_limit"] = [run.get("limit") for run in runs]
    columns["config"] = [orjson.dumps(run["config"]).decode() for run in runs]
    first = [run["sources"][0] if run["sources"] else {} for run in runs]
    columns["source_path"] = [source.get("path") for source in first]
    columns["source_sha256"] = [source.get("sha256") for source in first]
    columns["source_key"] = [run["key"] for run in runs]
    items = [run["items"] for run in runs]
    columns["n_items"] = [one["rows"] or None for one in items]
    columns["items_partial"] = [one.get("partial") for one in items]
    columns["texts_path"] = [
        f"texts/{texts}.parquet" if (texts := one.get("texts")) else None for one in items
    ]
    pairs = [(run["run_id"], source) for run in runs for source in run["sources"]]
    sources: Columns = {name: [source[name] for _, source in pairs] for name in _OF_SOURCE}
    sources["run_id"] = [run_id for run_id, _ in pairs]
    sources["guessed"] = [" ".join(source.get("guessed") or ()) or None for _, source in pairs]
    replaced = [(run["run_id"], other) for run in runs for other in run["supersedes"]]
    return RunColumns(
        columns,
        sources,
        {"run_id": [run_id for run_id, _ in replaced], "replaces": [other for _, other in replaced]},
    )


def _only(columns: Columns, run_ids: Collection[str]) -> Columns:
    kept = [i for i, run_id in enumerate(columns["run_id"]) if run_id in run_ids]
    return {name: [values[i] for i in kept] for name, values in columns.items()}


class Folder(NamedTuple):
    """A run folder, checked, as the index takes it in.

    Attributes:
        name: Its name.
        written: When its manifest was written.
        scores: Its ``scores.parquet``, ...
        rows: ... and how many rows that has.
        size: Bytes of its files.
        columns: Its runs.
    """

    name: str
    written: str
    scores: str
    rows: int
    size: int
    columns: RunColumns


class Landed(NamedTuple):
    """A run folder as who wrote it knows it: so it need not be parsed again.

    Attributes:
        name: Its name.
        written: When its manifest was written.
        files: Its files, ``manifest.json`` too, by name.
        columns: Its runs.
    """

    name: str
    written: str
    files: Mapping[str, FileEntry]
    columns: RunColumns


@dataclass(slots=True)
class Batch:
    """What a few folders add to the tables of the index.

    Attributes:
        rules: Who runs are about.
        rows: The ``scores.parquet`` of each folder -> the rows that its manifest promises.
    """

    rules: Systems
    rows: dict[str, int] = field(default_factory=dict)
    _folders: Columns = field(default_factory=dict)
    _runs: Columns = field(default_factory=dict)
    _sources: Columns = field(default_factory=dict)
    _replaced: Columns = field(default_factory=dict)
    _there: set[str] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self._there) + len(self.rows)

    def add(self, folder: Folder) -> None:
        """Add a folder."""
        columns = folder.columns
        row: Columns = {
            "folder": [folder.name],
            "runs": [len(columns.runs["run_id"])],
            "bytes": [folder.size],
            "path": [folder.scores],
            "written": [folder.written],
        }
        _extend(self._folders, row)
        self.rows[folder.scores] = folder.rows
        # The same run may lie in two folders, where two imports ran at once: the first folder counts.
        ids = set(columns.runs["run_id"])
        if not self._there.isdisjoint(ids):
            ids -= self._there
            columns = columns.only(ids)
        self._there |= ids
        _extend(self._runs, {**columns.runs, "folder": [folder.name] * len(ids)})
        _extend(self._sources, columns.sources)
        _extend(self._replaced, columns.replaced)

    def tables(self) -> Tables:
        """Return the tables that the steps of ``load.sql`` read."""
        import numpy as np

        identities: Columns = {}
        for found in dict.fromkeys(self._runs["found"]):
            told = identity_row(orjson.loads(found), self.rules)
            _extend(identities, {name: [value] for name, value in {**told, "found": found}.items()})
        named = {
            "batch_folders": self._folders,
            "batch_runs": self._runs,
            "batch_identities": identities,
            "batch_sources": self._sources,
            "batch_replaced": self._replaced,
        }
        tables: Tables = {}
        for table, columns in named.items():
            tables[table] = {}
            for name, values in columns.items():
                array = np.empty(len(values), dtype=object)
                array[:] = values
                tables[table][name] = array
        return tables


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


def _extend(columns: Columns, more: Columns) -> None:
    for name, values in more.items():
        columns.setdefault(name, []).extend(values)
