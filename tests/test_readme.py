"""The README says what is so: its tables are the registries', its examples run as printed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from intermezzo.tui.actions import readme_keys
from intermezzo.tui.cli import COMMANDS

sys.path.append(str(Path(__file__).parent / "terminal"))
from driver import Terminal

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
RESULTS = Path(__file__).parent / "fixtures" / "xtreme_two_systems"
BIN = Path(sys.executable).parent
ENV = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}


def commands() -> str:
    """Return the table of commands as Markdown."""
    rows = [f"| `{name}` | {entry.help} |" for name, entry in COMMANDS.items()]
    return "\n".join(["| command | does |", "|---|---|", *rows]) + "\n"


@pytest.mark.parametrize(("name", "table"), [("keys", readme_keys), ("commands", commands)])
def test_tables_are_those_of_the_registries(name, table):
    """``UPDATE_SNAPSHOTS=1`` writes them into the README."""
    text = README.read_text("utf-8")
    block = re.compile(f"(<!-- {name} -->\n)(.*?)(<!-- end of {name} -->)", re.DOTALL)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        text = block.sub(lambda match: match[1] + table() + match[3], text)
        README.write_text(text, "utf-8")
    found = block.search(text)
    assert found is not None
    assert found[2] == table()


def test_what_it_links_to_is_there():
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README.read_text("utf-8"))
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def example(name: str) -> str:
    """Return the code block marked with a name."""
    found = re.search(rf"<!-- test: {name} -->\n```\w+\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert found is not None, name
    return found[1]


def shell(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = ["bash", "-euo", "pipefail", "-c", script]
    return subprocess.run(command, cwd=folder, env=ENV, capture_output=True, text=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with results, as in the README."""
    shutil.copytree(RESULTS, tmp_path / "results")
    return tmp_path


@pytest.mark.slow
def test_ones_own_folder_in_three_lines(folder):
    done = shell(example("own folder"), folder)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    row = next(line for line in done.stdout.splitlines() if line.startswith("xlmr + mnli"))
    assert re.search(r"[+-]\d+\.\d", row), done.stdout


@pytest.mark.slow
@pytest.mark.terminal
def test_duckdb_reads_the_store_while_the_app_is_open_and_an_import_runs(folder):
    lines = example("own folder").splitlines()
    assert shell("\n".join(lines[:2]), folder).returncode == 0
    importing = (
        "for n in $(seq 50); do cp -r results/xlmr-mnli-s2 results/xlmr-squad-s$n;"
        " intermezzo import results 2>/dev/null; done"
    )
    predictions = next(path for path in (folder / "results").rglob("xlmr-mnli-s2"))
    importing = importing.replace("results/xlmr", f"{predictions.parent.relative_to(folder)}/xlmr")
    with Terminal([str(BIN / "intermezzo")], columns=120, rows=30, cwd=folder) as terminal:
        terminal.wait_for("? help")
        importer = subprocess.Popen(["bash", "-c", importing], cwd=folder, env=ENV, stdout=subprocess.DEVNULL)
        try:
            (folder / "example.py").write_text(example("duckdb python"), "utf-8")
            for _ in range(4):
                asked = shell(example("duckdb shell"), folder)
                assert asked.returncode == 0, asked.stderr
                assert "xlmr + mnli" in asked.stdout
                told = shell("python example.py", folder)
                assert told.returncode == 0, told.stderr
                assert re.search(r"^xlmr.* sw \d+\.\d$", told.stdout, re.MULTILINE), told.stdout
            assert importer.poll() is None, "the import ended before the questions did"
            terminal.wait_for("squad")
        finally:
            importer.terminate()
            importer.wait()
