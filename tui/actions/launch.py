"""What can be done with jobs in the background and with experiments."""

from __future__ import annotations

from .action import Action, Argument, PaneHelp

ACTIONS: tuple[Action, ...] = (
    Action("in", ("enter",), "log", "what the job under the cursor says", "launch.grid", 1),
    Action("new", ("n", "r"), "new", "start an evaluation, in the background", "launch.grid", 2),
    Action("in", ("enter",), "curve", "the learning curve of the stage under the cursor", "launch.plan", 1),
    Action("start", ("s",), "start", "start the experiment, here or on SLURM; a form asks", "launch.plan", 2),
    Action("cancel", ("X",), "cancel", "stop the job under the cursor, in the first line of a plan all "
           "of the experiment; what is done is kept", "launch", 4),
    Action("experiment", ("e",), "experiment", "plan an experiment: a TOML file, or one that came with the "
           "program", "launch", 3, Argument("FILE", required=True, source="experiments")),
)  # fmt: skip

PANES: dict[str, PaneHelp] = {
    "launch.grid": PaneHelp(
        "Launch",
        "Evaluations and stages of experiments that run without this terminal, the newest first: they go on "
        "when the app ends, and `intermezzo jobs` lists them too; and what an `intermezzo run` or "
        "`evaluate` at another terminal is at. A run comes into the matrix by itself when "
        "its job is done; a job that was stopped or killed goes on where it was when it is started again.",
    ),
    "launch.log": PaneHelp("Log", "What the job has said, the end of it last."),
    "launch.plan": PaneHelp(
        "Plan",
        "An experiment's stages, each below the one that it starts from, equal ones once; a column a seed. "
        "train and eval 40 %: a job is at it; queued: one waits; trained: evaluations are left; begun: a "
        "checkpoint is there; failed, stopped, lost: its last job ended so; blocked: something is missing. "
        "Cost is what is left of the line. The first line tells of the whole experiment.",
    ),
    "launch.curve": PaneHelp(
        "Learning curve",
        "Scores on the train language's development split and the training loss, while it trains and after.",
    ),
    "launch.stage": PaneHelp(
        "Stage",
        "How the stage fares, its evaluations with their runs, its settings (dim where they are the usual "
        "ones), what its job says.",
    ),
}
