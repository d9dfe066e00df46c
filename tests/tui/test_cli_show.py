"""``show``, ``sql`` and ``index``: what scripts get, what people read, and the exit codes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from cli_store import HOSTILE, small_store
from click.testing import CliRunner, Result
from intermezzo.tui.cli import cli

BIG, STILT = "xlm-r-large", "xlm-r-large + mnli"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_store(tmp_path_factory.mktemp("cli") / "store").path


def run(store: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--store", str(store), *words])


def rows(store: Path, *words: str) -> list[dict[str, object]]:
    result = run(store, *words, "--format", "json")
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, object]] = json.loads(result.stdout)
    return found


def test_matrix_json_has_exactly_the_promised_keys_in_order(store: Path) -> None:
    keys = (
        "system base_model recipe task split metric value languages seeds evidence "
        "delta low high p_adjusted baseline gap"
    )
    found = rows(store, "show", "matrix")
    assert {tuple(row) for row in found} == {tuple(keys.split())}
    assert len(found) == 4 * 2  # one row a cell, gaps too
    cells = {(row["system"], row["task"]): row for row in found}
    assert cells[STILT, "xnli"]["value"] == pytest.approx((0.91 + 0.825 + 0.7) / 3, abs=1e-12)
    assert cells[STILT, "xnli"]["delta"] == pytest.approx(0.035 / 3, abs=1e-12)
    assert cells[STILT, "xnli"]["baseline"] == BIG
    assert cells[BIG, "pawsx"]["value"] == 1 / 3
    assert (cells[STILT, "pawsx"]["value"], cells[STILT, "pawsx"]["gap"]) == (None, "the paper gives none")
    assert cells[HOSTILE, "xnli"]["system"] == HOSTILE


def test_languages_json_has_exactly_the_promised_keys_in_order(store: Path) -> None:
    keys = "system task split language metric value n stderr seeds evidence source"
    found = rows(store, "show", "languages", "--system", STILT, "--task", "xnli")
    assert {tuple(row) for row in found} == {tuple(keys.split())}
    assert [(row["language"], row["value"], row["n"]) for row in found] == [
        ("en", 0.91, 400),
        ("de", 0.825, 400),
        ("sw", 0.7, 400),
    ]


def test_all_columns_says_more(store: Path) -> None:
    few, many = rows(store, "show", "matrix")[0], rows(store, "show", "matrix", "--all-columns")[0]
    assert set(few) < set(many)
    assert "yardstick" in many


def test_the_matrix_for_reading(store: Path) -> None:
    result = run(store, "show", "matrix", "--deltas")
    assert result.exit_code == 0
    lines = {line[: len(STILT)].strip(): line[len(STILT) :].split() for line in result.stdout.splitlines()}
    assert lines["system"] == ["xnli", "pawsx"]
    assert lines[BIG] == ["80.0l", "33.3l"]
    assert lines[STILT] == ["81.2l", "+1.2", "·"]
    assert lines["=mystery"] == ["50.0r≠~", "·"]  # differs from the logged one; a language is missing
    assert "~ 1 cell: 1 language without a value: de (its file was cut short)" in result.stderr
    assert "\x1b" not in result.stdout + result.stderr
    assert "1 cell: the paper gives none" in result.stderr
    assert "2 cells: no run in this store" in result.stderr
    assert "xnli 1 to 3" in result.stderr  # means over different numbers of languages


@pytest.mark.parametrize(
    ("aggregate", "value"), [("worst", 0.7), ("median", 0.8), ("macro", 0.8), ("without-train", 0.75)]
)
def test_aggregates(store: Path, aggregate: str, value: float) -> None:
    [cell] = rows(store, "show", "matrix", "--system", BIG, "--task", "xnli", "--aggregate", aggregate)
    assert cell["value"] == pytest.approx(value)


def test_a_pinned_baseline(store: Path) -> None:
    found = rows(store, "show", "matrix", "--baseline", STILT, "--task", "xnli")
    deltas = {row["system"]: row["delta"] for row in found}
    assert deltas[BIG] == pytest.approx(-0.035 / 3)
    assert deltas["=mystery"] == pytest.approx(0.5 - 0.91)
    assert deltas[STILT] is None


def test_filters_keep_rows_and_change_no_number(store: Path) -> None:
    whole = {(row["system"], row["task"]): row for row in rows(store, "show", "matrix")}
    kept = rows(store, "show", "matrix", "--filter", "XLM mnli")
    assert [row["system"] for row in kept] == [STILT, STILT]
    assert all(row == whole[row["system"], row["task"]] for row in kept)
    without = rows(store, "show", "matrix", "--filter", "!xlm !pawsx")
    assert {row["system"] for row in without} == {"=mystery", HOSTILE}
    several = rows(store, "show", "matrix", "--system", BIG, "--system", STILT, "--task", "xnli")
    assert [row["system"] for row in several] == [BIG, STILT]


def test_csv_is_for_spreadsheets(store: Path) -> None:
    result = run(store, "show", "matrix", "--task", "xnli", "--format", "csv")
    found = {row["system"]: row for row in csv.DictReader(io.StringIO(result.stdout))}
    assert "'=mystery" in found
    assert found[STILT]["delta"].startswith("0.0116666")
    assert found[BIG]["delta"] == ""


@pytest.mark.parametrize("option", ["--task", "--system", "--baseline", "--metric"])
def test_unknown_names_are_answered_with_near_ones(store: Path, option: str) -> None:
    word = {"--task": "xnly", "--metric": "acuracy"}.get(option, "xlm-r-lage")
    near = {"--task": "xnli", "--metric": "accuracy"}.get(option, BIG)
    result = run(store, "show", "matrix", option, word)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert f"{option} '{word}'" in result.stderr
    assert near in result.stderr


def test_names_are_taken_whatever_their_case(store: Path) -> None:
    assert rows(store, "show", "languages", "--task", "XNLI", "--system", "XLM-R-Large")


def test_an_empty_answer_is_told_and_exits_1(store: Path) -> None:
    result = run(store, "show", "matrix", "--filter", "nothing-like-this", "--format", "json")
    assert (result.exit_code, json.loads(result.stdout)) == (1, [])
    assert result.stderr.strip()


@pytest.mark.parametrize("format_name", ["table", "markdown", "csv", "json", "jsonl"])
@pytest.mark.parametrize(
    "words",
    [
        "show runs",
        "show sources",
        "show coverage",
        "show mismatches",
        "show languages",
        "systems",
        "systems list",
    ],
)
def test_every_list_prints_in_every_format(store: Path, words: str, format_name: str) -> None:
    result = run(store, *words.split(), "--format", format_name)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.count("\n") >= 1
    assert not set(result.stdout) & set("\x1b\u202e")


def test_mismatches_name_what_differs_and_none_is_good_news(store: Path, tmp_path: Path) -> None:
    [found] = rows(store, "show", "mismatches")
    assert (found["system"], found["value"], found["logged"]) == ("=mystery", 0.5, 0.6)
    assert run(store, "show", "mismatches", "--filter", "xlm").exit_code == 0


def test_coverage_names_the_languages_that_are_missing(store: Path) -> None:
    found = {(row["system"], row["task"]): row for row in rows(store, "show", "coverage")}
    assert found["=mystery", "xnli"]["missing"] == "de sw"
    assert found[BIG, "xnli"]["state"] == "complete"


def test_sql_reads_the_index(store: Path) -> None:
    found = rows(
        store, "sql", "SELECT system, max(value) AS best, 1 AS best FROM matrix GROUP BY system ORDER BY 2"
    )
    assert found[0] == {"system": HOSTILE, "best": 0.25, "best_2": 1}


def test_sql_from_a_file_and_from_standard_input(store: Path, tmp_path: Path) -> None:
    file = tmp_path / "question.sql"
    file.write_text("SELECT 7 AS seven")
    assert rows(store, "sql", str(file)) == [{"seven": 7}]
    result = CliRunner().invoke(
        cli, ["--store", str(store), "sql", "-", "--format", "jsonl"], input="SELECT 7 AS a"
    )
    assert result.stdout == '{"a": 7}\n'
    missing = run(store, "sql", str(tmp_path / "none.sql"))
    assert (missing.exit_code, missing.stdout) == (2, "")


@pytest.mark.parametrize(
    "statement",
    [
        "SELEC 1",
        "SELECT * FROM read_text('/etc/passwd')",
        "DELETE FROM runs",
        "WITH x AS (DELETE FROM runs RETURNING *) SELECT * FROM x",
        "COPY runs TO '/tmp/should-not-be-there.csv'",
        "SELECT * FROM items",
    ],
)
def test_sql_that_is_wrong_or_not_allowed_is_a_sentence(store: Path, statement: str) -> None:
    result = run(store, "sql", statement)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.strip()
    assert "Traceback" not in result.stderr


def test_a_run_is_named_by_the_start_of_its_id(store: Path) -> None:
    whole = str(rows(store, "show", "runs")[0]["run_id"])
    shown = run(store, "show", "runs").stdout.splitlines()[1].split()[-1]
    assert whole.startswith(shown)
    without = run(store, "sql", "SELECT * FROM items", "--items", shown)
    assert (without.exit_code, without.stdout) == (2, "")
    assert f"no items of run {whole}" in without.stderr
    for start, told in (("nothing", "no run 'nothing'"), ("", "give more")):
        assert told in run(store, "sql", "SELECT 1", "--items", start).stderr


def test_sql_says_when_rows_are_cut(store: Path) -> None:
    result = run(store, "sql", "SELECT * FROM range(5)", "--limit", "2")
    assert (result.exit_code, result.stdout.split()) == (0, ["range", "0", "1"])
    assert "first 2 rows" in result.stderr
    whole = run(store, "sql", "SELECT * FROM range(5)", "--limit", "0")
    assert (whole.stdout.split()[1:], whole.stderr) == (list("01234"), "")


def test_index_verify_names_damage_and_exits_1(tmp_path: Path) -> None:
    own = small_store(tmp_path / "own").path
    assert run(own, "index", "--verify").exit_code == 0
    victim = next(own.glob("runs/*/scores.parquet"))
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 0xFF
    victim.write_bytes(data)
    result = run(own, "index", "--verify", "--format", "json")
    assert result.exit_code == 1
    [damage] = json.loads(result.stdout)
    assert victim.parent.name in damage["path"]
    rebuilt = run(own, "index", "--rebuild")
    assert rebuilt.exit_code == 0
