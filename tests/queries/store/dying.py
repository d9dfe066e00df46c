"""A process that writes and publishes, and kills itself with SIGKILL at the n-th step (run by test_kill.py).

Usage: dying.py STORE WHAT STEP [OTHER], WHAT being write, publish, rebuild, report or move; prints what was
acknowledged.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import hashlib

from intermezzo.queries.store.layout import open_store
from intermezzo.queries.store.moving import move_runs
from intermezzo.queries.store.publisher import publish, rebuild
from intermezzo.queries.store.writer import FileStatus, write_import_report, write_runs
from store_samples import items, run

TEXTS = {hashlib.sha256(t.encode()).hexdigest(): t for t in ("hello", "habari")}


def batch() -> list[tuple[object, object]]:
    return [
        (run("new1", file="new"), items(texts=TEXTS)),
        (run("new2", file="new"), None),
        (run("new3", file="new"), None),
    ]


def main() -> None:
    path, what, last = sys.argv[1], sys.argv[2], int(sys.argv[3])
    store = open_store(path)
    count = 0

    def step(name: str) -> None:
        nonlocal count
        count += 1
        print("step", name, flush=True)
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)

    if what == "write":
        written = write_runs(store, batch(), step=step)  # type: ignore[arg-type]
        print("acknowledged", *written.added, flush=True)
    elif what == "publish":
        print("published", publish(store, step=step).runs, flush=True)
    elif what == "rebuild":
        print("published", rebuild(store, step=step).runs, flush=True)
    elif what == "move":
        moved = move_runs(open_store(sys.argv[4]), store, step=step)
        print("acknowledged", *moved.added, flush=True)
    else:
        write_import_report(store, "/results", [FileStatus("/results/new.json", "refused", "new")], step=step)


if __name__ == "__main__":
    main()
