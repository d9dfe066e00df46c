"""``intermezzo sql``: SQL over the index and nothing else."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
from intermezzo.queries.plain_files import at_home
from intermezzo.tui.options import chosen_store, format_option, store_options

if TYPE_CHECKING:
    from intermezzo.queries.locked import Answer as SqlAnswer
    from intermezzo.queries.locked import Locked

LIMIT = 10_000
MEMORY = "2GB"


@click.command(name="sql")
@click.argument("statement", metavar="STATEMENT|FILE|-")
@click.option(
    "--items",
    metavar="RUN",
    multiple=True,
    help="Load the items of this run (the start of its id), with texts, as table `items`; may be repeated.",
)
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=0),
    default=LIMIT,
    show_default=True,
    help="Most rows to print; 0: all.",
)
@format_option
@store_options
@click.pass_context
def command(ctx: click.Context, statement: str, items: tuple[str, ...], limit: int, format_name: str) -> None:
    """Run one SQL statement (DuckDB's dialect) over the store's index, read-only.

    STATEMENT is the SQL itself, a file that holds it, or - for standard input. SQL here reads the index: no
    files, no network, no changes. Tables and views are commented:

    \b
    intermezzo sql "SELECT table_name, comment FROM duckdb_tables()"
    intermezzo sql "SELECT system, task, value FROM matrix WHERE recipe <> 'direct'" --format csv
    """  # noqa: D301 -- click wants the character itself
    from intermezzo.queries.locked import locked_connection
    from intermezzo.tui.output import Answer, Sheet, emit, say
    from intermezzo.tui.sql_state import unique
    from intermezzo.tui.stores import reading, run_ids

    text = statement_text(statement)
    with (
        reading(chosen_store(ctx)) as reader,
        locked_connection(reader, memory_limit=MEMORY, items=run_ids(reader, items)) as locked,
    ):
        found = _stoppable(locked, text, limit or None)
    emit(Answer(Sheet(unique(found.columns), found.rows)), format_name)
    if found.truncated:
        say(f"Only the first {limit:,} rows are printed: --limit N for more, --limit 0 for all.")


def _stoppable(locked: Locked, text: str, max_rows: int | None) -> SqlAnswer:
    """Run a statement so that Ctrl-C stops it at once; in the main thread DuckDB looks for it rarely."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(locked.run, text, max_rows)
        try:
            return running.result()
        except KeyboardInterrupt:
            locked.interrupt()
            raise


def statement_text(statement: str) -> str:
    """Return the SQL that an argument means: itself, a file's, or standard input's.

    Raises:
        Problem: A file cannot be read as text.
    """
    from intermezzo.queries.errors import Problem

    if statement == "-":
        return sys.stdin.read()
    looks_like_sql = any(c in statement for c in " \n\t(")
    path = at_home(statement)
    try:
        is_file = path.is_file()
    except (OSError, ValueError):  # a statement longer than a name may be
        is_file = False
    if is_file and (not looks_like_sql or path.suffix == ".sql"):
        try:
            return path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise Problem(f"{path}: it is not UTF-8 text.") from None
    if not looks_like_sql and (path.suffix == ".sql" or "/" in statement):
        raise Problem(f"There is no file {statement}.")
    return statement
