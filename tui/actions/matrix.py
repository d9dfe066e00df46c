"""What can be done in the matrix and its panes."""

from __future__ import annotations

from intermezzo.tui.plots.kinds import KINDS

from .action import Action, Argument, PaneHelp

_SYSTEM = Argument("SYSTEM", source="systems")

ACTIONS: tuple[Action, ...] = (
    Action("in", ("enter",), "in", "drill in: from the matrix to the languages of the cell", "matrix", 1),
    Action("filter", ("/",), "filter", "show only systems that hold all words; !word must not occur; "
           "Esc clears", "matrix", 2, Argument("WORDS")),
    Action("sort", ("s",), "sort", "sort by the column under the cursor, again for the order of the store; "
           "in the languages: by value, n, family, script, language in turn", "matrix", 4,
           Argument("BY", source="sorts")),
    Action("reverse", ("S",), "reverse", "reverse the sort", "matrix"),
    Action("deltas", ("d",), "values/deltas", "values, or differences from the baseline", "matrix", 3),
    Action("baseline", ("b",), "baseline", "pin the system under the cursor as the baseline of all deltas; "
           "again, or on it: each system's own direct arm", "matrix", 0, _SYSTEM),
    Action("aggregate", ("m",), "aggregate", "how languages become one number: macro, median, worst, micro, "
           "without-train, transfer-gap", "matrix", 0,
           Argument("HOW", choices=("macro", "median", "worst", "micro", "without-train", "transfer-gap"))),
    Action("transpose", ("t",), "transpose", "swap rows and columns", "matrix"),
    Action("plot", ("p",), "plot", "the next plot that makes sense for the cell: " + ", ".join(KINDS),
           "matrix", 7, Argument("KIND", choices=tuple(KINDS))),
    Action("metric", (), "metric", "show yardsticks of one metric; without a name each task's own",
           "matrix", 0, Argument("METRIC", source="metrics")),
    Action("task", (), "task", "show only these tasks or task groups; without a name all", "matrix", 0,
           Argument("TASKS", source="tasks", several=True)),
    Action("group", ("f",), "group", "group systems by model family, by base model, or not; in the "
           "languages: by language family", "matrix", 0,
           Argument("BY", choices=("family", "base-model", "none"))),
    Action("group-tasks", ("F",), "group tasks", "group tasks: reasoning, tagging, qa, ...; or not",
           "matrix", 0, Argument("BY", choices=("task-group", "none"))),
    Action("means", ("M",), "means", "means over the tasks shown, and over each of their groups, with how "
           "many tasks have a number; ~ where not all", "matrix"),
    Action("intervals", ("I",), "intervals", "read the items behind all deltas: 95 % intervals, ▲ or ▼ where "
           "the p adjusted over the matrix is below .05", "matrix"),
    Action("hide", ("-",), "hide", "hide the row under the cursor, or what is named", "matrix", 0,
           Argument("NAME", source="names")),
    Action("hide-column", ("|",), "hide column", "hide the column under the cursor", "matrix"),
    Action("unhide", ("+",), "unhide", "show all that is hidden again", "matrix"),
    Action("mark", ("space",), "mark", "mark the system under the cursor with *, or take the mark away",
           "matrix", 0, _SYSTEM),
    Action("unmark", (), "unmark", "take all marks away", "matrix"),
    Action("compare", ("c",), "compare", "compare the marked systems on the task under the cursor; with one "
           "mark, the system under the cursor with it; with none, with its baseline", "matrix"),
    Action("run", ("r",), "run", "run an evaluation for this cell", "matrix"),
    Action("runs", ("R",), "runs", "the runs behind the cell", "matrix"),
    Action("items", ("i",), "items", "the items of the language under the cursor: of the system, and of the "
           "marked one or its baseline", "matrix"),
    Action("names", ("n",), "names", "say who runs are: names that are not known, with what their files "
           "suggest, to accept, edit or skip", "matrix"),
)  # fmt: skip

PANES: dict[str, PaneHelp] = {
    "matrix.grid": PaneHelp(
        "Matrix",
        "Systems down, tasks across; each cell is a system's score over the languages of a task, x 100, with "
        "the letter of its rung: p published, l logged, r recomputed, m measured. ≠ is a recomputed value "
        "that differs from the logged one, ▲ ▼ a delta that is significantly better or worse, · a gap: its "
        "reason stands below. Values are shaded inside their own column, deltas from orange (loss) to blue "
        "(gain).",
    ),
    "matrix.languages": PaneHelp(
        "Languages",
        "The languages behind the cell under the matrix's cursor: value with the letter of its rung, 95 % "
        "interval, number of items and train seeds (s), script and family; † is the train language. "
        "With d the differences from the baseline, around zero.",
    ),
    "matrix.plot": PaneHelp(
        "Plot",
        "A picture of the cell; p goes through the kinds that have something to show, :plot KIND takes one. "
        + " ".join(f"{kind}: {said}." for kind, said in KINDS.items()),
    ),
}
