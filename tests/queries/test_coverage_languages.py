"""Which system x task x language cells there are, which are gaps or unknown, and why."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from intermezzo.queries.records import Found, Run, Score, Source, identified
from intermezzo.queries.store.hidden import hide
from intermezzo.queries.store.layout import Store, open_store
from intermezzo.queries.store.reader import connect
from intermezzo.queries.store.writer import FileStatus, write_import_report, write_runs

sys.path.append(str(Path(__file__).parent / "store"))
from store_samples import new_store


def run(name: str, task: str, *scores: Score) -> Run:
    source = Source(
        f"/results/{name}/{task}/test-en.tsv", f"{name}{task}".encode().hex().ljust(64, "0"), 1, 1, "s", 1
    )
    found = Found(name, f"{name}/{task}")
    return identified(Run(found, task, (source,), scores, split="test", importer="s", importer_version=1))


def score(language: str | None, value: float | None = 0.5, **more: object) -> Score:
    return Score("accuracy", value, language, implementation="s acc", **more)  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = new_store(tmp_path)
    hidden = run("hidden", "xnli", score("en"))
    runs = [
        run(
            "a", "xnli", score("en"), score("de"), score("th", None, gap="the file was cut off"), score("ja")
        ),
        run("b", "xnli", score("en")),
        run("b", "our-task", score("en"), score(None, subject="klingon")),
        run("c", "our-task", score("en"), score("sw")),
        run("m", "xnli", score(None, 0.7, scope="macro")),
        run("hidden", "our-task", score("en")),
        hidden,
    ]
    write_runs(made, [(r, None) for r in runs])
    hide(made, [hidden.run_id], "trained on test")
    statuses = [
        FileStatus("/results/b/xnli/test-sw.tsv", "refused", "it has 3 lines, the labels 5"),
        FileStatus("/results/b/xnli/test-ur.tsv", "waiting", "it changes"),
        FileStatus("/results/other/xnli/test-de.tsv", "refused", "nothing of b"),
    ]
    write_import_report(made, "/results", statuses)
    return made


def cells(store: Store, **asked: str) -> dict[tuple[str, str, str | None], tuple[str, str | None]]:
    with connect(store) as reader:
        rows = reader.ask("coverage_languages", **asked).dicts()
    return {(r["system"], r["task"], r["language"]): (r["state"], r["reason"]) for r in rows}


def test_each_cell_says_whether_it_is_there_and_why_not(store: Store) -> None:
    found = cells(store)
    assert found["a", "xnli", "en"] == ("there", None)
    assert found["a", "xnli", "th"] == ("gap", "the file was cut off")
    assert found["a", "xnli", "sw"] == ("gap", "its runs have no score for it")
    assert found["b", "xnli", "ja"] == ("gap", "not one of the languages of the task")
    assert found["b", "xnli", "sw"] == ("gap", "refused: it has 3 lines, the labels 5 (test-sw.tsv)")
    assert found["b", "xnli", "ur"] == ("unknown", "still being written: it changes (test-ur.tsv)")
    assert found["b", "xnli", "de"] == ("gap", "its runs have no score for it")
    assert found["c", "xnli", "en"] == ("gap", "no run in this store")
    assert found["m", "xnli", "en"] == ("unknown", "only a mean over languages is stated")
    assert found["hidden", "xnli", "en"] == ("gap", "its run is hidden: trained on test")
    assert found["b", "our-task", "sw"][0] == "unknown"
    assert "not known here" in str(found["b", "our-task", "sw"][1])
    assert found["b", "our-task", None] == (
        "unknown",
        "its file names no language that is known here: klingon",
    )
    # XNLI's fifteen languages, and Japanese because somebody has it
    assert len([key for key in found if key[:2] == ("a", "xnli")]) == 16


def test_it_can_be_narrowed(store: Store) -> None:
    found = cells(store, task="our-task", system="c")
    assert found == {("c", "our-task", "en"): ("there", None), ("c", "our-task", "sw"): ("there", None)}


def test_reasons_are_in_the_json_and_alike_ones_in_one_line_of_the_table(store: Store) -> None:
    from intermezzo.tui.cli import cli

    words = ["--store", str(store.path), "show", "coverage", "--languages", "--system", "b", "--task", "xnli"]
    rows = json.loads(CliRunner().invoke(cli, [*words, "--format", "json"]).stdout)
    assert len(rows) == 16
    assert {r["reason"] for r in rows if r["language"] == "sw"} == {
        "refused: it has 3 lines, the labels 5 (test-sw.tsv)"
    }
    table = CliRunner().invoke(cli, words)
    assert len(table.stdout.splitlines()) == 6  # heading; there; three gaps; one unknown
    assert "1 there, 14 gap, 1 unknown" in table.stderr


def test_an_empty_store_has_none(tmp_path: Path) -> None:
    assert cells(open_store(tmp_path / "store", create=True)) == {}
