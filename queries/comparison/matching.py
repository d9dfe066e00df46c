"""Items of two arms, read by exact path, matched language by language, as samples for the statistics.

Only the columns that a metric needs are read. Rows are the same item where language and item id are equal
in every run of both arms. A pair that only one system mined (BUCC) is no missing item: the other one has
(0, 0, 0) there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from intermezzo.queries.metrics import metric
from intermezzo.queries.statistics.results import plural
from intermezzo.queries.statistics.samples import Arm, FloatArray, Sample

from .arms import ArmOf, Key
from .item_rows import COUNTS, KEYS, MINED, RETRIEVED, ItemsOf, place_of
from .model import Measure

if TYPE_CHECKING:
    import polars as pl

    Part = tuple[Key, pl.DataFrame, tuple[str, ...], tuple[str, ...]]
    """A language, its matched rows, and the runs of A and of B whose values are in them."""


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
    values: Mapping[tuple[str, Key], tuple[float | None, int | None]],
) -> dict[Key, MatchedItems]:
    """Match the items of two arms in each language.

    Args:
        items: Reads them.
        a: System A.
        b: System B.
        keys: The languages.
        values: Each run's own value and n, to hold the items against.

    Returns:
        One entry a language, a sample or a reason.
    """
    out: dict[Key, MatchedItems] = {}
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Key]] = {}
    for key in keys:
        runs_a, runs_b = (_with_value(arm, key, values) for arm in (a, b))
        reason = _without_items(a, runs_a, "A") or _without_items(b, runs_b, "B")
        if reason:
            out[key] = MatchedItems(reason=reason)
        else:
            groups.setdefault((runs_a, runs_b), []).append(key)
    joined: list[Part] = []
    for (runs_a, runs_b), members in groups.items():
        items.read((*runs_a, *runs_b))
        places: dict[tuple[str, str], Key] = {}
        for key in members:
            told = _checked(items, key, runs_a, runs_b, values)
            if told.reason:
                out[key] = told
            else:
                places[place_of(items, key, runs_a[0])] = key
                out[key] = told
        if places:
            parts = _split(_joined(items, [*runs_a, *runs_b], places))
            for place, key in places.items():
                if place in parts:
                    joined.append((key, parts[place], runs_a, runs_b))
                else:
                    out[key] = _none_common(out[key])
    for key, sample in _samples(joined, a, b, items.measure).items():
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


def _with_value(
    arm: ArmOf, key: Key, values: Mapping[tuple[str, Key], tuple[float | None, int | None]]
) -> tuple[str, ...]:
    """Return the runs behind a language's value; a run that has a gap there is none of them."""
    runs = arm.languages[key].run_ids
    return tuple(
        sorted((r for r in runs if values.get((r, key), (None,))[0] is not None), key=_seed_order(arm))
    )


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
    values: Mapping[tuple[str, Key], tuple[float | None, int | None]],
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
            if place[0] in frame.twice:
                return MatchedItems(reason=f"An item occurs more than once in a run of {name}: no match.")
            count, value = frame.found[place]
            counts[side].append(count)
            said, n = values[run, key]
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


def _joined(items: ItemsOf, runs: Sequence[str], places: Mapping[tuple[str, str], Key]) -> pl.DataFrame:
    """Return the rows that all runs have, values of run k in columns that end in ``_k``."""
    import polars as pl

    frames = [items.frames[run].rows for run in runs]
    values = [c for c in frames[0].columns if c in (*COUNTS, "credit")]
    if len(places) < len(items.frames[runs[0]].found) or any(f.height != frames[0].height for f in frames):
        own = pl.DataFrame(list(places), schema=["language", "language_2"], orient="row")
        frames = [
            f.join(own, on=["language", "language_2"], how="semi", maintain_order="left") for f in frames
        ]
    out = frames[0].rename({v: f"{v}_0" for v in values})
    union = items.measure.task_kind == MINED
    same = all(all(f[k].equals(frames[0][k]) for k in KEYS) for f in frames[1:])
    for k, frame in enumerate(frames[1:], start=1):
        other = frame.rename({v: f"{v}_{k}" for v in values})
        if same:
            out = out.hstack(other.select(f"{v}_{k}" for v in values))
        elif union:
            out = out.join(other, on=list(KEYS), how="full", coalesce=True)
            out = out.with_columns(cluster=pl.coalesce("cluster", "cluster_right")).drop("cluster_right")
        else:
            out = out.join(
                other.drop("cluster"), on=list(KEYS), how="inner", maintain_order="left", validate="1:1"
            )
    if union and not same:
        numbers = [c for c in out.columns if c.rpartition("_")[0] in values]
        out = out.with_columns(pl.col(numbers).fill_null(0)).sort(*KEYS)
    return out


def _split(frame: pl.DataFrame) -> dict[tuple[str, str], pl.DataFrame]:
    """Return slices of a frame whose rows of a language stand together."""
    out: dict[tuple[str, str], pl.DataFrame] = {}
    if not frame.height:
        return out
    runs = frame.select("language", "language_2").to_struct("k").rle_id().to_numpy()
    starts = [0, *(np.flatnonzero(np.diff(runs)) + 1).tolist(), frame.height]
    for start, end in pairwise(starts):
        part = frame.slice(start, end - start)
        out[_place_of(part)] = part
    return out


def _place_of(part: pl.DataFrame) -> tuple[str, str]:
    return str(part["language"][0]), str(part["language_2"][0])


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


def _samples(
    joined: Sequence[Part],
    a: ArmOf,
    b: ArmOf,
    measure: Measure,
) -> dict[Key, Sample]:
    """Make samples; equal cluster names get equal numbers in every language."""
    import polars as pl

    if not joined:
        return {}
    names = pl.concat([part["cluster"] for _, part, _, _ in joined])
    numbers = names.rank("dense").to_numpy().astype(np.int64)
    out: dict[Key, Sample] = {}
    start = 0
    for key, part, runs_a, runs_b in joined:
        clusters = numbers[start : start + part.height]
        start += part.height
        first = _arm(a, part, runs_a, 0, measure)
        second = _arm(b, part, runs_b, len(runs_a), measure)
        out[key] = Sample(first, second, clusters)
    return out


def _arm(arm: ArmOf, part: pl.DataFrame, runs: Sequence[str], offset: int, measure: Measure) -> Arm:
    corpus = measure.kind == "corpus"
    rows: list[FloatArray] = []
    for k in range(offset, offset + len(runs)):
        if corpus:
            rows.append(np.stack([_numbers(part[f"{c}_{k}"]) for c in COUNTS], axis=-1))
        else:
            rows.append(_numbers(part[f"credit_{k}"]))
    facts = [arm.runs[run] for run in runs]
    seeds = tuple(str(f["train_seed"]) if f["train_seed"] is not None else f["run_id"] for f in facts)
    frozen = all(
        f["recipe"] == "direct" and (measure.task_kind in RETRIEVED or f["shots"] is not None) for f in facts
    )
    return Arm(np.stack(rows), seeds, trained=not frozen)


def _numbers(series: pl.Series) -> FloatArray:
    import polars as pl

    return np.asarray(series.cast(pl.Float64).to_numpy(), dtype=np.float64)
