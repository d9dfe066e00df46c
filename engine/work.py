"""The process that does a job: ``python -m intermezzo.engine.work FOLDER``, whoever launched it."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any

from intermezzo.queries.errors import Problem
from intermezzo.queries.store.layout import Store, open_store

from .jobs import CANCELLED, DONE, FAILED, Reporter, read_folder, wait_for

WORK = {
    "evaluate": "intermezzo.engine.work:evaluate",
    "stage": "intermezzo.engine.experiments.doing:work",
}
"""What a job does -> ``module:function(store, what, report)``."""


class _Cancelled(BaseException):
    """Asked to stop."""


def main(folder: Path) -> int:
    """Do the job in a folder and say there how it ended."""
    logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%H:%M:%S", level=logging.WARNING)
    logging.getLogger("intermezzo").setLevel(logging.INFO)
    log = logging.getLogger("intermezzo.engine")
    if (job := read_folder(folder)).state == CANCELLED and job.launcher == "here":
        log.info("Cancelled before it began.")
        return 1
    report = Reporter(folder)

    def stop(_number: int, _frame: object) -> None:
        raise _Cancelled

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with contextlib.suppress(OSError):
        os.nice(5)
    try:
        log.info("%s", job.spec.title)
        wait_for(job.spec.after, folder.parent, report)
        waiting = nullcontext()
        if job.launcher == "here":
            from .launchers.here import turn

            waiting = turn(report)  # type: ignore[assignment]
        with waiting:
            report.running()
            store = open_store(folder.parent.parent)
            _function(job.spec.work)(store, dict(job.spec.what), report)
        state, message = DONE, ""
    except _Cancelled:
        state, message = CANCELLED, "cancelled; what is finished is kept for the next attempt"
    except Problem as error:
        state, message = FAILED, str(error)
    except MemoryError:
        state, message = FAILED, "The memory did not suffice: use a smaller model, or --token-budget."
    except Exception as error:
        traceback.print_exc()
        state, message = FAILED, f"an error of this program: {type(error).__name__}: {error!s:.200}"
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if message:
        log.log(logging.INFO if state == CANCELLED else logging.ERROR, "%s", message)
    else:
        log.info("Done.")
    report.end(state, message)
    return 0 if state == DONE else 1


def _function(work: str) -> Callable[[Store, dict[str, Any], Reporter], None]:
    if work not in WORK:
        raise Problem(f"This intermezzo does not know how to do {work!r}: {', '.join(WORK)}.")
    module, _, name = WORK[work].partition(":")
    found: Callable[[Store, dict[str, Any], Reporter], None] = getattr(import_module(module), name)
    return found


def evaluate(store: Store, what: dict[str, Any], report: Reporter) -> None:
    """Evaluate a model on a task."""
    from .evaluation import evaluate as do
    from .evaluation import from_json

    log = logging.getLogger("intermezzo.engine")
    done = do(store, from_json(what), watch=report.step)
    report.ran(done.run_id)
    if not done.new:
        log.info("Run %s was in the store already: the same evaluation is not done twice.", done.run_id)
        return
    for score in done.run.scores if done.run else ():
        value = "no value" if score.value is None else f"{100 * score.value:.1f}"
        log.info("%s %s %s (n = %s)", score.language, score.metric, value, f"{score.n or 0:,}")
    log.info("Run %s: %s item rows.", done.run_id, f"{done.items:,}")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
