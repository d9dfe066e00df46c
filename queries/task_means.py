"""Means over tasks: one column more for all tasks shown, and one for each group of them.

Yardsticks differ, so such a mean is no measurement: it is the plain mean of the tasks that are shown and
have a number. It says how many of how many those are. A task with several yardsticks counts once, by the mean
of those that have a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from .matrix import LETTERS, Aggregate, Cell, Matrix, Show, Yardstick, number_of

MEAN = "mean"
"""Id of the column of means over all tasks shown; one over a group is ``mean:GROUP``."""


@dataclass(frozen=True, slots=True)
class Means:
    """What means are taken over.

    Attributes:
        show: Values or deltas.
        aggregate: What a cell's number is.
        members: Of each mean, by its id: the yardsticks of each task.
        left_out: Yardsticks that cannot be averaged with others: not in 0..1, or lower is better.
    """

    show: Show
    aggregate: Aggregate
    members: Mapping[str, Mapping[str, Sequence[Yardstick]]] = field(default_factory=dict)
    left_out: tuple[Yardstick, ...] = ()

    @classmethod
    def over(cls, matrix: Matrix, *, show: Show, aggregate: Aggregate) -> Means:
        """Return the means over the tasks of a matrix, and over each of their groups."""
        members: dict[str, dict[str, list[Yardstick]]] = {}
        left_out = []
        for yardstick in matrix.yardsticks:
            if not (yardstick.unit_interval and yardstick.higher_is_better):
                left_out.append(yardstick)
                continue
            for name in (MEAN, f"{MEAN}:{yardstick.group}"):
                members.setdefault(name, {}).setdefault(yardstick.task, []).append(yardstick)
        return cls(show, aggregate, members, tuple(left_out))

    def cells(self, cells: Mapping[tuple[str, str], Cell]) -> Mapping[tuple[str, str], Cell]:
        """Return cells together with those of the means, which are made when looked at."""
        return _WithMeans(cells, self)

    def cell(self, cells: Mapping[tuple[str, str], Cell], system: str, mean: str) -> Cell:
        """Return the cell of a mean."""
        of = self.members[mean]
        found = {
            task: [cell for y in yardsticks if (cell := cells.get((system, y.id))) is not None]
            for task, yardsticks in of.items()
        }
        value, tasks = self._mean(found, "values")
        delta, matched = self._mean(found, "deltas")
        is_gap = self.aggregate == "transfer-gap"
        with_number = tasks if self.show == "values" else matched
        missing = [task for task in of if task not in with_number]
        rungs = list(LETTERS)
        parts = [c for task in tasks for c in found[task] if self._number(c, "values") is not None]
        evidence = [cell.evidence for cell in parts]
        baselines = {cell.baseline for cell in parts if self._number(cell, "deltas") is not None}
        return Cell(
            system,
            mean,
            value=None if is_gap else value,
            transfer_gap=value if is_gap else None,
            delta=delta,
            # as well founded as the weakest part; one of an unknown rung makes it unknown
            evidence=None if None in evidence else min(filter(None, evidence), key=rungs.index, default=None),
            mismatch=any(cell.mismatch for cell in parts),
            baseline=baselines.pop() if len(baselines) == 1 else None,
            tasks=len(tasks),
            matched_tasks=len(matched),
            of_tasks=len(of),
            gap=_gap(missing, len(of)),
        )

    def _number(self, cell: Cell, show: Show) -> float | None:
        return number_of(cell, show, self.aggregate)

    def _mean(self, found: Mapping[str, Iterable[Cell]], show: Show) -> tuple[float | None, list[str]]:
        """Return the mean over tasks, and the tasks that have a number."""
        of: dict[str, float] = {}
        for task, cells in found.items():
            numbers = [number for cell in cells if (number := self._number(cell, show)) is not None]
            if numbers:
                of[task] = fmean(numbers)
        return (fmean(of.values()) if of else None), list(of)


def _gap(missing: Sequence[str], whole: int) -> str | None:
    if not missing:
        return None
    if len(missing) == whole:
        return "no task shown has a number here"
    return f"{len(missing)} of {whole} tasks without a number: {' '.join(missing)}"


class _WithMeans(Mapping[tuple[str, str], Cell]):
    """The cells of a matrix, and those of means over them."""

    def __init__(self, cells: Mapping[tuple[str, str], Cell], means: Means) -> None:
        self._cells, self._means = cells, means
        self._made: dict[tuple[str, str], Cell] = {}

    def __getitem__(self, key: tuple[str, str]) -> Cell:
        if key[1] not in self._means.members:
            return self._cells[key]
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._means.cell(self._cells, *key)
        return made

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._cells)

    def __len__(self) -> int:
        return len(self._cells)


def mean_yardsticks(
    groups: Sequence[tuple[str, tuple[Yardstick, ...]]], means: Means
) -> list[tuple[str, tuple[Yardstick, ...]]]:
    """Return groups of yardsticks with the means: one behind each group of several tasks, and over all.

    Args:
        groups: Label and yardsticks of each group; one group of all where there is no grouping.
        means: What they are over.
    """
    whole = Yardstick(MEAN, MEAN, MEAN, "of tasks") if len(means.members.get(MEAN, {})) > 1 else None
    if len(groups) == 1:
        [(label, of)] = groups
        return [(label, (*of, whole) if whole else of)]
    found = []
    for label, of in groups:
        own = Yardstick(f"{MEAN}:{of[0].group}", MEAN, MEAN, label)
        found.append((label, (*of, own) if len(means.members.get(own.id, {})) > 1 else of))
    return [*found, ("", (whole,))] if whole else found


def is_mean(yardstick: Yardstick) -> bool:
    """Whether a column is a mean over tasks."""
    # the ids of others are hashes
    return yardstick.id.partition(":")[0] == MEAN


def coverage(cell: Cell, show: Show) -> str:
    """Return ``7/9``: over how many of how many tasks a mean is; empty for other cells."""
    if cell.of_tasks is None:
        return ""
    return f"{cell.matched_tasks if show == 'deltas' else cell.tasks}/{cell.of_tasks}"
