"""``merge`` and ``export``: two stores into one, some runs into another, and what is said of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_store import small_store
from click.testing import CliRunner, Result
from intermezzo.tui.cli import cli


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return small_store(tmp_path / "store").path


def run(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


def told(*words: object) -> tuple[int, dict[str, object]]:
    result = run(*words, "--format", "json")
    [record] = json.loads(result.stdout)
    return result.exit_code, record


def runs(store: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(run("runs", "list", "--store", store, "--format", "json").stdout)
    return found


def test_merging_makes_the_store_and_twice_adds_nothing(store: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    code, record = told("merge", store, "--store", new)
    assert (code, record["runs_added"], record["runs_present"], record["refused"]) == (0, 6, 0, [])
    code, record = told("merge", store, "--store", new)
    assert (code, record["runs_added"], record["runs_present"]) == (0, 0, 6)
    matrix = ("show", "matrix", "--deltas", "--format", "csv", "--store")
    assert run(*matrix, new).stdout == run(*matrix, store).stdout


def test_a_damaged_run_is_named_and_the_exit_code_is_1(store: Path, tmp_path: Path) -> None:
    pack = next((store / "runs").iterdir())
    (pack / "manifest.json").write_text("{}")
    result = run("merge", store, "--store", tmp_path / "new")
    assert result.exit_code == 1
    assert f"runs/{pack.name}: manifest.json is cut short" in result.stdout
    assert "0 runs came from" in result.stderr


def test_export_by_system_task_and_id(store: Path, tmp_path: Path) -> None:
    by_id = {r["run_id"]: r for r in runs(store)}
    code, record = told(
        "export", tmp_path / "a", "--system", "xlm-r-large", "--task", "xnli", "--store", store
    )
    assert (code, record["runs_added"]) == (0, 1)
    assert [(r["system"], r["task"]) for r in runs(tmp_path / "a")] == [("xlm-r-large", "xnli")]
    first, second, *_ = by_id
    code, record = told("export", tmp_path / "b", "--runs", first[:12], second[:12], "--store", store)
    assert (code, record["runs_added"]) == (0, 2)
    assert {r["run_id"] for r in runs(tmp_path / "b")} == {first, second}
    which = ("--runs", f"{first},{second}", "--filter", by_id[first]["system"])
    code, record = told("export", tmp_path / "b", *which, "--store", store)
    assert record["runs_added"] == 0


def test_an_export_of_nothing_in_particular_or_of_nothing_at_all_is_refused(
    store: Path, tmp_path: Path
) -> None:
    result = run("export", tmp_path / "a", "--store", store)
    assert result.exit_code == 2
    assert "intermezzo merge THIS --store STORE" in result.stderr
    result = run("export", tmp_path / "a", "--runs", "nosuch", "--store", store)
    assert result.exit_code == 2
    assert "There is no run 'nosuch'" in result.stderr
    result = run("export", tmp_path / "a", "--system", "xlm-r-large", "--filter", "mystery", "--store", store)
    assert result.exit_code == 2
    assert "nothing was copied" in result.stderr
    assert run("export", tmp_path / "a", "b", "--task", "xnli", "--store", store).exit_code == 2
    assert not (tmp_path / "a").exists()


def test_what_is_no_store_is_refused_in_a_sentence(store: Path, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").touch()
    for words in (["merge", tmp_path / "none"], ["merge", tmp_path / "folder"], ["merge", store]):
        result = run(*words, "--store", store)
        assert result.exit_code == 2, result.stdout
        assert result.stdout == ""
    assert "same store" in result.stderr


@pytest.mark.parametrize("words", [["import", "."], ["merge", "."]])
def test_nothing_is_put_into_the_demo_store(
    words: list[str], store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(store)
    result = run(*words, "--demo")
    assert result.exit_code == 2
    assert "The demo store holds what came with the program and nothing else" in result.stderr
