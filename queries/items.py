"""Items of one system or two: one language, or one item in all its languages, a page at a time.

Read from the runs' Parquet by exact path, checksums verified at first sight; texts from the data set's own
file. *Right* means full credit: 1, or every chunk found and none too many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from intermezzo.queries.comparison.arms import ArmOf, Found, Key, found
from intermezzo.queries.comparison.item_rows import COUNTS, MINED, metric_names
from intermezzo.queries.comparison.model import Measure, Request
from intermezzo.queries.errors import Problem
from intermezzo.queries.item_texts import holding_rows, texts_of
from intermezzo.queries.statistics.results import plural
from intermezzo.queries.store.reader import Reader

if TYPE_CHECKING:
    import polars as pl

Which = Literal["all", "only-a", "only-b", "both-right", "both-wrong", "differ"]
"""``only-a``: A right and B not; ``differ``: other predictions."""

WHICH: tuple[Which, ...] = ("all", "only-a", "only-b", "both-wrong", "both-right", "differ")
"""The filters in the order in which a key goes through them."""

_SHOWN = ("cluster_id", "credit", *COUNTS, "gold", "prediction", "text_sha")


@dataclass(frozen=True, slots=True)
class ItemsRequest:
    """Which items are wanted.

    Attributes:
        systems: One system or two.
        task: Task id; may be left open where ``yardstick`` is given.
        language: As comparisons label it: ``de``, ``de>en``; needed unless ``item`` is given.
        item: Only this item, in all its languages.
        which: Filter by who is right.
        filter: Only items whose id, text, gold or predictions hold all these words; ``!word``: do not.
        metric: As in ``compare.Request``, and so on.
        train_seed: The run of this seed; the first where not given.
        limit: Items a page; ``None`` for all.
        offset: Items before it.
    """

    systems: tuple[str, ...]
    task: str | None = None
    language: str | None = None
    item: str | None = None
    which: Which = "all"
    filter: str = ""
    metric: str | None = None
    split: str | None = None
    subset: str | None = None
    implementation: str | None = None
    yardstick: str | None = None
    train_seed: int | None = None
    limit: int | None = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item; of a corpus metric the counts are given instead of credits."""

    language: str
    language_2: str | None
    item_id: str
    cluster_id: str | None
    text: str | None
    gold: str | None
    prediction_a: str | None
    prediction_b: str | None
    credit_a: float | None
    credit_b: float | None
    counts_a: tuple[int, int, int] | None
    counts_b: tuple[int, int, int] | None
    right_a: bool | None
    right_b: bool | None


@dataclass(frozen=True, slots=True)
class Part:
    """Where the items of a language are.

    Attributes:
        language: Its code, or the file's own word.
        language_2: Its pair.
        own: What the files may call it.
        runs: The run whose items are shown, of each system.
    """

    language: str
    language_2: str | None
    own: tuple[str, ...]
    runs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemsPage:
    """A page of items.

    Attributes:
        request: What was asked.
        measure: The yardstick that it is answered on.
        rows: The page.
        total: Items that the filters let pass.
        counts: Items of the language that hold the words, by who is right, ``all`` among them.
        languages: The languages that both systems have items in, to go on to.
        seeds: Train seed of each system's run; ``None`` unknown or untrained.
        notes: Sentences to show beside it.
        parts: Where they are, language by language.
    """

    request: ItemsRequest
    measure: Measure
    rows: tuple[ItemRow, ...]
    total: int
    counts: Mapping[str, int]
    languages: tuple[str, ...]
    seeds: tuple[int | None, ...] = ()
    notes: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()


