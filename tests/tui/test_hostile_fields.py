"""Hostile strings in every field of every record: nothing is printed or drawn that a terminal obeys."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from hostile_store import evil, hostile_store

sys.path.insert(0, str(Path(__file__).parents[1] / "fuzz"))

from intermezzo.queries.store.layout import open_store
from intermezzo.tui.cli import cli
from intermezzo.tui.output import FORMATS
from screens import opened, press, reading, screen_text
from targets import obeyed


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_store(tmp_path_factory.mktemp("hostile") / "store").path


def said(store: Path, *words: str, codes: tuple[int, ...] = (0,)) -> str:
    """Return what a command printed; fail where it is a traceback, an unexpected end or obeyed."""
    result = CliRunner().invoke(cli, [*words, "--store", str(store)])
    everything = result.stdout + result.stderr
    assert result.exit_code in codes, everything
    assert "Traceback" not in everything
    assert "report it" not in everything
    assert obeyed(everything) == [], everything
    return result.stdout


def in_formats(store: Path, *words: str, codes: tuple[int, ...] = (0,)) -> None:
    for name in FORMATS:
        said(store, *words, "--format", name, codes=codes)


@pytest.mark.parametrize(
    "what", ["matrix", "languages", "runs", "sources", "coverage", "flags", "mismatches", "xtreme"]
)
def test_what_is_shown(store: Path, what: str) -> None:
    in_formats(store, "show", what, codes=(0, 1))
    said(store, "show", what, "--all-columns", codes=(0, 1))


def systems(store: Path) -> list[str]:
    rows = json.loads(said(store, "show", "matrix", "--task", "xnli", "--format", "json"))
    return sorted(row["system"] for row in rows if row["value"] is not None)


def test_the_same_strings_find_what_they_name(store: Path) -> None:
    first, second = systems(store)
    assert "\x1b" in first + second
    in_formats(store, "show", "compare", first, second, "--task", "xnli")
    in_formats(store, "show", "items", first, second, "--task", "xnli", "--language", "sw")
    for kind in ("bars", "scatter", "forest", "histogram"):
        said(store, "show", "plot", kind, "--system", second, "--task", "xnli", codes=(0, 1, 2))


def test_runs_one_by_one(store: Path) -> None:
    in_formats(store, "runs", "list")
    for run in json.loads(said(store, "runs", "list", "--format", "json")):
        said(store, "runs", "show", run["run_id"])


@pytest.mark.parametrize(
    "words",
    [
        ("claims", "list"),
        *(("claims", "show", name) for name in ("asks", "sql", "wrong")),
        ("check",),
        ("systems", "list"),
        ("jobs",),
        ("index", "--verify"),
        ("sql", "SELECT * FROM runs"),
        ("sql", "SELECT * FROM scores"),
    ],
    ids=" ".join,
)
def test_what_is_said_of_the_rest(store: Path, words: tuple[str, ...]) -> None:
    in_formats(store, *words, codes=(0, 1, 2))


def test_what_has_one_form(store: Path) -> None:
    for words in (("systems", "suggest"), ("systems", "check"), ("doctor",)):
        said(store, *words, codes=(0, 1))
    (job,) = json.loads(said(store, "jobs", "--format", "json"))
    assert "log" in said(store, "jobs", "log", job["id"])


def test_merging_and_importing_what_has_such_names(store: Path, tmp_path: Path) -> None:
    said(tmp_path / "other", "merge", str(store))
    bad = tmp_path / evil("in").replace("/", "")
    bad.mkdir()
    (bad / f"{evil('file').replace('/', '')}.json").write_text('{"results": {')
    (bad / "val_preds.p").write_text("a pickle")
    (bad / "results_2020-01-01T00-00-00.000000.json").write_text('{"results": {"xnli_de": ')
    for name in ("table", "json"):
        said(tmp_path / "other", "import", str(bad), "--format", name, codes=(0, 1, 2))
    in_formats(tmp_path / "other", "show", "sources")


pytestmark = pytest.mark.slow

PLACES = {
    "matrix": "1 j j t d m l enter tab p p p p full_stop escape y slash x escape",
    "compare": "1 space j space c j enter full_stop escape p",
    "items": "1 j 3 j enter j full_stop escape",
    "claims": "4 j enter escape j enter tab j full_stop escape",
    "runs": "5 j enter j escape tab j j enter full_stop escape",
    "launch": "6 j enter escape tab j enter escape",
    "sql": "7 F R O M space r u n s ctrl+j tab j l l",
}
"""The keys pressed there."""


@pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=["narrow", "wide"])
@pytest.mark.parametrize("place", PLACES)
async def test_places(store: Path, tmp_path: Path, place: str, size: tuple[int, int]) -> None:
    copy = tmp_path / "store"
    shutil.copytree(store, copy)
    kept = open_store(copy)
    with reading(kept) as reader:
        async with opened(size, reader) as (app, pilot):
            for key in PLACES[place].split():
                await press(app, pilot, key)
                assert obeyed(screen_text(app)) == [], key
            assert app.return_code in (None, 0)
