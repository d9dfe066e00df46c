"""A listing of the files under a root: one walk, shared by all importers."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules"})
"""Folders that hold no results; hidden ones are skipped as well."""

HEAD = 512
"""Bytes at the start of a file that are read at once, whoever asks for fewer."""

HEADS_KEPT = 64 * 2**20
"""Bytes of file heads that a tree remembers, so that importers share one read of each file."""


class File(NamedTuple):
    """One file of a tree.

    Attributes:
        path: Full path, as a string (``Path`` objects for 100,000 files cost more than the walk).
        size: Bytes.
        mtime_ns: Modification time, nanoseconds.
    """

    path: str
    size: int
    mtime_ns: int

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """The path without its last part."""
        return self.path.rpartition("/")[0]


@dataclass(frozen=True)
class Tree:
    """The files under a root, sorted by path.

    Attributes:
        root: The folder, or the single file, that was listed; absolute, not resolved.
        files: Its files.
        unreadable: Folders and files that could not be listed: ``(path, why)``.
    """

    root: Path
    files: tuple[File, ...]
    unreadable: tuple[tuple[str, str], ...] = ()
    _heads: dict[str, tuple[int, bytes]] = field(default_factory=dict, repr=False, compare=False)
    _kept: list[int] = field(default_factory=lambda: [0], repr=False, compare=False)

    @cached_property
    def folders(self) -> dict[str, list[File]]:
        """The files by folder (full path), each list sorted by name."""
        by_folder: dict[str, list[File]] = {}
        for file in self.files:
            by_folder.setdefault(file.folder, []).append(file)
        return by_folder

    def head(self, path: str | os.PathLike[str], n: int = 4096) -> bytes:
        """Return the first ``n`` bytes of a file, read once; empty where it cannot be read."""
        name = os.fspath(path)
        asked, found = self._heads.get(name, (0, b""))
        if asked < n:
            asked = max(n, HEAD)
            try:
                handle = os.open(name, os.O_RDONLY)
                try:
                    found = os.read(handle, asked)
                finally:
                    os.close(handle)
            except OSError:
                found = b""
            if self._kept[0] > HEADS_KEPT:
                self._heads.clear()
                self._kept[0] = 0
            self._heads[name] = asked, found
            self._kept[0] += len(found)
        return found[:n]

    def without(self, paths: Collection[str]) -> Tree:
        """Return the tree without some files: those that another importer has claimed."""
        if not paths:
            return self
        left = tuple(file for file in self.files if file.path not in paths)
        return replace(self, files=left)

    def relative(self, path: str | os.PathLike[str]) -> str:
        """Return a file's path relative to the root, ``/``-separated: what path patterns match.

        For a root that is a file, its name with the name of its folder.
        """
        return relative_to(self.root, path)


def relative_to(root: Path, path: str | os.PathLike[str]) -> str:
    """Return ``path`` relative to ``root`` as ``Tree.relative`` does, without a tree."""
    full, base = os.fspath(path), os.fspath(root)
    if full == base:
        return "/".join(full.split("/")[-2:]).lstrip("/")
    base = base.rstrip("/") + "/"
    return full[len(base) :] if full.startswith(base) else full


def list_tree(root: str | os.PathLike[str]) -> Tree:
    """List the files under ``root`` (a folder, or a single file), without following links in circles.

    Hidden files and folders, ``__pycache__`` and folders that are an intermezzo store are left out.
    What cannot be listed is named in ``unreadable``; nothing is raised.
    """
    base = Path(os.path.abspath(root))
    files: list[File] = []
    unreadable: list[tuple[str, str]] = []
    try:
        status = os.stat(base)
    except (OSError, ValueError) as error:
        return Tree(base, (), ((str(base), _why(error)),))
    if not os.path.isdir(base):
        if not os.path.isfile(base):
            return Tree(base, (), ((str(base), "it is neither a file nor a folder"),))
        return Tree(base, (File(str(base), status.st_size, status.st_mtime_ns),))
    seen: set[tuple[int, int]] = {(status.st_dev, status.st_ino)}
    pending = [str(base)]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(folder) as listing:
                entries = list(listing)
        except OSError as error:
            unreadable.append((folder, _why(error)))
            continue
        if is_store(entries):
            continue
        for entry in visible(entries):
            try:
                if entry.is_dir():
                    inside = entry.stat()
                    if (inside.st_dev, inside.st_ino) not in seen:
                        seen.add((inside.st_dev, inside.st_ino))
                        pending.append(entry.path)
                elif entry.is_file():
                    info = entry.stat()
                    files.append(File(entry.path, info.st_size, info.st_mtime_ns))
                elif entry.is_symlink():
                    unreadable.append((entry.path, "it is a link to nothing"))
            except OSError as error:
                unreadable.append((entry.path, _why(error)))
    files.sort()
    return Tree(base, tuple(files), tuple(sorted(unreadable)))


def list_beside(file: str | os.PathLike[str]) -> Tree:
    """List a single file with those beside it that may belong to it: samples and mappings."""
    tree = list_tree(file)
    if not tree.files:
        return tree
    found = list(tree.files)
    try:
        with os.scandir(tree.root.parent) as entries:
            for entry in entries:
                if (
                    entry.name.endswith((".jsonl", ".toml"))
                    and entry.name != tree.root.name
                    and entry.is_file()
                ):
                    info = entry.stat()
                    found.append(File(entry.path, info.st_size, info.st_mtime_ns))
    except OSError as error:
        return replace(tree, unreadable=((str(tree.root.parent), _why(error)),))
    return replace(tree, files=tuple(sorted(found)))


def visible(entries: list[os.DirEntry[str]]) -> Iterator[os.DirEntry[str]]:
    """Return those entries of a folder that may be results or hold some."""
    for entry in entries:
        if not entry.name.startswith(".") and entry.name not in SKIPPED_FOLDERS:
            yield entry


def is_store(entries: list[os.DirEntry[str]]) -> bool:
    """Say whether a folder with these entries is an intermezzo store."""
    names = {entry.name for entry in entries}
    return "VERSION" in names and "runs" in names


def _why(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return "no permission to read it"
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder"
    return getattr(error, "strerror", None) or "it cannot be opened"
