"""What the Compare place shows: its state, its rows, its sentences; nothing here knows Textual.

A comparison is of ``intermezzo.queries.compare``; that module (numpy, polars) is imported where one is made.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from intermezzo.queries.comparison.orders import LARGEST_FIRST, ORDERS
from intermezzo.queries.matrix import number_text

from .output import BETTER, WORSE
from .plots.bars import Way, Ways
from .plots.forest import Difference, Forest, bar, reach
from .plots.kinds import Plot, PlotKind
from .plots.reading import PlotRequest
from .plots.scatter import Point, Scatter
from .table import GAP, Column
from .text import count

if TYPE_CHECKING:
    from intermezzo.queries.comparison.model import (
        Attribute,
        Comparison,
        LanguageDelta,
        OverLanguages,
        Pair,
        Request,
    )

SORTS: tuple[str, ...] = ORDERS
"""What languages are sorted by, in turn."""

PANES = ("compare.grid", "compare.plot", "compare.notes")
"""The panes in the order of Tab."""

OVER = "over languages"
"""Key of the heading between languages and the rows over them."""


@dataclass(frozen=True, slots=True)
class CompareState:
    """What the Compare place shows.

    Attributes:
        systems: What is compared, the first against each of the others.
        yardstick: The yardstick, by id.
        task: Its task; settles the yardstick where none is given.
        pair: Which pair is shown, from 0.
        sort: What languages are sorted by.
        descending: Largest first.
        filter: Words that a language's code, name, family or script must hold.
        insist: Whether what is known to differ is compared all the same.
        adjust: How p values are adjusted.
        items_only: Only languages whose items are at hand.
        plot: Kind of the plot.
        row: Key of the row under the cursor.
    """

    pane: str = "compare.grid"
    systems: tuple[str, ...] = ()
    yardstick: str | None = None
    task: str | None = None
    pair: int = 0
    sort: str = "delta"
    descending: bool = True
    filter: str = ""
    insist: bool = False
    adjust: str = "holm"
    items_only: bool = False
    plot: str = "forest"
    row: str | None = None


PLOTS: tuple[PlotKind, ...] = ("forest", "scatter", "bars", "seeds", "histogram")
"""Kinds of plots of two systems, in the order in which a key goes through them."""

WORDS: dict[str, tuple[Any, ...]] = {"sort": SORTS, "adjust": ("holm", "bh"), "plot": PLOTS}
"""Fields that may only be one of some words."""


def request_of(state: CompareState) -> Request:
    """Return what is asked."""
    from intermezzo.queries.comparison.model import Request

    return Request(
        systems=state.systems,
        task=None if state.yardstick else state.task,
        yardstick=state.yardstick,
        insist=state.insist,
        adjust="bh" if state.adjust == "bh" else "holm",
        items_only=state.items_only,
    )


def key_of(state: CompareState) -> dict[str, Any]:
    """Return all that the answer depends on; empty where nothing can be asked yet."""
    if len(state.systems) < 2 or not (state.yardstick or state.task):
        return {}
    names = ("systems", "yardstick", "task", "insist", "adjust", "items_only")
    return {name: getattr(state, name) for name in names}


def sensible_plots(shown: Shown) -> tuple[PlotKind, ...]:
    """Return the kinds of plots that have something to show of these rows."""
    twice = any((entry.seeds_a or 0) > 1 or (entry.seeds_b or 0) > 1 for entry in shown.languages)
    items = any(entry.basis == "items" for entry in shown.languages)
    lacking = {"seeds": not twice, "histogram": not items}
    return tuple(kind for kind in PLOTS if not lacking.get(kind, False))


def plot_request(state: CompareState, comparison: Comparison, pair: Pair) -> PlotRequest:
    """Return what is to be drawn of a pair, where its rows alone do not do."""
    kind: PlotKind = next((kind for kind in PLOTS if kind == state.plot), "forest")
    measure = comparison.measure
    unit, higher = measure.unit_interval, measure.higher_is_better
    return PlotRequest(kind, pair.a, measure.id, pair.b, "deltas", unit, higher, names=("B", "A"))


def plot_of(
    shown: Shown, comparison: Comparison, kind: str, names: tuple[str, str] = ("B", "A")
) -> Plot | None:
    """Return the plot of rows of a comparison; ``None`` for kinds that need more than they have.

    Args:
        shown: The rows.
        comparison: What they are of.
        kind: Which plot.
        names: What the two systems are called: the one that is held against, and the other.
    """
    unit, higher = comparison.measure.unit_interval, comparison.measure.higher_is_better
    if kind == "forest":
        low, high = names if higher else names[::-1]
        better = (f"{low} better", f"{high} better")
        return Forest(tuple(d for d in differences(shown, unit=unit) if d is not None), unit, better)
    if kind == "scatter":
        points = [
            Point(entry.label, entry.b, entry.a)
            for entry in shown.languages
            if entry.a is not None and entry.b is not None and entry.delta is not None
        ]
        return Scatter(tuple(points), unit, higher, names)
    if kind == "bars":
        rows = [
            Way(
                entry.label,
                entry.name or "",
                entry.b,
                entry.a,
                "" if entry.delta is not None else entry.reason or "no value",
            )
            for entry in shown.languages
        ]
        return Ways(tuple(rows), unit, names)
    return None


def command_of(state: CompareState, store: Sequence[str], pair: tuple[str, str] | None = None) -> str:
    """Return the command that prints the pair that is shown, or the plot of it.

    Args:
        state: The view.
        store: The options that name the store.
        pair: The systems of the pair.
    """
    yardstick = ["--yardstick", state.yardstick] if state.yardstick else ["--task", state.task or ""]
    insist = ["--insist"] if state.insist else []
    if state.pane == "compare.plot":
        a, b = pair or state.systems[:2]
        words = ["plot", state.plot, "--system", a, "--baseline", b, "--deltas", *yardstick, *insist]
        return shlex.join(["intermezzo", "show", *words, *store])
    words = ["intermezzo", "show", "compare", *state.systems, *yardstick, *insist]
    words += ["--adjust", state.adjust] if state.adjust != "holm" else []
    words += ["--items-only"] if state.items_only else []
    words += ["--pair", str(state.pair + 1)] if len(state.systems) > 2 else []
    words += ["--filter", state.filter] if state.filter.strip() else []
    # the usual order is the command's, too
    usual = state.sort in LARGEST_FIRST
    words += ["--sort", state.sort] if state.sort != "delta" or state.descending != usual else []
    words += ["--reverse"] if state.descending != usual else []
    return shlex.join([*words, *store])


def sql_of(state: CompareState, pair: Pair | None = None) -> str:
    """Return the SQL of the scores that are compared, of the languages that are shown.

    Differences on common items, intervals and p values come from items, which SQL has not.
    """
    from intermezzo.queries.view_sql import compared_sql

    systems = (pair.a, pair.b) if pair is not None else state.systems
    stated = pair is not None and not pair.languages and bool(pair.over)
    return compared_sql(systems, state.yardstick, state.task, state.filter, stated=stated)


@dataclass(frozen=True, slots=True)
class Shown:
    """The rows of a pair as a view has them.

    Attributes:
        keys: Of each row: a language's label, ``OVER``, or the name of a row over languages.
        languages: The languages, in order.
        over: The rows over them.
    """

    keys: tuple[str, ...] = ()
    languages: tuple[LanguageDelta, ...] = ()
    over: tuple[OverLanguages, ...] = field(default=())

    def language(self, key: str | None) -> LanguageDelta | None:
        """Return the language of a row."""
        return next((entry for entry in self.languages if entry.label == key), None)

    def over_row(self, key: str | None) -> OverLanguages | None:
        """Return the row over languages of a row."""
        return next((row for row in self.over if row.name == key), None)


def shown_of(pair: Pair, state: CompareState) -> Shown:
    """Return the rows of a pair, filtered and sorted; what is unknown stands last."""
    from intermezzo.queries.comparison.arranging import arranged

    languages = arranged(pair, state.filter, state.sort, descending=state.descending).languages
    keys = [entry.label for entry in languages]
    if pair.over:
        keys += [OVER, *(row.name for row in pair.over)]
    return Shown(tuple(keys), languages, pair.over)


COLUMNS = (
    Column("language", most=24),
    Column("n", right=True, most=9),
    Column("A", right=True, most=7),
    Column("B", right=True, most=7),
    Column("A - B", right=True, most=8),
    Column("95 %", right=True, most=16),
    Column("p adj", right=True, most=5),
    Column("", most=3),
)
FOREST = Column("", most=60)


def texts_of(shown: Shown, *, unit: bool, room: int) -> tuple[tuple[Column, ...], list[tuple[str, ...]]]:
    """Return columns and texts; a small forest plot stands at the right where there is room for it."""
    from .compare_text import language_cells, row_cells

    texts: list[tuple[str, ...]] = []
    for entry in shown.languages:
        texts.append(tuple("" if cell is None else str(cell) for cell in language_cells(entry, unit=unit)))
    if shown.over:
        texts.append((OVER, "of", "", "", "", "", "p", ""))
    for row in shown.over:
        _, of, a, b, delta, interval, p = ("" if c is None else str(c) for c in row_cells(row, unit=unit))
        texts.append((short(row), of, a, b, f"{delta} ", interval, p, ""))
    used = 0
    for n, column in enumerate(COLUMNS):
        longest = max((len(text[n]) for text in texts), default=0)
        used += min(max(len(column.title), longest), column.most) + GAP
    left = min(room - used, FOREST.most)
    columns: tuple[Column, ...] = COLUMNS
    if left >= 15:
        drawn = differences(shown, unit=unit)
        ends = reach([d for d in drawn if d is not None])
        bars = [bar(d, ends, left) if d else "" for d in drawn]
        texts = [(*text, drawing) for text, drawing in zip(texts, bars, strict=True)]
        columns = (*COLUMNS, FOREST)
    return columns, texts


def short(row: OverLanguages) -> str:
    """Return a row's name for a narrow column: ``macro · like these``."""
    estimand = {"these languages": " · these", "languages like these": " · like these"}
    label = row.label.replace("macro without", "without").replace("transfer gap from", "gap from")
    return label + estimand.get(row.estimand or "", "")


