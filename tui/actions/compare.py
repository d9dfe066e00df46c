"""What can be done where systems are compared."""

from __future__ import annotations

from .action import Action, Argument, PaneHelp

ACTIONS: tuple[Action, ...] = (
    Action("in", ("enter",), "items", "the items of the language under the cursor", "compare", 1),
    Action("filter", ("/",), "filter", "show only languages whose code, name, family or script holds all "
           "words; Esc clears", "compare", 2, Argument("WORDS")),
    Action("sort", ("s",), "sort", "sort by delta, language, family, n, p in turn", "compare", 3,
           Argument("BY", choices=("delta", "language", "family", "n", "p"))),
    Action("swap", ("t",), "swap", "swap A and B", "compare", 4),
    Action("reverse", ("S",), "reverse", "reverse the sort", "compare"),
    Action("plot", ("p",), "plot", "the next kind of plot: forest, scatter, bars, seeds, histogram",
           "compare", 7, Argument("KIND", choices=("forest", "scatter", "bars", "seeds", "histogram"))),
    Action("pair", ("n",), "next pair", "show the next pair, where more than two systems are compared",
           "compare"),
    Action("insist", ("i",), "insist", "compare although prompt, shots, data or selection are known to "
           "differ; again: refuse", "compare"),
    Action("adjust", ("m",), "adjust", "how p is adjusted over the family of languages: holm or bh",
           "compare", 0, Argument("HOW", choices=("holm", "bh"))),
    Action("items-only", ("v",), "items only", "only languages whose items are kept on both sides, or all",
           "compare"),
    Action("task", (), "task", "compare the same systems on another task", "compare", 0,
           Argument("TASK", required=True, source="tasks")),
)  # fmt: skip

PANES: dict[str, PaneHelp] = {
    "compare.grid": PaneHelp(
        "Compare",
        "A minus B in each language, on the items that both have, x 100: plain 95 % interval, ▲ or ▼ where "
        "the p adjusted over the languages is below .05. At the end of a line the letter of the rung, v "
        "where only values are known, x where there is no difference, ! where a note stands below.",
    ),
    "compare.plot": PaneHelp(
        "Plot",
        "A picture of the comparison; p goes through the kinds. forest: differences around zero with plain "
        "95 % intervals, ● significant by its adjusted p, ○ not, ◆ over languages. scatter: A against B, the "
        "diagonal meaning equal. bars: the way from B's value to A's. seeds: a dot a train seed. histogram: "
        "by how much items gain or lose.",
    ),
    "compare.notes": PaneHelp(
        "What stands behind a comparison",
        "What is the same, different or unknown of the two, the family of tests, what the intervals cover, "
        "what is missing and why.",
    ),
}
