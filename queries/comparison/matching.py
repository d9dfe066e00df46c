"""Items of two arms, read by exact path, matched language by language, as samples for the statistics.

Only the columns that a metric needs are read. Rows are the same item where language and item id are equal
in every run of both arms. A pair that only one system mined (BUCC) is no missing item: the other one has
(0, 0, 0) there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from intermezzo.queries.metrics import metric
from intermezzo.queries.statistics.results import plural
from intermezzo.queries.statistics.samples import Arm, FloatArray, Sample
from intermezzo.queries.store.reader import Reader

from .arms import ArmOf, Key
from .model import Measure

if TYPE_CHECKING:
    import polars as pl

    Part = tuple[Key, pl.DataFrame, tuple[str, ...], tuple[str, ...]]
    """A language, its matched rows, and the runs of A and of B whose values are in them."""

COUNTS = ("tp", "n_pred", "n_gold")
MINED = "bitext mining"
"""Task kind whose items are what was mined, so that the union of both systems' items is compared."""

RETRIEVED = frozenset({MINED, "bitext retrieval"})
"""Task kinds for which the target task trains nothing: the direct recipe is a frozen model."""

_KEYS = ("language", "language_2", "item_id")


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


@dataclass(slots=True, eq=False)
class ItemsOf:
    """The items of runs, each read once, by run id."""

    reader: Reader
    measure: Measure
    frames: dict[str, Frame] = field(default_factory=dict)
    paths: dict[str, Path] = field(default_factory=dict)

    def read(self, run_ids: Iterable[str]) -> None:
        """Read the items of some runs; each file's checksum is verified at first sight."""
        new = sorted(set(run_ids) - set(self.paths))
        if not new:
            return
        self.paths.update(self.reader.items_paths(new))
        for run in new:
            if run in self.paths:
                self.frames[run] = _read(self.paths[run], self.measure)

    def same_predictions(self, run: str, other: str, key: Key) -> bool:
        """Say whether two runs predict the same on all items of a language, and keep predictions at all."""
        left, right = (self._predictions(r, key) for r in (run, other))
        return bool(left.height) and not left["prediction"].has_nulls() and left.equals(right)

    def _predictions(self, run: str, key: Key) -> pl.DataFrame:
        import polars as pl

        language, language_2 = _place(self, key, run)
        name = self.frames[run].metrics[language]
        here = (pl.col("language").fill_null("") == language) & (pl.col("metric") == name)
        pairs = pl.col("language_2").fill_null("") == language_2
        return pl.scan_parquet(self.paths[run]).filter(here & pairs).select("item_id", "prediction").collect()


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A run's items of one metric.

    Attributes:
        rows: ``_KEYS``, ``cluster`` and the credit or the counts, sorted by ``_KEYS``.
        found: Items and value by (language, language_2).
        twice: Languages in which an item occurs more than once.
        metrics: Which metric of the file stands for the yardstick's, by language.
    """

    rows: pl.DataFrame
    found: Mapping[tuple[str, str], tuple[int, float | None]]
    twice: frozenset[str]
    metrics: Mapping[str, str]


def _read(path: Path, measure: Measure) -> Frame:
    """Read what a metric needs; rows of another implementation are used where its own were not kept."""
    import polars as pl

    values = COUNTS if measure.kind == "corpus" else ("credit",)
    wanted = metric_names(measure)
    rows = (
        pl.scan_parquet(path)
        .filter(pl.col("metric").is_in(wanted))
        .select(*_KEYS, "cluster_id", "metric", *values)
        .collect()
        .with_columns(pl.col("language", "language_2").fill_null(""))
    )
    names = rows.group_by("language", maintain_order=True).agg(pl.col("metric").unique())
    metrics = {
        language: next(name for name in wanted if name in met)
        for language, met in zip(names["language"], names["metric"].to_list(), strict=True)
    }
    if len(set(metrics.values())) > 1 or any(len(m) > 1 for m in names["metric"].to_list()):
        own = pl.DataFrame({"language": list(metrics), "metric": list(metrics.values())})
        rows = rows.join(own, on=["language", "metric"], how="semi", maintain_order="left")
    if (rows["language_2"] != "").any():
        rows = rows.sort(*_KEYS, maintain_order=True)
    again = pl.all_horizontal(pl.col(k) == pl.col(k).shift() for k in _KEYS)
    twice = rows.filter(again)["language"].unique().to_list() if rows.height else []
    rows = rows.with_columns(cluster=pl.coalesce("cluster_id", "item_id")).drop("metric", "cluster_id")
    return Frame(rows, _values(rows, values), frozenset(twice), metrics)


def metric_names(measure: Measure) -> list[str]:
    """Return the names under which items may carry the yardstick's metric, the likeliest first.

    Importers keep a second implementation's items as ``f1@seqeval-1.2.2``, or under the tool's own name,
    and only where they differ from the first's.
    """
    word = (measure.implementation or "").rpartition(" ")[2]
    return [name for name in (f"{measure.metric}@{word}", word, measure.metric) if name]


def _values(rows: pl.DataFrame, values: Sequence[str]) -> dict[tuple[str, str], tuple[int, float | None]]:
    import polars as pl

    of = [pl.col(v).sum() for v in values] if len(values) == 3 else [pl.col("credit").mean()]
    told = rows.group_by("language", "language_2").agg(pl.len().alias("items"), *of)
    found: dict[tuple[str, str], tuple[int, float | None]] = {}
    for language, language_2, items, *sums in told.iter_rows():
        value = sums[0]
        if len(values) == 3:
            value = 2 * sums[0] / (sums[1] + sums[2]) if sums[1] + sums[2] else None
        found[language, language_2] = (items, value)
    return found


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
                places[_place(items, key, runs_a[0])] = key
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


def _place(items: ItemsOf, key: Key, run: str) -> tuple[str, str]:
    """Return where a file has a language: by its code, else by its own word for it, else without any."""
    found = items.frames[run].found
    names = [name for name in (key[0], key[2], "") if name is not None]
    return next(((n, key[1] or "") for n in names if (n, key[1] or "") in found), (names[0], key[1] or ""))


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
            place = _place(items, key, run)
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
    same = all(all(f[k].equals(frames[0][k]) for k in _KEYS) for f in frames[1:])
    for k, frame in enumerate(frames[1:], start=1):
        other = frame.rename({v: f"{v}_{k}" for v in values})
        if same:
            out = out.hstack(other.select(f"{v}_{k}" for v in values))
        elif union:
            out = out.join(other, on=list(_KEYS), how="full", coalesce=True)
            out = out.with_columns(cluster=pl.coalesce("cluster", "cluster_right")).drop("cluster_right")
        else:
            out = out.join(
                other.drop("cluster"), on=list(_KEYS), how="inner", maintain_order="left", validate="1:1"
            )
    if union and not same:
        numbers = [c for c in out.columns if c.rpartition("_")[0] in values]
        out = out.with_columns(pl.col(numbers).fill_null(0)).sort(*_KEYS)
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
