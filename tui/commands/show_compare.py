"""``intermezzo show compare``: two systems or more, language by language."""

from __future__ import annotations

import click
from intermezzo.queries.comparison.orders import LARGEST_FIRST, ORDERS
from intermezzo.tui.asking import print_options, yardstick_options
from intermezzo.tui.options import chosen_store, complete_name


@click.command(name="compare")
@click.argument("systems", nargs=-1, metavar="A B [C ...]", shell_complete=complete_name("system"))
@yardstick_options
@click.option(
    "--train-seed", "train_seeds", metavar="N", type=int, multiple=True, help="Only this train seed."
)
@click.option(
    "--insist",
    is_flag=True,
    help="Compare also where prompt, shots, data or selection are known to differ.",
)
@click.option(
    "--adjust",
    type=click.Choice(["holm", "bh"]),
    default="holm",
    show_default=True,
    help="How p is adjusted over the matched languages.",
)
@click.option("--items-only", is_flag=True, help="Only languages whose items are kept on both sides.")
@click.option("--pair", metavar="N", type=click.IntRange(1), help="Of several pairs only this, from 1.")
@click.option(
    "--filter",
    "words",
    metavar="WORDS",
    default="",
    help="Only languages whose code, name, family or script holds every word; !word: does not.",
)
@click.option("--sort", "by", type=click.Choice(ORDERS), help="Sort languages.  [default: delta]")
@click.option("--reverse", is_flag=True, help="Sort the other way round: delta and n are largest first.")
@print_options
@click.pass_context
def command(
    ctx: click.Context,
    systems: tuple[str, ...],
    task: str | None,
    metric: str | None,
    split: str | None,
    subset: str | None,
    implementation: str | None,
    yardstick: str | None,
    train_seeds: tuple[int, ...],
    insist: bool,
    adjust: str,
    items_only: bool,
    pair: int | None,
    words: str,
    by: str | None,
    reverse: bool,
    all_columns: bool,
    format_name: str,
) -> None:
    """Compare systems inside one yardstick: delta = A - B by language, with 95 % intervals.

    Paired by item and clustered where both sides kept their items; else a difference of scores without an
    interval, and it says so. Intervals are plain 95 %; the sign follows p adjusted over the matched
    languages. With more than two systems every pair is compared, the first system's first.

    As csv, json or jsonl: one row a language, then one a row over languages (macro, ...), natural units.

    A comparison reads items, so it is no view for `intermezzo sql`; the views languages and matrix have the
    deltas of scores. Exits 1 where the systems are not comparable, 2 where they share no yardstick.
    """
    from intermezzo.queries.compare import Request
    from intermezzo.tui.compare_text import LanguageLook, compare_answer
    from intermezzo.tui.output import READING, emit, say

    if len(systems) < 2:
        raise click.UsageError("Name two systems or more: intermezzo show compare A B --task NAME", ctx)
    if task is None and yardstick is None:
        raise click.UsageError("Name the task: --task NAME", ctx)
    request = Request(
        systems=systems,
        task=task,
        metric=metric,
        split=split,
        subset=subset,
        implementation=implementation,
        yardstick=yardstick,
        insist=insist,
        adjust="bh" if adjust == "bh" else "holm",
        items_only=items_only,
        train_seeds=train_seeds,
    )
    order = next((name for name in ORDERS if name == by), "delta" if reverse else None)
    descending = (order in LARGEST_FIRST) != reverse
    look = LanguageLook(pair, words, order, descending=descending)
    answer, comparison = compare_answer(chosen_store(ctx), request, look, all_columns=all_columns)
    emit(answer, format_name)
    if format_name in READING:
        say(*answer.notes)
    refused = [pair.refused for pair in comparison.pairs if pair.refused]
    if refused and format_name not in READING:
        say(*refused)
    ctx.exit(1 if refused or answer.empty else 0)
