"""A run's items of one metric, read from its Parquet by exact path: only the columns that are needed.

Runs that are compared mostly have the same items, so which items these are is kept once, however many runs
have them; of each run its values are kept, 8 bytes an item (24 of a corpus metric).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from intermezzo.queries.statistics.samples import FloatArray
from intermezzo.queries.store.reader import Reader

from .arms import Key
from .model import Measure

if TYPE_CHECKING:
    import polars as pl

COUNTS = ("tp", "n_pred", "n_gold")
MINED = "bitext mining"
"""Task kind whose items are what was mined, so that the union of both systems' items is compared."""

RETRIEVED = frozenset({MINED, "bitext retrieval"})
"""Task kinds for which the target task trains nothing: the direct recipe is a frozen model."""

KEYS = ("language", "language_2", "item_id")
"""What makes two rows the same item."""

Span = tuple[int, int]
"""The first row of a language and the one after its last."""


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """Which items a run has; runs that have the same share one.

    Attributes:
        rows: ``item_id`` and ``cluster``, sorted by ``KEYS``.
        spans: Where the rows of each (language, language_2) are.
        twice: Languages in which an item occurs more than once.
    """

    rows: pl.DataFrame
    spans: Mapping[tuple[str, str], Span]
    twice: frozenset[str]

    def same(self, other: Items) -> bool:
        """Say whether these are the same items in the same order and clusters."""
        return self.spans == other.spans and self.rows.equals(other.rows)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A run's items of one metric.

    Attributes:
        items: Which items.
        found: Items and value by (language, language_2).
        metrics: Which metric of the file stands for the yardstick's, by language.
    """

    items: Items
    found: Mapping[tuple[str, str], tuple[int, float | None]]
    metrics: Mapping[str, str]


@dataclass(slots=True, eq=False)
class ItemsOf:
    """The items of runs, each read once, by run id.

    Attributes:
        reader: The store.
        measure: The yardstick.
        frames: What was read.
        values: Credits (rows) or counts (rows x 3) in the order of the frame's items; missing is NaN.
        paths: The files.
    """

    reader: Reader
    measure: Measure
    frames: dict[str, Frame] = field(default_factory=dict)
    values: dict[str, FloatArray] = field(default_factory=dict)
    paths: dict[str, Path] = field(default_factory=dict)

    def read(self, run_ids: Iterable[str]) -> None:
        """Read the items of some runs; each file's checksum is verified at first sight."""
        new = sorted(set(run_ids) - set(self.paths))
        if not new:
            return
        self.paths.update(self.reader.items_paths(new))
        for run in new:
            if run in self.paths:
                frame, self.values[run] = _read(self.paths[run], self.measure)
                met = dict.fromkeys(x.items for x in self.frames.values())
                items = next((x for x in met if x.same(frame.items)), frame.items)
                self.frames[run] = replace(frame, items=items)

    def together(self, runs: Sequence[str]) -> FloatArray:
        """Return the values of runs that have the same items, runs first; they are kept as one array."""
        stacked = np.stack([self.values[run] for run in runs])
        # each run's own becomes a part of it, so that nothing is kept twice
        self.values.update(zip(runs, stacked, strict=True))
        return stacked

    def same_predictions(self, run: str, other: str, key: Key) -> bool:
        """Say whether two runs predict the same on all items of a language, and keep predictions at all."""
        left, right = (self._predictions(r, key) for r in (run, other))
        return bool(left.height) and not left["prediction"].has_nulls() and left.equals(right)

    def _predictions(self, run: str, key: Key) -> pl.DataFrame:
        import polars as pl

        language, language_2 = place_of(self, key, run)
        name = self.frames[run].metrics[language]
        here = (pl.col("language").fill_null("") == language) & (pl.col("metric") == name)
        pairs = pl.col("language_2").fill_null("") == language_2
        return pl.scan_parquet(self.paths[run]).filter(here & pairs).select("item_id", "prediction").collect()


def _read(path: Path, measure: Measure) -> tuple[Frame, FloatArray]:
    """Read what a metric needs; rows of another implementation are used where its own were not kept."""
    import polars as pl

    values = COUNTS if measure.kind == "corpus" else ("credit",)
    wanted = metric_names(measure)
    rows = (
        pl.scan_parquet(path)
        .filter(pl.col("metric").is_in(wanted))
        .select(
            pl.col("language", "language_2").fill_null(""),
            "item_id",
            pl.coalesce("cluster_id", "item_id").alias("cluster"),
            "metric",
            *values,
        )
        .collect()
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
        rows = rows.sort(*KEYS, maintain_order=True)
    again = pl.all_horizontal(pl.col(k) == pl.col(k).shift() for k in KEYS)
    twice = rows.filter(again)["language"].unique().to_list() if rows.height else []
    items = Items(rows.select("item_id", "cluster"), _spans(rows), frozenset(twice))
    numbers = rows.select(pl.col(values).cast(pl.Float64)).to_numpy(order="c")
    return Frame(items, _values(rows, values), metrics), numbers if len(values) > 1 else numbers[:, 0]


def _spans(rows: pl.DataFrame) -> dict[tuple[str, str], Span]:
    """Return where the rows of each language are; they stand together."""
    import polars as pl

    if not rows.height:
        return {}
    runs = rows.select(pl.struct("language", "language_2").rle_id())["language"].to_numpy()
    starts = [0, *(np.flatnonzero(np.diff(runs)) + 1).tolist(), rows.height]
    names = rows.select("language", "language_2")[starts[:-1]].rows()
    return {(str(a), str(b)): span for (a, b), span in zip(names, pairwise(starts), strict=True)}


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


def place_of(items: ItemsOf, key: Key, run: str) -> tuple[str, str]:
    """Return where a file has a language: by its code, else by its own word for it, else without any."""
    found = items.frames[run].found
    names = [name for name in (key[0], key[2], "") if name is not None]
    return next(((n, key[1] or "") for n in names if (n, key[1] or "") in found), (names[0], key[1] or ""))