def items_page(reader: Reader, request: ItemsRequest) -> ItemsPage:
    """Return a page of items.

    Args:
        reader: An open store.
        request: Which.

    Raises:
        Problem: No yardstick is shared, no items are kept, or there is no such language or item.
        StoreError: A run's items were changed after they were written, or are missing.
    """
    if not 1 <= len(request.systems) <= 2:
        raise Problem("Items are shown of one system or of two.")
    if request.language is None and request.item is None:
        raise Problem(
            "Name a language, or an item to see in all its languages: --language CODE or --item ID."
        )
    asked = Request(
        request.systems,
        request.task,
        request.metric,
        request.split,
        request.subset,
        request.implementation,
        request.yardstick,
    )
    here = found(reader, asked)
    arms = here.arms
    runs = [_runs_by_language(arm, request.train_seed) for arm in arms]
    keys = [key for key in here.places if all(key in of for of in runs)]
    labels = tuple(sorted(_label(here, key) for key in keys))
    if not keys:
        raise Problem(_nothing_kept(here, runs, request))
    wanted = _wanted(here, keys, labels, request)
    paths = reader.items_paths(sorted({of[key] for of in runs for key in wanted}))
    frame = _joined(here.measure, wanted, runs, paths, request)
    if request.item is not None and not frame.height:
        raise Problem(f"No item {request.item!r} is kept of {' and '.join(request.systems)} here.")
    frame = _judged(_in_order(frame), here.measure, two=len(arms) > 1)
    texts: Mapping[str, str] | None = None
    if request.filter.split():
        texts, notes = texts_of(reader, frame, arms)
        frame = frame.filter(holding_rows(frame, texts, request.filter))
    counts = _counts(frame, two=len(arms) > 1)
    passed = frame if request.which == "all" else frame.filter(frame[f"is {request.which}"])
    page = passed.slice(request.offset, request.limit)
    if texts is None:
        texts, notes = texts_of(reader, page, arms)
    used = [of[wanted[0]] for of in runs]
    seeds = tuple(arm.runs[run]["train_seed"] for arm, run in zip(arms, used, strict=True))
    notes += [_seed_note(arm, wanted[0], seed) for arm, seed in zip(arms, seeds, strict=True)]
    return ItemsPage(
        request,
        here.measure,
        tuple(_row(row, texts) for row in page.iter_rows(named=True)),
        passed.height,
        counts,
        labels,
        seeds,
        tuple(note for note in notes if note),
        tuple(_part(key, runs) for key in wanted),
    )


def _part(key: Key, runs: Sequence[Mapping[Key, str]]) -> Part:
    return Part(key[0] or key[2] or "?", key[1], _own(key), tuple(of[key] for of in runs))


def _own(key: Key) -> tuple[str, ...]:
    """Return what a file may call a language: its code, or where that is unknown its own word, or nothing."""
    return (key[0],) if key[0] is not None else (key[2], "")


def _label(here: Found, key: Key) -> str:
    return here.places[key].label + (f">{key[1]}" if key[1] else "")


def _runs_by_language(arm: ArmOf, seed: int | None) -> dict[Key, str]:
    """Return the run whose items are shown in each language: that of the seed, else the first."""
    out: dict[Key, str] = {}
    for key, standing in arm.languages.items():
        kept = [
            run
            for run in standing.run_ids
            if arm.runs[run]["has_items"] and seed in (None, arm.runs[run]["train_seed"])
        ]
        if kept:
            out[key] = min(kept, key=lambda r: (arm.runs[r]["train_seed"] or 0, r))
    return out


def _nothing_kept(here: Found, runs: Sequence[Mapping[Key, str]], request: ItemsRequest) -> str:
    without = [arm.system for arm, of in zip(here.arms, runs, strict=True) if not of]
    who = " and ".join(without) or "both systems in one language"
    seed = "" if request.train_seed is None else f" with train seed {request.train_seed}"
    return f"No items of {who}{seed} are kept on {here.measure.full_name}: only scores."


def _wanted(here: Found, keys: Sequence[Key], labels: Sequence[str], request: ItemsRequest) -> list[Key]:
    if request.language is None:
        return sorted(keys, key=lambda k: _label(here, k))
    chosen = [k for k in keys if _label(here, k).casefold() == request.language.casefold()]
    if not chosen:
        raise Problem(
            f"No items in {request.language!r} are kept of {' and '.join(request.systems)} on "
            f"{here.measure.full_name}; there are {', '.join(labels)}."
        )
    return chosen[:1]


def _joined(
    measure: Measure,
    keys: Sequence[Key],
    runs: Sequence[Mapping[Key, str]],
    paths: Mapping[str, Path],
    request: ItemsRequest,
) -> pl.DataFrame:
    """Return the rows of the languages, A's columns ending in ``_a`` and B's in ``_b``, in order of items."""
    import polars as pl

    parts = []
    for key in keys:
        sides = [_language(paths[of[key]], measure, key, request.item) for of in runs]
        left = sides[0].rename({c: f"{c}_a" for c in _SHOWN})
        if len(sides) > 1:
            right = sides[1].rename({c: f"{c}_b" for c in _SHOWN})
            left = left.join(right, on="item_id", how="full", coalesce=True, maintain_order="left_right")
        label = key[0] if key[0] is not None else key[2] or "?"
        columns = [pl.lit(label).alias("language"), pl.lit(key[1], pl.String).alias("language_2")]
        parts.append(left.with_columns(columns))
    return pl.concat(parts)


def _in_order(frame: pl.DataFrame) -> pl.DataFrame:
    """Sort items as people count: ``10`` comes after ``9``; languages by code."""
    import polars as pl

    ids = pl.col("item_id")
    number = ids.str.extract(r"(\d{1,18})$").cast(pl.Int64, strict=False)
    return frame.sort("language", "language_2", ids.str.replace(r"\d{1,18}$", ""), number, ids)


