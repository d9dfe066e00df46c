"""What starts fast: the command line loads nothing heavy before it is needed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    "accelerate",
    "datasets",
    "duckdb",
    "langcodes",
    "msgspec",
    "numpy",
    "orjson",
    "platformdirs",
    "plotext",
    "polars",
    "rich",
    "scipy",
    "textual",
    "torch",
    "transformers",
}
"""What no help page, version or completion script may load."""

NO_APP = {"accelerate", "datasets", "plotext", "rich", "textual", "torch", "transformers"}
"""What only the app or a model needs."""

PROBE = """
import json, sys
from intermezzo.tui.cli import cli
try:
    cli(json.loads(sys.argv[1]), prog_name="intermezzo")
except SystemExit as end:
    code = end.code
print(json.dumps([code, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


def loaded(*words: str) -> tuple[int, set[str]]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps(words)], capture_output=True, text=True, check=True
    )
    code, modules = json.loads(done.stdout.splitlines()[-1])
    return code, set(modules)


COMMANDS = [
    "open",
    "demo",
    "show",
    "sql",
    "import",
    "merge",
    "export",
    "runs",
    "systems",
    "index",
    "completion",
]


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["completion", "bash"]])
def test_help_and_version_load_nothing_heavy(words: list[str]) -> None:
    code, modules = loaded(*words)
    assert code == 0
    assert "click" in modules
    assert not modules & HEAVY


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_loads_nothing_heavy(command: str) -> None:
    code, modules = loaded(command, "--help")
    assert code == 0
    assert not modules & HEAVY


@pytest.mark.slow
def test_printing_loads_no_app(tmp_path: object) -> None:
    code, modules = loaded("--store", f"{tmp_path}/none", "show", "matrix")
    assert code == 2
    assert not modules & NO_APP
    code, modules = loaded("import", "--store", f"{tmp_path}/store", "--format", "json", str(tmp_path))
    assert code == 2
    assert not modules & NO_APP


@pytest.mark.slow
def test_without_a_terminal_the_app_is_not_loaded(tmp_path: object) -> None:
    loaded("import", "--store", f"{tmp_path}/store", str(tmp_path))
    code, modules = loaded("--store", f"{tmp_path}/store")
    assert code == 0
    assert not modules & NO_APP
