"""``systems``: from unknown folders to known systems, by suggestions and by rules, and what is said of it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from intermezzo.queries.records import Found, Run, Score, Source, identified
from intermezzo.queries.store.layout import open_store
from intermezzo.queries.store.writer import write_runs
from intermezzo.tui.cli import cli

NAMES = [f"xlmr-large-{recipe}-s{seed}" for recipe in ("direct", "mnli") for seed in (1, 2)]
PATTERN = "{base_model}-{recipe}-s{train_seed}/**"


def a_run(name: str, value: float) -> Run:
    source = Source(f"/results/{name}.tsv", f"{name:0<64}", 10, 1, "by hand", 1)
    return identified(
        Run(
            Found(name, f"{name}/predictions/xnli"),
            "xnli",
            (source,),
            tuple(Score("accuracy", value + n / 100, code) for n, code in enumerate(("en", "sw"))),
            split="test",
            importer="by hand",
            importer_version=1,
        )
    )


@pytest.fixture
def store(tmp_path: Path) -> Path:
    made = open_store(tmp_path / "store", create=True)
    write_runs(made, [(a_run(name, 0.5 + n / 10), None) for n, name in enumerate([*NAMES, "gpt"])])
    return made.path


def run(store: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--store", str(store), *words])


def systems(store: Path) -> dict[str, str]:
    rows = json.loads(run(store, "systems", "--format", "json").stdout)
    return {row["system"]: row["identity"] for row in rows}


def test_the_list_says_what_to_do_about_unknown_systems(store: Path) -> None:
    result = run(store, "systems")
    assert "5 systems not fully known" in result.stderr
    assert "systems accept --all" in result.stderr


def test_suggestions_are_toml_that_holds_when_appended(store: Path) -> None:
    result = run(store, "systems", "suggest")
    assert [entry["name"] for entry in tomllib.loads(result.stdout)["system"]] == ["gpt", *NAMES]
    assert "of which 1 say nothing" in result.stderr
    assert f"intermezzo systems annotate --path '{PATTERN}'" in result.stderr


def test_accepting_all_makes_known_what_says_enough_and_names_the_rest(store: Path) -> None:
    result = run(store, "systems", "accept", "--all")
    assert result.exit_code == 1  # one name is left
    assert "xlmr-large-mnli-s2 is now xlm-r-large + mnli, seed 2" in result.stderr
    assert "4 rules appended" in result.stderr
    assert "1 name left" in result.stderr
    assert "'gpt'" in result.stderr
    assert systems(store) == {"xlm-r-large": "known", "xlm-r-large + mnli": "known", "gpt": "unknown"}
    [cell] = json.loads(
        run(store, "show", "matrix", "--system", "xlm-r-large + mnli", "--format", "json").stdout
    )
    assert cell["delta"] == pytest.approx(0.2)
    assert cell["seeds"] == 2


def test_accepting_one_by_name(store: Path) -> None:
    result = run(store, "systems", "accept", NAMES[2])
    assert result.exit_code == 0, result.stderr
    assert systems(store)["xlm-r-large + mnli"] == "known"
    assert NAMES[3] in systems(store)
    result = run(store, "systems", "accept", NAMES[2])
    assert result.exit_code == 2  # known already: nothing is suggested for it any more


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Give the names to accept, or --all"),
        (["--all", "x"], "Give the names to accept, or --all"),
        (["xlmr-large-mnli-s3"], "Did you mean"),
        (["gpt"], "too little to suggest what 'gpt' is"),
    ],
)
def test_what_cannot_be_accepted_is_a_sentence(store: Path, words: list[str], said: str) -> None:
    result = run(store, "systems", "accept", *words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (store / "systems.toml").exists()


def test_an_entry_that_is_there_is_not_overruled(store: Path) -> None:
    (store / "systems.toml").write_text(f'[[system]]\nname = "{NAMES[0]}"\nbase_model = "other"\n')
    result = run(store, "systems", "accept", "--all")
    assert result.exit_code == 1
    assert "already says base_model 'other'" in result.stderr
    assert "3 rules appended" in result.stderr


def test_a_path_rule_says_whom_it_speaks_of(store: Path) -> None:
    result = run(store, "systems", "annotate", "--path", PATTERN)
    assert result.exit_code == 0
    assert "known by its path (base_model, recipe, train_seed)" in result.stderr
    assert "It speaks of 4 runs: xlm-r-large, xlm-r-large + mnli." in result.stderr


@pytest.mark.parametrize(("option", "what"), [("--name", "nobody"), ("--path", "none/{recipe}-{seed}/**")])
def test_a_rule_for_nobody_says_so(store: Path, option: str, what: str) -> None:
    result = run(store, "systems", "annotate", option, what, "--base-model", "m")
    assert "No run of this store" in result.stderr


def test_where_nothing_is_suggested_it_is_not_promised(tmp_path: Path) -> None:
    made = open_store(tmp_path / "store", create=True)
    write_runs(made, [(a_run("gpt", 0.5), None)])
    result = run(made.path, "systems")
    assert "accept --all" not in result.stderr
    assert "`intermezzo systems annotate` says what they are" in result.stderr
