"""Plots on a command line: the same as in the app, found by names instead of a cursor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from intermezzo.queries.harmless import harmless
from intermezzo.queries.matrix import Show

from .kinds import PlotKind
from .reading import PlotRequest, read_plot

if TYPE_CHECKING:
    from intermezzo.queries.comparison.model import Request
    from intermezzo.queries.store.layout import Store

ALWAYS_TWO = frozenset({"scatter", "forest"})
"""Kinds that show a system against another."""

USUAL_HEIGHT, ENDLESS = 20, 10_000
"""Lines of a figure, and of rows of which none is to be left out, where no height is asked for."""

OF_LINES = frozenset({"bars", "forest", "seeds", "task-seeds"})
"""Kinds that are as long as they have rows."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a plot is printed; a height that is ``None`` means as many lines as it needs."""

    width: int
    height: int | None

    @classmethod
    def of_terminal(cls, width: int | None, height: int | None) -> Self:
        """Return the size asked for, as wide as the terminal where none is."""
        import sys

        from intermezzo.tui.output import look_of

        return cls(width or look_of(sys.stdout).width or 80, height)


def printed_plot(
    store: Store,
    request: Request,
    kind: PlotKind,
    size: Size,
    *,
    deltas: bool = False,
    language: str | None = None,
    insist: bool = False,
) -> tuple[list[str], str]:
    """Return the lines of a plot, and a sentence instead where there is nothing to draw.

    Args:
        store: The store.
        request: The system, or the system and what it is held against; and the yardstick.
        kind: Which plot.
        size: How large.
        deltas: Whether the baseline is drawn too, where the kind can be without.
        language: Only the items of this language.
        insist: Whether what is known to differ is compared all the same.

    Raises:
        Problem: A name is unknown, or the systems share no yardstick.
    """
    from intermezzo.queries.comparison.arms import found
    from intermezzo.queries.errors import Problem
    from intermezzo.tui.stores import reading, settled

    show: Show = "deltas" if deltas or kind in ALWAYS_TWO else "values"
    with reading(store) as reader:
        asked = settled(reader, request)
        measure = found(reader, asked).measure
        system, *other = asked.systems
        if not other and show == "deltas":
            rows = reader.ask("languages", system=system, yardstick=measure.id).dicts()
            other = [row["baseline"] for row in rows if row["baseline"]][:1]
        wanted = PlotRequest(
            kind,
            system,
            measure.id,
            other[0] if other else None,
            show,
            measure.unit_interval,
            measure.higher_is_better,
            language,
            insist,
        )
        try:
            plot = read_plot(reader, wanted)
        except Problem as problem:
            return [], str(problem)
    height = size.height or (ENDLESS if kind in OF_LINES else USUAL_HEIGHT)
    drawing = plot.draw(size.width, height)
    if drawing.sentence:
        return [], drawing.sentence
    against = f" against {other[0]}" if wanted.two else ""
    lines = [harmless(f"{kind} · {measure.full_name} · {system}{against}")]
    drawn = [line.rstrip() for line in drawing.lines]
    return [*lines, *(line for line in drawn if line or size.height)], ""
