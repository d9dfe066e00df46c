"""The questions a store can be asked: one ``.sql`` file each in ``questions/``, some of them views too.

A file starts with a header of comments::

    -- name: matrix                      the name to ask it by, and of its view
    -- title: Systems x tasks            one line for people
    -- view: yes                         installed in the index as a view
    -- params: system, shots integer     named ``$system``, ``$shots``; VARCHAR where no type is said
    -- column: value: Mean over ...      a comment for a column of the view

In a view every parameter is NULL, which always means "all" or "as usual".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from intermezzo.queries.errors import Problem

if TYPE_CHECKING:
    import duckdb

_HEADER = re.compile(r"^--\s*(name|title|view|params|column):\s*(.*?)\s*$")
PARAM = re.compile(r"\$([a-z_][a-z0-9_]*)")
"""A parameter in the SQL of a question."""

_WORD = re.compile(r"^[a-z_][a-z0-9_]*$")


class QuestionError(Problem):
    """A question does not exist, or its file is wrong."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question.

    Attributes:
        name: What it is asked by, and the name of its view.
        title: One line for people.
        view: Whether it is installed in the index as a view.
        params: Its parameters and their DuckDB types; all may be NULL.
        sql: The statement, with named parameters.
        columns: Comments of columns.
    """

    name: str
    title: str
    view: bool
    params: Mapping[str, str]
    sql: str
    columns: Mapping[str, str] = field(default_factory=dict)

    def plain_sql(self) -> str:
        """Return the statement with every parameter left open (a typed NULL), as its view has it."""
        return PARAM.sub(lambda m: f"CAST(NULL AS {self.params[m.group(1)]})", self.sql)


@lru_cache(maxsize=1)
def questions() -> dict[str, Question]:
    """Return every question by name.

    Raises:
        QuestionError: If a file's header is wrong (a fault of intermezzo).
    """
    found: dict[str, Question] = {}
    folder = resources.files("intermezzo.queries") / "questions"
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".sql"):
            question = parse_question(file.read_text(encoding="utf-8"), file.name)
            found[question.name] = question
    return found


def question(name: str) -> Question:
    """Return the question ``name``.

    Raises:
        QuestionError: If there is none, with the names that there are.
    """
    try:
        return questions()[name]
    except KeyError:
        raise QuestionError(f"There is no question {name!r}; there are: {', '.join(questions())}.") from None


def parse_question(text: str, where: str) -> Question:
    """Read the text of a question file.

    Args:
        text: The file's text.
        where: Its name, for messages.

    Raises:
        QuestionError: If a header line is missing or a parameter is used that the header does not name.
    """
    header: dict[str, str] = {}
    columns: dict[str, str] = {}
    lines = text.splitlines()
    body = len(lines)
    for i, line in enumerate(lines):
        match = _HEADER.match(line)
        if match is not None and match[1] == "column":
            name, _, comment = match[2].partition(":")
            columns[name.strip()] = comment.strip()
        elif match is not None:
            header[match[1]] = match[2]
        elif line.strip() and not line.startswith("--"):
            body = i
            break
    sql = "\n".join(lines[body:]).strip().rstrip(";")
    params: dict[str, str] = {}
    for part in filter(None, (p.strip() for p in header.get("params", "").split(","))):
        name, _, kind = part.partition(" ")
        params[name] = kind.strip().upper() or "VARCHAR"
    unnamed = set(PARAM.findall(sql)) - set(params)
    if not _WORD.match(header.get("name", "")) or "title" not in header or unnamed or not sql:
        raise QuestionError(
            f"questions/{where}: its header lacks name or title, or does not name {sorted(unnamed)}."
        )
    return Question(
        name=header["name"],
        title=header["title"],
        view=header.get("view") == "yes",
        params=params,
        sql=sql,
        columns=columns,
    )


def install_views(con: duckdb.DuckDBPyConnection) -> None:
    """Install the questions that are views, with their comments, in the current database.

    Views may use each other in any order: one that lacks another waits for it.

    Raises:
        QuestionError: If a view cannot be installed (a fault of intermezzo).
    """
    import duckdb

    waiting = [q for q in questions().values() if q.view]
    while waiting:
        left: list[Question] = []
        problem: Exception | None = None
        for entry in waiting:
            try:
                con.execute(f"CREATE OR REPLACE VIEW {entry.name} AS {entry.plain_sql()}")
            except duckdb.CatalogException as error:
                left.append(entry)
                problem = error
        if len(left) == len(waiting):
            raise QuestionError(f"The view {left[0].name} cannot be installed: {problem}")
        waiting = left
    for entry in questions().values():
        if not entry.view:
            continue
        con.execute(f"COMMENT ON VIEW {entry.name} IS {_literal(entry.title)}")
        for name, comment in entry.columns.items():
            con.execute(f'COMMENT ON COLUMN {entry.name}."{name}" IS {_literal(comment)}')


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
