"""A system against its baseline: one mark a language, the diagonal meaning equal."""

from __future__ import annotations

from dataclasses import dataclass

from intermezzo.tui.text import fit
from rich.cells import cell_len

from .axes import ends_of
from .bars import NO_PAIR
from .drawing import LEAST_HEIGHT, LEAST_WIDTH, TOO_SMALL, Drawing
from .figure import Trace, figure

DIAGONAL, BETTER, WORSE = "·", "●", "○"
"""The diagonal; a language in which the system is better or equal, and one in which it is worse."""


@dataclass(frozen=True, slots=True)
class Point:
    """A language: its short label, and both values in the metric's natural unit."""

    label: str
    baseline: float
    system: float


@dataclass(frozen=True, slots=True)
class Scatter:
    """Languages at (baseline, system), with as many labels as have room.

    Attributes:
        points: The languages.
        unit_interval: Whether the metric lives in 0..1; then x 100.
        higher_is_better: Direction of the metric: which side of the diagonal is the better one.
        names: What the two are called: the one that is held against, and the system.
    """

    points: tuple[Point, ...]
    unit_interval: bool
    higher_is_better: bool = True
    names: tuple[str, str] = ("baseline", "system")

    def draw(self, width: int, height: int) -> Drawing:
        """Draw it."""
        points = self.points
        if not points:
            return Drawing(sentence=NO_PAIR)
        if width < LEAST_WIDTH or height < LEAST_HEIGHT:
            return TOO_SMALL
        ends = ends_of([value for p in points for value in (p.baseline, p.system)], room=0.06)
        better = [p for p in points if self._better(p)]
        groups = {BETTER: better, WORSE: [p for p in points if p not in better]}
        traces = [Trace(ends, ends, DIAGONAL)]
        for mark, group in groups.items():
            if group:
                xs, ys = [p.baseline for p in group], [p.system for p in group]
                traces.append(Trace(xs, ys, mark, joined=False))
        factor = 100.0 if self.unit_interval else 1.0
        drawn = figure(traces, width, height - 1, x=ends, y=ends, factor=factor)
        cells = [list(line.ljust(width)) for line in drawn.lines]
        inside = (drawn.left, drawn.left + drawn.columns)
        # the largest differences first: if labels must be left out, then those near the diagonal
        order = sorted(points, key=lambda p: (-abs(p.system - p.baseline), p.label))
        left = [p for p in order if not _label(cells, p.label, drawn.cell(p.baseline, p.system), inside)]
        counted = f"{len(better)} {BETTER} better  {len(groups[WORSE])} {WORSE} not"
        said = f"→ {self.names[0]} ↑ {self.names[1]}: {counted}"
        said += f"  {len(left)} unlabelled" if left else ""
        lines = ["".join(line) for line in cells]
        return Drawing(tuple(fit(line, width) for line in (*lines, said)))

    def _better(self, point: Point) -> bool:
        return point.system > point.baseline if self.higher_is_better else point.system < point.baseline


def _label(cells: list[list[str]], label: str, at: tuple[int, int], inside: tuple[int, int]) -> bool:
    """Write a label beside its mark where there is room; return whether there was."""
    line, column = at
    long = cell_len(label)
    if not label.isascii():
        return False
    places = (
        (line, column + 1),
        (line, column - long),
        (line - 1, column),
        (line + 1, column),
        (line - 1, column - long + 1),
        (line + 1, column - long + 1),
        (line - 1, column + 1),
        (line + 1, column + 1),
    )
    for y, x in places:
        if not 1 <= y < len(cells) - 2 or x < inside[0] or x + long > inside[1]:
            continue
        beside = (cells[y][x - 1], cells[y][x + long] if x + long < inside[1] else " ")
        own = y == line
        room = all(cell in f" {DIAGONAL}" for cell in cells[y][x : x + long])
        # a label that touches another mark, or another label, could be read as that one's
        free = [c in f" {DIAGONAL}│" for c in beside]
        if own:
            free[0 if x > column else 1] = True
        if room and all(free):
            cells[y][x : x + long] = label
            return True
    return False
