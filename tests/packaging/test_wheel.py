"""The wheel holds exactly what git holds, and runs where nothing else is installed."""

from __future__ import annotations

import json
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from source_tree import ROOT, build_wheel, copy_source, listed_files, run

PACKAGES = ("queries", "engine", "tui")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of what git would give a stranger, committed or about to be."""
    if listed_files() is None:
        pytest.skip("left out: this is no git checkout, so there is no file list to compare with")
    source = copy_source(tmp_path_factory.mktemp("source"))
    return build_wheel(source, tmp_path_factory.mktemp("wheel"))


@pytest.mark.slow
def test_wheel_holds_every_file_of_the_packages_and_no_other(wheel: Path) -> None:
    wanted = {f"intermezzo/{name}" for name in listed_files(*PACKAGES) or ()}
    held = {n for n in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in n}
    assert held == wanted


def test_every_package_folder_is_named_in_pyproject() -> None:
    named = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    folders = {Path(name).parent for name in listed_files(*PACKAGES) or () if name.endswith(".py")}
    assert named == {"intermezzo." + ".".join(folder.parts) for folder in folders}


def test_version_is_said_once() -> None:
    from intermezzo.queries.version import VERSION

    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION


@pytest.mark.slow
def test_wheel_runs_in_a_bare_environment(wheel: Path, tmp_path: Path) -> None:
    """Installed with its own dependencies alone, every command line face works and nothing is missing."""
    bare = tmp_path / "bare"
    assert run(sys.executable, "-m", "venv", bare).returncode == 0
    installed = run(bare / "bin/pip", "install", "-qq", "--constraint", ROOT / "constraints.txt", wheel)
    assert installed.returncode == 0, installed.stderr
    for name in ("intermezzo", "imz"):
        for option in ("--version", "--help"):
            assert run(bare / "bin" / name, option).returncode == 0
    shown = run(bare / "bin/intermezzo", "show", "matrix", "--demo", "--format", "json", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert json.loads(shown.stdout)
    app = run(bare / "bin/python", "-c", "import intermezzo.tui.app, intermezzo.tui.panes.plot", cwd=tmp_path)
    assert app.returncode == 0, app.stderr
