"""Train seeds one by one, and languages in the order that is asked for."""

from __future__ import annotations

import json
import statistics

import pytest
from click.testing import CliRunner, Result
from intermezzo.queries.store.layout import Store
from intermezzo.tui.cli import cli
from seed_store import ITEMS, LANGUAGES, SEEDS, credits_of, seed_store

SYSTEM = "xlm-r-base + mnli"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return seed_store(tmp_path_factory.mktemp("seeds") / "store")


def run(store: Store, *words: str) -> Result:
    result = CliRunner().invoke(cli, [*words, "--store", str(store.path)])
    assert result.exit_code == 0, result.stderr
    return result


def rows(store: Store, *words: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(run(store, *words, "--format", "json").stdout)
    return found


def expected(seed: int, language: str) -> float:
    return sum(credits_of("xlm-r-base", "mnli", "xnli", seed, language)) / ITEMS


def test_each_seed_has_a_row_and_the_mean_over_them_is_that_of_the_language(store):
    cell = ("--system", SYSTEM, "--task", "xnli")
    seeds = rows(store, "show", "languages", *cell, "--seeds")
    assert {(r["language"], r["train_seed"]): r["value"] for r in seeds} == {
        (language, seed): expected(seed, language) for language in LANGUAGES for seed in SEEDS
    }
    assert len(seeds) == len(LANGUAGES) * len(SEEDS)
    assert len({r["run_id"] for r in seeds}) == len(SEEDS)
    for row in rows(store, "show", "languages", *cell):
        of = [r["value"] for r in seeds if r["language"] == row["language"]]
        assert row["value"] == pytest.approx(statistics.fmean(of), abs=1e-12)  # type: ignore[type-var]


def test_seeds_stand_beside_each_other_with_their_spread(store):
    lines = run(store, "show", "languages", "--system", SYSTEM, "--task", "xnli", "--seeds").stdout.split(
        "\n"
    )
    assert lines[0] == f"{SYSTEM} · xnli test accuracy (engine)"
    assert lines[1].split() == ["language", "seed", "1", "seed", "2", "seed", "3", "mean", "sd"]
    values = [expected(seed, "de") for seed in SEEDS]
    numbers = [*values, statistics.fmean(values), statistics.stdev(values)]
    assert lines[2].split() == ["de", *(f"{number * 100:.1f}" for number in numbers)]


def test_a_seed_that_is_hidden_is_counted_no_more(store, tmp_path):
    own = seed_store(tmp_path / "store")
    cell = ("show", "languages", "--system", SYSTEM, "--task", "xnli", "--seeds")
    gone = rows(own, *cell)[0]
    run(own, "runs", "hide", str(gone["run_id"]), "--why", "a bad node")
    left = rows(own, *cell)
    assert gone["run_id"] not in {r["run_id"] for r in left}
    assert {r["train_seed"] for r in left} == set(SEEDS) - {gone["train_seed"]}


@pytest.mark.parametrize("by", ["value", "delta", "n", "family", "script", "language"])
def test_languages_come_in_the_order_asked_for_and_the_other_way_round(store, by):
    words = ("show", "languages", "--system", SYSTEM, "--task", "xnli", "--all-columns", "--sort", by)
    found, other = rows(store, *words), rows(store, *words, "--reverse")
    keys = [str(r[by]) if by in {"family", "script", "language"} else r[by] for r in found]
    assert keys == sorted(keys, reverse=by in {"value", "delta", "n"})  # type: ignore[type-var]
    assert [r[by] for r in other] == [r[by] for r in found][::-1]


def test_a_yardstick_by_its_id_is_one_cell_even_where_its_metric_is_not_the_tasks_own(store):
    cells = rows(store, "show", "matrix", "--all-columns")
    cell = next(c for c in cells if (c["system"], c["task"]) == (SYSTEM, "pawsx"))
    found = rows(store, "show", "languages", "--system", SYSTEM, "--yardstick", str(cell["yardstick"]))
    assert {r["task"] for r in found} == {"pawsx"}
    assert len(found) == len(LANGUAGES)


def test_base_models_have_their_family_in_matrix_and_sql(store):
    told = {c["system"]: c["model_family"] for c in rows(store, "show", "matrix", "--all-columns")}
    assert told == {"mbert": "mBERT", "mbert + mnli": "mBERT", "xlm-r-base": "XLM-R", SYSTEM: "XLM-R"}
    asked = rows(store, "sql", "SELECT base_model, family FROM base_models ORDER BY 1")
    assert [r["family"] for r in asked] == ["mBERT", "XLM-R"]