def _language(path: Path, measure: Measure, key: Key, item: str | None) -> pl.DataFrame:
    """Return the rows of a language, of the likeliest metric that it has."""
    import polars as pl

    own = pl.col("language").fill_null("").is_in(_own(key))
    pair = pl.col("language_2").fill_null("") == (key[1] or "")
    wanted = metric_names(measure)
    lazy = pl.scan_parquet(path).filter(own & pair & pl.col("metric").is_in(wanted))
    if item is not None:
        lazy = lazy.filter(pl.col("item_id") == item)
    rows = lazy.select("item_id", "metric", *_SHOWN).collect()
    met = set(rows["metric"].unique())
    chosen = next((name for name in wanted if name in met), measure.metric)
    plain = rows.filter(pl.col("metric") == chosen).drop("metric")
    if chosen != measure.metric and not plain["gold"].count():
        # a second implementation's rows hold counts only: what was said stands beside the first's
        said = rows.filter(pl.col("metric") == measure.metric)
        if not said.height:
            said = _said(path, own & pair, measure)
        plain = plain.drop("gold", "prediction", "text_sha").join(
            said.select("item_id", "gold", "prediction", "text_sha"), on="item_id", how="left"
        )
    return plain.select("item_id", *_SHOWN)


def _said(path: Path, here: Any, measure: Measure) -> pl.DataFrame:
    import polars as pl

    lazy = pl.scan_parquet(path).filter(here & (pl.col("metric") == measure.metric))
    return lazy.select("item_id", "gold", "prediction", "text_sha").collect()


def _judged(frame: pl.DataFrame, measure: Measure, *, two: bool) -> pl.DataFrame:
    """Add who is right, and whether each filter lets an item pass."""
    import polars as pl

    if measure.task_kind == MINED and two:
        frame = frame.with_columns(pl.col(f"{c}_{s}").fill_null(0) for c in COUNTS for s in "ab")
    rights = []
    for side in "ab" if two else "a":
        if measure.kind == "corpus":
            tp, predicted, gold = (pl.col(f"{c}_{side}") for c in COUNTS)
            right = (tp == predicted) & (tp == gold)
        else:
            right = pl.col(f"credit_{side}") == 1
        rights.append(right.alias(f"right_{side}"))
    frame = frame.with_columns(rights)
    a = pl.col("right_a")
    if not two:
        return frame.with_columns(
            a.alias("is both-right"), (~a).alias("is both-wrong"), a.alias("is only-a")
        ).with_columns(pl.lit(False).alias("is only-b"), pl.lit(False).alias("is differ"))
    b = pl.col("right_b")
    return frame.with_columns(
        (a & ~b).alias("is only-a"),
        (b & ~a).alias("is only-b"),
        (a & b).alias("is both-right"),
        (~a & ~b).alias("is both-wrong"),
        pl.col("prediction_a").ne_missing(pl.col("prediction_b")).alias("is differ"),
    )


def _counts(frame: pl.DataFrame, *, two: bool) -> dict[str, int]:
    names = WHICH if two else ("all", "both-right", "both-wrong")
    return {n: frame.height if n == "all" else int(frame[f"is {n}"].sum()) for n in names}


def _seed_note(arm: ArmOf, key: Key, seed: int | None) -> str | None:
    runs = arm.languages[key].run_ids
    if len(runs) < 2:
        return None
    return f"Of {arm.system} the run of train seed {seed} is shown: one of {plural(len(runs), 'run')}."


def _row(row: Mapping[str, Any], texts: Mapping[str, str]) -> ItemRow:
    sha = row["text_sha_a"] or row.get("text_sha_b")
    gold = row["gold_a"] if row["gold_a"] is not None else row.get("gold_b")
    return ItemRow(
        language=row["language"],
        language_2=row["language_2"],
        item_id=row["item_id"],
        cluster_id=row["cluster_id_a"] or row.get("cluster_id_b"),
        text=texts.get(sha) if sha else None,
        gold=gold,
        prediction_a=row["prediction_a"],
        prediction_b=row.get("prediction_b"),
        credit_a=row["credit_a"],
        credit_b=row.get("credit_b"),
        counts_a=_triple(row, "a"),
        counts_b=_triple(row, "b"),
        right_a=row["right_a"],
        right_b=row.get("right_b"),
    )


def _triple(row: Mapping[str, Any], side: str) -> tuple[int, int, int] | None:
    tp, predicted, gold = (row.get(f"{c}_{side}") for c in COUNTS)
    return None if tp is None or predicted is None or gold is None else (tp, predicted, gold)
