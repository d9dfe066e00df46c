"""Items of two arms, read by exact path, matched language by language, as samples for the statistics.

Only the columns that a metric needs are read. Rows are the same item where language and item id are equal
in every run of both arms. A pair that only one system mined (BUCC) is no missing item: the other one has
(0, 0, 0) there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from intermezzo.queries.metrics import metric
from intermezzo.queries.statistics.results import plural
from intermezzo.queries.statistics.samples import Arm, FloatArray, IntArray, Sample

from .arms import ArmOf, Key
from .item_rows import MINED, RETRIEVED, Items, ItemsOf, place_of
from .model import Measure

if TYPE_CHECKING:
    import polars as pl

Rows = slice | IntArray
"""Rows of a run's items; -1 stands for an item that the run has not."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The matched items of one language.

    Attributes:
        runs_a: Runs of A whose values count.
        runs_b: Runs of B.
        rows: Where each run has them, all in one order.
        clusters: Their clusters.
    """

    runs_a: tuple[str, ...]
    runs_b: tuple[str, ...]
    rows: Mapping[str, Rows]
    clusters: pl.Series


@dataclass(frozen=True, slots=True, eq=False)
class MatchedItems:
    """One language: the sample, or why there is none.

    Attributes:
        sample: Both systems on the matched items.
        reason: Why there is no sample.
        items_a: Items of A (of its run with the fewest).
        items_b: Items of B.
        notes: Sentences on what was matched.
        runs: Runs of A and of B behind the sample, in the order of its seeds.
    """

    sample: Sample | None = None
    reason: str | None = None
    items_a: int | None = None
    items_b: int | None = None
    notes: tuple[str, ...] = ()
    runs: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())


def matched_items(
    items: ItemsOf,
    a: ArmOf,
    b: ArmOf,
    keys: Sequence[Key],
) -> dict[Key, MatchedItems]:
    """Match the items of two arms in each language.

    Args:
        items: Reads them.
        a: System A.
        b: System B.
        keys: The languages.

    Returns:
        One entry a language, a sample or a reason.
    """
    out: dict[Key, MatchedItems] = {}
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Key]] = {}
    for key in keys:
        runs_a, runs_b = (_with_value(arm, key) for arm in (a, b))
        reason = _without_items(a, runs_a, "A") or _without_items(b, runs_b, "B")
        if reason:
            out[key] = MatchedItems(reason=reason)
        else:
            groups.setdefault((runs_a, runs_b), []).append(key)
    parts: dict[Key, Part] = {}
    for (runs_a, runs_b), members in groups.items():
        items.read((*runs_a, *runs_b))
        places: dict[tuple[str, str], Key] = {}
        for key in members:
            own = {**a.languages[key].of_runs, **b.languages[key].of_runs}
            told = _checked(items, key, runs_a, runs_b, own)
            if told.reason:
                out[key] = told
            else:
                places[place_of(items, key, runs_a[0])] = key
                out[key] = told
        for place, key in places.items():
            part = _part(items, runs_a, runs_b, place)
            if part is None:
                out[key] = _none_common(out[key])
            else:
                parts[key] = part
    for key, sample in _samples(parts, a, b, items).items():
        told = out[key]
        out[key] = MatchedItems(
            sample,
            None,
            told.items_a,
            told.items_b,
            (*told.notes, *_matched_note(told, sample, items)),
            told.runs,
        )
    return out


def _with_value(arm: ArmOf, key: Key) -> tuple[str, ...]:
    """Return the runs behind a language's value; a run that has a gap there is none of them."""
    own = arm.languages[key].of_runs
    return tuple(sorted((r for r, (value, _) in own.items() if value is not None), key=_seed_order(arm)))


def _seed_order(arm: ArmOf) -> Any:
    return lambda run: (arm.runs[run]["train_seed"] is None, arm.runs[run]["train_seed"] or 0, run)


def _without_items(arm: ArmOf, runs: Sequence[str], side: str) -> str | None:
    without = [r for r in runs if not arm.runs[r]["has_items"]]
    if not runs:
        return f"No run of {side} ({arm.system}) has a value here."
    if not without:
        return None
    if len(without) == len(runs):
        return f"No items of {side} ({arm.system}) are kept: only its scores were {_how(arm, runs)}."
    return f"{len(without)} of the {len(runs)} runs of {side} ({arm.system}) have no items."


def _how(arm: ArmOf, runs: Sequence[str]) -> str:
    rungs = {s.evidence for s in arm.languages.values() if set(runs) & set(s.run_ids)}
    return "published" if rungs == {"published"} else "logged" if rungs == {"logged"} else "kept"


def _checked(
    items: ItemsOf,
    key: Key,
    runs_a: Sequence[str],
    runs_b: Sequence[str],
    own: Mapping[str, tuple[float | None, int | None]],
) -> MatchedItems:
    """Hold the items of every run against its score; they are used only where they are its items."""
    counts: list[list[int]] = [[], []]
    notes: list[str] = []
    for side, runs in enumerate((runs_a, runs_b)):
        name = "AB"[side]
        for run in runs:
            frame = items.frames.get(run)
            if frame is None:
                return MatchedItems(reason=f"The items of a run of {name} are gone.")
            place = place_of(items, key, run)
            if place not in frame.found:
                return MatchedItems(reason=f"{name} has no items with this metric in this language.")
            if place[0] in frame.items.twice:
                return MatchedItems(reason=f"An item occurs more than once in a run of {name}: no match.")
            count, value = frame.found[place]
            counts[side].append(count)
            said, n = own[run]
            whole = n is None or n == count or items.measure.task_kind == MINED
            if not whole:
                notes.append(f"Of {name}'s {n or 0:,} items {count:,} are kept.")
            elif value is not None and said is not None and abs(value - said) > _tolerance(items.measure):
                return MatchedItems(
                    reason=f"The items of a run of {name} give {value:.6g} and its score says {said:.6g}: "
                    "they are not the items behind it."
                )
    behind = (tuple(runs_a), tuple(runs_b))
    return MatchedItems(None, None, min(counts[0]), min(counts[1]), tuple(dict.fromkeys(notes)), behind)


