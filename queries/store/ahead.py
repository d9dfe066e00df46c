"""An index that is begun while runs still land, so that it is nearly done when the last of them has.

It is a building in a workspace of its own; the lock is not held, so whoever wants to publish meanwhile does.
Whatever goes wrong with it is no harm: it is dropped, and publishing builds the index as always.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import TracebackType
from typing import Self

from . import generations
from .batch import Landed
from .building import MEMORY, Building
from .layout import Store, no_step
from .standing import Base, Plan

AT_ONCE = 12
"""Packs of runs that are taken in at once; an import of fewer begins nothing."""

SINGLES = 12
"""So many folders of one run each, those with items, count as a pack: taking in few costs as much as many."""

LITTLE = "96MB"
"""What DuckDB keeps in memory meanwhile, beside the processes that read files."""


class Ahead:
    """What is begun for one import; used as a context, in which its runs land."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._landed: list[str] = []
        self._told: dict[str, Landed] = {}
        self._building: Building | None = None
        self._dropped = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="index")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(cancel_futures=True)
        self._drop()

    def landed(self, folders: Iterable[str], told: Iterable[Landed] = ()) -> None:
        """Say which run folders have landed; they are taken in some time later, by another thread.

        Args:
            folders: Their names.
            told: What is in some of them.
        """
        if self._dropped:
            return
        self._landed += folders
        self._told.update((one.name, one) for one in told)
        packs = len(self._told)
        if packs + (len(self._landed) - packs) / SINGLES >= AT_ONCE:
            self._thread.submit(self._take, self._landed, self._told)
            self._landed, self._told = [], {}

    def begun(self, base: Base | None, plan: Plan) -> Building | None:
        """Return what was begun, to be gone on with; ``None`` where it is not what is wanted now.

        Args:
            base: The generation to go on from.
            plan: What is on disk.
        """
        self._thread.shutdown()
        found = self._building
        if found is None or found.base != (base.name if base is not None else None):
            return None
        if found.systems != plan.meta["systems"] or not found.taken <= set(plan.new):
            return None
        found.set_memory(MEMORY)
        return found

    def _take(self, folders: Sequence[str], told: Mapping[str, Landed]) -> None:
        newest = next(reversed(generations.generations(self._store)), None)
        with suppress(Exception):  # publishing comes upon it as well, and says what it is
            if self._dropped:
                return
            if self._building is None:
                self._building = Building(self._store, newest, no_step)
                self._building.set_memory(LITTLE)
                self._building.begin()
            if self._building.base == newest:
                self._building.take(folders, told)
                return
        self._drop()

    def _drop(self) -> None:
        self._dropped = True
        if self._building is not None:
            self._building.close()
            self._building = None
