"""``intermezzo show``: print what the store holds."""

from __future__ import annotations

import click
from intermezzo.tui.lazy import Entry, LazyGroup
from intermezzo.tui.options import store_options

WHAT: dict[str, Entry] = {
    "matrix": Entry(
        "show_matrix", "Systems x tasks: value, evidence, delta to the baseline; gaps with reasons."
    ),
    "languages": Entry(
        "show_languages", "The languages behind a cell, with interval, n, seeds and evidence."
    ),
    "compare": Entry("show_compare", "Systems against each other, by language, with intervals."),
    "items": Entry("show_items", "Text, gold, predictions and credit, item by item."),
    "plot": Entry("show_plot", "A plot of a cell as text: bars, scatter, forest, seeds, curves, histogram."),
    "runs": Entry("show_runs", "The runs, newest first."),
    "sources": Entry("show_sources", "The files behind the numbers, and those refused, with reasons."),
    "coverage": Entry("show_coverage", "Which cells have which languages, and what is missing."),
    "mismatches": Entry("show_mismatches", "Where a recomputed value and the tool's own differ."),
    "flags": Entry("show_flags", "Runs that collapsed, and runs that predict the same and should not."),
    "claims": Entry("claims_list", "The claims; `intermezzo check` says what the store makes of them."),
    "xtreme": Entry("show_xtreme", "The XTREME score of each system: tasks, groups, all nine."),
}
"""What can be shown; a new answer is a new line here and a file."""


@click.group(cls=LazyGroup, entries=WHAT)
@store_options
def command() -> None:
    """Print what the store holds, for reading or for scripts (--format csv|json|jsonl)."""
