"""Published figures that the project ships, with their sources (README.md beside this file)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from intermezzo.queries.errors import Problem

from .shipped_claims import FILES

if TYPE_CHECKING:
    from intermezzo.queries.records import Run

TABLES = ("xtreme_scores.csv", "lm_eval_v03_multilingual.csv")
"""The tables; each has its mapping file beside it."""

SYSTEMS = "systems.toml"
"""What the systems of the tables are."""


_PLACE = "intermezzo/engine/published/"


def folder() -> Path:
    """Return the folder of the tables, their mappings and their ``systems.toml``."""
    return Path(str(files(__package__)))


def content_hash() -> str:
    """Return a hash of all that is shipped: it changes whenever a figure, a system or a claim does."""
    digest = hashlib.sha256()
    for name in sorted((*TABLES, *(mapping_of(table) for table in TABLES), SYSTEMS, *FILES)):
        data = (folder() / name).read_bytes()
        digest.update(f"{name}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()


def mapping_of(table: str) -> str:
    """Return the name of a table's mapping file."""
    return table.removesuffix(".csv") + ".mapping.toml"


def published_runs() -> list[Run]:
    """Return the runs of all tables, by the importer of long tables.

    Raises:
        Problem: A table or a row of it was refused: the installation is damaged.
    """
    from intermezzo.engine.importers import long_table
    from intermezzo.engine.importing.draft import Bundle, Draft, Refused, Waiting

    runs = []
    for table in TABLES:
        told = folder() / mapping_of(table)
        context = {"mapping": str(told), "root": str(folder())}
        for outcome in long_table.read(Bundle(long_table.NAME, folder() / table, (told,), context)):
            if isinstance(outcome, Draft):
                # one name wherever the program is installed, so that newer figures replace older ones
                sources = tuple(replace(s, path=_PLACE + Path(s.path).name) for s in outcome.run.sources)
                runs.append(replace(outcome.run, sources=sources))
            elif isinstance(outcome, Refused | Waiting):
                raise Problem(
                    f"The published figures that came with this program cannot be read ({outcome.path}: "
                    f"{outcome.reason}): install intermezzo anew."
                )
    return runs
