"""View states: frozen, changed only by pure functions, and what is derived from them.

The question behind a view is a function of its state; undo and history are immutable timelines of states;
the cursor is kept by name, so that new runs do not move it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Generic, TypeVar, cast, get_args

from intermezzo.queries.arranging import SYSTEMS_BY, TASKS_BY, Arrangement, SystemsBy, TasksBy
from intermezzo.queries.language_rows import LANGUAGE_SORTS, LanguageSort
from intermezzo.queries.matrix import AGGREGATES, Aggregate, Show

from .plots.kinds import KINDS, PlotKind

T = TypeVar("T")

LIMIT = 200
"""Steps a timeline remembers."""


@dataclass(frozen=True, slots=True)
class MatrixState:
    """What the matrix place shows.

    Attributes:
        baseline: The pinned baseline; ``None`` is the direct arm of each base model.
        sort: ``name``, a yardstick's id (sorts systems) or a system's name (sorts yardsticks); ``None`` is
            the store's order.
        metric: Metric of the columns; ``None`` is each task's own.
        tasks: Task ids or groups to show; none shows all.
        hidden: Systems and yardsticks left out, by name or id.
        systems_by: What systems are grouped by.
        tasks_by: What yardsticks are grouped by.
        means: Whether there are means over tasks.
        intervals: Whether items are read for intervals and significance of deltas.
        marks: Marked systems, in the order of marking.
        system: System under the cursor.
        yardstick: Yardstick under the cursor, by id.
        language: Language under the cursor of the languages pane.
        plot: Kind of the plot; empty is the usual one: bars, with deltas the scatter.
        pane: The pane with the focus.
    """

    aggregate: Aggregate = "macro"
    show: Show = "values"
    baseline: str | None = None
    sort: str | None = None
    descending: bool = True
    filter: str = ""
    transposed: bool = False
    metric: str | None = None
    tasks: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    systems_by: SystemsBy | None = None
    tasks_by: TasksBy | None = None
    means: bool = False
    intervals: bool = False
    marks: tuple[str, ...] = ()
    system: str | None = None
    yardstick: str | None = None
    language: str | None = None
    language_sort: LanguageSort = "value"
    language_descending: bool = True
    plot: str = ""
    pane: str = "matrix.grid"


def next_of(choices: Sequence[T], now: T) -> T:
    """Return the choice after ``now``, the first after the last."""
    return choices[(choices.index(now) + 1) % len(choices)] if now in choices else choices[0]


def with_sort(state: MatrixState, key: str | None) -> MatrixState:
    """Sort by ``key``, best first; by the same key again: back to the store's order."""
    if key is None or key == state.sort:
        return replace(state, sort=None, descending=True)
    return replace(state, sort=key, descending=key != "name")


def with_baseline(state: MatrixState, system: str | None) -> MatrixState:
    """Pin a baseline and show deltas; the pinned one again, or ``None``, goes back to the direct arms."""
    if system is None or system == state.baseline:
        return replace(state, baseline=None)
    return replace(state, baseline=system, show="deltas")


def with_mark(state: MatrixState, system: str) -> MatrixState:
    """Mark a system, or take its mark away."""
    if system in state.marks:
        return replace(state, marks=tuple(mark for mark in state.marks if mark != system))
    return replace(state, marks=(*state.marks, system))


def with_hidden(state: MatrixState, name: str) -> MatrixState:
    """Leave a system or yardstick out."""
    return state if name in state.hidden else replace(state, hidden=(*state.hidden, name))


def with_aggregate(state: MatrixState, aggregate: Aggregate | None = None) -> MatrixState:
    """Take this aggregate, or the next one."""
    return replace(state, aggregate=next_of(AGGREGATES, state.aggregate) if aggregate is None else aggregate)


def with_show(state: MatrixState) -> MatrixState:
    """Change between values and deltas."""
    return replace(state, show="values" if state.show == "deltas" else "deltas")


def with_language_sort(state: MatrixState, by: LanguageSort | None = None) -> MatrixState:
    """Sort languages by this, or by the next column; numbers largest first, words from A."""
    sort = next_of(LANGUAGE_SORTS, state.language_sort) if by is None else by
    return replace(state, language_sort=sort, language_descending=sort in {"value", "n"})


def plot_kind(state: MatrixState) -> PlotKind:
    """Return the kind of plot that is shown."""
    usual: PlotKind = "scatter" if state.show == "deltas" else "bars"
    return next((kind for kind in KINDS if kind == state.plot), usual)


def arrangement_of(state: MatrixState) -> Arrangement:
    """Return how the matrix is looked at."""
    return Arrangement(
        show=state.show,
        aggregate=state.aggregate,
        filter=state.filter,
        tasks=state.tasks,
        hidden=state.hidden,
        sort=state.sort,
        descending=state.descending,
        systems_by=state.systems_by,
        tasks_by=state.tasks_by,
        means=state.means,
    )


