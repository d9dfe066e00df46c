"""Items as text and as rows: shared by the command and the Items place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from intermezzo.queries.items import WHICH, ItemRow, ItemsPage, ItemsRequest, Which, items_page

from .output import NOTHING, Answer, Sheet

if TYPE_CHECKING:
    from intermezzo.queries.store.layout import Store

KEYS = (
    "language", "item_id", "gold", "prediction_a", "prediction_b", "credit_a", "credit_b", "text",
)  # fmt: skip
"""The columns for scripts, in this order."""

MORE = ("language_2", "cluster_id", "right_a", "right_b", "counts_a", "counts_b")
"""What ``--all-columns`` adds; counts are found, predicted, gold."""

RIGHT, WRONG = "✓", "✗"


def which_of(name: str | None) -> Which:
    """Return the filter of that name; ``all`` where none is named."""
    return next((which for which in WHICH if which == name), "all")


def items_answer(store: Store, request: ItemsRequest, *, all_columns: bool = False) -> Answer:
    """Ask the store for items.

    Raises:
        Problem: A name is unknown, or nothing is kept of what is asked for.
    """
    from .stores import reading, settled

    with reading(store) as reader:
        page = items_page(reader, settled(reader, request))
    return answer_of(page, all_columns=all_columns)


def answer_of(page: ItemsPage, *, all_columns: bool = False) -> Answer:
    """Return items as rows for scripts and as a sheet for reading."""
    columns = (*KEYS, *(MORE if all_columns else ()))
    rows = [tuple(getattr(row, name) for name in columns) for row in page.rows]
    return Answer(Sheet(columns, rows), lambda: [reading_sheet(page)], notes=notes_on(page))


def reading_sheet(page: ItemsPage) -> Sheet:
    """Lay a page out for reading: one line an item; by language where it is one item."""
    systems = page.request.systems
    two = len(systems) > 1
    first = "language" if page.request.item is not None else "item"
    says = ["A says", "B says"] if two else ["says"]
    columns = [first, *(("A", "B") if two else ("ok",)), "gold", *says, "text"]
    rows = []
    for row in page.rows:
        name = label_of(row) if page.request.item is not None else row.item_id
        marks = [credit_text(row, "a"), *([credit_text(row, "b")] if two else [])]
        said = [row.prediction_a, *([row.prediction_b] if two else [])]
        rows.append((name, *marks, row.gold, *said, row.text))
    names = " · ".join(f"{letter} {name}" for letter, name in zip("AB", systems, strict=False))
    where = f"item {page.request.item}" if page.request.item is not None else page.request.language
    return Sheet(columns, rows, caption=f"{names} · {page.measure.full_name} · {where}")


def label_of(row: ItemRow) -> str:
    """Return ``de``, or ``de>en`` for a pair of languages."""
    return f"{row.language}>{row.language_2}" if row.language_2 else row.language


def credit_text(row: ItemRow, side: str) -> str:
    """Return ``✓`` or ``✗``; a credit between as ``.67``, counts as found/predicted/gold."""
    right: Any = getattr(row, f"right_{side}")
    credit: Any = getattr(row, f"credit_{side}")
    counts: Any = getattr(row, f"counts_{side}")
    if right is None:
        return NOTHING
    if right:
        return RIGHT
    if counts is not None:
        return WRONG + " " + "/".join(map(str, counts))
    return f"{credit:.2f}".lstrip("0") if credit is not None and 0 < credit < 1 else WRONG


def notes_on(page: ItemsPage) -> list[str]:
    """Say which part of how much is shown, and how the items fall."""
    request = page.request
    at = f"{request.offset + 1:,} to {request.offset + len(page.rows):,} of " if page.rows else "none of "
    notes = [f"Items {at}{page.total:,}" + (f" ({request.which})." if request.which != "all" else ".")]
    if len(request.systems) > 1:
        c = page.counts
        notes.append(
            f"Of {c['all']:,}: only A right {c['only-a']:,}, only B {c['only-b']:,}, "
            f"both {c['both-right']:,}, neither {c['both-wrong']:,}."
        )
    else:
        notes.append(f"Right {page.counts['both-right']:,}, not right {page.counts['both-wrong']:,}.")
    if any(row.counts_a is not None for row in page.rows):
        notes.append("Counts: found / predicted / gold.")
    if request.offset + len(page.rows) < page.total:
        notes.append(f"More: --offset {request.offset + len(page.rows)}")
    return [*notes, *page.notes]
