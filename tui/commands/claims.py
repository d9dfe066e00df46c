"""``intermezzo claims``: the claims of the store; nothing of them is ever edited."""

from __future__ import annotations

import click
from intermezzo.tui.lazy import Entry, LazyGroup
from intermezzo.tui.options import store_options

WHAT: dict[str, Entry] = {
    "list": Entry("claims_list", "List the claims; --all: those superseded and withdrawn too."),
    "show": Entry("claims_show", "Show a claim, its history, and who checked it with what outcome."),
    "add": Entry("claims_add", "Add the claims of a file, or those that came with the program."),
    "add-verification": Entry("claims_add_verification", "Add what others found who checked a claim."),
    "correct": Entry("claims_correct", "Supersede a claim by another, or withdraw it, saying why."),
}


@click.group(cls=LazyGroup, entries=WHAT)
@store_options
def command() -> None:
    """List claims, show one with its history, add some, correct one.

    What was once said stays: a correction is a new record that names what it supersedes.
    """
