"""The action registry and what is made of it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from intermezzo.tui.actions import (
    ACTIONS,
    FOOTER_KEYS,
    PANES,
    footer,
    help_table,
    in_scopes,
    matching,
    parse,
    readme_keys,
    scopes_of,
)

NEVER = {
    "ctrl+s",
    "ctrl+q",
    "ctrl+i",
    "ctrl+m",
    "ctrl+left_square_bracket",
    "ctrl+[",
    "ctrl+enter",
    "shift+enter",
}
NEVER |= {"ctrl+a", "ctrl+b", "ctrl+h", "ctrl+j"}


@pytest.mark.parametrize("pane", sorted(PANES))
def test_in_every_pane_a_key_means_one_thing(pane):
    keys = [key for action in in_scopes(scopes_of(pane)) for key in action.keys]
    assert len(keys) == len(set(keys))


def test_where_text_is_typed_no_key_is_named_that_would_be_typed():
    assert footer("sql.editor") == [("ctrl+r", "run"), ("F1", "help"), ("Esc", "out")]
    told = [keys for keys, _ in help_table("sql.editor")]
    assert not [keys for keys in told if any(len(key) == 1 for key in keys.split())]
    assert "one row up" not in dict(help_table("sql.editor")).values(), "letters and arrows are the text's"
    assert ":undo" in told


def test_keys_that_terminals_take_or_cannot_send_are_never_bound():
    bound = {key for action in ACTIONS for key in action.keys}
    assert not bound & NEVER
    assert not any(key.startswith("alt+") for key in bound)
    # suspending is what ctrl+z means in a shell: nothing else may have it
    assert [a.name for a in ACTIONS if "ctrl+z" in a.keys] == ["suspend-process"]


def test_the_keys_of_the_design_do_what_it_says():
    wanted = {
        "h": "left",
        "j": "down",
        "k": "up",
        "l": "right",
        "g": "top",
        "G": "bottom",
        "0": "first-column",
        "$": "last-column",
        "ctrl+d": "half-down",
        "ctrl+u": "half-up",
        "enter": "in",
        "escape": "out",
        "backspace": "out",
        "[": "back",
        "]": "forward",
        "/": "filter",
        "s": "sort",
        "S": "reverse",
        "t": "transpose",
        "m": "aggregate",
        "b": "baseline",
        "d": "deltas",
        "space": "mark",
        "c": "compare",
        "y": "copy",
        "Y": "copy-row",
        "x": "export",
        "u": "undo",
        "U": "redo",
        "r": "run",
        ".": "command",
        "?": "help",
        ":": "palette",
        "ctrl+p": "palette",
        "tab": "next-pane",
        "1": "place",
        "q": "quit",
    }
    bound = {key: action.name for action in in_scopes(scopes_of("matrix.grid")) for key in action.keys}
    assert {key: bound.get(key) for key in wanted} == wanted


@pytest.mark.parametrize("pane", sorted(PANES))
def test_the_footer_fits_the_narrowest_terminal(pane):
    keys = footer(pane)
    assert 0 < len(keys) <= FOOTER_KEYS
    assert sum(len(key) + len(title) + 3 for key, title in keys) <= 79


def test_help_has_every_key_of_a_pane():
    table = help_table("matrix.grid")
    assert len(table) == len(in_scopes(scopes_of("matrix.grid")))
    assert all(text for _, text in table)


def test_the_palette_offers_the_best_first():
    scopes = scopes_of("matrix.grid")
    assert matching("fil", scopes)[0].name == "filter"
    assert matching("filter xlm", scopes)[0].name == "filter"
    assert "transpose" in [action.name for action in matching("tsp", scopes)]
    assert matching("zzz", scopes) == []
    assert len(matching("", scopes)) == len(in_scopes(scopes))


@pytest.mark.parametrize(
    ("line", "name", "argument"),
    [
        ("filter xlm r", "filter", "xlm r"),
        ("baseline  mbert + mnli ", "baseline", "mbert + mnli"),
        ("transp", "transpose", ""),
        ("aggregate median", "aggregate", "median"),
        ("copy", "copy", ""),
    ],
)
def test_palette_lines_are_read(line, name, argument):
    read = parse(line, scopes_of("matrix.grid"))
    assert not isinstance(read, str), read
    assert (read[0].name, read[1]) == (name, argument)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("zzz", "no action"),
        ("", "no action"),
        ("transpose now", "takes no argument"),
        ("aggregate best", "takes one of"),
        ("un", "could be"),
        ("place", "say place"),
    ],
)
def test_palette_lines_that_cannot_be_done_are_answered_with_a_sentence(line, said):
    read = parse(line, scopes_of("matrix.grid"))
    assert isinstance(read, str)
    assert said in read


def test_the_readme_table_has_all_keys():
    table = readme_keys()
    assert table.startswith("| where | keys | do |\n|---|---|---|\n")
    assert "| Items | `f` | " in table
    assert all(f"`{key}`" in table for key in ("j", "ctrl+d", "?", "Esc", "PgDn"))


def test_the_app_alone_imports_no_database_and_no_plots():
    heavy = "('duckdb', 'polars', 'numpy', 'plotext', 'scipy')"
    imports = "import sys, intermezzo.tui.app, intermezzo.tui.places.matrix"
    code = f"{imports}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_registry_knows_no_textual():
    code = "import sys, intermezzo.tui.actions, intermezzo.tui.terminal; print('textual' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
