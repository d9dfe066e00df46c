"""The one registry of actions: bindings, footer, help, palette and the README's table all come from it.

Each place has a file here with its actions and what ``?`` says of its panes. Nothing here knows Textual:
``intermezzo.tui.keys`` turns these into bindings. A widget that owns a scope has a method
``action_<name>`` for each of the scope's actions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from intermezzo.tui.places import entry

from . import claims, compare, everywhere, items, launch, matrix, runs, sql
from .action import Action, Argument, PaneHelp

__all__ = ["ACTIONS", "FOOTER_KEYS", "PANES", "Action", "Argument", "PaneHelp"]

FOOTER_KEYS = 6
"""Most keys the footer shows."""

_OF_PLACES = (matrix, compare, items, claims, runs, launch, sql)

ACTIONS: tuple[Action, ...] = (
    *everywhere.MOVING,
    *(action for place in _OF_PLACES for action in place.ACTIONS),
    *everywhere.VIEWING,
    *everywhere.ANYWHERE,
)
"""Every action there is. A new place adds a file with its own, under its own scope."""

PANES: dict[str, PaneHelp] = {pane: said for place in _OF_PLACES for pane, said in place.PANES.items()}
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


TYPED_IN = frozenset({"sql.editor"})
"""Panes that take text: keys that write or edit there do nothing else."""

_EDITS = frozenset({"enter", "tab", "backspace", "home", "end", "up", "down", "left", "right", "ctrl+z"})


def keys_in(action: Action, pane: str) -> tuple[str, ...]:
    """Return the keys that an action has in a pane."""
    if pane not in TYPED_IN:
        return action.keys
    return tuple(key for key in action.keys if len(key) > 1 and key not in _EDITS)


def keys_text(action: Action, pane: str = "") -> str:
    """Return all keys of an action as shown to people, or its palette form where it has none."""
    return " ".join(key_text(key) for key in keys_in(action, pane)) or f":{action.name}"


def in_scopes(scopes: Iterable[str]) -> list[Action]:
    """Return the actions of these scopes, in the order of the scopes, then of the registry."""
    return [action for scope in scopes for action in ACTIONS if action.scope == scope]


def scopes_of(pane: str) -> tuple[str, ...]:
    """Return the scopes that hold in a pane: itself, its place, what all views have, moving, and global."""
    moving = () if pane in TYPED_IN else ("move",)
    return (pane, pane.partition(".")[0], "view", *moving, "global")


def footer(pane: str) -> list[tuple[str, str]]:
    """Return ``(key, title)`` of at most ``FOOTER_KEYS`` actions worth naming in a pane."""
    shown = [action for action in in_scopes(scopes_of(pane)) if action.footer and keys_in(action, pane)]
    if pane.endswith(".grid"):
        shown = [action for action in shown if action.name != "out"]
    else:
        shown = [a for a in shown if a.name not in {"in", "filter", "which"} or a.scope == pane]
    shown.sort(key=lambda action: action.footer)
    return [(key_text(keys_in(action, pane)[0]), action.title) for action in shown[:FOOTER_KEYS]]


def help_table(pane: str) -> list[tuple[str, str]]:
    """Return ``(keys, what they do)`` of everything that holds in a pane."""
    return [(keys_text(action, pane), action.help) for action in in_scopes(scopes_of(pane))]


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


_WHERE = {"move": "every pane", "view": "every view", "global": "anywhere"}


def readme_keys() -> str:
    """Return the table of keys as Markdown, for the README."""
    lines = ["| where | keys | do |", "|---|---|---|"]
    for action in ACTIONS:
        if action.keys:
            found = entry(action.scope)
            where = found.title if found else _WHERE.get(action.scope, action.scope)
            # a bar would end the cell, also inside code
            keys = " ".join(f"`{key_text(key)}`" for key in action.keys).replace("|", "\\|")
            lines.append(f"| {where} | {keys} | {action.help} |")
    return "\n".join(lines) + "\n"
