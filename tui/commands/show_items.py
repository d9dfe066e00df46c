"""``intermezzo show items``: what systems said, item by item."""

from __future__ import annotations

import click
from intermezzo.tui.asking import finish, print_options, yardstick_options
from intermezzo.tui.options import chosen_store, complete_name


@click.command(name="items")
@click.argument("systems", nargs=-1, metavar="A [B]", shell_complete=complete_name("system"))
@yardstick_options
@click.option("--language", metavar="CODE", help="The language; de>en for a pair of languages.")
@click.option("--item", metavar="ID", help="Only this item, in all its languages.")
@click.option("--only-a", "which", flag_value="only-a", help="Only what A has right and B has not.")
@click.option("--only-b", "which", flag_value="only-b", help="Only what B has right and A has not.")
@click.option("--both-wrong", "which", flag_value="both-wrong", help="Only what neither has right.")
@click.option("--both-right", "which", flag_value="both-right", help="Only what both have right.")
@click.option("--differ", "which", flag_value="differ", help="Only where their predictions differ.")
@click.option(
    "--filter",
    "words",
    default="",
    metavar="WORDS",
    help="Only items whose id, text, gold or predictions hold every word; !word: do not.",
)
@click.option("--train-seed", metavar="N", type=int, help="The run of this seed.  [default: the first]")
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(0),
    default=50,
    show_default=True,
    help="At most so many; 0: all.",
)
@click.option("--offset", metavar="N", type=click.IntRange(0), default=0, help="Leave out so many first.")
@print_options
@click.pass_context
def command(
    ctx: click.Context,
    systems: tuple[str, ...],
    task: str | None,
    language: str | None,
    item: str | None,
    which: str | None,
    words: str,
    metric: str | None,
    split: str | None,
    subset: str | None,
    implementation: str | None,
    yardstick: str | None,
    train_seed: int | None,
    limit: int,
    offset: int,
    all_columns: bool,
    format_name: str,
) -> None:
    """Print items with their text, gold, predictions and credit: of one language, or one item in all of them.

    Right means full credit: 1, or every chunk found and none too many.
    """
    from intermezzo.queries.items import ItemsRequest
    from intermezzo.tui.items_text import items_answer, which_of

    if not 1 <= len(systems) <= 2:
        raise click.UsageError("Name one system or two: intermezzo show items A [B] --task NAME ...", ctx)
    if task is None and yardstick is None:
        raise click.UsageError("Name the task: --task NAME", ctx)
    if language is None and item is None:
        raise click.UsageError("Name a language or an item: --language CODE or --item ID", ctx)
    request = ItemsRequest(
        systems=systems,
        task=task,
        language=language,
        item=item,
        which=which_of(which),
        filter=words,
        metric=metric,
        split=split,
        subset=subset,
        implementation=implementation,
        yardstick=yardstick,
        train_seed=train_seed,
        limit=limit or None,
        offset=offset,
    )
    answer = items_answer(chosen_store(ctx), request, all_columns=all_columns)
    finish(ctx, answer, format_name, if_empty="There is no such item.")
