"""What the ``show`` commands share: options that narrow an answer, and printing one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from .options import complete_name, format_option, store_options

if TYPE_CHECKING:
    from intermezzo.queries.store.reader import Table

    from .output import Answer, Sheet

F = TypeVar("F", bound=Callable[..., Any])

FILTERED = ("system", "base_model", "recipe", "task")
"""Columns in which ``--filter`` looks."""


def system_option(command: F) -> F:
    """Give a command ``--system``, which may be repeated."""
    return click.option(
        "--system",
        metavar="NAME",
        multiple=True,
        shell_complete=complete_name("system"),
        help="Only this system; may be repeated.",
    )(command)


def task_option(command: F) -> F:
    """Give a command ``--task``, which may be repeated."""
    return click.option(
        "--task",
        metavar="NAME",
        multiple=True,
        shell_complete=complete_name("task"),
        help="Only this task; may be repeated.",
    )(command)


def yardstick_option(command: F) -> F:
    """Give a command ``--yardstick``."""
    return click.option("--yardstick", metavar="ID", help="Only this yardstick, by its id.")(command)


def yardstick_options(command: F) -> F:
    """Give a command what names one yardstick: ``--task`` and its parts, or ``--yardstick``."""
    options = (
        click.option("--task", metavar="NAME", shell_complete=complete_name("task"), help="The task."),
        click.option(
            "--metric",
            metavar="NAME",
            shell_complete=complete_name("metric"),
            help="This metric.  [default: the task's own]",
        ),
        click.option("--split", metavar="NAME", help="This split, where there are several."),
        click.option("--subset", metavar="NAME", help="This subset, where there are several."),
        click.option("--implementation", metavar="NAME", help="This implementation of the metric."),
        click.option(
            "--yardstick", metavar="ID", help="This yardstick, by its id (instead of the options above)."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def filter_option(command: F) -> F:
    """Give a command ``--filter``, passed on as ``words``."""
    return click.option(
        "--filter",
        "words",
        metavar="WORDS",
        help="Only rows whose system, base model, recipe or task holds every word; !word: does not.",
    )(command)


def all_columns_option(command: F) -> F:
    """Give a command ``--all-columns``."""
    return click.option(
        "--all-columns", is_flag=True, help="Every column of the view, not only the usual ones."
    )(command)


def print_options(command: F) -> F:
    """Give a command ``--all-columns``, ``--format``, ``--store`` and ``--demo``."""
    return all_columns_option(format_option(store_options(command)))


def only(names: Sequence[str]) -> str | None:
    """Return the one name that a question takes as a parameter; ``None`` for none or several."""
    return names[0] if len(names) == 1 else None


def records(table: Table) -> list[dict[str, Any]]:
    """Return the rows of an answer by column name."""
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def narrowed(
    rows: Iterable[dict[str, Any]],
    *,
    system: Sequence[str] = (),
    task: Sequence[str] = (),
    words: str | None = None,
) -> list[dict[str, Any]]:
    """Keep the rows of some systems, of some tasks, and those that hold every word of a filter."""
    wanted = [word for word in (words or "").casefold().split() if word != "!"]
    kept = []
    for row in rows:
        if (system and row["system"] not in system) or (task and row["task"] not in task):
            continue
        where = "\n".join(str(row[name]) for name in FILTERED if row.get(name) is not None).casefold()
        if all(word[1:] not in where if word[0] == "!" else word in where for word in wanted):
            kept.append(row)
    return kept


def sheet(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> Sheet:
    """Return some columns of rows as a sheet."""
    from .output import Sheet

    return Sheet(tuple(columns), [tuple(row[name] for name in columns) for row in rows])


def finish(
    ctx: click.Context, answer: Answer, format_name: str, *, if_empty: str, empty_code: int = 1
) -> NoReturn:
    """Print an answer and leave: notes and an empty answer's sentence on stderr.

    Args:
        ctx: The command's context.
        answer: What was found.
        format_name: One of ``output.FORMATS``.
        if_empty: The sentence for an answer without rows.
        empty_code: The exit code for it.
    """
    from .output import READING, WITH_NOTES, emit, say

    if answer.empty:
        if format_name not in READING:
            emit(answer, format_name)
        say(if_empty)
        ctx.exit(empty_code)
    emit(answer, format_name)
    if format_name in READING - WITH_NOTES:
        say(*answer.notes)
    ctx.exit(0)
