"""Whatever goes wrong leaves as a sentence and an exit code, never as a traceback."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import click
import pytest
from cli_store import small_store
from click.testing import CliRunner
from intermezzo.queries.errors import Problem
from intermezzo.tui.cli import COMMANDS, cli
from intermezzo.tui.commands import show

MODULE = [sys.executable, "-m", "intermezzo.tui"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_store(tmp_path_factory.mktemp("faults") / "store").path


def every_command() -> list[list[str]]:
    systems = ["list", "annotate", "suggest", "check"]
    return [
        [],
        *([name] for name in COMMANDS),
        *(["show", name] for name in show.WHAT),
        *(["systems", name] for name in systems),
    ]


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_every_command_has_help_that_names_its_options(words: list[str]) -> None:
    result = CliRunner().invoke(cli, [*words, "--help"])
    assert result.exit_code == 0
    command: click.Command = cli
    context = click.Context(cli)
    for word in words:
        found = command.get_command(context, word) if isinstance(command, click.Group) else None
        assert found is not None
        command = found
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name
            assert parameter.opts[0] in result.stdout
    if words != ["completion"]:
        assert "--store" in result.stdout
        assert "--demo" in result.stdout


def test_no_command_without_a_store_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, [])
    assert (result.exit_code, result.stdout) == (2, "")
    lines = result.stderr.splitlines()
    assert len(lines) == 3
    assert "intermezzo import" in result.stderr
    assert "intermezzo demo" in result.stderr


def test_the_store_by_environment_and_by_default(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INTERMEZZO_STORE", str(store))
    assert CliRunner().invoke(cli, ["show", "runs"]).exit_code == 0
    monkeypatch.delenv("INTERMEZZO_STORE")
    assert CliRunner().invoke(cli, ["show", "runs"]).exit_code == 2
    (tmp_path / "intermezzo-store").symlink_to(store)
    assert CliRunner().invoke(cli, ["show", "runs"]).exit_code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["shw"], "show"),
        (["show", "matrx"], "matrix"),
        (["show", "matrix", "--tsk", "x"], "--task"),
        (["show", "matrix", "--aggregate", "mean"], "macro"),
        (["import"], "PATH"),
        (["--store", "x", "--demo", "show", "runs"], "--demo"),
        (["open", ".", "--store", "x"], "--store"),
        (["--store", "/dev/null", "show", "runs"], "/dev/null"),
    ],
)
def test_wrong_usage_is_2_and_says_what_is_right(words: list[str], told: str) -> None:
    result = CliRunner().invoke(cli, words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


@pytest.mark.parametrize(
    ("fault", "code", "told"),
    [
        (Problem("The moon is\x1b[2J full.\nWait for the next."), 2, "moon"),
        (KeyboardInterrupt(), 130, "Stopped"),
        (FileNotFoundError(2, "No such file", "/a/b"), 2, "/a/b: No such file"),
        (MemoryError(), 2, "memory"),
        (ZeroDivisionError("inside"), 2, "report it"),
    ],
)
def test_faults_are_sentences(
    fault: BaseException, code: int, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from intermezzo.tui.commands import show_runs

    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(show_runs, "chosen_store", fail)
    result = CliRunner().invoke(cli, ["show", "runs"])
    assert result.exit_code == code
    assert told in result.stderr
    assert "Traceback" not in result.stderr
    assert "\x1b" not in result.stderr
    if code == 2:
        assert "Traceback" in CliRunner().invoke(cli, ["show", "runs", "--debug"]).stderr


def test_a_reader_that_goes_away_is_no_fault(store: Path) -> None:
    words = [*MODULE, "--store", str(store), "sql", "SELECT * FROM range(300000)", "--limit", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().strip() == b"range"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


@pytest.mark.terminal
@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_terminal_that_cannot_draw_gets_the_matrix(store: Path, term: str) -> None:
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": term, "COLUMNS": "200"}
    process = subprocess.Popen(
        [*MODULE, "--store", str(store)], stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, env=env
    )
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:  # Linux says so when the other end is closed
        pass
    os.close(ours)
    _, talk = process.communicate()
    assert process.returncode == 0
    assert "80.0l" in shown.decode()
    assert b"\x1b" not in shown
    assert b"TERM" in talk


def test_completion_of_commands_options_and_names(store: Path) -> None:
    def completed(words: str) -> list[str]:
        env = {
            **os.environ,
            "_INTERMEZZO_COMPLETE": "bash_complete",
            "COMP_WORDS": f"intermezzo {words}",
            "COMP_CWORD": str(len(words.split(" "))),
            "INTERMEZZO_STORE": str(store),
        }
        call = "from intermezzo.tui.cli import cli; cli(prog_name='intermezzo')"
        done = subprocess.run(
            [sys.executable, "-c", call], capture_output=True, text=True, env=env, check=True
        )
        return [line.partition(",")[2] for line in done.stdout.splitlines()]

    assert completed("sh") == ["show"]
    assert completed("show ma") == ["matrix"]
    assert "--task" in completed("show matrix --t")
    assert completed("show matrix --task xn") == ["xnli"]
    assert completed("show matrix --system xlm") == ["xlm-r-large", "'xlm-r-large + mnli'"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_serve_both_names(shell: str) -> None:
    result = CliRunner().invoke(cli, ["completion", shell])
    assert result.exit_code == 0
    assert "_INTERMEZZO_COMPLETE" in result.stdout
    assert "_IMZ_COMPLETE" in result.stdout


def test_the_version_is_that_of_the_package() -> None:
    from importlib.metadata import version

    assert CliRunner().invoke(cli, ["--version"]).stdout == f"intermezzo {version('intermezzo')}\n"
