"""A run's items of one metric, read from its Parquet by exact path: only the columns that are needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

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

        language, language_2 = place_of(self, key, run)
        name = self.frames[run].metrics[language]
        here = (pl.col("language").fill_null("") == language) & (pl.col("metric") == name)
        pairs = pl.col("language_2").fill_null("") == language_2
        return pl.scan_parquet(self.paths[run]).filter(here & pairs).select("item_id", "prediction").collect()


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A run's items of one metric.

    Attributes:
        rows: ``KEYS``, ``cluster`` and the credit or the counts, sorted by ``KEYS``.
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
        .select(*KEYS, "cluster_id", "metric", *values)
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
        rows = rows.sort(*KEYS, maintain_order=True)
    again = pl.all_horizontal(pl.col(k) == pl.col(k).shift() for k in KEYS)
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


def place_of(items: ItemsOf, key: Key, run: str) -> tuple[str, str]:
    """Return where a file has a language: by its code, else by its own word for it, else without any."""
    found = items.frames[run].found
    names = [name for name in (key[0], key[2], "") if name is not None]
    return next(((n, key[1] or "") for n in names if (n, key[1] or "") in found), (names[0], key[1] or ""))
