"""``intermezzo doctor``: what it finds, and that it changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_store import small_store
from click.testing import CliRunner
from intermezzo.tui import checkup
from intermezzo.tui.cli import cli

Row = dict[str, str]


def look(*words: str) -> tuple[int, dict[tuple[str, str], Row]]:
    result = CliRunner().invoke(cli, ["doctor", "--format", "json", *words])
    rows = json.loads(result.stdout)
    return result.exit_code, {(row["area"], row["what"]): row for row in rows}


def test_a_sound_store_is_counted(tmp_path: Path) -> None:
    store = small_store(tmp_path / "store")
    before = sorted(path.name for path in store.path.rglob("*"))
    code, found = look("--store", str(store.path))
    assert code == 0
    assert found["program", "duckdb"]["state"] == "ok"
    assert found["store", "folder"]["found"] == str(store.path)
    assert found["store", "holds"]["found"].startswith("6 runs of ")
    assert (
        found["store", "quarantined files"] | {"found": "0", "state": "ok"}
        == found["store", "quarantined files"]
    )
    assert sorted(path.name for path in store.path.rglob("*")) == before


def test_a_damaged_run_is_noted_with_the_command_that_names_it(tmp_path: Path) -> None:
    store = small_store(tmp_path / "store")
    manifest = next(store.runs.rglob("manifest.json"))
    manifest.write_bytes(manifest.read_bytes()[:-20])
    for old in store.index_dir.glob("*"):
        old.unlink()
    _, found = look("--store", str(store.path))
    row = found["store", "quarantined files"]
    assert (row["state"], row["found"]) == ("note", "1")
    assert "--status quarantined" in row["advice"]


def test_no_store_is_a_note_that_says_what_to_do(tmp_path: Path) -> None:
    code, found = look("--store", str(tmp_path / "none"))
    assert code == 0
    assert found["store", "folder"]["state"] == "note"
    assert "intermezzo import" in found["store", "folder"]["advice"]
    assert not (tmp_path / "none").exists()


def test_a_store_of_a_newer_program_is_a_fault(tmp_path: Path) -> None:
    store = small_store(tmp_path / "store")
    (store.path / "VERSION").write_text("intermezzo store 99\n")
    code, found = look("--store", str(store.path))
    assert code == 1
    assert found["store", "open"]["state"] == "fault"


@pytest.mark.parametrize(
    ("variables", "colours"),
    [
        ({"NO_COLOR": "1"}, "none"),
        ({"TERM": "xterm-256color"}, "256"),
        ({"COLORTERM": "truecolor"}, "16 777 216"),
    ],
)
def test_colours_are_those_that_the_app_would_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], colours: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    _, found = look("--store", str(tmp_path))
    assert found["terminal", "colours"]["found"] == colours


def test_an_extra_that_is_missing_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    version = checkup._version
    monkeypatch.setattr(checkup, "_version", lambda name: None if name == "torch" else version(name))
    engine = next(check for check in checkup.extras() if check.what == "engine")
    assert engine.state == "note"
    assert "pip install 'intermezzo[engine]'" in engine.advice
    assert "torch" in engine.advice
