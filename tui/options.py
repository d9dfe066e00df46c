"""Options that commands share, and what they mean: which store, which format."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click
from intermezzo.queries.plain_files import at_home

from .lazy import DEBUG

if TYPE_CHECKING:
    from pathlib import Path

    from click.shell_completion import CompletionItem
    from intermezzo.queries.store.layout import Store

F = TypeVar("F", bound=Callable[..., Any])

_STORE = "intermezzo.store"
_DEMO = "intermezzo.demo"


def _remember(key: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    """Keep an option for the whole command line: it may stand before or after the command."""

    def callback(ctx: click.Context, _param: click.Parameter, value: Any) -> None:
        if value:
            ctx.meta[key] = value

    return callback


def store_options(command: F) -> F:
    """Give a command ``--store`` and ``--demo``; ``chosen_store`` reads them."""
    demo = click.option(
        "--demo",
        is_flag=True,
        expose_value=False,
        callback=_remember(_DEMO),
        help="Use the demo store (built when first used).",
    )
    store = click.option(
        "--store",
        metavar="PATH",
        type=click.Path(),
        expose_value=False,
        callback=_remember(_STORE),
        help="The store: a folder.  [default: $INTERMEZZO_STORE, else ./intermezzo-store]",
    )
    return store(demo(debug_option(command)))


def debug_option(command: F) -> F:
    """Give a command ``--debug``: a traceback where something goes wrong."""
    option = click.option(
        "--debug",
        is_flag=True,
        expose_value=False,
        callback=_remember(DEBUG),
        help="Show a traceback if something goes wrong.",
    )
    return option(command)


def format_option(command: F) -> F:
    """Give a command ``--format``, passed on as ``format_name``."""
    from .output import FORMATS

    option = click.option(
        "--format",
        "format_name",
        type=click.Choice(list(FORMATS)),
        default="table",
        show_default=True,
        help="How to print; csv, json and jsonl carry all digits.",
    )
    return option(command)


def data_option(command: F) -> F:
    """Give a command ``--data``: where an experiment's data are."""
    option = click.option(
        "--data",
        metavar="DIR",
        type=click.Path(exists=True, file_okay=False),
        help="Folder of the data sets, wherever FILE says they are.",
    )
    return option(command)


def store_is_named(ctx: click.Context) -> bool:
    """Say whether ``--store`` or ``--demo`` is given."""
    return bool(ctx.meta.get(_STORE) or ctx.meta.get(_DEMO))


def asked_path(ctx: click.Context) -> Path | None:
    """Return the path of the store that is meant, or ``None`` for the demo store.

    Raises:
        click.UsageError: Both ``--store`` and ``--demo`` are given.
    """
    from intermezzo.queries.store.layout import default_path

    path, demo = ctx.meta.get(_STORE), ctx.meta.get(_DEMO)
    if path and demo:
        raise click.UsageError("--store and --demo name two stores: give one of them.", ctx)
    if demo:
        return None
    return at_home(path) if path else default_path()


def chosen_store(ctx: click.Context, *, create: bool = False) -> Store:
    """Open the store that is meant: ``--store``, ``--demo``, or the default one.

    Args:
        ctx: The command's context.
        create: Make it where there is none: something is put into it, which the demo store does not take.

    Raises:
        Problem: There is none, it cannot be opened, or is the demo's and something is to be put into it.
    """
    from intermezzo.queries.errors import Problem

    from .stores import demo_store, existing_store

    path = asked_path(ctx)
    if path is None and create:
        raise Problem(
            "The demo store holds what came with the program and nothing else: name a store of your own "
            "(--store PATH), or leave --demo out for the default one."
        )
    if path is None:
        return demo_store()
    return existing_store(path, create=create)


def complete_name(kind: str) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """Return a completer for names that the store holds: ``system``, ``task``, ``metric``."""

    def complete(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        import os
        import shlex

        from click.shell_completion import CompletionItem
        from intermezzo.queries.harmless import harmless

        from .stores import names_in

        bash = any(
            key.endswith("_COMPLETE") and value.startswith("bash") for key, value in os.environ.items()
        )
        try:
            names = names_in(chosen_store(ctx), kind)
        except Exception:  # a completion that fails is no completion
            return []
        start = incomplete.casefold()
        # A line break in a name would make two completions of one, the second as it pleases.
        found = [name for name in names if name.casefold().startswith(start) and name == harmless(name)]
        return [CompletionItem(shlex.quote(name) if bash else name) for name in found]

    return complete
