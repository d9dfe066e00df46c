"""What a terminal does itself, kept among the jobs while it does it: others see how far it is."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from intermezzo.engine.jobs import CANCELLED, DONE, FAILED, JobSpec, Reporter, make_job
from intermezzo.queries.errors import Problem
from intermezzo.queries.store.layout import Store

from .here import Here


class Terminal(Here):
    """Starts nothing; its jobs are processes of this machine all the same, and are stopped like those."""

    name = "terminal"

    def submit(self, store: Store, spec: JobSpec) -> str:
        """Refuse: who does something at a terminal is there already."""
        del store, spec
        raise Problem("A terminal does its work itself: jobs are started here or on SLURM.")


launcher = Terminal()


@contextmanager
def at_terminal(store: Store, spec: JobSpec) -> Iterator[Reporter]:
    """Be a job of the store while something is done in this process.

    Args:
        store: The store.
        spec: What is done.

    Yields:
        Who is told how far it is. However it ends, that is said there; what the engine says is its log.
    """
    folder = make_job(store, spec, launcher.name)
    report = Reporter(folder)
    talk = logging.FileHandler(folder / "log.txt", encoding="utf-8", errors="backslashreplace")
    talk.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logger = logging.getLogger("intermezzo.engine")
    logger.addHandler(talk)
    report.running()
    try:
        yield report
    except KeyboardInterrupt:
        report.end(CANCELLED, "stopped at its terminal; what is finished is kept for the next attempt")
        raise
    except Problem as problem:
        report.end(FAILED, str(problem))
        raise
    except BaseException as error:
        report.end(FAILED, f"an error of this program: {type(error).__name__}: {error!s:.200}")
        raise
    else:
        report.end(DONE, "")
    finally:
        logger.removeHandler(talk)
        talk.close()
