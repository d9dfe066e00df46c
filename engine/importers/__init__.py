"""Importers, one file a format: which there are, in the order in which they may claim files."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from intermezzo.engine.importing.draft import Importer

IMPORTERS: tuple[str, ...] = (
    "mteb",
    "lm_eval",
    "lm_eval_v03",
    "xtreme",
    "xtreme_scores",
    "euroeval",
    "every_eval_ever",
    "explainaboard",
    "inspect_log",
    "jiant",
    "trainer",
    "conll",
    "long_table",
)
"""Module names of the importers; a file claimed by two goes to the first.

MTEB's trees are the largest and tell by their folders what they are: the others need not look into each file.
"""


@cache
def importer(name: str) -> Importer:
    """Return the importer module of that name, loaded when first asked for.

    Raises:
        KeyError: There is none of that name.
    """
    if name not in IMPORTERS:
        raise KeyError(name)
    return cast("Importer", import_module(f"{__name__}.{name}"))
