"""``intermezzo jobs``: what runs in the background, how far it is, its log, and stopping it."""

from __future__ import annotations

import click
from intermezzo.tui.lazy import Entry, LazyGroup
from intermezzo.tui.options import chosen_store, format_option, store_options

WHAT: dict[str, Entry] = {
    "log": Entry("jobs_log", "Print what a job has said."),
    "cancel": Entry("jobs_cancel", "Stop jobs; what they have finished is kept."),
}


@click.group(cls=LazyGroup, entries=WHAT, invoke_without_command=True)
@click.option("--watch", is_flag=True, help="Go on telling until all are over; Ctrl-C leaves them running.")
@format_option
@store_options
@click.pass_context
def command(ctx: click.Context, watch: bool, format_name: str) -> None:
    """List the store's jobs, the newest first: state, progress, title.

    A job is named by its id, or by a beginning or an end of it.
    """
    if ctx.invoked_subcommand is not None:
        return
    from intermezzo.tui.job_lists import jobs_answer, watch_jobs
    from intermezzo.tui.output import emit, say

    store = chosen_store(ctx)
    if watch:
        watch_jobs(store)
    answer = jobs_answer(store)
    emit(answer, format_name)
    if answer.empty:
        say(
            "No job yet: `intermezzo evaluate TASK --background` starts one, `intermezzo run FILE --detach` "
            "those of an experiment."
        )
