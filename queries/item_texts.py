"""The texts of items, from the data sets' own files, and the words that are looked for in what was said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from intermezzo.queries.comparison.arms import ArmOf
from intermezzo.queries.store.reader import Reader
from intermezzo.queries.words import holds

if TYPE_CHECKING:
    import polars as pl

_SHAS = ("text_sha_a", "text_sha_b")
_SPOKEN = ("item_id", "gold_a", "gold_b", "prediction_a", "prediction_b")


def texts_of(
    reader: Reader, rows: pl.DataFrame, arms: Sequence[ArmOf]
) -> tuple[dict[str, str], list[str | None]]:
    """Return the texts of rows by hash, from the data sets' files of all runs that name one."""
    import polars as pl

    columns = [c for c in _SHAS if c in rows.columns]
    wanted = {sha for c in columns for sha in rows[c].drop_nulls()}
    texts: dict[str, str] = {}
    notes: list[str | None] = []
    files = sorted({run["texts_path"] for arm in arms for run in arm.runs.values() if run["texts_path"]})
    for file in files:
        left = sorted(wanted - set(texts))
        if not left:
            break
        path = reader.store.path / file
        if not path.is_file():
            notes.append(f"The texts of the data set are missing ({file}).")
            continue
        found_texts = pl.scan_parquet(path).filter(pl.col("text_sha").is_in(left)).collect()
        texts.update(zip(found_texts["text_sha"], found_texts["text"], strict=True))
    if not wanted and rows.height:
        notes.append("No texts were kept with these items.")
    return texts, notes


def holding_rows(frame: pl.DataFrame, texts: Mapping[str, str], words: str) -> pl.Series:
    """Say of each row whether its id, text, gold or predictions hold the words of a filter."""
    import polars as pl

    shas = [c for c in _SHAS if c in frame.columns]
    shown = [c for c in _SPOKEN if c in frame.columns]
    hashed, spoken = frame.select(shas).iter_rows(), frame.select(shown).iter_rows()
    held = [
        holds((*said, *(texts.get(sha) for sha in sha_of if sha)), words)
        for said, sha_of in zip(spoken, hashed, strict=True)
    ]
    return pl.Series(held, dtype=pl.Boolean)
