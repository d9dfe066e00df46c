"""The command line: ``intermezzo``, ``imz``, ``python -m intermezzo.tui``.

Commands are imported when they are used (see the table), so that ``--help`` loads nothing heavy.
"""

from __future__ import annotations

import sys

import click

from .lazy import Entry, RootGroup
from .options import store_options

SEE, FILL, KEEP = "See", "Put in", "Look after"

COMMANDS: dict[str, Entry] = {
    "open": Entry("open", "Open a store, or a folder of results, in the app.", SEE),
    "demo": Entry("demo", "Open the demo store: published figures and small real results.", SEE),
    "show": Entry("show", "Print the matrix, languages, runs, sources, coverage, ...", SEE),
    "sql": Entry("sql", "Ask the store in SQL (read-only).", SEE),
    "check": Entry("check", "Check claims against the store: verdict, audits, grades.", SEE),
    "import": Entry("import_", "Read result files and folders into the store.", FILL),
    "merge": Entry("merge", "Take in the runs of another store.", FILL),
    "runs": Entry("runs", "List runs, show one in full, take some out of view.", FILL),
    "systems": Entry("systems", "List the systems; say what names and folders mean.", FILL),
    "claims": Entry("claims", "List claims, add some, correct one; nothing said is ever lost.", FILL),
    "evaluate": Entry("evaluate", "Evaluate a model on a task; the run goes into the store.", FILL),
    "jobs": Entry(
        "jobs", "Watch evaluations and trainings in the background, read their logs, stop them.", FILL
    ),
    "plan": Entry("plan", "Say what an experiment takes, and what is there of it.", FILL),
    "run": Entry("run", "Do an experiment: train, evaluate, here or on SLURM.", FILL),
    "export": Entry("export", "Copy some runs into another store.", KEEP),
    "index": Entry("index", "Publish, rebuild or verify the store's index.", KEEP),
    "doctor": Entry("doctor", "Look at terminal, libraries, store, extras and SLURM.", KEEP),
    "completion": Entry("completion", "Print the completion script of a shell.", KEEP),
}
"""Name -> module and one line of help; a new command is a new line here and a file in ``commands/``."""


def _print_version(ctx: click.Context, _param: click.Parameter, asked: bool) -> None:
    if not asked or ctx.resilient_parsing:
        return
    from intermezzo.queries.version import VERSION

    click.echo(f"intermezzo {VERSION}")
    ctx.exit()


@click.group(
    cls=RootGroup,
    entries=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version and exit.",
)
@store_options
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Explore multilingual evaluation results: what training helps which task in which languages, how surely.

    Without a command, opens the store in the app: --store, else $INTERMEZZO_STORE, else ./intermezzo-store.

    Data go to stdout, talk to stderr. Exit code 0; 1 for a negative answer or a partial failure;
    2 for wrong usage, or where it cannot be done.
    """
    if ctx.invoked_subcommand is None:
        from .commands.open import open_default

        ctx.exit(open_default(ctx))


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure") and (stream.encoding or "").lower().replace("-", "") != "utf8":
            # a terminal that cannot show a character is no reason to fail
            stream.reconfigure(errors="replace")
    try:
        cli()
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        sys.exit(130)
