"""The tasks of the pocket suite by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from intermezzo.engine.examples import DataSet
from intermezzo.queries.errors import Problem

from . import catalogues, grammars

TASKS: Mapping[str, tuple[str, ...]] = {
    catalogues.TASK: catalogues.SPLITS,
    grammars.INTENTS: ("test", "validation", "train"),
    grammars.SLOTS: ("test", "validation", "train"),
}
"""Task id -> its splits, the default one first."""

SHORT: Mapping[str, str] = {
    "retrieval": catalogues.TASK,
    "intents": grammars.INTENTS,
    "slots": grammars.SLOTS,
}
"""What one may say on a command line -> task id. Not aliases of the task table: a folder of results that is
called ``retrieval`` holds something else."""


def pocket_data(
    task: str, languages: Sequence[str] | None = None, split: str = "test", limit: int | None = None
) -> DataSet:
    """Return the data of a task of the suite.

    Args:
        task: A key of ``TASKS`` or of ``SHORT``.
        languages: Canonical codes; ``None``: all there are.
        split: One of the task's splits.
        limit: At most so many items a language.

    Raises:
        Problem: No such task, language or split; the packages are not installed.
    """
    task = SHORT.get(task, task)
    if task == catalogues.TASK:
        return catalogues.catalogue_data(languages, split, limit)
    if task in grammars.KINDS:
        return grammars.grammar_data(task, languages, split, limit)
    raise Problem(f"The pocket suite has no task {task!r}: {', '.join(TASKS)}.")
