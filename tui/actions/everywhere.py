"""What can be done in every pane, in every place with a view of its own, and anywhere."""

from __future__ import annotations

from intermezzo.tui.places import PLACES

from .action import Action, Argument

MOVING: tuple[Action, ...] = (
    Action("up", ("k", "up"), "up", "one row up", "move"),
    Action("down", ("j", "down"), "down", "one row down", "move"),
    Action("left", ("h", "left"), "left", "one column left", "move"),
    Action("right", ("l", "right"), "right", "one column right", "move"),
    Action("top", ("g", "ctrl+home"), "top", "first row", "move"),
    Action("bottom", ("G", "ctrl+end"), "bottom", "last row", "move"),
    Action("first-column", ("0", "home"), "first column", "first column", "move"),
    Action("last-column", ("$", "end"), "last column", "last column", "move"),
    Action("half-down", ("ctrl+d", "pagedown"), "half page down", "half a page down", "move"),
    Action("half-up", ("ctrl+u", "pageup"), "half page up", "half a page up", "move"),
)  # fmt: skip

VIEWING: tuple[Action, ...] = (
    Action("undo", ("u",), "undo", "undo the last change of the view", "view"),
    Action("redo", ("U",), "redo", "do it again", "view"),
    Action("copy", ("y",), "copy", "copy what is under the cursor, through the terminal (OSC 52)", "view"),
    Action("copy-row", ("Y",), "copy row", "copy the whole row, numbers unrounded", "view"),
    Action("export", ("x",), "export", "write what is on screen to a file; the ending of its name chooses "
           "the format: .csv .json .jsonl .md .tex .txt as the command behind the view prints it, .tsv as it "
           "stands, .svg a picture", "view", 0, Argument("FILE")),
)  # fmt: skip

ANYWHERE: tuple[Action, ...] = (
    Action("out", ("escape", "backspace"), "out", "back out one level; in the matrix, clear the filter",
           "global", 9),
    Action("command", (".",), "command", "show the command and the SQL that make this view", "global", 5),
    Action("help", ("?", "f1"), "help", "help of the focused pane", "global", 6),
    Action("palette", (":", "ctrl+p"), "palette", "type an action by name, with its argument", "global"),
    Action("next-pane", ("tab",), "next pane", "next pane", "global"),
    Action("previous-pane", ("shift+tab",), "previous pane", "previous pane", "global"),
    Action("place", tuple(str(place.number) for place in PLACES), "place",
           "go to a place: " + ", ".join(f"{place.number} {place.title}" for place in PLACES), "global", 0,
           Argument("NAME", required=True, choices=tuple(place.name for place in PLACES))),
    Action("back", ("[",), "back", "back to where you were", "global"),
    Action("forward", ("]",), "forward", "forward again", "global"),
    Action("stop", ("ctrl+c",), "stop", "stop the query that is running", "global"),
    Action("suspend-process", ("ctrl+z",), "suspend", "put the app aside; fg brings it back", "global"),
    Action("tour", (), "tour", "a short tour: what one sees, and the keys that lead on", "global"),
    Action("quit", ("q",), "quit", "out, or quit", "global"),
)  # fmt: skip
