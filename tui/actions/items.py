"""What can be done with items."""

from __future__ import annotations

from .action import Action, Argument, PaneHelp

ACTIONS: tuple[Action, ...] = (
    Action("in", ("enter",), "in", "the item under the cursor, in all its languages", "items", 1),
    Action("which", ("f",), "A or B right", "all items, A right and B wrong, B right and A wrong, both "
           "wrong, both right, predictions that differ, in turn; Esc: all", "items", 2,
           Argument("WHICH", choices=("all", "only-a", "only-b", "both-wrong", "both-right", "differ"))),
    Action("filter", ("/",), "filter", "show only items whose id, text, gold or predictions hold all words; "
           "!word must not occur; Esc clears", "items", 3, Argument("WORDS")),
    Action("next-language", ("n",), "language", "the next language; the item stays", "items", 4),
    Action("previous-language", ("N",), "language before", "the language before", "items"),
    Action("swap", ("t",), "swap", "swap A and B", "items"),
    Action("language", (), "language", "go to a language by its code", "items", 0,
           Argument("CODE", required=True, source="languages")),
)  # fmt: skip

PANES: dict[str, PaneHelp] = {
    "items.grid": PaneHelp(
        "Items",
        "What the systems said, item by item: ✓ is full credit, ✗ is not; between, the credit; of a corpus "
        "metric found/predicted/gold. f shows what only A has right, then only B, and so on; / finds words.",
    ),
    "items.item": PaneHelp(
        "Item",
        "The item under the cursor: text, gold, what each system said; where the task is parallel, in all "
        "its languages, the one it was opened from first.",
    ),
}
