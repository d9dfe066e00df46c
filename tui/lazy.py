"""Click groups whose commands are imported when they are used, and faults told in sentences."""

from __future__ import annotations

import os
import sys
import traceback
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NoReturn

import click
from intermezzo.queries.errors import Problem
from intermezzo.queries.harmless import harmless

INTERRUPTED = 130
"""Exit code after Ctrl-C."""

DEBUG = "intermezzo.debug"
"""Key in ``Context.meta``: whether an unexpected fault shows its traceback."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A command as its group's help shows it, without importing it.

    Attributes:
        module: Module below ``intermezzo.tui.commands``; its ``command`` is the click command.
        help: One line.
        section: Heading in the help page.
    """

    module: str
    help: str
    section: str = "Commands"


class LazyGroup(click.Group):
    """A group whose commands stand in a table and are imported one at a time."""

    def __init__(self, *args: Any, entries: dict[str, Entry] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entries = entries or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the table's order, then those added the usual way."""
        return [*self.entries, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command of that name."""
        entry = self.entries.get(cmd_name)
        if entry is None:
            return super().get_command(ctx, cmd_name)
        module = import_module(f"intermezzo.tui.commands.{entry.module}")
        found: click.Command = module.command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command named by the first word; an unknown word is answered with the nearest ones."""
        if args and not ctx.resilient_parsing and self.get_command(ctx, args[0]) is None:
            ctx.fail(self._unknown(ctx, args[0]))
        return super().resolve_command(ctx, args)

    def _unknown(self, ctx: click.Context, word: str) -> str:
        """Return the sentence for a word that is no command here."""
        from .names import nearest

        if word.startswith("-"):
            return f"There is no option {word} here."
        near = nearest(word, self.list_commands(ctx))
        hint = f"Did you mean {near}?" if near else f"`{ctx.command_path} --help` lists them."
        return f"There is no command {harmless(word)!r}. {hint}"

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by section, from the table alone."""
        del ctx
        sections: dict[str, list[tuple[str, str]]] = {}
        for name, entry in self.entries.items():
            sections.setdefault(entry.section, []).append((name, entry.help))
        for name, command in sorted(self.commands.items()):
            if not command.hidden:
                sections.setdefault("Commands", []).append((name, command.get_short_help_str(100)))
        widest = max((len(name) for rows in sections.values() for name, _ in rows), default=0)
        for heading, rows in sections.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(widest), text) for name, text in rows])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Complete command names from the table, without importing them."""
        from click.shell_completion import CompletionItem

        found: list[Any] = [
            CompletionItem(name, help=entry.help)
            for name, entry in self.entries.items()
            if name.startswith(incomplete)
        ]
        return [
            *found,
            *(i for i in super().shell_complete(ctx, incomplete) if i.value not in self.entries),
        ]


class RootGroup(LazyGroup):
    """The outermost group: whatever goes wrong inside leaves as a sentence and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; faults become sentences on stderr (exit 2), Ctrl-C exit 130."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except (click.ClickException, click.exceptions.Exit):
            raise
        except BrokenPipeError:
            _close_quietly(ctx)
        except (KeyboardInterrupt, click.Abort):
            _leave(ctx, "Stopped.", INTERRUPTED)
        except Problem as problem:
            _told(ctx)
            _leave(ctx, str(problem), 2)
        except MemoryError:
            _told(ctx)
            _leave(ctx, "There is not enough memory for this.", 2)
        except OSError as error:
            _told(ctx)
            where = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, (str, bytes)) else ""
            _leave(ctx, f"{where}{error.strerror or type(error).__name__}.", 2)
        except Exception as error:
            _told(ctx)
            first = str(error).strip().split("\n")[0][:300]
            _leave(
                ctx,
                f"Something went wrong inside intermezzo ({type(error).__name__}: {first}). "
                "This is a fault of the program: please report it, with what --debug adds to it.",
                2,
            )
        else:
            return result


def _told(ctx: click.Context) -> None:
    if ctx.meta.get(DEBUG):
        sys.stderr.write(traceback.format_exc())


def _leave(ctx: click.Context, sentence: str, code: int) -> NoReturn:
    try:
        for line in sentence.split("\n"):
            sys.stderr.write(harmless(line) + "\n")
        sys.stderr.flush()
    except OSError:
        pass
    ctx.exit(code)


def _close_quietly(ctx: click.Context) -> NoReturn:
    """The reader of our output has gone (``| head``): nothing to complain about, nothing more to write."""
    try:
        # the interpreter flushes stdout at its end and would complain then
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        pass
    ctx.exit(0)
