"""The SQL of a view, ready to run on the index: questions with their parameters filled in, in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from typing import Any

from .arranging import Arrangement, arranged, meant
from .language_rows import LanguageSort
from .matrix import Matrix
from .questions import PARAM, question
from .task_means import MEAN

_FAMILIES = {
    "family": "coalesce(model_family, base_model, 'base model unknown')",
    "base-model": "coalesce(base_model, 'base model unknown')",
    None: "system",
}


def literal(value: Any) -> str:
    """Return a value as SQL: text, a number, a list of them, or NULL."""
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | float):
        return str(value).lower() if isinstance(value, bool) else repr(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(literal, value)) + "]"
    return "'" + str(value).replace("'", "''") + "'"


def filled(name: str, params: Mapping[str, Any]) -> str:
    """Return the SQL of a question with its parameters filled in; those that are not given are NULL."""
    found = question(name)
    return PARAM.sub(lambda m: f"CAST({literal(params.get(m[1]))} AS {found.params[m[1]]})", found.sql)


def _list(names: Iterable[str]) -> str:
    return ", ".join(map(literal, names))


def matrix_sql(params: Mapping[str, Any], how: Arrangement, matrix: Matrix, columns: Sequence[str]) -> str:
    """Return the SQL of the matrix as it is looked at: one row a cell, means over tasks among them.

    Args:
        params: Those of the question.
        how: How it is looked at.
        matrix: The whole matrix: says of each word of the filter whether it is one of systems or of tasks.
        columns: Columns of the answer.
    """
    gaps = how.aggregate == "transfer-gap"
    value, delta = ("transfer_gap", "CAST(NULL AS DOUBLE)") if gaps else ("value", "delta")
    means = ""
    if how.means:
        groups = literal(sum(bool(label) for label, _ in arranged(matrix, how).yardstick_groups) > 1)
        hidden = _list(("", *(name for name in how.hidden if name.startswith(MEAN))))
        means = _template("arranged_means").format(groups=groups, hidden=hidden).rstrip()
    return _template("arranged_matrix").format(
        family=_FAMILIES[how.systems_by],
        question=filled("matrix", params),
        replaced=f" REPLACE ({value} AS value, {delta} AS delta)" if gaps else "",
        number=delta if how.show == "deltas" else value,
        where="\n  AND ".join(_conditions(how, matrix)) or "true",
        means=f"\n{means}" if means else "",
        columns=", ".join(columns),
        source="with_means" if means else "shown",
        order=",\n         ".join(_order(how, matrix)),
    )


def _template(name: str) -> str:
    text = (resources.files("intermezzo.queries") / f"{name}.sql").read_text("utf-8")
    # comments for those who read the file go; a statement that begins with one would look like an option
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("--"))


def _conditions(how: Arrangement, matrix: Matrix) -> list[str]:
    found = []
    if how.tasks:
        names = _list(how.tasks)
        found.append(f"(task IN ({names}) OR task_group IN ({names}) OR yardstick IN ({names}))")
    if how.systems:
        found.append(f"system IN ({_list(how.systems)})")
    hidden = [name for name in how.hidden if not name.startswith(MEAN)]
    found += [f"{column} NOT IN ({_list(hidden)})" for column in ("system", "task", "yardstick") if hidden]
    for word, refused, of_systems in meant(matrix, how):
        where = "system, base_model, recipe" if of_systems else "task, task_title, task_group"
        text = f"contains(lower(concat_ws(' ', {where})), {literal(word)})"
        found.append(f"NOT {text}" if refused else text)
    return found


def _order(how: Arrangement, matrix: Matrix) -> list[str]:
    """Return what the rows are ordered by: yardsticks first, then systems, each with its groups."""
    yardsticks = [f"yardstick = {literal(MEAN)}"] if how.means else []
    if how.tasks_by:
        yardsticks.append("min(place) OVER (PARTITION BY tasks)")
    if how.means:
        yardsticks.append("starts_with(yardstick, 'mean:')")
    systems = ["min(place) OVER (PARTITION BY systems)"] if how.systems_by else []
    down = "DESC" if how.descending else "ASC"
    if how.sort == "name":
        systems.append(f"lower(system) {down}")
    elif how.sort is not None and matrix.system(how.sort):
        numbers = f"max(CASE WHEN system = {literal(how.sort)} THEN number END)"
        yardsticks.append(f"{numbers} OVER (PARTITION BY yardstick) {down} NULLS LAST")
    elif how.sort is not None:
        numbers = f"max(CASE WHEN yardstick = {literal(how.sort)} THEN number END)"
        systems.append(f"{numbers} OVER (PARTITION BY system) {down} NULLS LAST")
    return [
        *yardsticks,
        "min(place) OVER (PARTITION BY yardstick)",
        *systems,
        "min(place) OVER (PARTITION BY system)",
    ]


def languages_sql(
    params: Mapping[str, Any], by: LanguageSort, *, descending: bool, deltas: bool, columns: Sequence[str]
) -> str:
    """Return the SQL of the languages of a cell, in the order of the pane.

    Args:
        params: Those of the question.
        by: What they are sorted by.
        descending: Largest first.
        deltas: Whether ``value`` means the delta.
        columns: Columns of the answer.
    """
    key = "delta" if by == "value" and deltas else by
    order = f"{key} {'DESC' if descending else 'ASC'} NULLS LAST"
    code = "language || coalesce('>' || language_2, '')"
    return (
        f"SELECT {', '.join(columns)} FROM (\n{filled('languages', params)}\n)\n"
        f"ORDER BY language IS NULL, {order}, {code};\n"
    )


def compared_sql(
    systems: Sequence[str], yardstick: str | None, task: str | None, words: str, *, stated: bool = False
) -> str:
    """Return the SQL of the scores of systems, language by language, that a comparison starts from.

    Args:
        systems: The systems.
        yardstick: The yardstick, by id.
        task: Its task, where no yardstick is given.
        words: Words that a language's code, name, family or script must hold, with ``!`` must not.
        stated: Macros as somebody states them instead: the systems have no language in common.
    """
    arms = filled(
        "arms", {"systems": list(systems), "yardstick": yardstick, "task": None if yardstick else task}
    )
    label = "language || coalesce('>' || language_2, '')"
    where = ["scope = 'language'", *holding((label, "name", "family", "script"), words)]
    if stated:
        where, label = ["scope = 'macro'"], "'macro as stated'"
    conditions = "\n  AND ".join(where)
    return (
        f"SELECT {label} AS language, system, value, n, stderr, seeds, evidence, run_ids FROM (\n{arms}\n)\n"
        f"WHERE {conditions}\nORDER BY 1, list_position({literal(list(systems))}, system);\n"
        "-- differences on common items, intervals and p come from items: the command has them, SQL has not\n"
    )


def holding(columns: Iterable[str], words: str) -> list[str]:
    """Return the conditions that columns hold every word of a filter, and none that begins with ``!``."""
    text = f"lower(concat_ws(' ', {', '.join(columns)}))"
    found = []
    for word in words.casefold().split():
        refused = word.startswith("!")
        condition = f"contains({text}, {literal(word[1:] if refused else word)})"
        found.append(f"NOT {condition}" if refused else condition)
    return found


def run_page_sql(params: Mapping[str, Any]) -> str:
    """Return the SQL of the whole list of runs, filtered and sorted.

    Args:
        params: Those of the question that say which and in what order.
    """
    page = filled("run_page", {**params, "first": 0, "most": 2**53})
    return f"SELECT * EXCLUDE (position, matching, whole) FROM (\n{page}\n)\nORDER BY position;\n"
