"""The command and the SQL behind the matrix: run, they give the rows that are on screen."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner
from intermezzo.queries.locked import Locked, locked_connection
from intermezzo.queries.matrix import Matrix, Yardstick, matrix_of
from intermezzo.queries.store.reader import Reader
from intermezzo.tui.cli import cli
from intermezzo.tui.matrix_command import to_command, to_sql
from intermezzo.tui.matrix_text import KEYS
from intermezzo.tui.state import MatrixState, question_call
from screens import reading
from seed_store import seed_store

START = MatrixState()


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with reading(seed_store(tmp_path_factory.mktemp("seeds") / "store")) as found:
        yield found


@pytest.fixture(scope="module")
def locked(reader: Reader) -> Iterator[Locked]:
    with locked_connection(reader) as found:
        yield found


def rounded(rows: Any) -> list[tuple[Any, ...]]:
    return [tuple(round(v, 9) if isinstance(v, float) else v for v in row) for row in rows]


def printed(command: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(cli, [*shlex.split(command)[1:], "--format", "json"])
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


VIEWS: list[dict[str, Any]] = [
    {},
    {"show": "deltas", "sort": "pawsx", "descending": False},
    {"sort": "xlm-r-base + mnli"},
    {"sort": "name", "descending": False, "transposed": True},
    {"systems_by": "family", "sort": "xnli"},
    {"systems_by": "base-model", "tasks_by": "task-group"},
    {"means": True, "tasks_by": "task-group", "sort": "mean", "show": "deltas"},
    {"means": True, "tasks_by": "task-group", "systems_by": "family", "sort": "mean:reasoning"},
    {"hidden": ("mbert", "xnli")},
    {"hidden": ("mean", "tatoeba"), "means": True, "tasks_by": "task-group"},
    {"filter": "!direct x"},
    {"filter": "xnli MBERT"},
    {"tasks": ("reasoning",), "means": True},
    {"aggregate": "transfer-gap", "means": True},
    {"aggregate": "median"},
    {"baseline": "mbert", "show": "deltas", "means": True},
    {"metric": "accuracy"},
]


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_command_and_sql_give_the_rows_of_the_view(reader, locked, view):
    named = matrix_of(*_asked(reader, START))
    ids = {y.task: y.id for y in named.yardsticks}
    state = replace(START, **{k: ids.get(v, v) if k == "sort" else v for k, v in view.items()})
    if "hidden" in view:
        state = replace(state, hidden=tuple(ids.get(name, name) for name in state.hidden))
    matrix = matrix_of(*_asked(reader, state))
    rows = printed(to_command(state, matrix, ("--store", str(reader.store.path))))
    assert rows
    sql = to_sql(state, matrix)
    assert sql is not None
    answer = locked.run(sql)
    assert tuple(answer.columns) == KEYS
    assert rounded(answer.rows) == rounded(row.values() for row in rows)


def _asked(reader: Reader, state: MatrixState) -> tuple[list[str], list[tuple[Any, ...]]]:
    name, params = question_call(state)
    table = reader.ask(name, **params)
    return table.columns, table.rows


@pytest.mark.parametrize(
    "view",
    [
        {},
        {"show": "deltas"},
        {"language_sort": "family", "language_descending": False},
        {"language_sort": "n"},
        {"baseline": "mbert", "show": "deltas", "language_descending": False},
    ],
    ids=str,
)
def test_command_and_sql_give_the_languages_of_the_cell_in_the_order_of_the_pane(reader, locked, view):
    matrix = matrix_of(*_asked(reader, START))
    xnli = next(y.id for y in matrix.yardsticks if y.task == "xnli")
    cell = {"system": "xlm-r-base + mnli", "yardstick": xnli, "pane": "matrix.languages"}
    state = replace(START, **cell, **view)
    rows = printed(to_command(state, matrix, ("--store", str(reader.store.path))))
    sql = to_sql(state, matrix)
    assert sql is not None
    assert len(rows) == 4
    assert rounded(locked.run(sql).rows) == rounded(row.values() for row in rows)


def test_intervals_are_asked_for_and_the_sql_says_that_it_has_none(reader):
    state = replace(START, show="deltas", intervals=True)
    matrix = matrix_of(*_asked(reader, state))
    assert "--deltas --intervals" in to_command(state, matrix)
    assert "come from items" in (to_sql(state, matrix) or "")
    assert "--intervals" not in to_command(replace(state, show="values"), matrix)


def test_commands_survive_a_shell_whatever_is_in_names():
    state = replace(START, baseline="mnli > squad; rm -rf $HOME", filter="it's `x`", tasks=("xnli", "pawsx"))
    words = shlex.split(to_command(state, store=("--store", "my store")))
    assert words == [
        "intermezzo",
        "show",
        "matrix",
        "--baseline",
        "mnli > squad; rm -rf $HOME",
        "--task",
        "xnli",
        "--task",
        "pawsx",
        "--filter",
        "it's `x`",
        "--store",
        "my store",
    ]


def test_the_command_of_the_languages_names_the_cell():
    state = replace(START, system="mbert", yardstick="y1", pane="matrix.languages")
    yardstick = Yardstick("y1", "xnli", "xnli", metric="accuracy")
    command = to_command(state, Matrix((), (yardstick,)))
    assert command == "intermezzo show languages --system mbert --yardstick y1"


def test_a_yardstick_is_named_by_its_task_where_that_says_which():
    own, twin = Yardstick("y1", "xnli", "xnli"), Yardstick("y2", "xnli", "xnli", split="dev")
    state = replace(START, sort="y1", hidden=("y1",))
    assert to_command(state, Matrix((), (own,))).endswith("--hide xnli --sort xnli")
    assert to_command(state, Matrix((), (own, twin))).endswith("--hide y1 --sort y1")
