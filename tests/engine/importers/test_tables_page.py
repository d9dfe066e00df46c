"""The example of docs/tables.md is read as the page says, and the page names every key."""

from __future__ import annotations

import re
from pathlib import Path

from intermezzo.engine.importers.table_mapping import KEYS, ROLES
from reading_importers import imported, write

PAGE = (Path(__file__).parents[3] / "docs" / "tables.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


def test_the_example_is_read(tmp_path: Path) -> None:
    write(tmp_path / "ner.csv", block("csv"))
    write(tmp_path / "ner.mapping.toml", block("toml"))
    found = imported(tmp_path, "long_table")
    assert not found.refused
    scores = {
        (d.run.found.train_seed, s.language, s.metric, s.value) for d in found.drafts for s in d.run.scores
    }
    assert scores == {(1, "ha", "f1", 0.8531), (2, "ha", "f1", 0.0), (1, "yo", "f1", 0.882)}
    assert {(d.run.task, d.run.split) for d in found.drafts} == {("masakhaner", "test")}


def test_the_page_names_every_role_and_key() -> None:
    keys = PAGE.partition("## All keys")[2]
    said = {word.strip("[]") for word in re.findall(r"`([^`]+)`", keys)}
    assert set(ROLES) <= said
    assert set(KEYS) <= said
