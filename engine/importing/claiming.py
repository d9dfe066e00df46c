"""Which importer reads which file of a tree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from intermezzo.engine.importers import IMPORTERS, importer

from .draft import Bulk, Bundle, Refused
from .tree import Tree


@dataclass(frozen=True, slots=True)
class Claims:
    """What importers claimed of a tree.

    Attributes:
        bundles: What is to be read, in the order of main files.
        bulks: What is to be read many files at a time.
        ignored: Files that nobody claimed.
        refused: Importers that failed while looking, at the root.
    """

    bundles: tuple[Bundle, ...]
    ignored: tuple[str, ...]
    refused: tuple[Refused, ...] = ()
    bulks: tuple[Bulk, ...] = ()


def claim(tree: Tree, mapping: Path | None = None, names: Sequence[str] = IMPORTERS) -> Claims:
    """Ask the importers in turn; a file claimed by one is not shown to the next.

    Args:
        tree: The files.
        mapping: Mapping file for the user's own tables, if one was named.
        names: The importers to ask.
    """
    bundles: list[Bundle] = []
    bulks: list[Bulk] = []
    refused: list[Refused] = []
    claimed: set[str] = set()
    for name in names:
        try:
            for found in _found(name, tree, mapping):
                if isinstance(found, Bulk):
                    bulks.append(replace(found, importer=name))
                    claimed.update(file.path for file in (*found.files, *found.companions))
                elif str(found.main) not in claimed:
                    bundles.append(replace(found, importer=name))
                    claimed.update(str(path) for path in found.files)
        except Exception as error:
            refused.append(Refused(tree.root, failure(name, error)))
        tree = tree.without(claimed)
    bundles.sort(key=lambda bundle: bundle.main)
    return Claims(tuple(bundles), tuple(file.path for file in tree.files), tuple(refused), tuple(bulks))


def _found(name: str, tree: Tree, mapping: Path | None) -> Iterable[Bundle | Bulk]:
    module = importer(name)
    told: dict[str, Any] = {"mapping": mapping} if mapping is not None and name == "long_table" else {}
    return module.find(tree, **told)


def failure(name: str, error: Exception) -> str:
    """Return what to say of an importer that failed, which is a fault of its own and not the file's."""
    return f"the importer {name} failed on it ({type(error).__name__}): please report it"
