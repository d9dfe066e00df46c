"""The matrix as a frozen model: systems x yardsticks, built from the rows of the ``matrix`` question.

No widget and no SQL here: the faces hold a ``Matrix``, arrange it (``arranging``) and read a ``Grid``
off it. Numbers are in the metric's natural unit; ``number_text`` shows unit-interval
metrics x 100.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from .intervals import CellInterval

Aggregate = Literal["macro", "median", "worst", "micro", "without-train", "transfer-gap"]
"""How the languages of a cell become one number; ``macro`` is the mean over them."""

AGGREGATES: tuple[Aggregate, ...] = ("macro", "median", "worst", "micro", "without-train", "transfer-gap")
"""The aggregates in the order in which ``m`` goes through them. ``transfer-gap`` is a column of its own
(train language minus the others); the rest are what the question's ``aggregate`` parameter takes."""

Show = Literal["values", "deltas"]
"""Whether cells show values or differences from the baseline."""

LETTERS: dict[str, str] = {"published": "p", "logged": "l", "recomputed": "r", "measured": "m"}
"""The letter of each rung."""

YARDSTICK_PARTS = ("subset", "split", "metric", "filter", "item_limit", "implementation", "task_version")
"""What a yardstick is made of besides its task, most telling first."""

_KEYS = ("system", "yardstick")

SIGNIFICANT = 0.05
"""Adjusted p below which a delta carries the sign of significance."""


@dataclass(frozen=True, slots=True)
class System:
    """A row: base model + recipe (+ shots and prompt)."""

    name: str
    base_model: str | None = None
    recipe: str | None = None
    shots: int | None = None
    prompt: str | None = None
    model_family: str | None = None


@dataclass(frozen=True, slots=True)
class Yardstick:
    """A column: what is measured and how; deltas exist only inside one.

    Attributes:
        id: The index's id of the yardstick.
        label: Short name on the first header line: the task id.
        detail: Second header line: what tells this yardstick from its siblings of the same task, or empty.
    """

    id: str
    task: str
    label: str
    detail: str = ""
    title: str | None = None
    group: str | None = None
    subset: str | None = None
    split: str | None = None
    task_version: str | None = None
    filter: str | None = None
    item_limit: int | None = None
    metric: str | None = None
    implementation: str | None = None
    is_primary: bool = True
    higher_is_better: bool = True
    unit_interval: bool = True

    @property
    def full_name(self) -> str:
        """Every known part of the yardstick: ``xnli test accuracy (lm-eval acc)``."""
        version, limit = self.task_version, self.item_limit
        parts = [self.task, self.subset, self.split, f"v{version}" if version else None, self.filter]
        parts += [f"first {limit} items" if limit else None, self.metric]
        text = " ".join(str(part) for part in parts if part)
        return f"{text} ({self.implementation})" if self.implementation else text


@dataclass(frozen=True, slots=True)
class Cell:
    """What the store knows about one system on one yardstick; unknown is ``None``.

    Attributes:
        value: The languages' aggregate that was asked for, natural unit.
        delta: Value minus the baseline's on matched languages, natural unit.
        languages: Languages behind the value; 0 or ``None`` where only a macro was published.
        matched_languages: Languages behind the delta.
        low: Lower end of the 95 % interval of the delta.
        high: Upper end of it.
        p_adjusted: p of the delta, adjusted over the declared family.
        no_interval: Why items give no interval, where they were asked.
        gap: Why there is no value, or which languages have none.
        stated_only: The value is a mean that a publication or tool states; no language stands behind it.
        tasks: Of a mean over tasks: how many have a value.
        matched_tasks: How many have a delta.
        of_tasks: How many are shown.
    """

    system: str
    yardstick: str
    value: float | None = None
    delta: float | None = None
    languages: int | None = None
    seeds: int | None = None
    evidence: str | None = None
    mismatch: bool | None = False
    n: int | None = None
    transfer_gap: float | None = None
    baseline: str | None = None
    matched_languages: int | None = None
    low: float | None = None
    high: float | None = None
    p_adjusted: float | None = None
    no_interval: str | None = None
    gap: str | None = None
    stated_only: bool | None = False
    tasks: int | None = None
    matched_tasks: int | None = None
    of_tasks: int | None = None

    @property
    def letter(self) -> str:
        """The rung's letter, or a space where it is unknown."""
        return LETTERS.get(self.evidence or "", " ")

    @property
    def significant(self) -> bool:
        """Whether the delta's adjusted p is below ``SIGNIFICANT``."""
        return self.p_adjusted is not None and self.p_adjusted < SIGNIFICANT


@dataclass(frozen=True, slots=True)
class Matrix:
    """Systems x yardsticks with their cells; a pair without an entry in ``cells`` was never evaluated."""

    systems: tuple[System, ...] = ()
    yardsticks: tuple[Yardstick, ...] = ()
    cells: Mapping[tuple[str, str], Cell] = field(default_factory=dict)

    def cell(self, system: str, yardstick: str) -> Cell:
        """Return the cell of the pair; a gap with its reason where nothing is known."""
        found = self.cells.get((system, yardstick))
        return found or Cell(system, yardstick, gap="not evaluated: no run of this system on this yardstick")

    def system(self, name: str | None) -> System | None:
        """Return the system of that name, if it is in this matrix."""
        return next((s for s in self.systems if s.name == name), None)

    def yardstick(self, id_: str | None) -> Yardstick | None:
        """Return the yardstick of that id, if it is in this matrix."""
        return next((y for y in self.yardsticks if y.id == id_), None)


