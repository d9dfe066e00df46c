"""The generations of the published index: which is newest, and opening one.

A generation is ``index/<label>-<number>-<random>.duckdb``, never changed once it has that name. The label
says which tables, views and reference data it was built with: another intermezzo builds its own.
"""

from __future__ import annotations

import hashlib
import os
import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from .layout import Store

if TYPE_CHECKING:
    import duckdb

SCHEMA = 1
"""Version of the index; raise it when the publisher fills the same tables differently."""

_NAME = re.compile(r"(?P<label>\d+\.[0-9a-f]{6})-(?P<number>\d{8})-[0-9a-f]{6}\.duckdb", re.ASCII)

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "threads": "2",
}
"""How every connection is opened that reads files of a store."""

_INDEX_CONFIG = {**CONFIG, "enable_external_access": "false"}
"""How every connection to an index is opened: whoever made it may have put views or macros into it that read
files. One process must open one file one way."""


@cache
def label() -> str:
    """Return the label of the indexes that this program builds."""
    digest = hashlib.sha256()
    here = resources.files("intermezzo.queries")
    texts = [here / "store", here / "questions", here / "data"]
    for folder in texts:
        for file in sorted(folder.iterdir(), key=lambda f: f.name):
            if file.name.endswith((".sql", ".toml", ".csv", ".tsv")):
                digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return f"{SCHEMA}.{digest.hexdigest()[:6]}"


def generations(store: Store) -> list[str]:
    """Return the file names of this program's generations, oldest first."""
    return sorted(n for n in _listed(store) if n.startswith(label() + "-"))


def all_generations(store: Store) -> list[str]:
    """Return the file names of every generation, of other versions too."""
    return sorted(_listed(store))


def next_name(store: Store) -> str:
    """Return a name for the next generation, after all others."""
    numbers = [int(m["number"]) for n in _listed(store) if (m := _NAME.fullmatch(n))]
    return f"{label()}-{max(numbers, default=0) + 1:08d}-{os.urandom(3).hex()}.duckdb"


def _listed(store: Store) -> list[str]:
    try:
        return [n for n in os.listdir(store.index_dir) if _NAME.fullmatch(n)]
    except FileNotFoundError:
        return []


def connect_index(path: Path) -> duckdb.DuckDBPyConnection:
    """Open an index read-only, the one way all of this process opens it.

    Raises:
        duckdb.Error: If it is no sound index.
    """
    import duckdb

    con = duckdb.connect(str(path), read_only=True, config=_INDEX_CONFIG)
    try:
        con.execute("SELECT value FROM meta WHERE key = 'label'").fetchall()
    except BaseException:
        con.close()
        raise
    return con


def newest(store: Store) -> tuple[str, duckdb.DuckDBPyConnection] | None:
    """Open the newest sound generation of this program; ``None`` if there is none."""
    import duckdb

    for name in reversed(generations(store)):
        try:
            return name, connect_index(store.index_dir / name)
        except (duckdb.Error, OSError):
            continue
    return None


def unsound(path: Path) -> str | None:
    """Return why the file is no index, or ``None``; one that another process has locked counts as sound."""
    import duckdb

    try:
        connect_index(path).close()
    except (duckdb.Error, OSError) as error:
        text = str(error).splitlines()[0] if str(error) else type(error).__name__
        return None if "Could not set lock" in text else text
    return None


def foreign_parts(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return macros and views in the place of tables: what no intermezzo puts into an index.

    A copy of an index that has some must not be gone on with where files can be read: its macros come before
    DuckDB's own functions.

    Args:
        con: A connection to the index.
    """
    macros = con.execute("SELECT function_name FROM duckdb_functions() WHERE NOT internal").fetchall()
    views = con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    return sorted({n for (n,) in macros} | ({n for (n,) in views} & _table_names()))


@cache
def _table_names() -> frozenset[str]:
    text = (resources.files("intermezzo.queries") / "store" / "schema.sql").read_text(encoding="utf-8")
    return frozenset(re.findall(r"^CREATE TABLE (\w+)", text, re.MULTILINE))
