"""``intermezzo systems``: which systems there are, how surely they are known, and saying so."""

from __future__ import annotations

import click
from intermezzo.tui.asking import finish, print_options
from intermezzo.tui.lazy import Entry, LazyGroup
from intermezzo.tui.options import chosen_store

WHAT: dict[str, Entry] = {
    "list": Entry("systems_list", "List the systems (the default)."),
    "annotate": Entry("systems_annotate", "Say what a name or a path pattern is; appends to systems.toml."),
    "suggest": Entry("systems_suggest", "Print rules for systems that are not known, to be looked over."),
    "accept": Entry("systems_accept", "Accept suggestions: append them to systems.toml."),
    "check": Entry("systems_check", "Check systems.toml."),
}


@click.group(cls=LazyGroup, entries=WHAT, invoke_without_command=True)
@click.option(
    "--identity", type=click.Choice(["known", "guessed", "unknown"]), help="Only systems so surely known."
)
@print_options
@click.pass_context
def command(ctx: click.Context, identity: str | None, all_columns: bool, format_name: str) -> None:
    """List the systems: base model + recipe (+ shots and prompt), how surely that is known, and why.

    What names and folders mean stands in the store's systems.toml: `annotate` appends to it.
    """
    if ctx.invoked_subcommand is None:
        print_systems(ctx, identity, all_columns=all_columns, format_name=format_name)


def print_systems(ctx: click.Context, identity: str | None, *, all_columns: bool, format_name: str) -> None:
    """Print the list of systems and leave."""
    from dataclasses import replace

    from intermezzo.tui.lists_text import Listing, list_answer
    from intermezzo.tui.output import counted
    from intermezzo.tui.suggestions import suggested, what_to_do

    listing = Listing(
        "system_list",
        {
            "system": "system",
            "identity": "identity",
            "base_model": "base model",
            "recipe": "recipe",
            "runs": "runs",
            "train_seeds": "seeds",
            "baseline": "baseline",
            "found_names": "found as",
            "identity_why": "why",
        },
    )
    store = chosen_store(ctx)
    answer = list_answer(store, listing, identity=identity, all_columns=all_columns)
    none = f"No system of this store is {identity}." if identity else "This store has no system yet."
    at = answer.data.columns.index("identity")
    if unclear := sum(row[at] != "known" for row in answer.data.rows):
        hint = what_to_do(suggested(store))
        answer = replace(
            answer, notes=[*answer.notes, f"{counted(unclear, 'system')} not fully known: {hint}"]
        )
    finish(ctx, answer, format_name, if_empty=none)
