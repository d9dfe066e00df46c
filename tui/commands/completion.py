"""``intermezzo completion``: the script that makes a shell complete commands, options and names."""

from __future__ import annotations

import click

PROGRAMS = ("intermezzo", "imz")


@click.command(name="completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script of a shell.

    \b
    bash:  eval "$(intermezzo completion bash)"        in ~/.bashrc
    zsh:   eval "$(intermezzo completion zsh)"         in ~/.zshrc, after compinit
    fish:  intermezzo completion fish | source         in ~/.config/fish/config.fish
    """  # noqa: D301 -- click wants the character itself
    from click.shell_completion import ShellComplete, get_completion_class
    from intermezzo.tui.cli import cli

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"There is no completion for {shell}.")
    for program in PROGRAMS:
        script = kind(cli, {}, program, f"_{program.upper()}_COMPLETE")
        # not kind.source: bash's runs a shell to learn its version, and complains on machines without one
        click.echo(ShellComplete.source(script))