def differences(shown: Shown, *, unit: bool) -> list[Difference | None]:
    """Return what the forest plot draws, row by row; ``None`` for the heading and for gaps of two values."""
    found: list[Difference | None] = []
    for entry in shown.languages:
        text = number_text(entry.delta, unit_interval=unit, signed=True)
        text += {"+": BETTER, "-": WORSE}.get(entry.sign, " ")
        found.append(Difference(entry.label, entry.delta, entry.low, entry.high, bool(entry.sign), text=text))
    found += [None] if shown.over else []
    for row in shown.over:
        text = number_text(row.delta, unit_interval=unit, signed=True) + " "
        # a transfer gap's difference has another meaning: it is given as a number, not on this axis
        drawn = (
            None
            if row.kind == "transfer-gap"
            else Difference(short(row), row.delta, row.low, row.high, over=True, text=text)
        )
        found.append(drawn)
    return found


def row_sentence(shown: Shown, key: str | None, *, unit: bool) -> str:
    """Say everything about the row under the cursor in one line, the reason of a gap first."""
    entry, over = shown.language(key), shown.over_row(key)
    if entry is not None:
        parts = [entry.reason, entry.note, entry.name, entry.family, entry.script]
        if entry.only_a is not None and entry.only_b is not None:
            parts.append(f"only A right {entry.only_a:,}, only B {entry.only_b:,}")
        if entry.clusters is not None and entry.clusters != entry.n:
            parts.append(count(entry.clusters, "cluster"))
        if entry.detectable is not None:
            parts.append(f"detectable {number_text(entry.detectable, unit_interval=unit)}")
        if entry.mcnemar is not None:
            parts.append(f"McNemar p {entry.mcnemar:.3g}")
        parts += [f"{entry.evidence}" if entry.evidence else None, entry.training]
    elif over is not None:
        parts = [
            over.reason,
            over.name,
            count(len(over.languages), "language"),
            over.reference,
            over.training,
        ]
        if over.worst_a or over.worst_b:
            parts.append(f"A's worst is {over.worst_a}, B's {over.worst_b}")
    else:
        return ""
    return " · ".join(part for part in parts if part)


