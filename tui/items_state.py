"""What the Items place shows: its state, its rows, the text of one item; nothing here knows Textual."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .table import Column

if TYPE_CHECKING:
    from intermezzo.queries.items import ItemRow, ItemsPage, ItemsRequest

PAGE = 100
"""Items read at a time."""

PANES = ("items.grid", "items.item")
"""The panes in the order of Tab."""

WHICH: dict[str, str] = {
    "all": "all",
    "only-a": "A right, B wrong",
    "only-b": "B right, A wrong",
    "both-wrong": "both wrong",
    "both-right": "both right",
    "differ": "predictions differ",
}
"""The filters in the order of their key, and what they are called."""

EXPORTED = 100_000
"""Most items that are written to a file from here; the command writes all."""


@dataclass(frozen=True, slots=True)
class ItemsState:
    """What the Items place shows.

    Attributes:
        systems: One system or two.
        yardstick: The yardstick, by id.
        task: Its task.
        language: The language, as comparisons label it.
        which: Filter by who is right.
        filter: Words that an item's id, text, gold or predictions must hold.
        row: Number of the item under the cursor among those that the filter lets pass.
    """

    pane: str = "items.grid"
    systems: tuple[str, ...] = ()
    yardstick: str | None = None
    task: str | None = None
    language: str | None = None
    which: str = "all"
    filter: str = ""
    row: int = 0


def key_of(state: ItemsState) -> dict[str, Any]:
    """Return all that the items depend on; empty where nothing can be asked yet."""
    if not state.systems or not state.language or not (state.yardstick or state.task):
        return {}
    return {n: getattr(state, n) for n in ("systems", "yardstick", "task", "language", "which", "filter")}


def export_request(state: ItemsState) -> ItemsRequest:
    """Return the request for all items of the view, up to the limit of an export."""
    return replace(request_of(state, 0), limit=EXPORTED)


def request_of(state: ItemsState, page: int) -> ItemsRequest:
    """Return the request for a page."""
    from intermezzo.queries.items import ItemsRequest

    from .items_text import which_of

    return ItemsRequest(
        state.systems,
        None if state.yardstick else state.task,
        state.language,
        which=which_of(state.which),
        filter=state.filter,
        yardstick=state.yardstick,
        limit=PAGE,
        offset=page * PAGE,
    )


def item_request(state: ItemsState, item: str, *, everywhere: bool) -> ItemsRequest:
    """Return the request for one item: in all its languages where the task is parallel."""
    from intermezzo.queries.items import ItemsRequest

    return ItemsRequest(
        state.systems,
        None if state.yardstick else state.task,
        None if everywhere else state.language,
        item=item,
        yardstick=state.yardstick,
        limit=None,
    )


def command_of(
    state: ItemsState, store: Sequence[str], item: str | None = None, *, everywhere: bool = False
) -> str:
    """Return the command that prints the items, all that the filter lets pass, or one of them.

    Args:
        state: The view.
        store: The options that name the store.
        item: Just this item.
        everywhere: That item in all its languages: the task is parallel.
    """
    words = ["intermezzo", "show", "items", *state.systems]
    words += ["--yardstick", state.yardstick] if state.yardstick else ["--task", state.task or ""]
    words += ["--item", item] if item is not None else []
    words += ["--language", state.language or ""] if item is None or not everywhere else []
    words += [f"--{state.which}"] if state.which != "all" and item is None else []
    words += ["--filter", state.filter] if state.filter.strip() and item is None else []
    return shlex.join([*words, "--limit", "0", *store])


def columns_of(two: bool) -> tuple[Column, ...]:
    """Return the columns; texts stand last, so that what runs from right to left moves nothing."""
    says = (Column("A says", most=16), Column("B says", most=16)) if two else (Column("says", most=16),)
    marks = (Column("A", most=8), Column("B", most=8)) if two else (Column("ok", most=8),)
    return (
        Column("item", most=16, middle=True), *marks, Column("gold", most=16), *says,
        Column("text", most=24, stretch=True),
    )  # fmt: skip


def cells_of(row: ItemRow, two: bool) -> tuple[str, ...]:
    """Return an item's cells."""
    from .items_text import credit_text

    marks = [credit_text(row, side) for side in ("ab" if two else "a")]
    says = [row.prediction_a or "", *([row.prediction_b or ""] if two else [])]
    return (row.item_id, *marks, row.gold or "", *says, " ".join((row.text or "").split()))


def item_lines(rows: Sequence[ItemRow], systems: Sequence[str], here: str | None) -> list[tuple[str, str]]:
    """Return one item as lines to read, language by language, the one it was opened from first."""
    from .items_text import credit_text, label_of

    two = len(systems) > 1
    lines: list[tuple[str, str]] = []
    for row in sorted(rows, key=lambda row: (label_of(row) != here, label_of(row))):
        lines += [("", ""), ("bold", label_of(row))]
        lines += [("", f"  {line}") for line in (row.text or "(no text is kept)").splitlines()]
        lines.append(("", f"  gold  {row.gold or '(none)'}"))
        for name, side in (("A", "a"), ("B", "b")) if two else (("said", "a"),):
            said = row.prediction_a if side == "a" else row.prediction_b
            lines.append(("", f"  {name:<4}  {credit_text(row, side)}  {said or '(nothing)'}"))
    return lines[1:]


def counts_text(counts: Mapping[str, int]) -> str:
    """Say how the items fall."""
    if "only-a" in counts:
        return (
            f"only A right {counts['only-a']:,} · only B {counts['only-b']:,} · "
            f"both {counts['both-right']:,} · neither {counts['both-wrong']:,}"
        )
    return f"right {counts.get('both-right', 0):,} · wrong {counts.get('both-wrong', 0):,}"


def is_parallel(page: ItemsPage) -> bool:
    """Whether an item id means the same item in every language."""
    return page.measure.parallel is True
