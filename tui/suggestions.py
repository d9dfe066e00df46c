"""Rules for ``systems.toml`` guessed from what the files say: shown, and accepted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from intermezzo.queries.harmless import harmless

from .output import counted
from .stores import reading

if TYPE_CHECKING:
    from intermezzo.queries.store.layout import Store
    from intermezzo.queries.suggestions import Suggestion


def suggested(store: Store) -> list[Suggestion]:
    """Return what is suggested for the names of a store that are not known."""
    from intermezzo.queries.suggestions import suggestions

    with reading(store) as reader:
        return suggestions(reader.ask("unresolved").dicts())


def suggested_toml(found: Sequence[Suggestion]) -> str:
    """Return suggestions as entries of a ``systems.toml``."""
    return "\n".join(_entry(one) for one in found)


def what_to_do(found: Sequence[Suggestion]) -> str:
    """Return what a person can do about names that are not known: accept suggestions, or annotate."""
    if whole := sum(one.complete for one in found):
        which = "they" if whole == len(found) else f"{whole:,} of them"
        return (
            f"their files suggest who {which} are: `intermezzo systems suggest` shows it, "
            "`intermezzo systems accept --all` takes it."
        )
    return "`intermezzo systems` lists them, `intermezzo systems annotate` says what they are."


def one_rule_for_all(found: Sequence[Suggestion]) -> str | None:
    """Return a sentence with the one rule that says the same of several names, if there is one."""
    import shlex

    from intermezzo.queries.suggestions import pattern_for

    several = pattern_for(found)
    if several is None:
        return None
    pattern, number = several
    command = f"intermezzo systems annotate --path {shlex.quote(pattern)}"
    return f"One rule says the same of {counted(number, 'name')}, and of more like them to come: {command}"


def _entry(one: Suggestion) -> str:
    import tomli_w
    from intermezzo.queries.suggestions import NEEDED

    where = f", e.g. {harmless(one.example)}" if one.example else ""
    lines = [tomli_w.dumps({key: value}).strip() for key, value in one.entry().items()]
    lines += [f'# {key} = "?"' for key in NEEDED if key not in one.said]
    text = "\n".join([f"# {one.identity}: {counted(one.runs, 'run')}{where}", "[[system]]", *lines]) + "\n"
    # the exact name in a harmless spelling: what a terminal could obey stands as \UXXXXXXXX
    return "".join(c if c == "\n" or c == harmless(c) else f"\\U{ord(c):08x}" for c in text)