def matrix_of(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Matrix:
    """Build the matrix from the rows of the ``matrix`` question (columns by name; absent ones are unknown).

    Systems keep the order in which they appear, yardsticks too; yardsticks that share a task get a
    second label line naming what differs among them.
    """
    place = {name: n for n, name in enumerate(columns)}
    names = ("base_model", "recipe", "shots", "prompt", "model_family")
    known = [
        (field, place[field]) for field in Cell.__dataclass_fields__ if field in place and field not in _KEYS
    ]
    systems: dict[str, System] = {}
    yardsticks: dict[str, Yardstick] = {}
    found: dict[tuple[str, str], Sequence[Any]] = {}
    for row in rows:
        name, yardstick = str(row[place["system"]]), str(row[place["yardstick"]])
        if name not in systems:
            systems[name] = System(name, *(row[place[key]] if key in place else None for key in names))
        if yardstick not in yardsticks:
            yardsticks[yardstick] = _yardstick(yardstick, dict(zip(columns, row, strict=True)))
        found[name, yardstick] = row
    details = with_details(list(yardsticks.values()))
    return Matrix(tuple(systems.values()), details, _Cells(found, known))


class _Cells(Mapping[tuple[str, str], Cell]):
    """Cells made from rows when first looked at: a screen shows few of a large store's."""

    def __init__(
        self, rows: Mapping[tuple[str, str], Sequence[Any]], fields: Sequence[tuple[str, int]]
    ) -> None:
        self._rows, self._fields = rows, fields
        self._made: dict[tuple[str, str], Cell] = {}

    def __getitem__(self, key: tuple[str, str]) -> Cell:
        cell = self._made.get(key)
        if cell is None:
            row = self._rows[key]
            cell = self._made[key] = Cell(*key, **{name: row[n] for name, n in self._fields})
        return cell

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def _yardstick(id_: str, record: Mapping[str, Any]) -> Yardstick:
    task = str(record.get("task") or "?")
    parts: dict[str, Any] = {key: record.get(key) for key in YARDSTICK_PARTS}
    for flag in ("is_primary", "higher_is_better", "unit_interval"):
        parts[flag] = record.get(flag) is not False
    return Yardstick(
        id=id_, task=task, label=task, title=record.get("task_title"), group=record.get("task_group"), **parts
    )


def with_details(yardsticks: Sequence[Yardstick]) -> tuple[Yardstick, ...]:
    """Give siblings of one task a second label line: the fewest and most telling parts that differ."""
    families: dict[str, list[Yardstick]] = {}
    for yardstick in yardsticks:
        families.setdefault(yardstick.task, []).append(yardstick)
    details: dict[str, str] = {}
    for family in families.values():
        parts: list[str] = []
        apart = 1
        for part in YARDSTICK_PARTS:
            distinct = len({tuple(getattr(y, p) for p in (*parts, part)) for y in family})
            if distinct > apart:
                parts.append(part)
                apart = distinct
        for yardstick in family:
            details[yardstick.id] = _detail(yardstick, parts)
    return tuple(replace(y, detail=details[y.id]) for y in yardsticks)


def _detail(yardstick: Yardstick, parts: Sequence[str]) -> str:
    known = [(part, getattr(yardstick, part)) for part in parts if getattr(yardstick, part) is not None]
    words = [f"v{value}" if part == "task_version" else str(value) for part, value in known]
    return " ".join(words) or ("?" if parts else "")


def with_intervals(matrix: Matrix, found: Mapping[tuple[str, str], CellInterval]) -> Matrix:
    """Return a matrix whose cells have the intervals and p values that were found for their deltas."""
    judged = {
        key: replace(matrix.cell(*key), low=x.low, high=x.high, p_adjusted=x.p_adjusted, no_interval=x.reason)
        for key, x in found.items()
    }
    return replace(matrix, cells={**matrix.cells, **judged}) if judged else matrix


def number_of(cell: Cell, show: Show, aggregate: Aggregate) -> float | None:
    """Return the number a cell shows: its value, its delta or its transfer gap, natural unit."""
    if show == "deltas":
        return None if aggregate == "transfer-gap" else cell.delta
    return cell.transfer_gap if aggregate == "transfer-gap" else cell.value


def reason_for_gap(cell: Cell, show: Show, aggregate: Aggregate) -> str:
    """Say why a cell shows no number, or what is missing behind the number it shows; else ``""``."""
    if cell.of_tasks is not None:
        return cell.gap or ""
    if cell.value is None:
        return cell.gap or "no value, and the store does not say why"
    if number_of(cell, show, aggregate) is not None:
        return cell.gap or ""
    if aggregate == "transfer-gap":
        if show == "deltas":
            return "no delta of a transfer gap: show values with d"
        return "no transfer gap: it needs per-language scores and a known train language"
    if cell.baseline is None:
        return "no delta: this is a baseline itself, or its base model has no direct system; pin one with b"
    return f"no delta: no language in common with {cell.baseline} on the same items"


def number_text(number: float | None, *, unit_interval: bool, signed: bool = False) -> str:
    """Format a number for a screen: x 100 with one decimal in the unit interval, else 4 significant digits.

    Args:
        number: Natural unit; ``None`` gives ``·``.
        unit_interval: Whether the metric lives in 0..1.
        signed: Always print the sign (deltas); zero is ``0.0``, without one.
    """
    if number is None or not math.isfinite(number):
        return "·"
    if unit_interval:
        text = f"{number * 100:+.1f}" if signed else f"{number * 100:.1f}"
    else:
        text = f"{number:+.3g}" if signed else f"{number:.4g}"
    return text.lstrip("+-") if float(text) == 0 else text
