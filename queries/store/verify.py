"""Checking what a store holds against the checksums in its manifests."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from intermezzo.queries.plain_files import open_plain, read_plain

from . import generations, manifest
from .frames import texts_name
from .hidden import record_damage, record_names
from .layout import Store, file_sha256, pattern
from .manifest import Damaged, FileEntry, Manifest
from .records_kept import read_records


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
        data = read_plain(folder / manifest.NAME, manifest.LARGEST)
    except FileNotFoundError:
        raise Damaged("it has no manifest.json") from None
    except OSError as error:
        raise Damaged(f"manifest.json cannot be read ({error.strerror})") from error
    found = manifest.load(data, folder.name, types=checksums)
    for name, entry in found.files.items():
        try:
            status = os.lstat(folder / name)
            if not stat.S_ISREG(status.st_mode):
                raise Damaged(f"{name} is a link or no ordinary file: a store has none", name)
            if status.st_size != entry.size:
                raise Damaged(
                    f"{name} has {status.st_size} bytes, not the {entry.size} that were written", name
                )
            if checksums and file_sha256(folder / name) != entry.sha256:
                raise Damaged(f"{name} was changed after it was written (its checksum is wrong)", name)
        except FileNotFoundError:
            raise Damaged(f"{name} is missing", name) from None
        except OSError as error:
            raise Damaged(f"{name} cannot be read ({error.strerror})", name) from error
    return found


def is_as_written(folder: Path, files: Mapping[str, FileEntry]) -> bool:
    """Say whether files of a run folder still are what whoever wrote them knows them to be."""
    try:
        return all(
            os.stat(folder / name).st_size == entry.size and file_sha256(folder / name) == entry.sha256
            for name, entry in files.items()
        )
    except OSError:
        return False


def folder_damage(folder: Path) -> str | None:
    """Return why the run folder cannot be trusted, or ``None``."""
    try:
        read_folder(folder)
    except Damaged as error:
        return str(error)
    return None


def _texts_needed(folder: Path) -> set[str] | Damaged:
    """Return the texts that a folder's runs name, or why the folder cannot be trusted."""
    try:
        return {name for run in read_folder(folder).runs if (name := run["items"].get("texts"))}
    except Damaged as error:
        return error


def run_folders(store: Store) -> list[str]:
    """Return the names of the run folders, sorted."""
    try:
        with os.scandir(store.runs) as entries:
            return sorted(e.name for e in entries if manifest.valid_id(e.name) and e.is_dir())
    except FileNotFoundError:
        return []


def verify(store: Store) -> list[Damage]:
    """Check every run folder, text file, record and index against what was written.

    Records are those of hidden runs, claims and verifications.

    Nothing is changed. A rebuild of the index leaves damaged run folders out; importing their sources again
    puts whole ones in their place.

    Returns:
        What is damaged, by path.
    """
    names = run_folders(store)
    texts = sorted(p for p in store.texts.glob("*.parquet")) if store.texts.is_dir() else []
    damage: list[Damage] = []
    needed: dict[str, int] = {}
    with ThreadPoolExecutor(2) as pool:
        for name, found in zip(names, pool.map(_texts_needed, (store.runs / n for n in names)), strict=True):
            if isinstance(found, Damaged):
                damage.append(Damage(f"runs/{name}", str(found)))
            else:
                for text in found:
                    needed[text] = needed.get(text, 0) + 1
    for text in sorted(needed.keys() - {path.stem for path in texts}):
        runs = "a run needs it" if needed[text] == 1 else f"{needed[text]:,} runs need it"
        damage.append(Damage(f"texts/{text}.parquet", f"it is missing, and {runs}: import or merge it again"))
    for path in texts:
        reason = texts_damage(path)
        if reason is not None:
            damage.append(Damage(f"texts/{path.name}", reason))
    for name in record_names(store):
        reason = record_damage(store.hidden / name)
        if reason is not None:
            damage.append(Damage(f"hidden/{name}", reason))
    for folder in (store.claims, store.verifications):
        for name, reason in read_records(folder)[1].items():
            damage.append(Damage(f"{folder.name}/{name}", reason))
    for generation in generations.generations(store):
        reason = _index_damage(store.index_dir / generation)
        if reason is not None:
            damage.append(Damage(f"index/{generation}", reason))
    return damage


def texts_damage(path: Path) -> str | None:
    """Return why a file of item texts cannot be trusted, or ``None``."""
    import duckdb

    try:
        with open_plain(path):
            pass
        with duckdb.connect(config=generations.CONFIG) as con:
            rows = con.execute(
                "SELECT text_sha, text FROM read_parquet($path)", {"path": pattern(path)}
            ).fetchall()
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
    except duckdb.Error as error:
        return f"it cannot be read ({first_line(error)})"
    if any(not isinstance(value, str) for row in rows for value in row):
        return "it is no file of texts"
    if texts_name(sorted(sha for sha, _ in rows)) != path.stem:
        return "it holds other texts than its name says"
    for sha, text in rows:
        # Whoever made the items may have kept a part of the hash only.
        if not hashlib.sha256(text.encode()).hexdigest().startswith(sha):
            return f"the text {sha} was changed after it was written"
    return None


def _index_damage(path: Path) -> str | None:
    import duckdb

    try:
        with generations.connect_index(path) as con:
            tables = con.execute("SELECT table_name FROM duckdb_tables() WHERE NOT internal").fetchall()
            for (table,) in tables:
                # Every value is read, so that every block's checksum is looked at.
                con.execute(f'SELECT sum(hash(t)) FROM "{table}" t').fetchall()
    except (duckdb.Error, OSError) as error:
        return f"it is damaged ({first_line(error)}); it can be rebuilt from the runs"
    return None


def first_line(error: BaseException) -> str:
    """Return the first line of an error's text."""
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__
