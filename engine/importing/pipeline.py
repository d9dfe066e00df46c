"""Importing: from files and folders to runs in a store, incrementally and in batches."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from intermezzo.engine.importers import importer
from intermezzo.queries.records import identified
from intermezzo.queries.store.ahead import Ahead
from intermezzo.queries.store.earlier import earlier_runs
from intermezzo.queries.store.known import KnownSource, every_run, known_sources
from intermezzo.queries.store.layout import Store, storable
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.writer import FileStatus, write_import_report

from .bulk import BulkWork, Earlier, go_through_bulk
from .bundles import BundleAsk, read_bundle
from .claiming import claim
from .draft import Bundle, Draft, Guessed, Outcome, Refused, Waiting
from .earlier_report import said_before
from .reading import hash_file
from .report import Remark, Report
from .tally import Meter, Progress, Tally, stamp_of, stamps_of
from .team import PROCESSES, Office, Team
from .tree import Tree, list_beside, list_tree
from .worker import superseded

LARGE = 2**20
AHEAD = 3
"""Bundles above ``LARGE`` bytes are read ahead by other threads, no further than so many bundles."""

MANY = 5000
"""Of more files some are most likely for processes: these begin while it is found out whose they are."""

VERY_MUCH = 64 * 2**20
"""Where large bundles have so many bytes together, processes read them: starting those is worth it."""


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
    with Ahead(store) as ahead, closing(Office()) as office:
        tally = Tally(store, ahead)
        told = Path(os.path.abspath(mapping)) if mapping is not None else None
        roots, stopped = _read_all(tally, office, paths, told, progress, should_stop)
        for root in roots:
            statuses = tally.statuses.get(root, [])
            if statuses != said_before(store, root):
                write_import_report(store, root, statuses)
        published = publish(store, wait=True, ahead=ahead)
    return tally.report(stopped, published.generation if published.changed else None, published.notes)


def _read_all(
    tally: Tally,
    office: Office,
    paths: Iterable[str | os.PathLike[str]],
    mapping: Path | None,
    progress: Progress | None,
    should_stop: Callable[[], bool] | None,
) -> tuple[list[str], bool]:
    """Read everything into the store; return the roots, and whether it was stopped before its end."""
    known = known_sources(tally.store)
    earlier = partial(_once, [], tally.store) if known else dict
    roots = [_listed(path) for path in paths]
    files = [file for tree in roots for file in tree.files]
    if not known and (len(files) > MANY or sum(file.size for file in files) > VERY_MUCH):
        office.ahead()
    work: list[_Work] = []
    bulks: list[BulkWork] = []
    seen: set[str] = set()
    for tree in roots:
        _plan(tree, mapping, tally, seen, work, bulks)
    meter = Meter(
        progress, sum(len(one.bundle.files) for one in work) + sum(len(b.bulk.files) for b in bulks)
    )
    stopped = False
    try:
        stopped = not _go_through(work, known, earlier, tally, office, meter, should_stop)
        tally.flush()
        present = every_run(tally.store) if bulks else set()
        for bulk in bulks:
            stopped = stopped or not go_through_bulk(
                bulk, known, earlier, present, tally, office, meter, should_stop
            )
    except KeyboardInterrupt:
        stopped = True
    tally.flush()
    return [str(tree.root) for tree in roots], stopped


class _Work(NamedTuple):
    """A bundle to read, for one of the roots."""

    root: str
    bundle: Bundle
    remarks: dict[str, list[FileStatus]]
    """What the last import of the root said of files, by path."""


def _listed(path: str | os.PathLike[str]) -> Tree:
    return list_beside(path) if os.path.isfile(path) else list_tree(path)


def _once(kept: list[dict[str, dict[str, list[str]]]], store: Store) -> dict[str, dict[str, list[str]]]:
    """Return the runs that files gave before; looked up when first asked for."""
    if not kept:
        kept.append(earlier_runs(store))
    return kept[0]


def _plan(
    tree: Tree,
    mapping: Path | None,
    tally: Tally,
    seen: set[str],
    work: list[_Work],
    bulks: list[BulkWork],
) -> None:
    """Add what there is to read of a root; what was not claimed or listed is noted.

    Args:
        tree: The files of the root.
        mapping: Mapping file for the user's own tables.
        tally: Where notes go.
        seen: Files that are read already for another root; added to.
        work: Bundles to read; added to.
        bulks: Bulks to read; added to.
    """
    root = str(tree.root)
    claims = claim(tree, mapping)
    for path, why in tree.unreadable:
        tally.remark(root, None, Refused(Path(path), why))
    for refused in claims.refused:
        tally.remark(root, None, refused)
    single = any(file.path == root for file in tree.files)
    tally.ignored.extend(path for path in claims.ignored if not single or path == root)
    remarks: dict[str, list[FileStatus]] = {}
    for status in said_before(tally.store, root):
        remarks.setdefault(status.path, []).append(status)
    memo: dict[int, object] = {}
    for bundle in claims.bundles:
        if str(bundle.main) not in seen and (not single or root in map(str, bundle.files)):
            context = {**bundle.context, "root": root, "memo": memo}
            work.append(_Work(root, replace(bundle, context=context), remarks))
    for bulk in claims.bulks:
        files = tuple(f for f in bulk.files if f.path not in seen and (not single or f.path == root))
        if files:
            bulks.append(BulkWork(root, replace(bulk, files=files), remarks))
    seen.update(str(bundle.main) for bundle in claims.bundles)
    seen.update(file.path for bulk in claims.bulks for file in bulk.files)


def _go_through(
    work: Sequence[_Work],
    known: dict[str, KnownSource],
    earlier: Earlier,
    tally: Tally,
    office: Office,
    meter: Meter,
    should_stop: Callable[[], bool] | None,
) -> bool:
    """Read all bundles, those that wait a second time at the end; say whether it came to the end."""
    again: list[_Work] = []
    with closing(_ahead(work, known, tally, office)) as reads:
        for one, read_it in reads:
            if should_stop is not None and should_stop():
                return False
            if read_it is None:
                tally.left_alone.update(map(str, one.bundle.files))
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
        _take(one, read_bundle(one.bundle), earlier, tally)
        meter.add(one.bundle)
    return True


_Reading = Callable[[], list[Outcome]] | None
"""How to get at what a bundle holds; ``None`` for one that the store holds already."""


def _ahead(
    work: Sequence[_Work], known: dict[str, KnownSource], tally: Tally, office: Office
) -> Generator[tuple[_Work, _Reading], None, None]:
    """Yield the bundles in order, each with its reading.

    Large ones are read ahead by other threads (parsing, hashing and writing let go of the interpreter), or
    by other processes.
    """
    sizes = [sum(stamp[0] for stamp in stamps_of(one.bundle).values() if stamp) for one in work]
    large = [size for size in sizes if size > LARGE]
    left = sum(large) if len(large) > 1 else 0
    team: Team | None = None
    pool = ThreadPoolExecutor(PROCESSES)
    queue: deque[tuple[_Work, _Reading]] = deque()
    try:
        for one, size in zip(work, sizes, strict=True):
            if _is_unchanged(one, known):
                queue.append((one, None))
            elif size <= LARGE:
                queue.append((one, partial(read_bundle, one.bundle)))
            elif team is None and left < VERY_MUCH:
                queue.append((one, pool.submit(read_bundle, one.bundle).result))
            else:
                team = team or office.team()
                queue.append((one, pool.submit(team.read, _ask(one, tally)).result))
            left -= size if size > LARGE else 0
            if len(queue) > AHEAD:
                yield queue.popleft()
        while queue:
            yield queue.popleft()
    finally:
        if team is not None:
            team.close()  # first: the threads wait for its processes
            tally.notes.extend(team.complaints())
        pool.shutdown(cancel_futures=True)


def _ask(one: _Work, tally: Tally) -> BundleAsk:
    context = {name: value for name, value in one.bundle.context.items() if name != "memo"}
    return BundleAsk(replace(one.bundle, context=context), tally.store.texts)


def _take(one: _Work, outcomes: Iterable[Outcome], earlier: Earlier, tally: Tally) -> None:
    drafts: list[Draft] = []
    for outcome in outcomes:
        if isinstance(outcome, Draft):
            drafts.append(replace(outcome, run=identified(outcome.run)))
        elif isinstance(outcome, Guessed):
            tally.guessed.append(Remark(os.path.abspath(outcome.path), outcome.sentence))
        else:
            tally.remark(one.root, one.bundle.importer, outcome)
    if drafts:
        tally.read_from.update(map(str, one.bundle.files))
        tally.put(_superseding(drafts, earlier().get(storable(str(one.bundle.main)), {})))


def _superseding(drafts: list[Draft], old: dict[str, list[str]]) -> list[Draft]:
    """Let the new runs of a file replace those it gave before: key by key, the rest by the first of them."""
    if not old:
        return drafts
    replaced = superseded([draft.run.key for draft in drafts], {draft.run.run_id for draft in drafts}, old)
    return [
        replace(draft, run=replace(draft.run, supersedes=draft.run.supersedes + ids)) if ids else draft
        for draft, ids in zip(drafts, replaced, strict=True)
    ]


def _is_unchanged(one: _Work, known: dict[str, KnownSource]) -> bool:
    """Tell whether the store holds what the files of a bundle have: all its files are as they were."""
    bundle = one.bundle
    version = importer(bundle.importer).VERSION
    if storable(str(bundle.main)) not in known:
        return False
    for path in bundle.files:
        key = storable(str(path))
        stamp = stamp_of(path)
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


def _carry_over(one: _Work, tally: Tally) -> None:
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
