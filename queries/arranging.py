"""A matrix as someone wants to see it: narrowed, sorted, grouped, with means over tasks. Pure functions.

The command ``show matrix``, the app's matrix and what it exports all come from ``arranged``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

from .matrix import Aggregate, Cell, Matrix, Show, System, Yardstick, number_of, with_details
from .task_means import MEAN, Means, mean_yardsticks

T = TypeVar("T", System, Yardstick)

SystemsBy = Literal["family", "base-model"]
"""What systems are grouped by."""

TasksBy = Literal["task-group"]
"""What yardsticks are grouped by."""

SYSTEMS_BY: tuple[SystemsBy | None, ...] = (None, "family", "base-model")
"""The groupings of systems in the order of their key."""

TASKS_BY: tuple[TasksBy | None, ...] = (None, "task-group")
"""The groupings of yardsticks."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How a matrix is looked at; what its cells hold is settled by the question.

    Attributes:
        show: Values or deltas: what is sorted by, and what means are of.
        aggregate: What a cell's number is.
        filter: Words; see ``filtered``.
        tasks: Task ids, task groups or yardstick ids to show; none shows all.
        systems: Systems to show; none shows all.
        hidden: Systems, tasks and yardsticks left out, by name or id.
        sort: ``name``, a yardstick's id, ``mean`` or ``mean:GROUP`` (sorts systems), or a system's name
            (sorts yardsticks); ``None`` is the store's order.
        descending: Largest first.
        systems_by: What systems are grouped by.
        tasks_by: What yardsticks are grouped by.
        means: Whether there are columns of means over tasks.
    """

    show: Show = "values"
    aggregate: Aggregate = "macro"
    filter: str = ""
    tasks: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    sort: str | None = None
    descending: bool = True
    systems_by: SystemsBy | None = None
    tasks_by: TasksBy | None = None
    means: bool = False


@dataclass(frozen=True, slots=True)
class Arranged:
    """A matrix arranged.

    Attributes:
        matrix: Its systems and yardsticks, in order; means among the yardsticks.
        system_groups: Label and number of systems of each group, in order; empty where not grouped.
        yardstick_groups: The same of yardsticks; the mean over all stands behind the last group.
    """

    matrix: Matrix = field(default_factory=Matrix)
    system_groups: tuple[tuple[str, int], ...] = ()
    yardstick_groups: tuple[tuple[str, int], ...] = ()


def arranged(matrix: Matrix, how: Arrangement) -> Arranged:
    """Narrow, sort and group a matrix, and add means over tasks."""
    shown = filtered(_before_filter(matrix, how), how.filter)
    means = Means.over(shown, show=how.show, aggregate=how.aggregate) if how.means else None
    if means is not None:
        shown = replace(shown, cells=means.cells(shown.cells))
    tasks = _grouped(shown.yardsticks, _group_of) if how.tasks_by else None
    systems = _grouped(shown.systems, _family_of if how.systems_by == "family" else _base_model_of)
    if how.sort is not None:
        shown = sorted_by(
            shown,
            how.sort,
            descending=how.descending,
            number=lambda cell: number_of(cell, how.show, how.aggregate),
        )
    system_groups: tuple[tuple[str, int], ...] = ()
    if how.systems_by:
        found = _like(shown.systems, systems)
        system_groups = tuple((label, len(of)) for label, of in found)
        shown = replace(shown, systems=tuple(s for _, of in found for s in of))
    columns = _like(shown.yardsticks, tasks) if tasks is not None else [("", shown.yardsticks)]
    if means is not None and shown.yardsticks:
        columns = mean_yardsticks(columns, means)
        columns = [(label, tuple(y for y in of if y.id not in how.hidden)) for label, of in columns]
    yardsticks = tuple(y for _, of in columns for y in of)
    groups = tuple((label, len(of)) for label, of in columns if of) if how.tasks_by else ()
    return Arranged(replace(shown, yardsticks=yardsticks), system_groups, groups)


def _before_filter(matrix: Matrix, how: Arrangement) -> Matrix:
    shown = without(only(matrix, how.tasks), how.hidden)
    if not how.systems:
        return shown
    return replace(shown, systems=tuple(s for s in shown.systems if s.name in how.systems))


def _family_of(system: System) -> str:
    return system.model_family or system.base_model or "base model unknown"


def _base_model_of(system: System) -> str:
    return system.base_model or "base model unknown"


def _group_of(yardstick: Yardstick) -> str:
    return yardstick.group or "other tasks"


def _grouped(of: Iterable[T], label: Callable[[T], str]) -> dict[str, set[T]]:
    """Return the members of each group, groups in the order in which they appear."""
    groups: dict[str, set[T]] = {}
    for member in of:
        groups.setdefault(label(member), set()).add(member)
    return groups


def _like(of: Sequence[T], groups: Mapping[str, set[T]]) -> list[tuple[str, tuple[T, ...]]]:
    """Return the members of each group in the order they have in ``of``."""
    return [(label, tuple(m for m in of if m in members)) for label, members in groups.items()]


def filtered(matrix: Matrix, text: str) -> Matrix:
    """Narrow by words, whatever the case: each keeps the systems that hold it, or else the yardsticks.

    A system holds a word in its name, base model or recipe, a yardstick in its task, title or group. With
    ``!`` before it, a word takes away instead.
    """
    for word in text.casefold().split():
        matrix, _ = _narrowed(matrix, *_word(word))
    return matrix


def meant(matrix: Matrix, how: Arrangement) -> list[tuple[str, bool, bool]]:
    """Return each word of a filter, whether it takes away, and whether it is about systems."""
    matrix, found = _before_filter(matrix, how), []
    for text in how.filter.casefold().split():
        word, refused = _word(text)
        matrix, of_systems = _narrowed(matrix, word, refused)
        found.append((word, refused, of_systems))
    return found


def _word(text: str) -> tuple[str, bool]:
    return (text[1:], True) if len(text) > 1 and text.startswith("!") else (text, False)


def _narrowed(matrix: Matrix, word: str, refused: bool) -> tuple[Matrix, bool]:
    """Narrow by a word; say whether it was about systems."""
    systems = {s for s in matrix.systems if word in _text(s.name, s.base_model, s.recipe)}
    tasks = {y for y in matrix.yardsticks if word in _text(y.task, y.title, y.group)}
    if systems or not tasks:
        kept = tuple(s for s in matrix.systems if (s in systems) != refused)
        return replace(matrix, systems=kept), True
    return replace(matrix, yardsticks=tuple(y for y in matrix.yardsticks if (y in tasks) != refused)), False


def _text(*parts: str | None) -> str:
    return " ".join(part for part in parts if part).casefold()


def without(matrix: Matrix, hidden: Iterable[str]) -> Matrix:
    """Leave out systems by name, yardsticks by id or task."""
    gone = set(hidden)
    return replace(
        matrix,
        systems=tuple(s for s in matrix.systems if s.name not in gone),
        yardsticks=tuple(y for y in matrix.yardsticks if not {y.id, y.task} & gone),
    )


def only(matrix: Matrix, tasks: Iterable[str]) -> Matrix:
    """Keep the yardsticks of some tasks or task groups, by id; none named keeps all."""
    wanted = set(tasks)
    if not wanted:
        return matrix
    kept = tuple(y for y in matrix.yardsticks if wanted & {y.task, y.group, y.id})
    return replace(matrix, yardsticks=with_details(kept))


def sorted_by(
    matrix: Matrix, key: str, *, descending: bool, number: Callable[[Cell], float | None]
) -> Matrix:
    """Sort systems by a yardstick's numbers, yardsticks by a system's, or systems by ``name``.

    Cells without a number come last in both directions; ties keep the order they had. An unknown key
    leaves the matrix as it is.
    """

    def rank(cell: Cell) -> tuple[bool, float]:
        value = number(cell)
        if value is None:
            return (True, 0.0)
        return (False, -value if descending else value)

    if key == "name":
        systems = sorted(matrix.systems, key=lambda s: s.name.casefold(), reverse=descending)
        return replace(matrix, systems=tuple(systems))
    if matrix.yardstick(key) or key.partition(":")[0] == MEAN:
        systems = sorted(matrix.systems, key=lambda s: rank(matrix.cell(s.name, key)))
        return replace(matrix, systems=tuple(systems))
    if matrix.system(key):
        yardsticks = sorted(matrix.yardsticks, key=lambda y: rank(matrix.cell(key, y.id)))
        return replace(matrix, yardsticks=tuple(yardsticks))
    return matrix
