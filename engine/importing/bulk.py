"""Reading many small files: in packs, by several processes, while this one writes what they have read."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from intermezzo.engine.importers import importer
from intermezzo.queries.store.known import KnownSource
from intermezzo.queries.store.layout import storable
from intermezzo.queries.store.packs import write_pack
from intermezzo.queries.store.writer import FileStatus

from .draft import Bulk, Guessed, Refused, Waiting
from .reading import hash_file
from .report import Remark
from .tally import Meter, Tally
from .team import Office
from .tree import File
from .worker import Answer, Chunk, read_chunk

ALONE = 300
"""So few files are read in this process: starting others would take longer."""

CHUNK_FILES = 600
CHUNK_BYTES = 24 * 2**20
"""Files are read in chunks of so many files or bytes: memory stays bounded, and what a crash loses."""

_Earlier = dict[str, dict[str, list[str]]]
Earlier = Callable[[], _Earlier]
"""How to get at the runs that files gave before (``store.earlier``): asked only where a file has changed."""


class BulkWork(NamedTuple):
    """A bulk to read, for one of the roots.

    Attributes:
        root: The root.
        bulk: The files.
        remarks: What the last import of the root said of files, by path.
    """

    root: str
    bulk: Bulk
    remarks: dict[str, list[FileStatus]]


def go_through_bulk(
    work: BulkWork,
    known: dict[str, KnownSource],
    earlier: Earlier,
    present: set[str],
    tally: Tally,
    office: Office,
    meter: Meter,
    should_stop: Callable[[], bool] | None,
) -> bool:
    """Read a bulk into the store; say whether it came to the end.

    Args:
        work: The files.
        known: What the store holds (``store.known``).
        earlier: The runs that files gave before.
        present: All runs of the store; what is written is added.
        tally: Where the outcome goes.
        office: Where processes are hired.
        meter: Told after every chunk.
        should_stop: Asked before every chunk.
    """
    version = importer(work.bulk.importer).VERSION
    fresh: list[File] = []
    for file in work.bulk.files:
        key = storable(file.path)
        if _is_unchanged(file, known.get(key), version):
            tally.unchanged += 1
            _carry_over(work, key, tally)
        else:
            fresh.append(file)
    meter.step(len(work.bulk.files) - len(fresh), 0, work.root)
    _count_companions(work.bulk, fresh, tally)
    old = earlier() if any(storable(file.path) in known for file in fresh) else {}
    sizes = {file.path: file.size for file in fresh}
    waiting: list[str] = []
    with closing(_answers(_chunks(work, fresh, old), len(fresh), tally, office)) as answers:
        for chunk, answer in answers:
            waiting += [os.fspath(r.path) for r in answer.remarks if isinstance(r, Waiting)]
            _take(work, answer, present, tally, again=False)
            meter.step(len(chunk.paths), sum(map(sizes.__getitem__, chunk.paths)), chunk.paths[-1])
            if should_stop is not None and should_stop():
                return False
    if waiting:
        chunk = Chunk(work.bulk.importer, work.root, tuple(waiting), old)
        _take(work, read_chunk(chunk, {}), present, tally, again=True)
    return True


def _is_unchanged(file: File, was: KnownSource | None, version: int) -> bool:
    if was is None or was.importer_version != version or was.size != file.size:
        return False
    if was.mtime_ns == file.mtime_ns:
        return True
    try:
        return hash_file(Path(file.path)) == was.sha256
    except OSError:
        return False


def _carry_over(work: BulkWork, key: str, tally: Tally) -> None:
    """Repeat what the last import refused of an unchanged file."""
    for status in work.remarks.get(key, ()):
        if status.status == "refused":
            tally.refused.append(Remark(status.path, status.reason))
            tally.statuses.setdefault(work.root, []).append(status)


def _count_companions(bulk: Bulk, fresh: Sequence[File], tally: Tally) -> None:
    """Count a companion as read where a file of its folder is."""
    folders = {file.folder for file in fresh}
    read = sum(1 for file in bulk.companions if file.folder in folders)
    tally.read += read
    tally.unchanged += len(bulk.companions) - read


def _chunks(
    work: BulkWork, files: Sequence[File], earlier: dict[str, dict[str, list[str]]]
) -> Iterator[Chunk]:
    paths: list[str] = []
    size = 0
    for i, file in enumerate(files):
        paths.append(file.path)
        size += file.size
        if len(paths) >= CHUNK_FILES or size >= CHUNK_BYTES or i == len(files) - 1:
            old = {key: earlier[key] for key in map(storable, paths) if key in earlier} if earlier else {}
            yield Chunk(work.bulk.importer, work.root, tuple(paths), old)
            paths, size = [], 0


def _answers(
    chunks: Iterable[Chunk], files: int, tally: Tally, office: Office
) -> Generator[tuple[Chunk, Answer], None, None]:
    """Yield the chunks in order, each with what reading it came to."""
    if files <= ALONE:
        memo: dict[Any, Any] = {}
        yield from ((chunk, read_chunk(chunk, memo)) for chunk in chunks)
        return
    team = office.team()
    try:
        yield from team.answers(chunks)
    finally:
        team.close()
        tally.notes.extend(team.complaints())


def _take(work: BulkWork, answer: Answer, present: set[str], tally: Tally, *, again: bool) -> None:
    """Write what was read, and keep what was said; who waits is told so only when asked ``again``."""
    tally.read += len(answer.read)
    tally.present += answer.doubles
    for remark in answer.remarks:
        if isinstance(remark, Guessed):
            tally.guessed.append(Remark(os.path.abspath(remark.path), remark.sentence))
        elif again or isinstance(remark, Refused):
            tally.remark(work.root, work.bulk.importer, remark)
    for pack in answer.packs:
        written, scores = write_pack(tally.store, pack, present)
        tally.ahead.landed(written.folders, written.told)
        tally.added += len(written.added)
        tally.present += len(written.unchanged)
        tally.scores += scores