def status_of(comparison: Comparison, pair: Pair, state: CompareState) -> str:
    """Say how the pair went, in the status line."""
    if pair.refused:
        return f"{_which(comparison, state)}refused: i insists"
    counts = pair.counts
    parts = [
        f"A wins {counts.wins} ({counts.significant_wins} sure)",
        f"loses {counts.losses} ({counts.significant_losses} sure)",
        f"ties {counts.ties}",
        f"by {state.sort} {'↓' if state.descending else '↑'}",
        state.adjust,
    ]
    if state.filter:
        parts.insert(0, f"filter {state.filter}")
    if state.insist:
        parts.insert(0, "insisted")
    return _which(comparison, state) + " · ".join(parts)


def _which(comparison: Comparison, state: CompareState) -> str:
    whole = len(comparison.pairs)
    return f"pair {min(state.pair, whole - 1) + 1} of {whole} · " if whole > 1 else ""


def _known(attribute: Attribute) -> bool:
    return any(value is not None for value in (*attribute.a, *attribute.b))


def note_lines(comparison: Comparison, pair: Pair) -> list[tuple[str, str]]:
    """Return what stands behind a pair as lines to read: comparability, counts, family, reasons, ranks."""
    from .compare_text import header_lines, legend, pair_notes

    head = header_lines(comparison, pair)
    lines: list[tuple[str, str]] = [("bold", text) for text in head[:3]]
    if pair.refused:
        lines += [("", ""), ("bold", "Refused"), ("", pair.refused)]
        lines.append(("", "i insists: compares all the same, and says so wherever the numbers go."))
    for attribute in pair.attributes:
        if attribute.state == "different" or (attribute.state == "unknown" and _known(attribute)):
            a, b = (", ".join(value or "?" for value in values) for values in (attribute.a, attribute.b))
            lines.append(("", f"  {attribute.name} {attribute.state}: A {a}, B {b}"))
    if not pair.refused:
        lines.append(("", ""))
        lines += [("", text) for text in (*pair_notes(comparison, pair), *legend(comparison))]
    if comparison.ranks or comparison.ranks_reason:
        lines += [("", ""), ("bold", "Ranks that these languages leave open")]
        for system, rank in comparison.ranks.items():
            span = str(rank.low) if rank.low == rank.high else f"{rank.low} to {rank.high}"
            lines.append(("", f"  {span:<7} {system}"))
        if comparison.ranks_reason:
            lines.append(("", comparison.ranks_reason))
    return [*lines, *(("dim", text) for text in comparison.notes)]
