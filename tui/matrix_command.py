"""The command and the SQL that make a view of the matrix place."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from intermezzo.queries.matrix import Matrix
from intermezzo.queries.task_means import MEAN

from .plots.kinds import PlotKind
from .state import MatrixState, arrangement_of, languages_call, plot_kind, question_call


def to_command(state: MatrixState, matrix: Matrix | None = None, store: Sequence[str] = ()) -> str:
    """Return the command that prints the focused pane, quoted for a shell.

    Args:
        state: The view.
        matrix: The whole matrix: yardsticks that alone stand for their task are named by it.
        store: The options that name the store, e.g. ``("--store", "results")``.
    """
    if state.pane == "matrix.plot":
        return plot_command(plot_kind(state), state, store)
    if state.pane != "matrix.grid":
        return _languages_command(state, store)
    names = _Names(matrix or Matrix())
    aggregate = None if state.aggregate == "macro" else state.aggregate
    options: list[tuple[str, str | None]] = [
        ("--baseline", state.baseline),
        ("--aggregate", aggregate),
        ("--metric", state.metric),
        *(("--task", task) for task in state.tasks),
        ("--filter", state.filter or None),
        *(("--hide", names(name)) for name in state.hidden),
        *(("--by", by) for by in (state.systems_by, state.tasks_by)),
        ("--sort", names(state.sort) if state.sort else None),
    ]
    flags = {
        "--ascending": state.sort is not None and not state.descending,
        "--means": state.means,
        "--transpose": state.transposed,
        "--deltas": state.show == "deltas",
        "--intervals": state.show == "deltas" and state.intervals,
    }
    words = [word for name, value in options if value is not None for word in (name, value)]
    words += [flag for flag, given in flags.items() if given]
    return shlex.join(["intermezzo", "show", "matrix", *words, *store])


class _Names:
    """Names yardsticks by their task, where no other yardstick has it."""

    def __init__(self, matrix: Matrix) -> None:
        tasks = [yardstick.task for yardstick in matrix.yardsticks]
        alone = {y.id: y.task for y in matrix.yardsticks if tasks.count(y.task) == 1}
        self._names = {
            id_: task for id_, task in alone.items() if task != MEAN and matrix.system(task) is None
        }

    def __call__(self, name: str) -> str:
        return self._names.get(name, name)


def _languages_command(state: MatrixState, store: Sequence[str]) -> str:
    words = [word for name in ("system", "yardstick", "baseline") for word in _option(state, name)]
    by = "delta" if state.language_sort == "value" and state.show == "deltas" else state.language_sort
    words += ["--sort", by] if by != "value" else []
    usual = state.language_sort in {"value", "n"}
    words += ["--reverse"] if state.language_descending != usual else []
    return shlex.join(["intermezzo", "show", "languages", *words, *store])


def _option(state: MatrixState, name: str) -> list[str]:
    value = getattr(state, name)
    return [f"--{name}", value] if value else []


def plot_command(kind: PlotKind, state: MatrixState, store: Sequence[str] = ()) -> str:
    """Return the command that prints a plot of the cell under the cursor, quoted for a shell."""
    words = [word for name in ("system", "yardstick", "baseline") for word in _option(state, name)]
    words += ["--deltas"] if state.show == "deltas" else []
    return shlex.join(["intermezzo", "show", "plot", kind, *words, *store])


def to_sql(state: MatrixState, matrix: Matrix) -> str | None:
    """Return the SQL that makes the rows of the focused pane; ``None`` where there is no cell.

    Args:
        state: The view.
        matrix: The whole matrix.
    """
    from intermezzo.queries.view_sql import languages_sql, matrix_sql

    if state.pane == "matrix.grid":
        from .matrix_text import KEYS

        sql = matrix_sql(question_call(state)[1], arrangement_of(state), matrix, KEYS)
        if state.intervals and state.show == "deltas":
            sql += "-- low, high and p_adjusted come from items: the command has them, SQL has not\n"
        return sql
    from .languages_text import KEYS as LANGUAGE_KEYS

    call = languages_call(state)
    if call is None:
        return None
    return languages_sql(
        call[1],
        state.language_sort,
        descending=state.language_descending,
        deltas=state.show == "deltas",
        columns=LANGUAGE_KEYS,
    )
