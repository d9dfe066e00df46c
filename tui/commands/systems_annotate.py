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
    say(_who(store, name, path))


def _who(store: Store, name: str | None, path: str | None) -> str:
    """Say which runs a new rule speaks of, and what they are now."""
    import json

    from intermezzo.queries.identity import load_systems, rule_for
    from intermezzo.queries.records import Found
    from intermezzo.tui.output import counted
    from intermezzo.tui.stores import reading

    rules = load_systems(store)
    runs = 0
    systems: dict[str, None] = {}
    with reading(store) as reader:
        for row in reader.ask("founds").dicts():
            rule = rule_for(Found(**json.loads(row["found"])), rules)
            if rule is not None and (rule.path == path if path else name in rule.names):
                runs += row["runs"]
                systems[row["system"]] = None
    if not runs:
        what = f"is named {name!r}" if name else f"lies where {path!r} says"
        return f"No run of this store {what} so far: `intermezzo systems` lists what is found."
    first, more = list(systems)[:6], len(systems) - 6
    listed = ", ".join(first) + (f" and {more} more" if more > 0 else "")
    return f"It speaks of {counted(runs, 'run')}: {listed}."
