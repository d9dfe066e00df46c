"""Which importer reads which file of a tree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
        ignored: Files that nobody claimed.
        refused: Importers that failed while looking, at the root.
    """

    bundles: tuple[Bundle, ...]
    ignored: tuple[str, ...]
    refused: tuple[Refused, ...] = ()


def claim(tree: Tree, mapping: Path | None = None, names: Sequence[str] = IMPORTERS) -> Claims:
    """Ask the importers in turn; a file claimed by one is not shown to the next.

    Args:
        tree: The files.
        mapping: Mapping file for the user's own tables, if one was named.
        names: The importers to ask.
    """
    bundles: list[Bundle] = []
    refused: list[Refused] = []
    claimed: set[str] = set()
    for name in names:
        try:
            for bundle in _found(name, tree, mapping):
                if str(bundle.main) not in claimed:
                    bundles.append(replace(bundle, importer=name))
                    claimed.update(str(path) for path in bundle.files)
        except Exception as error:
            refused.append(Refused(tree.root, failure(name, error)))
        tree = tree.without(claimed)
    bundles.sort(key=lambda bundle: bundle.main)
    return Claims(tuple(bundles), tuple(file.path for file in tree.files), tuple(refused))


def _found(name: str, tree: Tree, mapping: Path | None) -> Iterator[Bundle]:
    module = importer(name)
    told: dict[str, Any] = {"mapping": mapping} if mapping is not None and name == "long_table" else {}
    yield from (found for found in module.find(tree, **told) if not isinstance(found, Bulk))


def failure(name: str, error: Exception) -> str:
    """Return what to say of an importer that failed, which is a fault of its own and not the file's."""
    return f"the importer {name} failed on it ({type(error).__name__}): please report it"
