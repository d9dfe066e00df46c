"""``intermezzo systems accept``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from intermezzo.tui.options import chosen_store, store_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intermezzo.queries.suggestions import Suggestion


@click.command(name="accept")
@click.argument("names", metavar="NAME...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All that say both base model and recipe.")
@store_options
@click.pass_context
def command(ctx: click.Context, names: tuple[str, ...], every: bool) -> None:
    """Accept what is suggested for NAME (as found, or a path pattern of a suggestion), or for all.

    `intermezzo systems suggest` shows the suggestions. Accepted ones are appended to systems.toml and hold
    for all runs. Exit code 0; 1 if something could not be accepted; 2 for a name without a suggestion.
    """
    if bool(names) == every:
        raise click.UsageError("Give the names to accept, or --all.", ctx)
    from intermezzo.queries.systems_edit import annotate_all
    from intermezzo.tui.output import counted, say
    from intermezzo.tui.suggestions import one_rule_for_all, suggested

    store = chosen_store(ctx)
    found = suggested(store)
    if not found:
        say("Every system of this store is known: there is nothing to accept.")
        ctx.exit(0)
    chosen = [one for one in found if one.complete] if every else _named(found, names)
    hint = one_rule_for_all(found)
    added, refused = annotate_all(store, [one.entry() for one in chosen])
    if added:
        from intermezzo.queries.store.publisher import publish

        publish(store, wait=True)
    by_entry = {tuple(one.entry().items()): one for one in chosen}
    for entry in added:
        one = by_entry[tuple(entry.items())]
        say(f"{one.about} is now {one.meaning()}")
    say(*refused)
    left = [one for one in found if not one.complete] if every else []
    if added:
        say(f"{counted(len(added), 'rule')} appended to {store.systems_toml}")
    if left:
        say(
            f"{counted(len(left), 'name')} left: too little is said of {'it' if len(left) == 1 else 'them'}, "
            f"{left[0].about!r} the first. `intermezzo systems annotate --name NAME --base-model MODEL "
            "--recipe RECIPE` says it."
        )
    if hint and len(added) > 1:
        say(hint)
    ctx.exit(1 if refused or left else 0)


def _named(found: Sequence[Suggestion], names: Sequence[str]) -> list[Suggestion]:
    """Return the suggestions for some names.

    Raises:
        Problem: Nothing is suggested for one of them.
    """
    from intermezzo.queries.errors import Problem
    from intermezzo.tui.names import nearest

    chosen = []
    for name in names:
        of_it = [one for one in found if name in (one.name, one.path)]
        if not of_it:
            near = nearest(name, [one.name for one in found])
            hint = f"Did you mean {near}?" if near else "`intermezzo systems suggest` lists those there are."
            raise Problem(f"No system that is not known is called {name!r}. {hint}")
        if not any(one.said for one in of_it):
            raise Problem(
                f"The files say too little to suggest what {name!r} is: say it by "
                "`intermezzo systems annotate`."
            )
        chosen += [one for one in of_it if one.said]
    return chosen
