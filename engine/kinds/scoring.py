"""Scores from item rows: a figure for each language, metric and implementation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from intermezzo.engine.metrics import chunk_f1
from intermezzo.engine.metrics.figure import Counts, Figure, f1_figure, mean_figure
from intermezzo.queries.records import Score, item_set_hash

from .face import How
from .tagging import SECOND


def scores(rows: Iterable[Mapping[str, Any]], how: How) -> list[Score]:
    """Return the scores of the item rows of a run, languages in the order they come in.

    Args:
        rows: Item rows of a kind with a head.
        how: Which metrics, by which implementation.
    """
    by_language: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    for row in rows:
        by_language.setdefault(row["language"], {}).setdefault(row["metric"], []).append(row)
    found = []
    for language, by_metric in by_language.items():
        for metric, implementation in how.metrics:
            behind = by_metric.get(metric, [])
            if (
                metric == "f1"
                and implementation == chunk_f1.SEQEVAL_1_2_2
                and how.metrics[0][1] != implementation
            ):
                behind = by_metric.get(SECOND, behind)
            ids = [row["item_id"] for row in behind]
            found.append(measured(metric, implementation, language, _figure(behind), ids))
    return found


def measured(metric: str, implementation: str, language: str, figure: Figure, item_ids: list[str]) -> Score:
    """Return a language's score of an evaluation of ours, with the ids of the items behind it."""
    return Score(
        metric,
        figure.value,
        language=language,
        implementation=implementation,
        n=len(item_ids),
        stderr=figure.stderr,
        evidence="measured",
        item_set=item_set_hash(item_ids),
        gap=figure.reason,
    )


def _figure(rows: Sequence[Mapping[str, Any]]) -> Figure:
    if rows and rows[0].get("credit") is None:
        return f1_figure([Counts(r["tp"], r["n_pred"], r["n_gold"]) for r in rows])
    return mean_figure([r["credit"] for r in rows])
