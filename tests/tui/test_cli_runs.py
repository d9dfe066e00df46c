"""``runs``: listing, showing, hiding and bringing back, by the start of an id."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_store import small_store
from click.testing import CliRunner, Result
from intermezzo.tui.cli import cli

STILT = "xlm-r-large + mnli"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return small_store(tmp_path / "store").path


def run(store: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--store", str(store), *words])


def rows(store: Path, *words: str) -> list[dict[str, object]]:
    result = run(store, *words, "--format", "json")
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, object]] = json.loads(result.stdout)
    return found


def an_id(store: Path, system: str, task: str) -> str:
    [found] = [r for r in rows(store, "runs", "list") if (r["system"], r["task"]) == (system, task)]
    return str(found["run_id"])


def value(store: Path) -> object:
    [cell] = [r for r in rows(store, "show", "matrix", "--task", "xnli") if r["system"] == STILT]
    return cell["value"]


def test_runs_list_is_show_runs(store: Path) -> None:
    assert rows(store, "runs", "list") == rows(store, "show", "runs")
    table = run(store, "runs", "list", "--task", "xnli")
    assert table.exit_code == 0
    assert "pawsx" not in table.stdout


def test_hiding_and_bringing_back(store: Path) -> None:
    run_id, before = an_id(store, STILT, "xnli"), value(store)
    hidden = run(store, "runs", "hide", run_id[:8], "--why", "trained on test")
    assert hidden.exit_code == 0
    assert f"1 run hidden: {run_id}" in hidden.stderr
    assert value(store) is None
    [listed] = [r for r in rows(store, "runs", "list") if r["run_id"] == run_id]
    assert (listed["hidden"], listed["hidden_why"]) == (True, "trained on test")
    assert "hidden: trained on test" in run(store, "runs", "list").stdout
    again = run(store, "runs", "hide", run_id, "--why", "trained on test")
    assert (again.exit_code, "1 run was so already" in again.stderr) == (0, True)
    back = run(store, "runs", "unhide", run_id, "--why", "it was not")
    assert f"1 run in view again: {run_id}" in back.stderr
    assert value(store) == pytest.approx(before, abs=1e-12)  # a mean: the order of its sum is not kept


def test_one_unknown_id_changes_nothing(store: Path) -> None:
    run_id = an_id(store, STILT, "xnli")
    typo = run_id[:10] + "zz"
    result = run(store, "runs", "hide", run_id, typo, "--why", "x")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"There is no run {typo!r} in this store. Did you mean " in result.stderr
    assert run_id in result.stderr
    assert value(store) is not None
    assert "`intermezzo runs list` lists them" in run(store, "runs", "show", "~").stderr
    assert "give more of it" in run(store, "runs", "show", "").stderr


def test_hiding_needs_a_reason(store: Path) -> None:
    run_id = an_id(store, STILT, "xnli")
    assert run(store, "runs", "hide", run_id).exit_code == 2
    assert run(store, "runs", "hide", run_id, "--why", "  ").exit_code == 2
    assert list((store / "hidden").iterdir()) == []


def test_showing_a_run(store: Path) -> None:
    run_id = an_id(store, STILT, "xnli")
    [found] = rows(store, "runs", "show", run_id[:10])
    assert found["run_id"] == run_id
    assert found["source"] == "/results/stilt/xnli.json"
    assert found["config"] == {}
    scores = found["scores"]
    assert isinstance(scores, list)
    assert [(s["language"], s["value"], s["n"]) for s in scores] == [
        ("de", 0.825, 400),
        ("en", 0.91, 400),
        ("sw", 0.7, 400),
    ]
    table = run(store, "runs", "show", run_id)
    assert "Scores: 3" in table.stdout
    assert "eval_seed" not in table.stdout  # nothing is known of it
