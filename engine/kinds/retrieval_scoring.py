"""Scores of sentence retrieval from its item rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from intermezzo.engine.metrics import bitext
from intermezzo.engine.metrics.figure import Counts, f1_figure, mean_figure, precision_figure, recall_figure
from intermezzo.queries.records import Score

from .scoring import measured

TOP1, MINING = "bitext retrieval", "bitext mining"


def scores(kind: str, rows: Iterable[Mapping[str, Any]]) -> list[Score]:
    """Return the scores of all item rows of a run, languages in the order they come in.

    Args:
        kind: ``bitext retrieval``: accuracy; ``bitext mining``: F1, precision, recall over pairs.
        rows: Item rows.
    """
    by_language: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_language.setdefault(row["language"], []).append(row)
    found = []
    for language, items in by_language.items():
        if kind == TOP1:
            ids = [r["item_id"] for r in items]
            figure = mean_figure([r["credit"] for r in items])
            found.append(measured("accuracy", bitext.TATOEBA, language, figure, ids))
            continue
        counts = [Counts(r["tp"], r["n_pred"], r["n_gold"]) for r in items]
        # Items behind a mined score are the gold pairs: predicted ones differ by system.
        gold = [r["item_id"] for r in items if r["n_gold"]]
        for metric, figure_of in (
            ("f1", f1_figure),
            ("precision", precision_figure),
            ("recall", recall_figure),
        ):
            found.append(measured(metric, bitext.BUCC, language, figure_of(counts), gold))
    return found
