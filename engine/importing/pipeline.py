"""Importing: from files and folders to runs in a store, incrementally and in batches."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from intermezzo.engine.importers import importer
from intermezzo.queries.errors import Problem
from intermezzo.queries.records import Items, Run, identified
from intermezzo.queries.store.earlier import earlier_runs
from intermezzo.queries.store.known import KnownSource, known_sources
from intermezzo.queries.store.layout import Store, storable
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.writer import FileStatus, write_import_report, write_runs

from .claiming import claim, failure
from .draft import Bundle, Draft, Guessed, Outcome, Refused, Waiting
from .earlier_report import said_before
from .reading import hash_file
from .report import Remark, Report
from .tree import Tree, list_beside, list_tree

Progress = Callable[[int, int, int, str], None]
"""Called with files done, files in all, bytes done, current path."""

BATCH_RUNS = 2000
BATCH_ITEMS = 400_000
"""A batch is written when it has this many runs or rows of items: memory stays bounded."""

LARGE = 2**20
READERS = 2
AHEAD = 3
"""Bundles above ``LARGE`` bytes are read ahead by so many threads, no further than so many bundles."""


def import_paths(
    store: Store,
    paths: Iterable[str | os.PathLike[str]],
    *,
    progress: Progress | None = None,
    mapping: str | os.PathLike[str] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Report:
    """Import everything recognised under ``paths`` into a store, and publish.

    Files that the store holds already (same size and time, or same content) are not read again. One bad file
    or key never stops the rest. Stopped, by ``should_stop`` or the keyboard, it keeps what is read so far.

    Args:
        store: Where to.
        paths: Files and folders.
        progress: Told after every bundle of files.
        mapping: Mapping file for the user's own tables.
        should_stop: Asked before every bundle.

    Raises:
        Problem: If the store cannot be written.
    """
    tally = _Tally(store)
    told = Path(os.path.abspath(mapping)) if mapping is not None else None
    known = known_sources(store)
    earlier = earlier_runs(store) if known else {}
    roots = [_listed(path) for path in paths]
    work: list[_Work] = []
    seen: set[Path] = set()
    for tree in roots:
        plan = _plan(store, tree, told, tally)
        work.extend(one for one in plan if one.bundle.main not in seen)
        seen.update(one.bundle.main for one in plan)
    meter = _Meter(progress, sum(len(one.bundle.files) for one in work))
    stopped = False
    try:
        stopped = not _go_through(work, known, earlier, tally, meter, should_stop)
    except KeyboardInterrupt:
        stopped = True
    tally.flush()
    for tree in roots:
        statuses = tally.statuses.get(str(tree.root), [])
        if statuses != said_before(store, str(tree.root)):
            write_import_report(store, str(tree.root), statuses)
    published = publish(store, wait=True)
    return tally.report(stopped, published.generation if published.changed else None, published.notes)


class _Work(NamedTuple):
    """A bundle to read, for one of the roots."""

    root: str
    bundle: Bundle
    remarks: dict[str, list[FileStatus]]
    """What the last import of the root said of files, by path."""


@dataclass(slots=True)
class _Meter:
    progress: Progress | None
    total: int
    done: int = 0
    size: int = 0

    def add(self, bundle: Bundle) -> None:
        self.done += len(bundle.files)
        self.size += sum(stamp[0] for stamp in _stamps(bundle).values() if stamp)
        if self.progress is not None:
            self.progress(self.done, self.total, self.size, str(bundle.main))


@dataclass(slots=True)
class _Tally:
    """What an import has come to so far, and the batch in hand."""

    store: Store
    batch: list[tuple[Run, Items | None]] = field(default_factory=list)
    rows: int = 0
    read: int = 0
    unchanged: int = 0
    guessed: list[Remark] = field(default_factory=list)
    refused: list[Remark] = field(default_factory=list)
    waiting: list[Remark] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    added: int = 0
    present: int = 0
    scores: int = 0
    items: int = 0
    statuses: dict[str, list[FileStatus]] = field(default_factory=dict)

    def remark(self, root: str, bundle: Bundle | None, outcome: Refused | Waiting) -> None:
        """Keep a refusal or a wait, for the report and for the store."""
        path = storable(os.path.abspath(outcome.path))
        reason = outcome.reason
        if isinstance(outcome, Refused) and outcome.key:
            reason = f"{outcome.key}: {reason}"
        (self.refused if isinstance(outcome, Refused) else self.waiting).append(Remark(path, reason))
        stamp = _stamp(path)
        self.statuses.setdefault(root, []).append(
            FileStatus(
                path=path,
                status="refused" if isinstance(outcome, Refused) else "waiting",
                reason=reason,
                importer=bundle.importer if bundle else None,
                importer_version=importer(bundle.importer).VERSION if bundle else None,
                size=stamp[0] if stamp else None,
                mtime_ns=stamp[1] if stamp else None,
            )
        )

    def put(self, drafts: Sequence[Draft]) -> None:
        """Add the runs of a bundle to the batch; they are written in one call, as the store asks for."""
        self.batch.extend((draft.run, draft.items) for draft in drafts)
        self.rows += sum(len(draft.items) for draft in drafts if draft.items is not None)
        if len(self.batch) >= BATCH_RUNS or self.rows >= BATCH_ITEMS:
            self.flush()

    def flush(self) -> None:
        """Write the batch in hand."""
        if not self.batch:
            return
        written = write_runs(self.store, self.batch)
        fresh = set(written.added)
        for run, items in self.batch:
            if run.run_id in fresh:
                self.scores += len(run.scores)
                self.items += len(items) if items is not None else 0
        self.added += len(written.added)
        self.present += len(written.unchanged)
        self.batch = []
        self.rows = 0

    def report(self, stopped: bool, generation: str | None, notes: tuple[str, ...]) -> Report:
        """Return what it came to."""
        return Report(
            files_read=self.read,
            files_unchanged=self.unchanged,
            files_guessed=tuple(dict.fromkeys(self.guessed)),
            files_refused=tuple(dict.fromkeys(self.refused)),
            files_waiting=tuple(dict.fromkeys(self.waiting)),
            files_ignored=tuple(dict.fromkeys(self.ignored)),
            runs_added=self.added,
            runs_unchanged=self.present,
            scores=self.scores,
            items=self.items,
            stopped=stopped,
            generation=generation,
            notes=notes,
        )


def _listed(path: str | os.PathLike[str]) -> Tree:
    return list_beside(path) if os.path.isfile(path) else list_tree(path)


def _plan(store: Store, tree: Tree, mapping: Path | None, tally: _Tally) -> list[_Work]:
    """Return the bundles of a root; what was not claimed or listed is noted."""
    root = str(tree.root)
    claims = claim(tree, mapping)
    for path, why in tree.unreadable:
        tally.remark(root, None, Refused(Path(path), why))
    for refused in claims.refused:
        tally.remark(root, None, refused)
    single = any(file.path == root for file in tree.files)
    tally.ignored.extend(path for path in claims.ignored if not single or path == root)
    remarks: dict[str, list[FileStatus]] = {}
    for status in said_before(store, root):
        remarks.setdefault(status.path, []).append(status)
    memo: dict[int, object] = {}
    return [
        _Work(root, replace(bundle, context={**bundle.context, "root": root, "memo": memo}), remarks)
        for bundle in claims.bundles
        if not single or root in map(str, bundle.files)
    ]


def _go_through(
    work: Sequence[_Work],
    known: dict[str, KnownSource],
    earlier: dict[str, dict[str, list[str]]],
    tally: _Tally,
    meter: _Meter,
    should_stop: Callable[[], bool] | None,
) -> bool:
    """Read all bundles, those that wait a second time at the end; say whether it came to the end."""
    again: list[_Work] = []
    with closing(_ahead(work, known)) as reads:
        for one, read_it in reads:
            if should_stop is not None and should_stop():
                return False
            if read_it is None:
                tally.unchanged += len(one.bundle.files)
                _carry_over(one, tally)
            else:
                outcomes = read_it()
                kinds = {type(outcome) for outcome in outcomes}
                if Waiting in kinds and Draft not in kinds:
                    again.append(one)
                    continue
                _take(one, outcomes, earlier, tally)
            meter.add(one.bundle)
    for one in again:
        if should_stop is not None and should_stop():
            return False
        _take(one, _read(one.bundle), earlier, tally)
        meter.add(one.bundle)
    return True


_Reading = Callable[[], list[Outcome]] | None
"""How to get at what a bundle holds; ``None`` for one that the store holds already."""


def _ahead(
    work: Iterable[_Work], known: dict[str, KnownSource]
) -> Generator[tuple[_Work, _Reading], None, None]:
    """Yield the bundles in order, each with its reading.

    Large ones are read ahead by other threads: parsing, hashing and writing let go of the interpreter.
    """
    pool = ThreadPoolExecutor(READERS)
    queue: deque[tuple[_Work, _Reading]] = deque()
    try:
        for one in work:
            if _is_unchanged(one, known):
                queue.append((one, None))
            elif sum(stamp[0] for stamp in _stamps(one.bundle).values() if stamp) > LARGE:
                queue.append((one, pool.submit(_read, one.bundle).result))
            else:
                queue.append((one, partial(_read, one.bundle)))
            if len(queue) > AHEAD:
                yield queue.popleft()
        while queue:
            yield queue.popleft()
    finally:
        pool.shutdown(cancel_futures=True)


def _read(bundle: Bundle) -> list[Outcome]:
    """Read a bundle to its end; a file that changes meanwhile is waited for."""
    before = _stamps(bundle)
    outcomes: list[Outcome] = []
    try:
        outcomes.extend(importer(bundle.importer).read(bundle))
    except Problem as problem:
        outcomes.append(Refused(bundle.main, str(problem)))
    except Exception as error:
        outcomes.append(Refused(bundle.main, failure(bundle.importer, error)))
    after = _stamps(bundle)
    if before != after:
        changed = next(path for path in before if before[path] != after[path])
        return [Waiting(Path(changed), "it changed while it was being read")]
    return outcomes


def _take(
    one: _Work, outcomes: Iterable[Outcome], earlier: dict[str, dict[str, list[str]]], tally: _Tally
) -> None:
    drafts: list[Draft] = []
    for outcome in outcomes:
        if isinstance(outcome, Draft):
            drafts.append(replace(outcome, run=identified(outcome.run)))
        elif isinstance(outcome, Guessed):
            tally.guessed.append(Remark(os.path.abspath(outcome.path), outcome.sentence))
        else:
            tally.remark(one.root, one.bundle, outcome)
    if drafts:
        tally.read += len(one.bundle.files)
        tally.put(_superseding(drafts, earlier.get(storable(str(one.bundle.main)), {})))


def _superseding(drafts: list[Draft], old: dict[str, list[str]]) -> list[Draft]:
    """Let the new runs of a file replace those it gave before: key by key, the rest by the first of them."""
    new = {draft.run.run_id for draft in drafts}
    left = {key: gone for key, ids in old.items() if (gone := tuple(i for i in ids if i not in new))}
    if not left:
        return drafts
    taken = [left.pop(draft.run.key, ()) for draft in drafts]
    taken[0] += tuple(i for ids in left.values() for i in ids)
    return [
        replace(draft, run=replace(draft.run, supersedes=draft.run.supersedes + ids)) if ids else draft
        for draft, ids in zip(drafts, taken, strict=True)
    ]


def _is_unchanged(one: _Work, known: dict[str, KnownSource]) -> bool:
    """Tell whether the store holds what the files of a bundle have: all its files are as they were."""
    bundle = one.bundle
    version = importer(bundle.importer).VERSION
    if storable(str(bundle.main)) not in known:
        return False
    for path in bundle.files:
        key = storable(str(path))
        stamp = _stamp(path)
        was = known.get(key)
        if stamp is None:
            return False
        if was is None:
            # a companion that gave nothing: the last import said why
            if not any(
                s.status == "refused" and (s.size, s.mtime_ns, s.importer_version) == (*stamp, version)
                for s in one.remarks.get(key, ())
            ):
                return False
        elif (was.importer_version, was.size) != (version, stamp[0]) or (
            was.mtime_ns != stamp[1] and not _has_hash(path, was.sha256)
        ):
            return False
    return True


def _carry_over(one: _Work, tally: _Tally) -> None:
    """Repeat what the last import said of the files of an unchanged bundle."""
    for path in one.bundle.files:
        for status in one.remarks.get(storable(str(path)), ()):
            if status.status == "refused":
                tally.refused.append(Remark(status.path, status.reason))
                tally.statuses.setdefault(one.root, []).append(status)


def _has_hash(path: Path, sha256: str) -> bool:
    try:
        return hash_file(path) == sha256
    except OSError:
        return False


def _stamp(path: str | os.PathLike[str]) -> tuple[int, int] | None:
    """Return size and modification time of a file; ``None`` if it is gone."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_size, status.st_mtime_ns


def _stamps(bundle: Bundle) -> dict[str, tuple[int, int] | None]:
    return {str(path): _stamp(path) for path in bundle.files}
