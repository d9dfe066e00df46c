"""The one registry of actions: bindings, footer, help, palette and the README's table all come from it.

Nothing here knows Textual: ``intermezzo.tui.keys`` turns these into bindings. A widget that owns a scope
has a method ``action_<name>`` for each of the scope's actions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .places import PLACES

FOOTER_KEYS = 6
"""Most keys the footer shows."""


@dataclass(frozen=True, slots=True)
class Argument:
    """What an action takes after its name in the palette: ``filter xlm``.

    Attributes:
        name: Placeholder shown in the palette, e.g. ``WORDS``.
        required: Whether the action can do nothing without it.
        choices: Fixed words it may be, or none.
        source: What the place offers as choices: ``systems``, ``tasks``, ``metrics``, or empty.
    """

    name: str
    required: bool = False
    choices: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """Something a user can do.

    Attributes:
        name: Word for the palette; the method is ``action_`` + the name with ``_`` for ``-``.
        keys: Textual key names, or characters; none for palette only.
        title: A word or two, for footer and palette.
        help: What it does, for help and README.
        scope: ``global``, ``move`` (every pane), ``view`` (every place with a state), a place (``matrix``)
            or a pane (``matrix.languages``); the main pane of a place is called ``.grid``: q leaves the app
            from there.
        footer: Order in the footer, 1 first; 0 keeps it out.
        argument: What it takes in the palette.
    """

    name: str
    keys: tuple[str, ...]
    title: str
    help: str
    scope: str
    footer: int = 0
    argument: Argument | None = None

    @property
    def method(self) -> str:
        """Name of the method that does it, without the ``action_`` before it."""
        return self.name.replace("-", "_")


@dataclass(frozen=True, slots=True)
class PaneHelp:
    """What ``?`` says about a pane besides its keys."""

    title: str
    sentence: str


_SYSTEM = Argument("SYSTEM", source="systems")

ACTIONS: tuple[Action, ...] = (
    # moving, in every pane
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
    # in and out
    Action("in", ("enter",), "in", "drill in: from the matrix to the languages of the cell", "matrix", 1),
    Action("out", ("escape", "backspace"), "out", "back out one level; in the matrix, clear the filter",
           "global", 9),
    # the matrix place
    Action("filter", ("/",), "filter", "show only systems that hold all words; !word must not occur; "
           "Esc clears", "matrix", 2, Argument("WORDS")),
    Action("sort", ("s",), "sort", "sort by the column under the cursor, again for the order of the store; "
           "in the languages: by value, n, family, script, language in turn", "matrix", 4, Argument("BY")),
    Action("reverse", ("S",), "reverse", "reverse the sort", "matrix"),
    Action("deltas", ("d",), "values/deltas", "values, or differences from the baseline", "matrix", 3),
    Action("baseline", ("b",), "baseline", "pin the system under the cursor as the baseline of all deltas; "
           "again, or on it: each system's own direct arm", "matrix", 0, _SYSTEM),
    Action("aggregate", ("m",), "aggregate", "how languages become one number: macro, median, worst, micro, "
           "without-train, transfer-gap", "matrix", 0,
           Argument("HOW", choices=("macro", "median", "worst", "micro", "without-train", "transfer-gap"))),
    Action("transpose", ("t",), "transpose", "swap rows and columns", "matrix"),
    Action("metric", (), "metric", "show yardsticks of one metric; without a name each task's own",
           "matrix", 0, Argument("METRIC", source="metrics")),
    Action("task", (), "task", "show only these tasks or task groups; without a name all", "matrix", 0,
           Argument("TASKS", source="tasks")),
    Action("hide", (), "hide", "hide the row under the cursor, or the one named", "matrix", 0, _SYSTEM),
    Action("unhide", (), "unhide", "show all hidden rows again", "matrix"),
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
    # comparing
    Action("in", ("enter",), "items", "the items of the language under the cursor", "compare", 1),
    Action("filter", ("/",), "filter", "show only languages whose code, name, family or script holds all "
           "words; Esc clears", "compare", 2, Argument("WORDS")),
    Action("sort", ("s",), "sort", "sort by delta, language, family, n, p in turn", "compare", 3,
           Argument("BY", choices=("delta", "language", "family", "n", "p"))),
    Action("swap", ("t",), "swap", "swap A and B", "compare", 4),
    Action("reverse", ("S",), "reverse", "reverse the sort", "compare"),
    Action("pair", ("p",), "next pair", "show the next pair, where more than two systems are compared",
           "compare"),
    Action("insist", ("i",), "insist", "compare although prompt, shots, data or selection are known to "
           "differ; again: refuse", "compare"),
    Action("adjust", ("m",), "adjust", "how p is adjusted over the family of languages: holm or bh",
           "compare", 0, Argument("HOW", choices=("holm", "bh"))),
    Action("items-only", ("v",), "items only", "only languages whose items are kept on both sides, or all",
           "compare"),
    Action("task", (), "task", "compare the same systems on another task", "compare", 0,
           Argument("TASK", required=True)),
    # items
    Action("in", ("enter",), "in", "the item under the cursor, in all its languages", "items", 1),
    Action("filter", ("f",), "A or B right", "all items, A right and B wrong, B right and A wrong, both "
           "wrong, both right, predictions that differ, in turn; Esc: all", "items", 2,
           Argument("WHICH", choices=("all", "only-a", "only-b", "both-wrong", "both-right", "differ"))),
    Action("next-language", ("n",), "language", "the next language; the item stays", "items", 3),
    Action("previous-language", ("N",), "language before", "the language before", "items"),
    Action("swap", ("t",), "swap", "swap A and B", "items", 4),
    Action("language", (), "language", "go to a language by its code", "items", 0,
           Argument("CODE", required=True, source="languages")),
    # the claims
    Action("in", ("enter",), "in", "the rows that decided the claim; from a row, the runs behind it",
           "claims", 1),
    Action("filter", ("/",), "filter", "show only claims that hold all words, also of the verdict; !word "
           "must not occur; Esc clears", "claims", 2, Argument("WORDS")),
    Action("every", ("a",), "superseded", "list superseded and withdrawn claims too, or not", "claims", 3),
    # the runs
    Action("in", ("enter",), "in", "everything about the run: lineage, files, config, scores", "runs", 1),
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
    Action("unmark", (), "unmark", "take all marks away", "runs"),
    # evaluations in the background
    Action("in", ("enter",), "log", "what the job under the cursor says", "launch", 1),
    Action("new", ("n", "r"), "new", "start an evaluation, in the background", "launch", 2),
    Action("cancel", ("X",), "cancel", "stop the job under the cursor; what is done is kept", "launch", 3),
    # SQL
    Action("execute", ("ctrl+r",), "run", "run the statement; so does Enter behind its ;", "sql", 1),
    Action("in", ("enter",), "edit", "to the editor; Esc comes back to the rows", "sql", 2),
    Action("history", (), "history", "bring back a statement that was run", "sql", 0,
           Argument("STATEMENT", source="history")),
    Action("saved", (), "saved", "a question of the store, or one that you saved", "sql", 0,
           Argument("NAME", required=True, source="saved")),
    Action("save", (), "save", "save the statement under a name, for every store", "sql", 0,
           Argument("NAME", required=True)),
    # every place with a view of its own
    Action("undo", ("u",), "undo", "undo the last change of the view", "view"),
    Action("redo", ("U",), "redo", "do it again", "view"),
    Action("copy", ("y",), "copy", "copy what is under the cursor: the cell, or in a list its row", "view"),
    Action("copy-row", ("Y",), "copy row", "copy the whole row; of languages, all of them", "view"),
    Action("export", ("x",), "export", "write what is on screen to a file; the ending of its name "
           "chooses the format: .csv, .json or .md", "view", 0, Argument("FILE")),
    # everywhere
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
    Action("quit", ("q",), "quit", "out, or quit", "global"),
)  # fmt: skip
"""Every action there is. A new place adds its own, under its own scope."""

PANES: dict[str, PaneHelp] = {
    "matrix.grid": PaneHelp(
        "Matrix",
        "Systems down, tasks across; each cell is a system's score over the languages of a task, x 100, with "
        "the letter of its rung: p published, l logged, r recomputed, m measured. ≠ is a recomputed value "
        "that differs from the logged one, ! a significant delta, · a gap: its reason stands below. Values "
        "are shaded inside their own column, deltas from orange (loss) to blue (gain).",
    ),
    "matrix.languages": PaneHelp(
        "Languages",
        "The languages behind the cell under the matrix's cursor: value with the letter of its rung, 95 % "
        "interval, number of items and train seeds (s), script and family; † is the train language. "
        "With d the differences from the baseline, around zero.",
    ),
    "matrix.plot": PaneHelp(
        "Plot",
        "The same languages as a picture: values with their 95 % intervals; with d the system against its "
        "baseline, the diagonal meaning no difference.",
    ),
    "compare.grid": PaneHelp(
        "Compare",
        "A minus B in each language, on the items that both have, x 100: plain 95 % interval, ▲ or ▼ where "
        "the p adjusted over the languages is below .05. At the end of a line the letter of the rung, v "
        "where only values are known, x where there is no difference, ! where a note stands below.",
    ),
    "compare.forest": PaneHelp(
        "Forest plot",
        "The same differences around zero: ● is significant by its adjusted p, ○ is not, ◆ is one over "
        "languages; lines are plain 95 % intervals.",
    ),
    "compare.notes": PaneHelp(
        "What stands behind a comparison",
        "What is the same, different or unknown of the two, the family of tests, what the intervals cover, "
        "what is missing and why.",
    ),
    "items.grid": PaneHelp(
        "Items",
        "What the systems said, item by item: ✓ is full credit, ✗ is not; between, the credit; of a corpus "
        "metric found/predicted/gold. f shows what only A has right, then only B, and so on.",
    ),
    "items.item": PaneHelp(
        "Item",
        "The item under the cursor: text, gold, what each system said; where the task is parallel, in all "
        "its languages, the one it was opened from first.",
    ),
    "claims.grid": PaneHelp(
        "Claims",
        "What is claimed, and what this store makes of it: supported, contradicted or undetermined. Under "
        "audits, how many fail (✗) and how many cannot tell (?). Enter shows the rows that decided it, Tab "
        "the audits, grades, history and who else checked it. `intermezzo check` keeps what is found.",
    ),
    "claims.detail": PaneHelp(
        "Claim",
        "Verdict and reasons, each audit (+ passes, ✗ fails, ? cannot tell, - does not apply), grades by "
        "rule, what the claim says, what was said before, and verifications: ours and others', with what a "
        "record says against itself.",
    ),
    "claims.rows": PaneHelp(
        "Evidence",
        "The rows that decided the claim: the difference of each unit with its 95 % interval in the metric's "
        "natural unit (0.01 is one point), items, letter of the rung, and the verdict of its interval.",
    ),
    "sql.grid": PaneHelp(
        "SQL",
        "The rows of your statement. It ran in a process of its own with limited memory, over the index and "
        "nothing else: no files, no network, no changes; ctrl+c stops it. The tables and views are "
        "commented: SELECT table_name, comment FROM duckdb_views();",
    ),
    "sql.editor": PaneHelp(
        "SQL editor",
        "DuckDB's dialect. Enter behind a ; or ctrl+r runs, Tab completes names, Esc goes to the rows.",
    ),
    "runs.grid": PaneHelp(
        "Runs",
        "Every run of the store, newest first: one system on one task, one train seed, one split. Under e "
        "the letter of the strongest rung of its scores; hidden and superseded runs are dim, their state "
        "says why.",
    ),
    "runs.detail": PaneHelp(
        "Run",
        "Everything about a run, or after c what differs between two: - the first marked, + the second.",
    ),
    "launch.grid": PaneHelp(
        "Launch",
        "Evaluations that run without this terminal, the newest first: they go on when the app ends, and "
        "`intermezzo jobs` lists them too. A run comes into the matrix by itself when its job is done; a "
        "job that was stopped or killed goes on where it was when it is started again.",
    ),
    "launch.log": PaneHelp("Log", "What the job has said, the end of it last."),
}
"""Title and sentence of each pane, for ``?``."""

_KEY_NAMES = {
    "up": "↑", "down": "↓", "left": "←", "right": "→", "escape": "Esc", "backspace": "Backspace",
    "enter": "Enter",
    "pagedown": "PgDn", "pageup": "PgUp", "home": "Home", "end": "End", "space": "space", "tab": "Tab",
    "shift+tab": "shift+Tab", "f1": "F1", "ctrl+home": "ctrl+Home", "ctrl+end": "ctrl+End",
}  # fmt: skip


def key_text(key: str) -> str:
    """Return a key as it is shown to people."""
    return _KEY_NAMES.get(key, key)


def keys_text(action: Action) -> str:
    """Return all keys of an action as shown to people, or its palette form where it has none."""
    return " ".join(key_text(key) for key in action.keys) or f":{action.name}"


def in_scopes(scopes: Iterable[str]) -> list[Action]:
    """Return the actions of these scopes, in the order of the scopes, then of the registry."""
    return [action for scope in scopes for action in ACTIONS if action.scope == scope]


def scopes_of(pane: str) -> tuple[str, ...]:
    """Return the scopes that hold in a pane: itself, its place, what all views have, moving, and global."""
    return (pane, pane.partition(".")[0], "view", "move", "global")


def footer(pane: str) -> list[tuple[str, str]]:
    """Return ``(key, title)`` of at most ``FOOTER_KEYS`` actions worth naming in a pane."""
    shown = [action for action in in_scopes(scopes_of(pane)) if action.footer and action.keys]
    if pane.endswith(".grid"):
        shown = [action for action in shown if action.name != "out"]
    else:
        shown = [action for action in shown if action.name not in {"in", "filter"}]
    shown.sort(key=lambda action: action.footer)
    return [(key_text(action.keys[0]), action.title) for action in shown[:FOOTER_KEYS]]


def help_table(pane: str) -> list[tuple[str, str]]:
    """Return ``(keys, what they do)`` of everything that holds in a pane."""
    return [(keys_text(action), action.help) for action in in_scopes(scopes_of(pane))]


def matching(text: str, scopes: Iterable[str]) -> list[Action]:
    """Return the actions a palette offers for what was typed so far, best first.

    The first word is compared with names and titles: equal, then beginning, then inside, then all its
    letters in order.
    """
    word = text.strip().partition(" ")[0].casefold()
    offered = in_scopes(scopes)
    if not word:
        return offered
    ranked: list[tuple[int, int, Action]] = []
    for place, action in enumerate(offered):
        name, title = action.name, action.title.casefold()
        if name == word:
            rank = 0
        elif name.startswith(word):
            rank = 1
        elif word in name or word in title:
            rank = 2
        elif _in_order(word, name):
            rank = 3
        else:
            continue
        ranked.append((rank, place, action))
    return [action for _, _, action in sorted(ranked, key=lambda r: r[:2])]


def _in_order(word: str, name: str) -> bool:
    letters = iter(name)
    return all(letter in letters for letter in word)


def parse(text: str, scopes: Sequence[str]) -> tuple[Action, str] | str:
    """Read a palette line: ``(action, argument)``, or a sentence saying what is wrong.

    A name may be shortened as long as one action remains.
    """
    name, _, argument = text.strip().partition(" ")
    argument = argument.strip()
    found = matching(name, scopes)
    exact = [action for action in found if action.name == name.casefold()]
    beginning = [action for action in found if action.name.startswith(name.casefold())]
    if not name or not found:
        return f"there is no action {name!r} here"
    if not exact and len(beginning) > 1:
        return f"{name!r} could be " + " or ".join(action.name for action in beginning)
    action = (exact or beginning or found)[0]
    if argument and action.argument is None:
        return f"{action.name} takes no argument"
    if not argument and action.argument is not None and action.argument.required:
        return f"say {action.name} {action.argument.name}"
    choices = action.argument.choices if action.argument else ()
    if argument and choices and argument not in choices:
        return f"{action.name} takes one of: {', '.join(choices)}"
    return action, argument


def readme_keys() -> str:
    """Return the table of keys as Markdown, for the README."""
    lines = ["| keys | do |", "|---|---|"]
    for action in ACTIONS:
        if action.keys:
            keys = " ".join(f"`{key_text(key)}`" for key in action.keys)
            lines.append(f"| {keys} | {action.help} |")
    return "\n".join(lines) + "\n"
