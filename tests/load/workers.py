"""Processes that use one store at once (run by loading.py): workers.py writer|importer|watcher STORE NUMBER.

Each goes on until the file ``stop`` is beside the store, and says JSON objects, one a line: ``run``, ``at``
for what was acknowledged (or first seen, by the watcher), ``error`` for what must not be.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1]
for folder in ("engine/importers", "queries/store"):
    sys.path.insert(0, str(TESTS / folder))

WRITE_EVERY, IMPORT_EVERY, LOOK_EVERY = 2.0, 2.0, 0.5
"""Seconds between two rounds of a writer, an importer, a watcher."""


def say(**told: Any) -> None:
    print(json.dumps(told), flush=True)


def rounds(store: Path, seconds: float) -> Callable[[], int | None]:
    """Return what gives the number of the next round, ``None`` when it is time to stop."""
    number = -1

    def next_round() -> int | None:
        nonlocal number
        number += 1
        if number:
            time.sleep(seconds)
        return None if (store.parent / "stop").exists() else number

    return next_round


def writer(path: Path, number: int) -> None:
    """Write runs of one's own with items, and packs that other writers write too; publish each time."""
    from intermezzo.queries.store.layout import open_store
    from intermezzo.queries.store.publisher import publish
    from intermezzo.queries.store.writer import write_runs
    from store_samples import items, run

    store = open_store(path)
    more = rounds(path, WRITE_EVERY)
    while (at := more()) is not None:
        own = f"own {number} {at}"
        shared = [(run(f"{at} {j}", file=f"shared {at} {j}"), None) for j in range(number, number + 3)]
        for batch in ([(run(own, file=own), items())], shared):
            write_runs(store, batch)
            now = time.time()
            for made, _ in batch:
                say(run=made.run_id, at=now)
        publish(store, wait=False)


def importer(path: Path, number: int) -> None:
    """Import a folder to which files are added."""
    from intermezzo.engine.importing.pipeline import import_paths
    from intermezzo.queries.store.layout import open_store
    from lm_eval_files import results, row, write

    store = open_store(path)
    root = path.parent / f"in{number}"
    more = rounds(path, IMPORT_EVERY)
    expected = 0
    while (at := more()) is not None:
        name = f"org/m{number}-{at}"
        write(root / str(at), results(row("xnli_fr", acc=0.5), row("xcopa_et"), model_name=name))
        report = import_paths(store, [root])
        expected += 2
        if report.files_refused or report.files_waiting:
            say(error=f"not read: {[*report.files_refused, *report.files_waiting]!r:.300}")
        say(imported=report.runs_added, at=time.time())
    say(expected=expected)


def watcher(path: Path, number: int) -> None:
    """Look again and again, as the app does; say when a run is first seen."""
    from intermezzo.queries.store.layout import open_store
    from intermezzo.queries.store.publisher import publish
    from intermezzo.queries.store.reader import connect

    store = open_store(path)
    seen: set[str] = set()
    more = rounds(path, LOOK_EVERY)
    looks = 0
    going = True
    with connect(store) as reader:
        while going:
            going = more() is not None  # once more when the others have stopped
            looks += 1
            publish(store, wait=False)
            reader.refresh()
            now = time.time()
            found = [r for (r,) in reader.sql("SELECT run_id FROM runs").rows]
            if len(found) != len(set(found)):
                say(error="a run is there twice")
            if seen - set(found):
                say(error=f"runs vanished: {sorted(seen - set(found))[:3]}")
            for run_id in found:
                if run_id not in seen:
                    say(run=run_id, at=now)
            seen.update(found)
            reader.ask("matrix")
    say(looks=looks)


if __name__ == "__main__":
    try:
        {"writer": writer, "importer": importer, "watcher": watcher}[sys.argv[1]](
            Path(sys.argv[2]), int(sys.argv[3])
        )
    except BaseException:
        say(error=traceback.format_exc())
        raise