def question_call(state: MatrixState) -> tuple[str, dict[str, Any]]:
    """Return the question behind the matrix and its parameters; those left open are absent."""
    aggregate = None if state.aggregate in {"macro", "transfer-gap"} else state.aggregate
    asked = {"baseline": state.baseline, "aggregate": aggregate, "metric": state.metric}
    return "matrix", {name: value for name, value in asked.items() if value is not None}


def languages_call(state: MatrixState) -> tuple[str, dict[str, Any]] | None:
    """Return the question behind the cell under the cursor; ``None`` where there is no cell."""
    if state.system is None or state.yardstick is None:
        return None
    asked = {"system": state.system, "yardstick": state.yardstick, "baseline": state.baseline}
    return "languages", {name: value for name, value in asked.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Timeline(Generic[T]):
    """A value with its past and its future: undo, or back and forward."""

    now: T
    past: tuple[T, ...] = ()
    future: tuple[T, ...] = ()

    def amended(self, now: T) -> Timeline[T]:
        """Replace the present without a step."""
        return replace(self, now=now)

    def then(self, now: T) -> Timeline[T]:
        """Take a step; what was undone before is forgotten. Nothing changed is no step."""
        if now == self.now:
            return self
        return Timeline(now, (*self.past, self.now)[-LIMIT:])

    def back(self) -> Timeline[T]:
        """Go a step back, if there is one."""
        if not self.past:
            return self
        return Timeline(self.past[-1], self.past[:-1], (self.now, *self.future))

    def forward(self) -> Timeline[T]:
        """Go a step forward again, if there is one."""
        if not self.future:
            return self
        return Timeline(self.future[0], (*self.past, self.now), self.future[1:])


CURSOR = ("system", "yardstick", "language", "pane")
"""Fields of the matrix's state that are no step of undo."""

BESIDE = (*CURSOR, "show", "baseline", "language_sort", "language_descending", "plot")
"""Fields that show in the panes beside the matrix."""

PANES = ("matrix.grid", "matrix.languages", "matrix.plot")
"""The panes of the matrix in the order of Tab."""


def with_fields_of(state: T, other: T, names: Sequence[str]) -> T:
    """Return ``state`` with these fields of another: undo does not move the cursor."""
    changed: T = replace(cast(Any, state), **{name: getattr(other, name) for name in names})
    return changed


def with_cursor_of(state: MatrixState, cursor: MatrixState) -> MatrixState:
    """Return ``state`` with the cursor and pane of another."""
    return with_fields_of(state, cursor, CURSOR)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the app to come back to.

    Attributes:
        place: Its name.
        pane: The pane that had the focus.
        at: What the place needs to come back to what was looked at.
    """

    place: str
    pane: str
    at: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Errand:
    """What one place sends another to look at; a place takes what it understands.

    Attributes:
        systems: Systems, e.g. those to compare, the first being the one the others are held against.
        yardstick: Id of a yardstick.
        task: Id of a task.
        language: Code of a language.
        language_2: Its pair, for retrieval.
        runs: Run ids.
        text: A statement for the SQL place.
    """

    systems: tuple[str, ...] = ()
    yardstick: str | None = None
    task: str | None = None
    language: str | None = None
    language_2: str | None = None
    runs: tuple[str, ...] = ()
    text: str = ""


def to_record(state: Any) -> dict[str, Any]:
    """Return a state as plain data, for JSON."""
    return asdict(state)


WORDS: dict[str, tuple[Any, ...]] = {
    "aggregate": AGGREGATES,
    "show": get_args(Show),
    "language_sort": LANGUAGE_SORTS,
    "systems_by": SYSTEMS_BY,
    "tasks_by": TASKS_BY,
    "pane": PANES,
    "plot": ("", *KINDS),
}
"""Fields of the matrix's state that may only be one of some words."""


def from_record(record: object) -> MatrixState:
    """Read a state of the matrix back."""
    return revived(MatrixState(), record, WORDS)


def revived(default: T, record: object, words: Mapping[str, tuple[Any, ...]]) -> T:
    """Read a state back; whatever is missing, unknown or of the wrong kind keeps its default.

    Args:
        default: The state to begin with; its fields are text (or ``None``), flags, numbers or tuples of text.
        record: What ``to_record`` returned, whatever has become of it.
        words: Fields that may only be one of these words.
    """
    if not isinstance(record, dict):
        return default
    good: dict[str, Any] = {}
    for field in fields(cast(Any, default)):
        value = record.get(field.name)
        standard = getattr(default, field.name)
        if isinstance(standard, bool):
            fits = isinstance(value, bool)
        elif isinstance(standard, int):
            fits = isinstance(value, int) and not isinstance(value, bool)
        elif isinstance(standard, tuple):
            fits = isinstance(value, list | tuple) and all(isinstance(v, str) for v in value)
            value = tuple(value) if fits and value is not None else value
        elif field.name in words:
            fits = value in words[field.name]
        else:
            fits = isinstance(value, str) or (value is None and standard is None)
        if fits:
            good[field.name] = value
    revived_state: T = replace(cast(Any, default), **good)
    return revived_state
