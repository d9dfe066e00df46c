"""Checking what a store holds against the checksums in its manifests."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from . import manifest
from .layout import Store, file_sha256
from .manifest import Damaged, Manifest


@dataclass(frozen=True, slots=True)
class Damage:
    """Something in a store that is not as it was written.

    Attributes:
        path: The folder or file, relative to the store.
        reason: What is wrong, a sentence fragment.
    """

    path: str
    reason: str


def read_folder(folder: Path, checksums: bool = True) -> Manifest:
    """Read a run folder's manifest and check the files that it lists.

    Args:
        folder: The run folder.
        checksums: Also hash the files and check every value's type; without, only sizes are looked at.

    Raises:
        Damaged: With the reason, if anything is not as it was written.
    """
    try:
        data = (folder / manifest.NAME).read_bytes()
    except FileNotFoundError:
        raise Damaged("it has no manifest.json") from None
    except OSError as error:
        raise Damaged(f"manifest.json cannot be read ({error.strerror})") from error
    found = manifest.load(data, folder.name, types=checksums)
    for name, entry in found.files.items():
        try:
            size = os.stat(folder / name).st_size
            if size != entry.size:
                raise Damaged(f"{name} has {size} bytes, not the {entry.size} that were written", name)
            if checksums and file_sha256(folder / name) != entry.sha256:
                raise Damaged(f"{name} was changed after it was written (its checksum is wrong)", name)
        except FileNotFoundError:
            raise Damaged(f"{name} is missing", name) from None
        except OSError as error:
            raise Damaged(f"{name} cannot be read ({error.strerror})", name) from error
    return found


def folder_damage(folder: Path) -> str | None:
    """Return why the run folder cannot be trusted, or ``None``."""
    try:
        read_folder(folder)
    except Damaged as error:
        return str(error)
    return None


def run_folders(store: Store) -> list[str]:
    """Return the names of the run folders, sorted."""
    try:
        with os.scandir(store.runs) as entries:
            return sorted(e.name for e in entries if manifest.valid_id(e.name) and e.is_dir())
    except FileNotFoundError:
        return []


def verify(store: Store) -> list[Damage]:
    """Check every run folder, text file and index against what was written; return what is damaged."""
    names = run_folders(store)
    with ThreadPoolExecutor(2) as pool:
        reasons = pool.map(folder_damage, (store.runs / n for n in names))
        return [Damage(f"runs/{n}", r) for n, r in zip(names, reasons, strict=True) if r is not None]
