"""Publishing: a new generation of the index with what landed since.

One process publishes at a time. It copies the newest generation, appends, checkpoints, closes, and renames
the copy to a name that never existed; whoever reads goes on with the generation that they have open.
``results.duckdb`` is a copy of the newest generation and not a link to it: a ``duckdb`` shell opens it
read-write unless told otherwise, and its lock would shut the apps out of the generation.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field

from . import generations
from .ahead import Ahead
from .building import Building
from .known import forget
from .landing import land, place_results, publishing, set_aside_damaged
from .layout import Step, Store, StoreError, no_step, saying
from .load import Bad, probe
from .standing import Base, Plan, newest_base, plan_of
from .verify import first_line, run_folders
from .workspace import sweep


@dataclass(frozen=True, slots=True)
class Published:
    """What a publish came to.

    Attributes:
        generation: File name of the newest generation; empty where another process is making the first.
        changed: Whether there is a new one.
        runs: Runs in it.
        quarantined: Folders that could not be trusted, with the reason.
        notes: Sentences worth telling the user.
    """

    generation: str
    changed: bool
    runs: int
    quarantined: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def publish(store: Store, wait: bool = True, step: Step = no_step, ahead: Ahead | None = None) -> Published:
    """Publish what landed since the last time; one process at a time.

    Args:
        store: The store; where it is read-only the index is the user's own, in the cache.
        wait: Wait for another publisher to end; without, leave it to that one (``changed`` is false).
        step: Hook for tests.
        ahead: An index that was begun while the runs landed; gone on with if nobody published meanwhile.

    Raises:
        StoreError: If the index cannot be written.
    """
    return _publish(store, wait, False, step, ahead)


def rebuild(store: Store, step: Step = no_step) -> Published:
    """Build the index from the run folders alone: deleting the index loses nothing."""
    return _publish(store, True, True, step, None)


def stale(store: Store) -> bool:
    """Say whether something landed that the newest generation does not have; milliseconds."""
    base = newest_base(store)
    return not plan_of(store, base).idle(base)


def _publish(store: Store, wait: bool, anew: bool, step: Step, ahead: Ahead | None) -> Published:
    import duckdb

    with saying(f"The index of {store.path} cannot be written"), publishing(store, wait) as mine:
        if not mine:
            base = newest_base(store)
            return _told(base, False) if base is not None else Published("", False, 0)
        step("locked")
        sweep(store.tmp)
        base = None if anew else newest_base(store)
        plan = plan_of(store, base)
        notes: list[str] = []
        if base is not None and plan.idle(base):
            notes += place_results(store, base.name, step)
            return _told(base, False, notes)
        notes += set_aside_damaged(store)
        if plan.gone:
            notes += _said_gone(store, base)
            base = None
            plan = plan_of(store, None)
        elif base is not None and _foreign(store, base.name):
            notes.append(f"index/{base.name} has parts that no intermezzo made: the index was built anew.")
            base = None
            plan = plan_of(store, None)
        begun = ahead.begun(base, plan) if ahead is not None else None
        try:
            name, published = _build(store, base, plan, begun, step)
        except duckdb.Error as error:
            _raise_if_full(store, error)
            if base is None:
                raise StoreError(f"The index of {store.path} cannot be built: {first_line(error)}") from error
            # The old generation may be damaged where nobody looked yet: the run folders have everything.
            try:
                name, published = _build(store, None, plan_of(store, None), None, step)
            except duckdb.Error as again:
                _raise_if_full(store, again)
                raise StoreError(f"The index of {store.path} cannot be built: {first_line(again)}") from again
        _own.add(name)
        notes += place_results(store, name, step)
        forget()
        return _told(published, True, notes)


_own: set[str] = set()
"""Generations that this process has built: nobody else has put anything into them."""


def _foreign(store: Store, name: str) -> bool:
    """Say whether an index has parts that must not be gone on with, see ``generations.foreign_parts``."""
    if name in _own:
        return False
    with generations.connect_index(store.index_dir / name) as con:
        return bool(generations.foreign_parts(con))


def _said_gone(store: Store, base: Base | None) -> list[str]:
    """Name the run folders that the index had and that are not there any more."""
    here = set(run_folders(store))
    gone = sorted(base.folders - here) if base is not None else []
    if not gone:
        return []
    count = "1 run folder" if len(gone) == 1 else f"{len(gone):,} run folders"
    shown = ", ".join(gone[:3]) + (", ..." if len(gone) > 3 else "")
    return [
        f"{count} of the index gone from runs/ ({shown}): deleted, or the store was copied while it was "
        "written to. Import or merge again what is missing."
    ]


def _told(base: Base, changed: bool, notes: Sequence[str] = ()) -> Published:
    said = [n for n in (base.meta.get("note"),) if n]
    return Published(base.name, changed, base.runs, dict(base.quarantine), (*said, *notes))


def _build(
    store: Store, base: Base | None, plan: Plan, ahead: Building | None, step: Step
) -> tuple[str, Base]:
    """Make a generation in a workspace and rename it into place; return its name and what is in it."""
    import duckdb

    name = generations.next_name(store)
    if ahead is not None:
        with suppress(duckdb.Error):  # what is wrong is found out below
            ahead.complete(base, plan, name, step)
            built = ahead.seal(name, step)
            land(store, ahead.file, name, step)
            return name, built
    with closing(Building(store, base.name if base is not None else None, step)) as building:
        bad: list[Bad] = []
        for _ in range(3):
            building.begin(bad)
            try:
                building.complete(base, plan, name, step)
            except duckdb.OutOfMemoryException:
                building.rollback()
                building.set_memory(None)
                continue
            except duckdb.Error:
                building.rollback()
                more = probe(building.con, store, [n for n in plan.new if n not in {b.folder for b in bad}])
                if not more:
                    raise
                bad += more
                continue
            break
        else:
            raise duckdb.Error("its folders change while they are read, or the memory is too small")
        built = building.seal(name, step)
        land(store, building.file, name, step)
    return name, built


def _raise_if_full(store: Store, error: Exception) -> None:
    text = str(error)
    if "No space left" in text or "File too large" in text or "Disk quota" in text:
        raise StoreError(
            f"The index of {store.path} cannot be written: the disk is full. "
            "Free some space and repeat the command; the runs are safe, nothing half-written was kept."
        ) from error
