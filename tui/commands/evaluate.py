"""``intermezzo evaluate``: a model on a task, the run into the store."""

from __future__ import annotations

from typing import Any

import click
from intermezzo.tui.options import chosen_store, format_option, store_options


@click.command()
@click.argument("task", metavar="[TASK]", default="retrieval")
@click.option(
    "--model", metavar="MODEL", default="pocket", show_default=True, help="A folder, a hub id, or pocket."
)
@click.option(
    "--data",
    metavar="PATH",
    help="XTREME's download folder, a folder of save_to_disk, or a hub id.  [default: the pocket suite's "
    "packages, or the hub]",
)
@click.option("--languages", metavar="CODES", help="E.g. de,sw,th.  [default: all there are]")
@click.option("--limit", metavar="N", type=click.IntRange(min=1), help="At most so many items a language.")
@click.option("--split", default="test", show_default=True, help="test or validation.")
@click.option(
    "--layer",
    metavar="N",
    type=click.IntRange(min=0),
    help="Retrieval: read out this layer.  [default: the last]",
)
@click.option(
    "--pooling",
    type=click.Choice(["mean", "cls"]),
    help="Retrieval: what makes a vector.  [default: the model's own, else mean]",
)
@click.option("--prefix", metavar="TEXT", help="Retrieval: goes before every text.")
@click.option("--measure", type=click.Choice(["cosine", "margin"]), help="Retrieval: what is nearest.")
@click.option("--threshold", type=float, help="Mining: least margin of a pair.")
@click.option(
    "--precision",
    type=click.Choice(["model", "int8"]),
    help="Retrieval: int8 is faster, its loss is measured.",
)
@click.option("--max-tokens", metavar="N", type=click.IntRange(min=1), help="Most tokens of an input.")
@click.option(
    "--token-budget",
    metavar="N",
    type=click.IntRange(min=1),
    help="Most tokens of a batch: less needs less memory.",
)
@click.option("--device", metavar="DEVICE", help="cpu or cuda.  [default: a GPU where there is one]")
@click.option("--dtype", metavar="FORMAT", help="float32, bfloat16 or float16.")
@click.option("--trust-remote-code", is_flag=True, help="Run Python code that comes with the model.")
@click.option(
    "--base-model", metavar="NAME", help="What the model was made from, where its name does not say."
)
@click.option("--recipe", metavar="RECIPE", help="What was done before the task: direct, mnli, a > b, a + b.")
@click.option("--train-seed", metavar="N", type=int, help="Seed that the model was trained with.")
@click.option("--background", is_flag=True, help="Go on without this terminal; `intermezzo jobs` watches.")
@format_option
@store_options
@click.pass_context
def command(ctx: click.Context, /, format_name: str, background: bool, **given: Any) -> None:
    """Evaluate a model on a task, language by language, and put the run into the store.

    TASK is retrieval (the default: translations of messages, in dozens of languages), intents or slots of
    the pocket suite, or one of XTREME's: xnli, pawsx, udpos, panx, xquad, mlqa, tydiqa, bucc2018, tatoeba;
    xcopa. Without --model it is the pocket model, a bare encoder: retrieval needs no more, the others need
    a fine-tuned one. A language that the data do not have, or too little of, is left out and kept as a gap
    with the reason.

    Killed or stopped, the same command goes on where it was; done already, it says so. Ctrl-C keeps what
    is finished.
    """
    from intermezzo.tui.evaluating import evaluate_here, requested, start_in_background
    from intermezzo.tui.output import emit

    store = chosen_store(ctx, create=True)
    asked = requested(**given)
    if background:
        start_in_background(store, asked)
        return
    emit(evaluate_here(store, asked), format_name)
