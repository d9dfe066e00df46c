"""Taking runs out of view without deleting them: records that are only ever added.

``hidden/<id>.json`` says of one run that it is hidden, and why, or that it is in view again. The latest
record of a run holds. A record is named by the hash of its bytes, so stores merge by copying files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from . import records_kept
from .layout import Step, Store, no_step, require_writable, storable
from .records_kept import add_record, name_of, record_files


@dataclass(frozen=True, slots=True)
class Hiding:
    """What was last said of a run.

    Attributes:
        run_id: The run; the store may not have it (yet).
        hidden: Whether it is out of view.
        why: The reason given.
        written: When, ISO 8601, UTC; later than every earlier record of the run that the writer knew.
    """

    run_id: str
    hidden: bool
    why: str | None
    written: str


def record_names(store: Store) -> list[str]:
    """Return the file names of the records, sorted; equal names mean equal records."""
    return record_files(store.hidden)


def hidings(store: Store) -> dict[str, Hiding]:
    """Return what was last said of each run; records that cannot be trusted say nothing."""
    latest: dict[str, tuple[str, str, Hiding]] = {}
    for name in record_names(store):
        found = read_record(store.hidden / name)
        if isinstance(found, Hiding):
            place = (found.written, name, found)
            before = latest.get(found.run_id)
            if before is None or before[:2] < place[:2]:
                latest[found.run_id] = place
    return {run_id: found for run_id, (_, _, found) in latest.items()}


def record_damage(path: Path) -> str | None:
    """Return why a record cannot be trusted, or ``None``."""
    found = read_record(path)
    return found if isinstance(found, str) else None


def hide(store: Store, run_ids: Iterable[str], why: str, step: Step = no_step) -> list[str]:
    """Take runs out of view; the next publish applies it.

    Args:
        store: The store.
        run_ids: Ids of runs, whole.
        why: The reason, for whoever asks later.
        step: Hook for tests.

    Returns:
        The runs of which this was not said already.

    Raises:
        StoreError: If the store cannot be written.
    """
    return _say(store, run_ids, True, why.strip(), step)


def unhide(
    store: Store, run_ids: Iterable[str], step: Step = no_step, *, why: str | None = None
) -> list[str]:
    """Bring runs back into view; the next publish applies it.

    Args:
        store: The store.
        run_ids: The runs.
        step: Called before each change of a file.
        why: The reason, where one is given.

    Returns:
        The runs that were hidden.

    Raises:
        StoreError: If the store cannot be written.
    """
    return _say(store, run_ids, False, why.strip() or None if why else None, step)


def _say(store: Store, run_ids: Iterable[str], hidden: bool, why: str | None, step: Step) -> list[str]:
    require_writable(store)
    said = hidings(store)
    changed = []
    for run_id in dict.fromkeys(run_ids):
        before = said.get(run_id)
        # a run in view needs no reason to be there; a hidden one may be given another
        if hidden == (before is not None and before.hidden) and not (before and hidden and before.why != why):
            continue
        told = {"run_id": run_id, "hidden": hidden, "why": storable(why) if why is not None else None}
        add_record(store, store.hidden, told, [before.written] if before else [], step)
        changed.append(run_id)
    return changed


def record_name(data: bytes) -> str:
    """Return the file name of a record with these bytes."""
    return f"{name_of(data)}.json"


def read_record(path: Path) -> Hiding | str:
    """Return a record, or why it says nothing."""
    try:
        body = records_kept.read_record(path)
        why = body["why"]
        return Hiding(
            str(body["run_id"]), bool(body["hidden"]), None if why is None else str(why), body["written"]
        )
    except records_kept.DamagedRecord as error:
        return str(error)
    except (KeyError, TypeError):
        return "it is no record of a hidden run"
