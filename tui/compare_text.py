"""A comparison as text and as rows: shared by the command and the Compare place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from intermezzo.queries.compare import (
    LIKE_THESE,
    THESE,
    Comparison,
    Counted,
    LanguageDelta,
    OverLanguages,
    Pair,
    Request,
    compare,
)
from intermezzo.queries.comparison.arranging import arranged
from intermezzo.queries.comparison.orders import LanguageOrder
from intermezzo.queries.errors import Problem
from intermezzo.queries.harmless import harmless
from intermezzo.queries.matrix import LETTERS, number_text

from .output import BETTER, NOTHING, TRAIN, WORSE, Answer, Sheet, counted
from .spans import spanned

if TYPE_CHECKING:
    from intermezzo.queries.store.layout import Store

KEYS = (
    "language", "n", "clusters", "a", "b", "delta", "stderr", "low", "high", "p", "p_adjusted",
    "only_a", "only_b",
)  # fmt: skip
"""The columns for scripts, in this order (a promise: see design, section 8)."""

MORE = (
    "kind", "estimand", "languages", "language_2", "sign", "mcnemar", "detectable", "items_a", "items_b",
    "seeds_a", "seeds_b", "evidence", "basis", "reason", "note", "training", "reference", "stderr_unpaired",
    "stderr_unclustered",
)  # fmt: skip
"""What ``--all-columns`` adds."""


@dataclass(frozen=True, slots=True)
class LanguageLook:
    """How the languages of a comparison are looked at.

    Attributes:
        pair: Number of the one pair that is wanted, from 1; ``None`` for all.
        words: Words that a language must hold.
        by: What languages are sorted by; ``None``: by delta, the largest first.
        descending: Largest first.
    """

    pair: int | None = None
    words: str = ""
    by: LanguageOrder | None = None
    descending: bool = True


def compare_answer(
    store: Store, request: Request, look: LanguageLook | None = None, *, all_columns: bool = False
) -> tuple[Answer, Comparison]:
    """Compare, and lay the answer out.

    Raises:
        Problem: A system, task or metric is unknown, the systems share no yardstick, or there is no such
            pair.
    """
    from .stores import reading, settled

    with reading(store) as reader:
        comparison = compare(reader, settled(reader, request))
    comparison = looked_at(comparison, look or LanguageLook())
    return answer_of(comparison, all_columns=all_columns), comparison


def looked_at(comparison: Comparison, look: LanguageLook) -> Comparison:
    """Return a comparison with the pair and the languages that are asked for; the rows over them stay.

    Raises:
        Problem: There is no such pair.
    """
    pairs = comparison.pairs
    if look.pair is not None:
        if look.pair > len(pairs):
            raise Problem(
                f"There is no pair {look.pair}: {counted(len(pairs), 'pair is', 'pairs are')} compared."
            )
        pairs = (pairs[look.pair - 1],)
    shown = (arranged(pair, look.words, look.by, descending=look.descending) for pair in pairs)
    return replace(comparison, pairs=tuple(shown))


def answer_of(comparison: Comparison, *, all_columns: bool = False) -> Answer:
    """Return a comparison as rows for scripts and as sheets for reading."""
    return Answer(
        data_sheet(comparison, all_columns=all_columns),
        lambda: [sheet for pair in comparison.pairs for sheet in pair_sheets(comparison, pair)],
        notes=notes_on(comparison),
    )


def data_sheet(comparison: Comparison, *, all_columns: bool = False) -> Sheet:
    """Return one row a language, then one a row over languages; of which pair, if there are several."""
    columns = [*KEYS, *(MORE if all_columns else ())]
    named = all_columns or len(comparison.pairs) > 1
    rows = []
    for pair in comparison.pairs:
        systems = (pair.a, pair.b) if named else ()
        rows += [(*(_of_language(x, name) for name in columns), *systems) for x in pair.languages]
        rows += [(*(_of_row(x, name) for name in columns), *systems) for x in pair.over]
    return Sheet((*columns, *(("system_a", "system_b") if named else ())), rows)


def _of_language(entry: LanguageDelta, name: str) -> Any:
    if name == "language":
        return entry.label
    if name == "kind":
        return "language"
    return getattr(entry, name, None)


def _of_row(row: OverLanguages, name: str) -> Any:
    if name == "language":
        return row.name
    if name == "languages":
        return list(row.languages)
    return getattr(row, name, None)


def header_lines(comparison: Comparison, pair: Pair) -> list[str]:
    """Say what is compared: systems, yardstick, what is the same, different or unknown."""
    names = (f"A {pair.a}", f"B {pair.b}", f"on {comparison.measure.full_name}")
    lines = [harmless(name) for name in names]
    for state, word in (("different", "different"), ("unknown", "? unknown"), ("same", "same")):
        found = [x for x in pair.attributes if x.state == state]
        if not found:
            continue
        told = [x.name for x in found]
        if state == "different":
            told = [f"{x.name} ({_told(x.a)} against {_told(x.b)})" for x in found]
        lines.append(f"{word}: {', '.join(told)}")
    return lines


def _told(values: Sequence[str | None]) -> str:
    return ", ".join(value or "?" for value in values)


def pair_sheets(comparison: Comparison, pair: Pair) -> list[Sheet]:
    """Lay out a pair: languages, then rows over them; only its attributes where it was refused."""
    head = header_lines(comparison, pair)
    if pair.refused:
        rows = [(x.name, x.state, _told(x.a), _told(x.b)) for x in pair.attributes]
        caption = "\n".join(head[:3])
        return [Sheet(["not compared", "state", "A", "B"], rows, caption=caption)]
    unit = comparison.measure.unit_interval
    languages = Sheet(
        ["language", "n", "A", "B", "A - B", "95 %", "p adj", ""],
        [language_cells(x, unit=unit) for x in pair.languages],
        right=frozenset({"n", "A", "B", "A - B", "95 %", "p adj"}),
    )
    over = Sheet(
        ["over languages", "of", "A", "B", "A - B", "95 %", "p"],
        [row_cells(x, unit=unit) for x in pair.over if not _alone(x)],
        right=frozenset({"of", "A", "B", "A - B", "95 %", "p"}),
    )
    sheets = [sheet for sheet in (languages, over) if sheet.rows] or [languages]
    return [replace(sheets[0], caption="\n".join(head[:3])), *sheets[1:]]


def _alone(row: OverLanguages) -> bool:
    """Say whether a group is one language, whose row says the same: for scripts only."""
    return row.kind in ("family", "script") and len(row.languages) < 2


def language_cells(entry: LanguageDelta, *, unit: bool) -> tuple[Any, ...]:
    """Return a language as cells: code, n, A, B, delta with its sign, interval, adjusted p, marks."""
    return (
        entry.label + (TRAIN if entry.is_train_language else ""),
        f"{entry.n:,}" if entry.n is not None else NOTHING,
        number_text(entry.a, unit_interval=unit),
        number_text(entry.b, unit_interval=unit),
        delta_text(entry, unit=unit),
        interval_text(entry.low, entry.high, unit=unit),
        p_text(entry.p_adjusted),
        marks(entry),
    )


def row_cells(row: OverLanguages, *, unit: bool) -> tuple[Any, ...]:
    """Return a row over languages as cells."""
    return (
        row.label,
        of_text(row),
        number_text(row.a, unit_interval=unit),
        number_text(row.b, unit_interval=unit),
        number_text(row.delta, unit_interval=unit, signed=True),
        interval_text(row.low, row.high, unit=unit),
        p_text(row.p),
    )


def of_text(row: OverLanguages) -> str | None:
    """Return over how many languages, and which question is answered: ``these 15``, ``like 15``."""
    if not row.languages:
        return None
    word = {THESE: "these ", LIKE_THESE: "like "}.get(row.estimand or "", "")
    return f"{word}{len(row.languages)}"


def delta_text(entry: LanguageDelta, *, unit: bool) -> str:
    """Return the delta with the sign of its decision, which stands in its own column."""
    sign = {"+": BETTER, "-": WORSE}.get(entry.sign, " ")
    return number_text(entry.delta, unit_interval=unit, signed=True) + sign


def interval_text(low: float | None, high: float | None, *, unit: bool) -> str | None:
    """Return ``+1.2 to +3.4``, or nothing."""
    if low is None or high is None:
        return None
    ends = (number_text(end, unit_interval=unit, signed=True) for end in (low, high))
    return " to ".join(ends)


def p_text(p: float | None) -> str | None:
    """Return a p value: three digits, ``<.001`` below."""
    if p is None:
        return None
    return "<.001" if p < 0.001 else f"{p:.3f}"[1:] if p < 1 else "1"


def marks(entry: LanguageDelta) -> str:
    """Return the letter of the rung, ``v`` where the delta is one of values only, ``!`` where a note is."""
    letter = LETTERS.get(entry.evidence or "", " ")
    told = "" if entry.basis == "items" else "v" if entry.basis == "values" else "x"
    return letter + told + ("!" if entry.note else "")


def notes_on(comparison: Comparison) -> list[str]:
    """Return what a reader has to know: legend, comparability, counts, family, reasons, flags."""
    notes = legend(comparison)
    for pair in comparison.pairs:
        if len(comparison.pairs) > 1:
            notes.append(f"{pair.a} against {pair.b}:")
        notes += pair_notes(comparison, pair)
    for system, rank in comparison.ranks.items():
        span = str(rank.low) if rank.low == rank.high else f"{rank.low} to {rank.high}"
        notes.append(f"Rank {span}: {system}")
    if comparison.ranks_reason:
        notes.append(comparison.ranks_reason)
    return [*notes, *comparison.notes]


def legend(comparison: Comparison) -> list[str]:
    """Return the meaning of what the tables show."""
    hundred = " x 100" if comparison.measure.unit_interval else ""
    lower = "" if comparison.measure.higher_is_better else " Lower is better."
    entries = [x for pair in comparison.pairs for x in pair.languages]
    rows = [row for pair in comparison.pairs for row in pair.over]
    if not entries and not rows:
        return []
    lines = [f"Values{hundred}. A - B with its plain 95 % interval.{lower}"]
    adjusted = any(x.p_adjusted is not None for x in entries)
    if adjusted:
        lines.append(f"{BETTER} A better, {WORSE} A worse: p adj < .05.")
    met = {x.evidence for x in entries} | {row.evidence for row in rows}
    told = [f"{letter} {rung}" for rung, letter in LETTERS.items() if rung in met]
    told += [f"{TRAIN} train language"] if any(x.is_train_language for x in entries) else []
    told += ["v values only"] if any(x.basis == "values" for x in entries) else []
    told += ["x no delta"] if any(x.delta is None for x in entries) else []
    if any(row.estimand for row in rows):
        lines.append("these: on these languages, other items; like: on other languages like these.")
    if any(_alone(row) for row in rows):
        lines.append("Families and scripts of one language are left out of the table.")
    return [*lines, f"Marks: {', '.join(told)}."]


def some(names: Sequence[str], most: int = 12) -> str:
    """Return names one after another, or the first of them and how many there are."""
    shown = " ".join(names[:most])
    return shown if len(names) <= most else f"{shown} ... ({len(names)} in all)"


def counts_text(counts: Counted) -> str:
    """Return how the languages went: ``A wins 2, ties 0, loses 1; significantly better in 1, ...``."""
    text = f"A wins {counts.wins}, ties {counts.ties}, loses {counts.losses}"
    if tested := counts.significant_wins + counts.significant_losses + counts.undecided:
        better, worse = counts.significant_wins, counts.significant_losses
        text += f"; of {tested} tested significantly better in {better}, worse in {worse}"
        text += f", undecided in {counts.undecided}"
    return text + (f"; {counts.untested} not tested." if counts.untested else ".")


def pair_notes(comparison: Comparison, pair: Pair) -> list[str]:
    """Return the sentences on one pair."""
    if pair.refused:
        return [pair.refused, "Say --insist to compare all the same."]
    notes = header_lines(comparison, pair)[3:]
    counts = pair.counts
    if pair.languages:
        notes.append(counts_text(counts))
        notes.append(f"Family: {pair.family}.")
    notes += [f"Tests: {test}." for test in spanned(x.reference for x in pair.languages)]
    for training in sorted({x.training for x in pair.languages if x.training}):
        notes.append(f"Intervals: {training}.")
    for name, alone in (("A", pair.only_a), ("B", pair.only_b)):
        if alone:
            notes.append(f"Only {name} has {counted(len(alone), 'language')}: {some(alone)}.")
    reasons: dict[str, list[str]] = {}
    for entry in pair.languages:
        for text in (entry.reason, entry.note):
            if text:
                reasons.setdefault(text, []).append(entry.label)
    for text, where in reasons.items():
        everywhere = len(where) == len(pair.languages) > 1
        notes.append(f"{'All languages' if everywhere else some(where)}: {text}")
    over: dict[str, list[str]] = {}
    for row in pair.over:
        if row.reason:
            over.setdefault(row.reason, []).append(row.name)
    notes += [f"{', '.join(where)}: {text}" for text, where in over.items()]
    return [*notes, *pair.notes, *pair.flags]
