"""Stores as the faces need them: the one that is named, the demo's, one behind a folder of results."""

from __future__ import annotations

import hashlib
import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import islice, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from intermezzo.queries.errors import Problem

from .names import nearest

if TYPE_CHECKING:
    from intermezzo.queries.comparison.model import Request
    from intermezzo.queries.items import ItemsRequest
    from intermezzo.queries.store.layout import Store
    from intermezzo.queries.store.reader import Reader

R = TypeVar("R", "Request", "ItemsRequest")

NAME_KINDS = ("system", "task", "metric")
"""Kinds of names that options take."""


def is_store(path: Path) -> bool:
    """Say whether there is a store at ``path``."""
    return (path / "VERSION").is_file() and (path / "runs").is_dir()


def existing_store(path: Path, *, create: bool = False) -> Store:
    """Open the store at ``path``.

    Args:
        path: Its folder.
        create: Make it where there is none.

    Raises:
        Problem: There is none, or it cannot be opened.
    """
    from intermezzo.queries.store.layout import open_store

    if not create and not path.exists():
        raise Problem(no_store(path))
    return open_store(path, create=create)


def no_store(path: Path) -> str:
    """Return three lines saying what to do where there is no store at ``path``."""
    return (
        f"There is no store at {os.path.abspath(path)}.\n"
        "Read your result files into one: intermezzo import PATH   (or look first: intermezzo open PATH)\n"
        "Name another with --store PATH or $INTERMEZZO_STORE, or see the demo: intermezzo demo"
    )


def cache_folder() -> Path:
    """Return the user's cache folder of this program."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("intermezzo"))


def demo_store() -> Store:
    """Open the demo store in the user's cache; it is built when there is none yet."""
    from intermezzo.engine.demo import build_demo

    path = cache_folder() / "demo"
    path.parent.mkdir(parents=True, exist_ok=True)
    return build_demo(path)


def store_behind(folder: Path) -> Path:
    """Return where the store behind a folder of results is kept: in the cache, by the folder's real path."""
    real = os.path.realpath(folder)
    key = hashlib.sha256(os.fsencode(real)).hexdigest()[:16]
    return cache_folder() / "opened" / f"{Path(real).name[:40] or 'root'}-{key}"


@contextmanager
def reading(store: Store) -> Iterator[Reader]:
    """Open a reader on the newest state of a store, and close it again."""
    from intermezzo.queries.store.reader import connect

    reader = connect(store)
    try:
        yield reader
    finally:
        reader.close()


def names_in(store: Store, kind: str) -> list[str]:
    """Return the names of one of ``NAME_KINDS`` that a store holds, sorted."""
    with reading(store) as reader:
        return _names(reader)[kind]


def _names(reader: Reader) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {kind: [] for kind in NAME_KINDS}
    for kind, name in reader.ask("names").rows:
        names[kind].append(name)
    return names


def known_names(
    reader: Reader,
    *,
    system: Iterable[str] = (),
    task: Iterable[str] = (),
    metric: Iterable[str] = (),
    baseline: Iterable[str] = (),
) -> dict[str, tuple[str, ...]]:
    """Turn the names that a user gave into those of the store; only the case may differ.

    Raises:
        Problem: A name is unknown; the sentence says which are near.
    """
    wanted = {"system": system, "task": task, "metric": metric, "baseline": baseline}
    wanted = {option: tuple(words) for option, words in wanted.items()}
    if not any(wanted.values()):
        return dict.fromkeys(wanted, ())
    names = _names(reader)
    found: dict[str, tuple[str, ...]] = {}
    for option, words in wanted.items():
        kind = "system" if option == "baseline" else option
        found[option] = tuple(_known(word, kind, option, names[kind]) for word in words)
    return found


def settled(reader: Reader, request: R) -> R:
    """Return a request with its names as the store has them.

    Raises:
        Problem: A name is unknown; the sentence says which are near.
    """
    names = known_names(
        reader,
        system=request.systems,
        task=(request.task,) if request.task else (),
        metric=(request.metric,) if request.metric else (),
    )
    return replace(
        request,
        systems=names["system"],
        task=next(iter(names["task"]), None),
        metric=next(iter(names["metric"]), None),
    )


def run_ids(reader: Reader, starts: Iterable[str]) -> list[str]:
    """Return the ids of the runs that are named by the start of their ids.

    Raises:
        Problem: There is no such run, or more than one.
    """
    starts = list(starts)
    if not starts:
        return []
    known = [str(run_id) for (run_id,) in reader.ask("run_ids").rows]
    found = []
    for start in starts:
        at = bisect_left(known, start)
        runs = list(takewhile(partial(_starts, start), islice(known, at, None)))
        if start in runs:
            runs = [start]
        if not runs:
            near = [run_id for run_id in known[max(at - 1, 0) : at + 1] if run_id[:4] == start[:4]]
            hint = f"Did you mean {' or '.join(near)}?" if near else "`intermezzo runs list` lists them."
            raise Problem(f"There is no run {start!r} in this store. {hint}")
        if len(runs) > 1:
            raise Problem(
                f"{start!r} is the start of {len(runs)} run ids, {runs[0]} the first: give more of it."
            )
        found += runs
    return list(dict.fromkeys(found))


def _starts(start: str, run_id: str) -> bool:
    return run_id.startswith(start)


def _known(word: str, kind: str, option: str, names: list[str]) -> str:
    if word in names:
        return word
    same = [name for name in names if name.casefold() == word.casefold()]
    if len(same) == 1:
        return same[0]
    if near := nearest(word, names):
        hint = f"Did you mean {near}?"
    elif not names:
        hint = "It holds none at all: `intermezzo import PATH` reads results into it."
    else:
        listed = ", ".join(names[:12]) + (f", ... ({len(names)} in all)" if len(names) > 12 else "")
        hint = f"It holds {listed}."
    raise Problem(f"--{option} {word!r}: this store holds no {kind} of that name. {hint}")
