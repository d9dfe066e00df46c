"""The plain lists of the command line: one question each, narrowed, with the usual columns for reading."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from intermezzo.queries.matrix import number_text

from .asking import narrowed, only, records, sheet
from .output import Answer, Sheet

if TYPE_CHECKING:
    from intermezzo.queries.store.layout import Store

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """A question asked as a list.

    Attributes:
        question: Name of the question.
        reading: The columns of a table, and the heading of each.
        text: Columns shown otherwise than as they are: name -> text of a row.
        right: Headings aligned right although their cells are text.
    """

    question: str
    reading: dict[str, str]
    text: dict[str, Callable[[Row], Any]] = field(default_factory=dict)
    right: frozenset[str] = frozenset()


def list_answer(
    store: Store,
    listing: Listing,
    *,
    system: Sequence[str] | None = None,
    task: Sequence[str] | None = None,
    words: str | None = None,
    all_columns: bool = False,
    notes: Callable[[Sequence[Row]], Sequence[str]] | None = None,
    **params: Any,
) -> Answer:
    """Ask the question of a listing.

    Args:
        store: The store.
        listing: What to ask and how to show it.
        system: Systems to keep; ``None`` where the question knows none.
        task: Tasks to keep; ``None`` where the question knows none.
        words: The filter.
        all_columns: Show every column in tables too.
        notes: Makes the notes for stderr from the rows.
        **params: Further parameters of the question.

    Raises:
        Problem: A system or task is unknown.
    """
    from .stores import known_names, reading

    with reading(store) as reader:
        names = known_names(reader, system=system or (), task=task or ())
        if system is not None:
            params["system"] = only(names["system"])
        if task is not None:
            params["task"] = only(names["task"])
        table = reader.ask(listing.question, **params)
    rows = narrowed(records(table), system=names["system"], task=names["task"], words=words)
    data = sheet(table.columns, rows)
    told = notes(rows) if notes else ()
    return Answer(data, None if all_columns else lambda: [readable(listing, rows)], notes=told)


def readable(listing: Listing, rows: Sequence[Row]) -> Sheet:
    """Lay out the usual columns; those without any value are left out."""
    columns: dict[str, list[Any]] = {}
    for name, heading in listing.reading.items():
        cells = [listing.text[name](row) if name in listing.text else row[name] for row in rows]
        if any(cell is not None for cell in cells):
            columns[heading] = cells
    return Sheet(tuple(columns), list(zip(*columns.values(), strict=True)), right=listing.right)


def hundredfold(name: str, *, signed: bool = False) -> Callable[[Row], str | None]:
    """Return the text of a column that holds a unit-interval number: x 100, one decimal."""

    def text(row: Row) -> str | None:
        return None if row[name] is None else number_text(row[name], unit_interval=True, signed=signed)

    return text
