"""What can be done with runs."""

from __future__ import annotations

from .action import Action, Argument, PaneHelp

ACTIONS: tuple[Action, ...] = (
    Action("in", ("enter",), "in", "everything about the run: lineage, files, config, scores; then its "
           "learning curves", "runs", 1),
    Action("filter", ("/",), "filter", "show only runs that hold all words; !word must not occur; Esc clears",
           "runs", 2, Argument("WORDS")),
    Action("mark", ("space",), "mark", "mark the run under the cursor with *, or take the mark away",
           "runs", 3),
    Action("compare", ("c",), "difference", "what differs between the last two marked runs", "runs", 4),
    Action("hide", ("H",), "hide", "take the run out of view, with a reason: no number counts it any more, "
           "nothing is deleted; on a hidden run: bring it back", "runs", 0, Argument("WHY")),
    Action("concealed", ("a",), "hidden runs", "list hidden and superseded runs too, or not", "runs"),
    Action("sort", ("s",), "sort", "sort by date, system, task, seed, items, evidence in turn", "runs", 0,
           Argument("BY", choices=("date", "system", "task", "seed", "items", "evidence"))),
    Action("reverse", ("S",), "reverse", "reverse the sort", "runs"),
    Action("system", (), "system", "show only the runs of a system; without a name of all", "runs", 0,
           Argument("SYSTEM", source="systems")),
    Action("task", (), "task", "show only the runs of a task; without a name of all", "runs", 0,
           Argument("TASK", source="tasks")),
    Action("unmark", (), "unmark", "take all marks away", "runs"),
)  # fmt: skip

PANES: dict[str, PaneHelp] = {
    "runs.grid": PaneHelp(
        "Runs",
        "Every run of the store, newest first: one system on one task, one train seed, one split. Under e "
        "the letter of the strongest rung of its scores; hidden and superseded runs are dim, their state "
        "says why.",
    ),
    "runs.detail": PaneHelp(
        "Run",
        "Everything about a run, or after c what differs between two: - the first marked, + the second. "
        "Lineage: the base model, what was trained on it in turn, and what else was evaluated of each stage.",
    ),
    "runs.curves": PaneHelp(
        "Learning curves",
        "What was kept along the training of the run, or of the two compared: development scores, then "
        "losses; the target's own stage before those that it was built on.",
    ),
}
