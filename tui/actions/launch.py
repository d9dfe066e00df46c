"""What can be done with evaluations in the background."""

from __future__ import annotations

from .action import Action, PaneHelp

ACTIONS: tuple[Action, ...] = (
    Action("in", ("enter",), "log", "what the job under the cursor says", "launch", 1),
    Action("new", ("n", "r"), "new", "start an evaluation, in the background", "launch", 2),
    Action("cancel", ("X",), "cancel", "stop the job under the cursor; what is done is kept", "launch", 3),
)  # fmt: skip

PANES: dict[str, PaneHelp] = {
    "launch.grid": PaneHelp(
        "Launch",
        "Evaluations that run without this terminal, the newest first: they go on when the app ends, and "
        "`intermezzo jobs` lists them too. A run comes into the matrix by itself when its job is done; a "
        "job that was stopped or killed goes on where it was when it is started again.",
    ),
    "launch.log": PaneHelp("Log", "What the job has said, the end of it last."),
}
