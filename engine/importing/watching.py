"""Looking for what is new or changed in a folder of results, again and again, at little cost.

A folder is looked at anew only when its own time changed (something was added, renamed or removed); files are
looked at for changes in place, those that changed lately each time, the others a few thousand a look in turn.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .tree import is_store, visible

STATS_A_LOOK = 4000
"""Most files, and most folders, that are looked at in turn in one look."""

LATELY = 600.0
"""Seconds for which a file that changed is looked at each time."""

GRAIN_NS = 2 * 10**9
"""A folder that changed so shortly before it was listed may change again without its time telling."""

Stamp = tuple[int, int]
"""Size and modification time of a file."""


@dataclass(slots=True)
class _Folder:
    time: int
    listed: int
    """When it was listed, by the wall clock, nanoseconds."""
    inode: tuple[int, int]
    files: dict[str, Stamp] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)


class Watched:
    """The files below a folder (or a single file), as they were when last looked at.

    Args:
        root: The folder.
        clock: Tells seconds.

    Attributes:
        growing: Files that changed since the look before: they may still be being written.
    """

    def __init__(self, root: str | os.PathLike[str], clock: Callable[[], float] = time.monotonic) -> None:
        self.root = os.path.abspath(root)
        self.growing: frozenset[str] = frozenset()
        self._clock = clock
        self._folders: dict[str, _Folder] = {}
        self._inodes: dict[tuple[int, int], str] = {}
        self._lately: dict[str, float] = {}
        self._folders_left: deque[str] = deque()
        self._files_left: deque[str] = deque()

    def look(self) -> frozenset[str]:
        """Look once; return the files that are new or changed, and are as they were at the look before.

        The first look returns all files: whoever begins to watch does not know what happened before.

        Raises:
            OSError: The folder itself cannot be read.
        """
        os.stat(self.root)  # what is gone or not allowed is said, not taken for empty
        first = not self._folders
        changed: set[str] = set()
        if not os.path.isdir(self.root):
            folder = self._folders.setdefault("", _Folder(0, 0, (0, 0)))
            self._look_at(self.root, folder, changed)
        elif first:
            self._list(self.root, changed)
        else:
            self._look_at_folders(changed)
            self._look_at_files(changed)
        ready = changed if first else {path for path in self.growing - changed if self._stamp(path)}
        self.growing = frozenset() if first else frozenset(changed)
        self._keep_lately(changed, first)
        return frozenset(ready)

    def _keep_lately(self, changed: Iterable[str], first: bool) -> None:
        now = self._clock()
        if first:  # at first only the times of the files tell
            since = time.time_ns() - LATELY * 10**9
            changed = (path for path in changed if (self._stamp(path) or (0, 0))[1] > since)
        self._lately |= dict.fromkeys(changed, now)
        kept = sorted(self._lately.items(), key=lambda item: -item[1])[:STATS_A_LOOK]
        self._lately = {path: since for path, since in kept if now - since < LATELY and self._stamp(path)}

    def _stamp(self, path: str) -> Stamp | None:
        folder = self._folders.get(os.path.dirname(path)) or self._folders.get("")
        return folder.files.get(path) if folder is not None else None

    def _look_at_folders(self, changed: set[str]) -> None:
        near = {os.path.dirname(path) for path in self._lately} | {self.root}
        for path in [*near, *_some(self._folders_left, self._folders)]:
            known = self._folders.get(path)
            if known is None:
                continue
            try:
                now = os.stat(path).st_mtime_ns
            except OSError:
                self._forget(path)
                continue
            if now != known.time or known.listed - known.time < GRAIN_NS:
                self._list(path, changed)

    def _list(self, top: str, changed: set[str]) -> None:
        """List a folder, and those below it that are not known yet."""
        pending = [top]
        while pending:
            path = pending.pop()
            begun = time.time_ns()
            try:
                status = os.stat(path)
                with os.scandir(path) as listing:
                    entries = list(listing)
            except OSError:
                self._forget(path)
                continue
            inode = (status.st_dev, status.st_ino)
            if self._inodes.setdefault(inode, path) != path:
                continue  # a link to a folder that is listed already
            before, now = self._folders.get(path), _Folder(status.st_mtime_ns, begun, inode)
            if not is_store(entries):
                _sort_out(entries, now)
            pending += [folder for folder in now.folders if folder not in self._folders]
            old = before.files if before is not None else {}
            changed.update(name for name, stamp in now.files.items() if old.get(name) != stamp)
            self._folders[path] = now
            for gone in (before.folders if before is not None else set()) - now.folders:
                self._forget(gone)

    def _forget(self, top: str) -> None:
        pending = [top]
        while pending:
            known = self._folders.pop(pending.pop(), None)
            if known is not None:
                self._inodes.pop(known.inode, None)
                pending += known.folders

    def _look_at_files(self, changed: set[str]) -> None:
        looked = 0
        for path in self._lately:
            folder = self._folders.get(os.path.dirname(path))
            if folder is not None and path in folder.files:
                self._look_at(path, folder, changed)
        for name in _some(self._files_left, self._folders):
            folder = self._folders.get(name)
            if folder is None:
                continue
            if looked > STATS_A_LOOK:
                self._files_left.appendleft(name)  # next time
                continue
            looked += len(folder.files)
            for path in list(folder.files):
                self._look_at(path, folder, changed)

    def _look_at(self, path: str, folder: _Folder, changed: set[str]) -> None:
        try:
            info = os.stat(path)
        except OSError:
            folder.files.pop(path, None)
            return
        stamp = (info.st_size, info.st_mtime_ns)
        if folder.files.get(path) != stamp:
            folder.files[path] = stamp
            changed.add(path)


def _some(left: deque[str], every: Iterable[str]) -> list[str]:
    """Take the next few of what is left of a round; a round that has ended begins anew."""
    if not left:
        left.extend(every)
    return [left.popleft() for _ in range(min(STATS_A_LOOK, len(left)))]


def _sort_out(entries: list[os.DirEntry[str]], now: _Folder) -> None:
    for entry in visible(entries):
        try:
            if entry.is_dir():
                now.folders.add(entry.path)
            elif entry.is_file():
                info = entry.stat()
                now.files[entry.path] = (info.st_size, info.st_mtime_ns)
        except OSError:
            continue  # gone meanwhile
