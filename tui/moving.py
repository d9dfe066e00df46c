"""Moving runs between stores from the command line: progress, publishing, and what it came to."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from .output import READING, Answer, Sheet, counted, emit, say
from .progress import Meter

if TYPE_CHECKING:
    from intermezzo.queries.store.layout import Store
    from intermezzo.queries.store.moving import Moved


def move(source: Store, target: Store, only: Collection[str] | None, format_name: str) -> int:
    """Move runs, publish, and print what it came to.

    Args:
        source: Where from.
        target: Where to.
        only: Ids of runs; all where not given.
        format_name: One of ``output.FORMATS``.

    Returns:
        The exit code: 0, or 1 where something was refused, or says something else here.

    Raises:
        Problem: The target cannot be written.
    """
    from intermezzo.queries.store.moving import move_runs
    from intermezzo.queries.store.publisher import publish

    meter = Meter()

    def told(done: int, total: int) -> None:
        meter(done, total, "run folders")

    try:
        moved = move_runs(source, target, only, progress=told)
    finally:
        meter.close()
    publish(target, wait=True)
    record = _record(source, target, moved)
    emit(Answer(Sheet(tuple(record), [tuple(record.values())]), lambda: _sheets(moved)), format_name)
    if format_name in READING:
        say(
            f"{counted(len(moved.added), 'run')} came from {source.path} into {target.path}; "
            f"{len(moved.present):,} were there already."
        )
    return 1 if moved.refused or moved.rules.conflicts else 0


def _record(source: Store, target: Store, moved: Moved) -> dict[str, Any]:
    return {
        "source": str(source.path),
        "target": str(target.path),
        "runs_added": len(moved.added),
        "runs_present": len(moved.present),
        "refused": [refusal._asdict() for refusal in moved.refused],
        "texts_added": moved.texts,
        "hidden_added": moved.hidden,
        "statements_added": moved.statements,
        "rules_added": list(moved.rules.added),
        "rules_present": moved.rules.present,
        "rule_conflicts": list(moved.rules.conflicts),
        "renamed": moved.renamed,
    }


def _sheets(moved: Moved) -> list[Sheet]:
    counts = [
        ("runs added", len(moved.added)),
        ("runs known already", len(moved.present)),
        ("refused", len(moved.refused)),
        ("files of texts added", moved.texts),
        ("records of hidden runs added", moved.hidden),
        ("claims and verifications added", moved.statements),
        ("rules of systems.toml added", len(moved.rules.added)),
        ("rules known already", moved.rules.present),
        ("rules that contradict one here", len(moved.rules.conflicts)),
    ]
    told = [(what, count) for what, count in counts if count or what.startswith("runs")]
    sheets = [Sheet(("moved", "count"), told)]
    refused = [(f"{refusal.path}: {refusal.reason}",) for refusal in moved.refused]
    for caption, lines in (
        ("Refused, left where it is:", refused),
        ("Rules that say something else here, not taken:", [(text,) for text in moved.rules.conflicts]),
        ("Rules added:", [(text,) for text in moved.rules.added]),
        ("Runs that go by another name:", [(text,) for text in moved.renamed]),
    ):
        if lines:
            sheets.append(Sheet(("",), lines, caption=caption, whole=True))
    return sheets
