"""Reading TOML tables that people write: every fault is a sentence that says where and what to do."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from intermezzo.queries.errors import Problem
from intermezzo.queries.harmless import harmless
from intermezzo.queries.toml_text import NotToml, parse_toml

LARGEST = 1_000_000
"""Bytes of the largest file that is read."""

LONGEST = 20_000
"""Characters of the longest text."""


class FileFault(Problem):
    """A file of claims or verifications is wrong; the sentence says where."""


def read_tables(path: Path, name: str) -> tuple[str, list[Mapping[str, Any]]]:
    """Return the text of a TOML file and its ``[[name]]`` tables.

    Raises:
        FileFault: It cannot be read, is no TOML, or has something else at its top.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        raise FileFault(f"{path} is no ordinary file.")
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise FileFault(f"{path} cannot be read: {error.strerror}.") from error
    if len(data) > LARGEST:
        raise FileFault(f"{path} is larger than {LARGEST:,} bytes: no file of {name}s is.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FileFault(f"{path} is not UTF-8 text (byte {error.start}).") from error
    return text, parse_tables(text, name, str(path))


def parse_tables(text: str, name: str, where: str) -> list[Mapping[str, Any]]:
    """Return the ``[[name]]`` tables of a TOML text.

    Raises:
        FileFault: See ``read_tables``.
    """
    try:
        body = parse_toml(text)
    except NotToml as error:
        raise FileFault(f"{where} cannot be read: {error}.") from error
    strange = [key for key in body if key != name]
    if strange:
        raise FileFault(
            f"{where}: {harmless(strange[0])!r} is not known at the top of this file. "
            f"Every {name} is a table [[{name}]]."
        )
    tables = body.get(name)
    if not isinstance(tables, list) or not tables or not all(isinstance(t, dict) for t in tables):
        raise FileFault(f"{where} holds no {name}: write one as a table [[{name}]].")
    return tables


@dataclass(frozen=True, slots=True)
class Table:
    """One table, and what to call it in messages."""

    values: Mapping[str, Any]
    where: str

    def fault(self, what: str) -> FileFault:
        """Return a fault that names this table."""
        return FileFault(f"{self.where}: {what}")

    def only(self, keys: Iterable[str]) -> None:
        """Refuse keys that are not known, with the nearest that is."""
        known = list(keys)
        for key in self.values:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                hint = f"Did you mean {near[0]}?" if near else f"It may have: {', '.join(known)}."
                raise self.fault(f"{harmless(key)!r} is not known. {hint}")

    def text(self, key: str) -> str | None:
        """Return a text, stripped; ``None`` where it is not given."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self.fault(f"{key} must be a text that is not empty.")
        if len(value) > LONGEST:
            raise self.fault(f"{key} has {len(value):,} characters; {LONGEST:,} are the most.")
        if "\x00" in value:
            raise self.fault(f"{key} has a zero character in it.")
        return value.strip()

    def needed(self, key: str) -> str:
        """Return a text that must be given."""
        value = self.text(key)
        if value is None:
            raise self.fault(f"{key} is missing.")
        return value

    def one_of(self, key: str, choices: Iterable[str]) -> str | None:
        """Return a text that must be one of ``choices``."""
        value = self.text(key)
        listed = list(choices)
        if value is not None and value not in listed:
            raise self.fault(f"{key} is {harmless(value)!r}; say one of: {', '.join(listed)}.")
        return value

    def number(self, key: str) -> float | None:
        """Return a finite number; ``None`` where it is not given."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.fault(f"{key} must be a number.")
        if (isinstance(value, int) and abs(value) > 10**15) or not math.isfinite(value):
            raise self.fault(f"{key} must be a finite number of a sensible size.")
        return float(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, or one text as a list; empty where it is not given."""
        value = self.values.get(key)
        if value is None:
            return ()
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(v, str) and v.strip() for v in listed):
            raise self.fault(f"{key} must be a list of texts, none of them empty.")
        if len(listed) > 10_000 or sum(len(v) for v in listed) > 10 * LONGEST:
            raise self.fault(f"{key} is too long a list.")
        found = tuple(v.strip() for v in listed)
        twice = [v for v in found if found.count(v) > 1] if len(set(found)) < len(found) else []
        if twice:
            raise self.fault(f"{key} lists {harmless(twice[0])!r} twice.")
        return found

    def table(self, key: str) -> Table | None:
        """Return a table inside this one; ``None`` where it is not given."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.fault(f"{key} must be a table.")
        return Table(value, f"{self.where}, {key}")
