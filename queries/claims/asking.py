"""Getting a claim's rows: from the user's SQL, a named question or a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from intermezzo.queries.errors import Problem
from intermezzo.queries.harmless import harmless
from intermezzo.queries.store.reader import Interrupted

from .claim import Claim
from .rows import MOST, CannotEvaluate, Row, rows_of

if TYPE_CHECKING:
    from intermezzo.queries.locked import Locked
    from intermezzo.queries.store.reader import Reader

TIMEOUT = 60.0
"""Seconds after which a claim's SQL is stopped."""

_CELLS = {"unit": "task", "rung": "evidence"}
"""What a claim's columns are called in the matrix, where a row is a cell and its unit the task."""


def ask_rows(reader: Reader, locked: Locked, claim: Claim) -> tuple[list[Row], tuple[str, ...]]:
    """Return the rows that bear on a claim, and what a comparison says of collapsed and identical runs.

    Args:
        reader: The store.
        locked: A locked connection to the same generation, for SQL of users.
        claim: The claim.

    Raises:
        CannotEvaluate: They cannot be had, or make no sense.
    """
    asked = claim.asked
    try:
        if asked.sql is not None:
            answer = locked.run(asked.sql, max_rows=MOST + 1, timeout=TIMEOUT)
            return rows_of(answer.columns, answer.rows), ()
        if asked.question is not None:
            return _from_question(reader, claim), ()
        if asked.compare is not None:
            from .comparing import rows_of_comparison

            return rows_of_comparison(reader, asked.compare)
    except (CannotEvaluate, Interrupted):
        raise
    except Problem as error:
        raise CannotEvaluate(str(error)) from error
    return [], ()


def _from_question(reader: Reader, claim: Claim) -> list[Row]:
    asked = claim.asked
    table = reader.ask(asked.question or "", **dict(asked.params))
    columns, rows = list(table.columns), [list(r) for r in table.rows]
    for name, values in asked.where.items():
        if name not in columns:
            raise CannotEvaluate(
                f"where names {harmless(name)!r}; the question {asked.question} has: {', '.join(columns)}."
            )
        at = columns.index(name)
        rows = [row for row in rows if row[at] is not None and str(row[at]) in values]
    if asked.question == "matrix":
        columns, rows = _cells(columns, rows)
    return rows_of(columns, rows)


def _cells(columns: list[str], rows: Sequence[list[Any]]) -> tuple[list[str], list[list[Any]]]:
    """Return cells of the matrix as rows of a claim; a baseline's own cells have no difference."""
    at = {name: i for i, name in enumerate(columns)}
    kept = [row for row in rows if row[at["baseline"]] is not None and row[at["value"]] is not None]
    if len({row[at["system"]] for row in kept}) > 1:
        raise CannotEvaluate("Cells of several systems came from the matrix: name one, by params or where.")
    added = [name for name, source in _CELLS.items() if source in at]
    return (
        [*columns, *added],
        [[*row, *(row[at[_CELLS[name]]] for name in added)] for row in kept],
    )
