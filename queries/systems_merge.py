"""Taking the rules of another store's ``systems.toml`` into one's own, keeping what is there to the letter.

Rules that are there already are left alone; those that contradict one that is there are not taken, and are
named. New ones are appended in their order, with the comments that stand above them.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomli_w

from .errors import Problem
from .systems_edit import locked, replace_file, spoken
from .systems_file import FILE_NAME, HasPath, Rule, Systems, decoded, parse_systems

_TABLES = ("models", "recipes")
_HEADER = re.compile(r"\s*\[")


@dataclass(frozen=True, slots=True)
class RulesMerged:
    """What became of another store's rules.

    Attributes:
        added: The rules that are new here, as messages call them.
        present: How many were here already.
        conflicts: Sentences: what the other store says, what is said here and holds, and where.
    """

    added: tuple[str, ...] = ()
    present: int = 0
    conflicts: tuple[str, ...] = ()


@dataclass(slots=True)
class _Plan:
    """What to add, worked out rule by rule."""

    entries: list[tuple[str, str]] = field(default_factory=list)
    """Title and text of each new ``[[system]]``."""
    codes: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """Table -> key and line of each new code."""
    present: int = 0
    conflicts: list[str] = field(default_factory=list)


def merge_systems(
    store: HasPath | Path, other: HasPath | Path, only: Iterable[Rule] | None = None
) -> RulesMerged:
    """Take the rules of ``other`` into the ``systems.toml`` of ``store``.

    Args:
        store: The store, or its folder.
        other: The other store, or its folder; it is only read.
        only: Rules of ``other`` to take (see ``load_systems``); all where not given.

    Raises:
        Problem: One of the two files is wrong, or this store's cannot be written.
    """
    folder, source = (s if isinstance(s, Path) else s.path for s in (store, other))
    theirs_file = source / FILE_NAME
    try:
        theirs_text = _plain(decoded(theirs_file.read_bytes(), str(theirs_file)))
    except FileNotFoundError:
        return RulesMerged()
    except OSError as error:
        raise Problem(f"{theirs_file}: it cannot be read: {error.strerror}.") from None
    theirs = parse_systems(theirs_text, str(theirs_file))
    wanted = None if only is None else {(r.names, r.path) for r in only}
    if not theirs.rules and not theirs.models and not theirs.recipes:
        return RulesMerged()
    file = Path(os.path.realpath(folder / FILE_NAME))
    with locked(folder):
        old = decoded(file.read_bytes(), str(file)) if file.exists() else ""
        ours = parse_systems(old, str(file))
        plan = _plan(ours, theirs, theirs_text, wanted)
        text, added = _taken(_plain(old), plan, str(file))
        if added:
            end = "\r\n" if "\r\n" in old else "\n"
            replace_file(file, text.replace("\n", end).encode("utf-8"))
    return RulesMerged(tuple(added), plan.present, tuple(plan.conflicts))


def _plain(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _plan(ours: Systems, theirs: Systems, text: str, wanted: set[tuple[Any, ...]] | None) -> _Plan:
    """Compare rule by rule and code by code."""
    plan = _Plan()
    paths: dict[str, list[Rule]] = {}
    for rule in ours.rules:
        if rule.path is not None:
            paths.setdefault(rule.path, []).append(rule)
    entries = tomllib.loads(text).get("system", [])
    captures: set[str] = set()
    for rule, entry in zip(theirs.rules, entries, strict=True):
        if wanted is not None and (rule.names, rule.path) not in wanted:
            continue
        captures |= rule.captures
        comments, body = _cut_out(text, rule, entry)
        if rule.path is not None:
            there = paths.get(rule.path, [])
            same = [known for known in there if dict(known.values) == dict(rule.values)]
            if not there:
                plan.entries.append((rule.title(), comments + body))
            else:
                _compare(plan, ours, theirs, rule, (same or there)[0])
            continue
        new = []
        for name in rule.names:
            known = ours.by_name.get(name)
            if known is None:
                new.append(name)
            else:
                _compare(plan, ours, theirs, Rule((name,), None, rule.values, rule.line), known)
        if new:
            if len(new) < len(rule.names):
                body = _entry_text({**entry, "names": new})
            plan.entries.append((f"name {new[0]!r}" + _more(len(new) - 1), comments + body))
    for table, kind in zip(_TABLES, ("base_model", "recipe"), strict=True):
        if wanted is None or kind in captures:
            _compare_codes(plan, table, ours, theirs, text)
    return plan


def _more(number: int) -> str:
    return f" and {number} more" if number else ""


def _compare(plan: _Plan, ours: Systems, theirs: Systems, rule: Rule, there: Rule) -> None:
    if dict(rule.values) == dict(there.values):
        plan.present += 1
        return
    plan.conflicts.append(
        f"{rule.title()} is {spoken(rule.values)} in {theirs.where}, line {rule.line}; "
        f"here it stays {spoken(there.values)} ({ours.where}, line {there.line})."
    )


def _compare_codes(plan: _Plan, table: str, ours: Systems, theirs: Systems, text: str) -> None:
    here: Mapping[str, str] = getattr(ours, table)
    there: Mapping[str, str] = getattr(theirs, table)
    for code, value in there.items():
        if code not in here:
            plan.codes.setdefault(table, []).append((code, _code_text(text, table, code)))
        elif here[code] == value:
            plan.present += 1
        else:
            plan.conflicts.append(
                f"[{table}] {code} is {value!r} in {theirs.where}; "
                f"here it stays {here[code]!r} ({ours.where})."
            )


def _cut_out(text: str, rule: Rule, entry: dict[str, Any]) -> tuple[str, str]:
    """Return the comments above an entry, and its text; that is made anew where it cannot be cut out."""
    lines = text.split("\n")
    first = above = rule.line - 1
    while above and lines[above - 1].lstrip().startswith("#"):
        above -= 1
    last = first + 1
    while last < len(lines) and not _HEADER.match(lines[last]):
        last += 1
    while last > first + 1 and (not lines[last - 1].strip() or lines[last - 1].lstrip().startswith("#")):
        last -= 1
    comments = "".join(f"{line}\n" for line in lines[above:first])
    body = "".join(f"{line}\n" for line in lines[first:last])
    try:
        whole = tomllib.loads(body) == {"system": [entry]}
    except tomllib.TOMLDecodeError:
        whole = False
    return (comments, body) if whole else ("", _entry_text(entry))


def _entry_text(entry: Mapping[str, Any]) -> str:
    return "[[system]]\n" + "".join(tomli_w.dumps({key: value}) for key, value in entry.items())


def _code_text(text: str, table: str, code: str) -> str:
    """Return the line of a code with the comments above it."""
    value = tomllib.loads(text)[table][code]
    lines = text.split("\n")
    for number, line in enumerate(lines):
        try:
            if code in line and tomllib.loads(line) == {code: value}:
                above = number
                while above and lines[above - 1].lstrip().startswith("#"):
                    above -= 1
                return "".join(f"{one}\n" for one in lines[above : number + 1])
        except tomllib.TOMLDecodeError:
            continue
    return tomli_w.dumps({code: value})


def _taken(text: str, plan: _Plan, where: str) -> tuple[str, list[str]]:
    """Add what can be added; the rest becomes conflicts. Return the new text and the titles of what was."""
    codes = [(table, code, line) for table, several in plan.codes.items() for code, line in several]
    whole = text
    for table, _, line in codes:
        whole = _with_code(whole, table, line)
    for _, body in plan.entries:
        whole = _with_entry(whole, body)
    titles = [f"[{table}] {code}" for table, code, _ in codes] + [title for title, _ in plan.entries]
    try:
        parse_systems(whole, where)
        return whole, titles
    except Problem:
        pass  # something does not go together: one at a time
    titles, whole = [], text
    steps = [(f"[{table}] {code}", _with_code, (table, line)) for table, code, line in codes]
    more = [(title, _with_entry, (body,)) for title, body in plan.entries]
    for title, add, what in (*steps, *more):
        tried: str = add(whole, *what)  # type: ignore[operator]
        try:
            parse_systems(tried, where)
        except Problem as problem:
            plan.conflicts.append(f"{title} was not taken: {problem}")
        else:
            whole = tried
            titles.append(title)
    return whole, titles


def _with_code(text: str, table: str, line: str) -> str:
    """Put a code right below the header of its table; a table that is not there is made at the end."""
    header = re.search(rf"^[ \t]*\[[ \t]*{table}[ \t]*\][^\n]*(\n|\Z)", text, re.MULTILINE)
    if header is None:
        return _with_entry(text, f"[{table}]\n{line}")
    before = text[: header.end()]
    return before + ("" if before.endswith("\n") else "\n") + line + text[header.end() :]


def _with_entry(text: str, body: str) -> str:
    gap = "" if not text.strip() else "\n" if text.endswith("\n") else "\n\n"
    return text + gap + body
