"""Every command's help: it can be read, and carries none of the marks that it is written with."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner
from intermezzo.tui.cli import cli


def every_command(group: click.Group, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield words
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        if isinstance(command, click.Group):
            yield from every_command(command, (*words, name))
        else:
            yield (*words, name)


@pytest.mark.parametrize("words", list(every_command(cli)), ids=lambda words: " ".join(words) or "intermezzo")
def test_help_is_shown_without_marks(words: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(cli, [*words, "--help"], prog_name="intermezzo")
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.startswith("Usage: intermezzo")
    assert "\\b" not in shown.stdout
    assert "\b" not in shown.stdout
    assert "Args:" not in shown.stdout
