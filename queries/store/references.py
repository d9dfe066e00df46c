"""The reference tables of an index: languages, tasks, metrics and their implementations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .load import run_step, write_rows

if TYPE_CHECKING:
    import duckdb
    from intermezzo.queries.languages import Language
    from intermezzo.queries.metrics import Metric


def fill_references(con: duckdb.DuckDBPyConnection, tmp: Path) -> None:
    """Fill the tables of languages, tasks and metrics that this program knows."""
    from intermezzo.queries.languages import known
    from intermezzo.queries.metrics import all_metrics
    from intermezzo.queries.tasks import all_tasks, xtreme_cells

    _add(con, tmp, "languages", [_language_row(entry) for entry in known()])
    _add(
        con,
        tmp,
        "tasks",
        [
            {
                "task": t.id,
                "title": t.title,
                "task_group": t.group,
                "xtreme_group": t.xtreme_group,
                "kind": t.kind,
                "primary_metric": t.primary_metric,
                "parallel": t.parallel,
                "train_language": t.train_language,
                "chance": t.chance,
                "position": i,
            }
            for i, t in enumerate(all_tasks())
        ],
    )
    _add(
        con,
        tmp,
        "task_languages",
        [{"task": c.task, "language": c.language, "items": c.n_test} for c in xtreme_cells()],
    )
    _add(con, tmp, "metrics", [_metric_row(m) for m in all_metrics()])
    _add(con, tmp, "implementations", [row for m in all_metrics() for row in _implementation_rows(m)])


def add_met(con: duckdb.DuckDBPyConnection, tmp: Path, first: int) -> None:
    """Add the languages, metrics and base models that runs name and the tables do not have yet.

    Args:
        con: The connection, in the index.
        tmp: Folder for staging files.
        first: Row of the first score that is new; what those before it name is there already.
    """
    from intermezzo.queries.languages import canonical
    from intermezzo.queries.metrics import metric
    from intermezzo.queries.model_families import model_family

    rows: list[dict[str, Any]] = []
    for (code,) in run_step(con, "languages met", params={"first": first}):
        found = canonical(code)
        row = _language_row(found) if found is not None else {"name": code}
        rows.append({**row, "language": code})
    _add(con, tmp, "languages", rows)
    met = [metric(name) for (name,) in run_step(con, "metrics met", params={"first": first})]
    _add(con, tmp, "metrics", [_metric_row(m) for m in met if m is not None])
    models = [name for (name,) in run_step(con, "base models met")]
    _add(con, tmp, "base_models", [{"base_model": m, "family": model_family(m)} for m in models])


def _metric_row(entry: Metric) -> dict[str, Any]:
    return {
        "metric": entry.id,
        "title": entry.title,
        "low": entry.low,
        "high": entry.high,
        "unit_interval": entry.unit_interval,
        "higher_is_better": entry.higher_is_better,
        "kind": entry.kind,
        "mean_for": list(entry.mean_for),
        "tolerance": entry.tolerance,
    }


def _implementation_rows(entry: Metric) -> list[dict[str, Any]]:
    known = [(name, False) for name in entry.implementations if name not in entry.alternates]
    alternates = [(name, True) for name in entry.alternates]
    return [{"implementation": i, "metric": entry.id, "alternate": a} for i, a in known + alternates]


def _language_row(entry: Language) -> dict[str, Any]:
    return {
        "language": entry.code,
        "name": entry.name,
        "iso639_3": entry.iso639_3,
        "script": entry.script,
        "family": entry.family,
    }


def _add(con: duckdb.DuckDBPyConnection, tmp: Path, table: str, rows: list[dict[str, Any]]) -> None:
    path = tmp / f"{table}.ndjson"
    if write_rows(path, rows):
        run_step(con, f"add {table}", {table: path})
