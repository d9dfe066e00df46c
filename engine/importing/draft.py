"""What importers hand to the pipeline: bundles of files found, and what came of reading them.

An importer is a module with ``NAME``, ``VERSION``, ``find(tree)`` and ``read(bundle)`` (see ``Importer``).
``find`` claims files by name and then by their first bytes; ``read`` yields outcomes and raises nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from intermezzo.queries.records import Items, Run

if TYPE_CHECKING:
    from intermezzo.queries.store.frames import ItemFiles

    from .sheet import Sheet
    from .tree import File, Tree


@dataclass(frozen=True, slots=True)
class Bundle:
    """Files that belong together and are read in one go.

    Attributes:
        importer: Name of the importer that claimed them.
        main: The file that makes the bundle; no two bundles share it.
        companions: Files read with it (samples, labels); they may serve several bundles.
        context: What the importer wants to remember between ``find`` and ``read``. ``root``, the imported
            root, is always added by the pipeline.
    """

    importer: str
    main: Path
    companions: tuple[Path, ...] = ()
    context: dict[str, Any] = field(default_factory=dict)

    @property
    def files(self) -> tuple[Path, ...]:
        """All files of the bundle, the main one first."""
        return (self.main, *self.companions)


@dataclass(frozen=True, slots=True)
class Bulk:
    """Many small files of one importer, each of which is read by itself, by columns (``BulkImporter``).

    Attributes:
        importer: Name of the importer that claimed them.
        files: The files, as the tree lists them.
        companions: Files that say more about them and give no runs of their own.
    """

    importer: str
    files: tuple[File, ...]
    companions: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A run read from a bundle, with its per-item outputs if there are any.

    Attributes:
        run: The run; ``run_id`` may be empty.
        items: Its items; as files where another process has read them.
    """

    run: Run
    items: Items | ItemFiles | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A file, or one key of it, that was not taken.

    Attributes:
        path: The file.
        reason: Why, as a sentence without the path.
        key: Where in the file (``results.xnli_fr.acc,none``, ``line 17``); ``None``: the whole file.
    """

    path: Path
    reason: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Guessed:
    """Something that the files do not say and the importer had to infer.

    Attributes:
        path: The file.
        sentence: What was taken to be so, and from what.
    """

    path: Path
    sentence: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that seems to be written right now: no refusal, tried again next time.

    Attributes:
        path: The file.
        reason: Why it seems so.
    """

    path: Path
    reason: str


Outcome = Draft | Refused | Guessed | Waiting
"""What reading a bundle yields."""


class Importer(Protocol):
    """The face of an importer module."""

    NAME: str
    VERSION: int

    def find(self, tree: Tree) -> Iterable[Bundle | Bulk]:
        """Claim the files of ``tree`` that this importer reads, without being told."""
        ...

    def read(self, bundle: Bundle) -> Iterable[Outcome]:
        """Read a bundle; a bad key is refused by name and the rest is read."""
        ...


class BulkImporter(Importer, Protocol):
    """The face of an importer that also reads files into a sheet, in another process if need be."""

    def read_into(self, sheet: Sheet, path: str, root: str) -> Iterable[Outcome]:
        """Read a file, found under ``root``, into a sheet; yields remarks, never a ``Draft``."""
        ...
