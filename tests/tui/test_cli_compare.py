"""``show compare`` and ``show items`` as users type them: data, tables on 80 columns, exit codes."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from intermezzo.tui.cli import cli
from intermezzo.tui.text_table import shown_width

sys.path.insert(0, str(Path(__file__).parents[1] / "queries" / "comparison"))

from small_items import run, store_of

KEYS = [
    "language", "n", "clusters", "a", "b", "delta", "stderr", "low", "high", "p", "p_adjusted", "only_a",
    "only_b",
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = random.Random(20)
    codes = ("ar", "en", "sw", "zh")
    sides = [
        {c: {str(i): float(rng.random() < rate) for i in range(200)} for c in codes}
        for rate in (0.9, 0.6, 0.6)
    ]
    said = {"1": "是的，他昨天去了图书馆", "2": "نعم ذهب إلى المكتبة", "3": "yes\x1b[2J"}
    texts = {"1": "他昨天去了图书馆。", "2": "ذهب أمس إلى المكتبة", "3": "plain"}
    runs = [
        run("A", sides[0], predictions=said, texts=texts),
        run("B", sides[1], predictions=said),
        run("C", sides[2], keep_items=False, dataset_revision="r2"),
        run("D", sides[2], dataset_revision="r1"),
        run("E", sides[2], dataset_revision="r2"),
        run("F", sides[2], implementation="other acc"),
    ]
    return store_of(tmp_path_factory.mktemp("compare"), runs).path


def call(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["show", *words, "--store", str(folder)])


def test_json_has_the_promised_keys_languages_first_then_macros(folder: Path) -> None:
    result = call(folder, "compare", "a", "B", "--task", "xnli", "--format", "json")
    assert result.exit_code == 0
    rows = json.loads(result.stdout)
    assert all(list(row) == KEYS for row in rows)
    deltas = [row["delta"] for row in rows[:4]]
    assert deltas == sorted(deltas, reverse=True)
    assert {row["language"] for row in rows[:4]} == {"ar", "en", "sw", "zh"}
    names = [row["language"] for row in rows[4:]]
    assert names[:2] == ["macro (these languages)", "macro (languages like these)"]
    assert "macro without en (these languages)" in names
    assert all(row["n"] == 200 and row["p_adjusted"] < 0.05 for row in rows[:4])


def test_the_table_fits_80_columns_and_explains_itself(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = call(folder, "compare", "A", "B", "--task", "xnli")
    assert result.exit_code == 0
    assert all(shown_width(line) <= 80 for line in result.stdout.splitlines())
    assert "▲" in result.stdout
    for words in (
        "A wins 4",
        "Family: the 4 matched languages",
        "? unknown: task version, dataset revision",
        "Holm",
        "† train language",
    ):
        assert words in result.stderr


def test_without_items_the_reason_is_told(folder: Path) -> None:
    result = call(folder, "compare", "A", "C", "--task", "xnli")
    assert result.exit_code == 0
    assert "No items of B (C) are kept" in result.stderr


def test_what_differs_is_refused_with_exit_1_unless_insisted_on(folder: Path) -> None:
    result = call(folder, "compare", "D", "E", "--task", "xnli")
    assert result.exit_code == 1
    assert "dataset revision (r1 against r2)" in result.stderr
    assert "--insist" in result.stderr
    assert call(folder, "compare", "D", "E", "--task", "xnli", "--insist").exit_code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["A"], "two systems or more"),
        (["A", "B"], "--task"),
        (["A", "A", "--task", "xnli"], "named twice"),
        (["A", "Z", "--task", "xnli"], "no system of that name"),
        (["A", "F", "--task", "xnli"], "share no yardstick"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_exit_2(folder: Path, words: list[str], told: str) -> None:
    result = call(folder, "compare", *words)
    assert result.exit_code == 2
    assert told in result.stderr.replace("\n", " ")


def test_several_systems_name_their_pair(folder: Path) -> None:
    result = call(folder, "compare", "A", "B", "C", "--task", "xnli", "--format", "jsonl")
    pairs = {(r["system_a"], r["system_b"]) for r in map(json.loads, result.stdout.splitlines())}
    assert pairs == {("A", "B"), ("A", "C"), ("B", "C")}


def test_items_are_aligned_whatever_their_script_and_harmless(folder: Path) -> None:
    result = call(folder, "items", "A", "B", "--task", "xnli", "--language", "zh", "--limit", "5")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert "\x1b" not in result.stdout
    head = next(line for line in lines if line.startswith("item"))
    at = head.index("B says")
    starts = {shown_width(line[: line.index("·", 3)]) for line in lines if line.startswith(("0 ", "4 "))}
    assert len(starts) == 1
    for word in ("是的", "نعم"):
        line = next(x for x in lines if word in x)
        assert shown_width(line[: line.rindex(word)]) == at
    data = call(folder, "items", "A", "--task", "xnli", "--item", "2", "--format", "json")
    assert [row["language"] for row in json.loads(data.stdout)] == ["ar", "en", "sw", "zh"]


def test_items_are_filtered_by_words_and_said_where_none_is_left(folder: Path) -> None:
    asked = ("items", "A", "--task", "xnli", "--language", "zh", "--format", "json", "--limit", "0")
    whole = json.loads(call(folder, *asked).stdout)
    kept = json.loads(call(folder, *asked, "--filter", "!2").stdout)
    spoken = ("item_id", "text", "gold", "prediction_a")
    words = {row["item_id"]: " ".join(str(row[name]) for name in spoken) for row in whole}
    assert [row["item_id"] for row in kept] == [item for item, said in words.items() if "2" not in said]
    assert 0 < len(kept) < len(whole)
    assert call(folder, *asked, "--filter", "no such word").exit_code == 1


def test_items_that_no_filter_lets_pass_exit_1(folder: Path) -> None:
    result = call(folder, "items", "A", "--task", "xnli", "--language", "zh", "--offset", "900")
    assert result.exit_code == 1
    assert call(folder, "items", "C", "--task", "xnli", "--language", "zh").exit_code == 2


def test_matrix_deltas_get_intervals_from_items_when_asked_for(folder: Path) -> None:
    words = ["matrix", "--baseline", "B", "--task", "xnli", "--system", "A"]
    plain = json.loads(call(folder, *words, "--format", "json").stdout)
    assert [row["low"] for row in plain if row["delta"] is not None] == [None]
    rows = json.loads(call(folder, *words, "--intervals", "--format", "json").stdout)
    (row,) = [found for found in rows if found["low"] is not None]
    assert row["low"] < row["delta"] < row["high"]
    assert row["p_adjusted"] < 0.05
    result = call(folder, *words, "--intervals")
    assert "▲" in result.stdout
    assert "adjusted p < .05 over the" in result.stderr


def test_groups_of_one_language_are_in_the_data_and_not_in_the_table(folder: Path) -> None:
    words = ("compare", "A", "B", "--task", "xnli")
    names = {row["language"] for row in json.loads(call(folder, *words, "--format", "json").stdout)}
    assert {"script Latn", "script Arab"} <= names
    result = call(folder, *words)
    assert "script Latn" in result.stdout
    assert "script Arab" not in result.stdout
    assert "of one language are left out" in result.stderr