def _tolerance(measure: Measure) -> float:
    known = metric(measure.metric)
    return max(known.tolerance if known else 0.0, 1e-6)


def _part(
    items: ItemsOf, runs_a: tuple[str, ...], runs_b: tuple[str, ...], place: tuple[str, str]
) -> Part | None:
    """Return the rows of a language that all runs have; ``None`` where there are none."""
    runs = (*runs_a, *runs_b)
    met = list(dict.fromkeys(items.frames[run].items for run in runs))
    if any(place not in x.spans for x in met):
        return None
    rows, clusters = _matched(met, place, union=items.measure.task_kind == MINED)
    if not len(clusters):
        return None
    of = {run: rows[met.index(items.frames[run].items)] for run in runs}
    return Part(runs_a, runs_b, of, clusters)


def _matched(met: Sequence[Items], place: tuple[str, str], *, union: bool) -> tuple[list[Rows], pl.Series]:
    """Return the rows of one language's items that all have (with ``union``: any has), and their clusters.

    They are in the order of the first, with ``union`` by item id.
    """
    import polars as pl

    parts = [x.rows.slice(start, end - start) for x in met for start, end in (x.spans[place],)]
    if all(x["item_id"].equals(parts[0]["item_id"]) for x in parts[1:]):
        return [slice(*x.spans[place]) for x in met], parts[0]["cluster"]
    numbered = [x.with_row_index(f"row_{k}", met[k].spans[place][0]) for k, x in enumerate(parts)]
    out = numbered[0]
    for other in numbered[1:]:
        if union:
            out = out.join(other, on="item_id", how="full", coalesce=True)
            out = out.with_columns(cluster=pl.coalesce("cluster", "cluster_right")).drop("cluster_right")
        else:
            out = out.join(other.drop("cluster"), on="item_id", how="inner", maintain_order="left")
    if union:
        out = out.sort("item_id")
    found = [out[f"row_{k}"].cast(pl.Int64).fill_null(-1).to_numpy() for k in range(len(met))]
    return list(found), out["cluster"]


def _none_common(told: MatchedItems) -> MatchedItems:
    return MatchedItems(
        reason=f"No item in common ({plural(told.items_a or 0, 'item')} of A, {told.items_b or 0:,} of B).",
        items_a=told.items_a,
        items_b=told.items_b,
    )


def _matched_note(told: MatchedItems, sample: Sample, items: ItemsOf) -> tuple[str, ...]:
    if items.measure.task_kind == MINED or sample.n == told.items_a == told.items_b:
        return ()
    return (f"Item sets differ: {sample.n:,} in common, of {told.items_a:,} of A and {told.items_b:,} of B.",)


def _samples(parts: Mapping[Key, Part], a: ArmOf, b: ArmOf, items: ItemsOf) -> dict[Key, Sample]:
    """Make samples; equal cluster names get equal numbers in every language."""
    import polars as pl

    if not parts:
        return {}
    numbers = pl.concat([part.clusters for part in parts.values()]).rank("dense").to_numpy().astype(np.int64)
    sizes: Counter[tuple[str, ...]] = Counter()
    for part in parts.values():
        for runs in (part.runs_a, part.runs_b):
            sizes[runs] += len(part.clusters)
    # one array of all languages, of which theirs are parts, where most of it is needed
    blocks = {
        runs: items.together(runs)
        for runs, size in sizes.items()
        if len({len(items.values[run]) for run in runs}) == 1 and 2 * size >= len(items.values[runs[0]])
    }
    out: dict[Key, Sample] = {}
    start = 0
    for key, part in parts.items():
        clusters = numbers[start : start + len(part.clusters)]
        start += len(clusters)
        first, second = (
            _arm(arm, runs, part.rows, items, blocks.get(runs))
            for arm, runs in ((a, part.runs_a), (b, part.runs_b))
        )
        out[key] = Sample(first, second, clusters)
    return out


def _arm(
    arm: ArmOf,
    runs: tuple[str, ...],
    rows: Mapping[str, Rows],
    items: ItemsOf,
    block: FloatArray | None,
) -> Arm:
    span = rows[runs[0]]
    if block is not None and isinstance(span, slice) and all(rows[run] == span for run in runs):
        values = block[:, span]
    else:
        values = np.stack([_taken(items.values[run], rows[run]) for run in runs])
    facts = [arm.runs[run] for run in runs]
    seeds = tuple(str(f["train_seed"]) if f["train_seed"] is not None else f["run_id"] for f in facts)
    frozen = all(
        f["recipe"] == "direct" and (items.measure.task_kind in RETRIEVED or f["shots"] is not None)
        for f in facts
    )
    return Arm(values, seeds, trained=not frozen)


def _taken(values: FloatArray, rows: Rows) -> FloatArray:
    """Return the values of some rows; 0 where there is no such row."""
    if isinstance(rows, slice):
        return values[rows]
    taken = values[rows]
    taken[rows < 0] = 0.0
    return taken
