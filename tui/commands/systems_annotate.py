"""``intermezzo systems annotate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from intermezzo.tui.options import chosen_store, store_options

if TYPE_CHECKING:
    from intermezzo.queries.store.layout import Store


@click.command(name="annotate")
@click.option("--name", metavar="NAME", help="A name exactly as the files have it (`found as` in the list).")
@click.option(
    "--path",
    metavar="PATTERN",
    help="Or a path pattern below the imported folder: * within a folder, ** across, {recipe} captures.",
)
@click.option("--base-model", metavar="MODEL", help="The pretrained model, e.g. xlm-roberta-large.")
@click.option("--base-revision", metavar="REVISION", help="Its revision.")
@click.option("--recipe", metavar="RECIPE", help="direct, mnli, 'a > b' in turn, 'a + b' jointly.")
@click.option("--train-seed", metavar="N", type=click.IntRange(min=0), help="Seed of the training.")
@click.option("--step", metavar="N", type=click.IntRange(min=0), help="Training step of the checkpoint.")
@click.option("--shots", metavar="N", type=click.IntRange(min=0), help="Examples in the prompt.")
@click.option("--prompt", metavar="NAME", help="Prompt variant.")
@click.option("--system", metavar="LABEL", help="The label to show instead of the one made up of these.")
@store_options
@click.pass_context
def command(ctx: click.Context, /, name: str | None, path: str | None, **said: str | int | None) -> None:
    """Say what a name or a path pattern is; a rule is appended to systems.toml and applied to all runs."""
    if (name is None) == (path is None):
        raise click.UsageError("Give either --name or --path: what the rule is about.", ctx)
    if all(value is None for value in said.values()) and "{" not in (path or ""):
        raise click.UsageError("Say something of it: --base-model, --recipe, or {captures} in the path.", ctx)
    from intermezzo.queries.identity import annotate
    from intermezzo.queries.store.publisher import publish
    from intermezzo.tui.output import say

    store = chosen_store(ctx)
    say(annotate(store, name=name, path=path, **said))  # type: ignore[arg-type]
    publish(store, wait=True)
    if name is not None and not _is_found(store, name):
        say(f"No run of this store is named {name!r} so far: `intermezzo systems` lists the names found.")


def _is_found(store: Store, name: str) -> bool:
    from intermezzo.tui.stores import reading

    with reading(store) as reader:
        return any(row[0] == name for row in reader.ask("found_names").rows)
