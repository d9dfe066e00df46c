"""Jobs on this machine: detached processes that outlive the terminal and the app, a few at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from intermezzo.engine.alone import same_file
from intermezzo.engine.jobs import Job, JobOver, JobSpec, Reporter, make_job, read_folder
from intermezzo.queries.errors import Problem
from intermezzo.queries.store.layout import Store, saying
from intermezzo.queries.store.workspace import is_here, lives, process_id

SLOTS_VARIABLE = "INTERMEZZO_JOBS"
"""How many jobs may run at once on this machine."""

_PATIENCE = 10.0
"""Seconds that a job has to stop by itself."""

# A shell starts it and ends, so that it is nobody's child: neither terminal nor app takes it along, and it
# is no zombie when it ends under an app that goes on.
_DETACH = '"$@" </dev/null >>"$INTERMEZZO_LOG" 2>&1 &'


class Here:
    """The launcher of this machine."""

    name = "here"

    def submit(self, store: Store, spec: JobSpec) -> str:
        """Start a detached process for a job; it waits for its turn by itself."""
        folder = make_job(store, spec, self.name)
        command = [sys.executable, "-m", "intermezzo.engine.work", str(folder)]
        with saying("The job cannot be started"):
            subprocess.run(
                ["/bin/sh", "-c", _DETACH, "sh", *command],
                env=os.environ | {"INTERMEZZO_LOG": str(folder / "log.txt")},
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                check=True,
            )
        return folder.name

    def state(self, job: Job) -> str:
        """Return what its folder says: the process writes it itself."""
        return job.state

    def cancel(self, job: Job) -> None:
        """Ask the process to stop; end it where it does not.

        Raises:
            JobOver: It has ended before.
            Problem: It runs on another machine.
        """
        if job.over:
            raise JobOver(job, job.state)
        deadline = time.monotonic() + _PATIENCE
        while not job.process and time.monotonic() < deadline:
            time.sleep(0.05)  # it is just starting
            job = read_folder(job.folder)
        if job.process and not is_here(job.process):
            raise Problem(
                f"Job {job.id} runs on another machine ({job.process.split('.')[0]}): cancel it there."
            )
        pid = process_id(job.process) if job.process else None
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            while lives(job.process) and time.monotonic() < deadline:
                time.sleep(0.05)
            if lives(job.process):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        if read_folder(job.folder).state not in ("done", "failed", "cancelled"):
            Reporter(job.folder).end("cancelled", "cancelled")


launcher = Here()


def slots() -> int:
    """Return how many jobs may run at once: ``$INTERMEZZO_JOBS``, else one for four processors."""
    said = os.environ.get(SLOTS_VARIABLE, "")
    if said.isascii() and said.isdigit() and int(said) > 0:
        return int(said)
    return max(1, (os.cpu_count() or 1) // 4)


@contextmanager
def turn(report: Reporter) -> Iterator[None]:
    """Wait until fewer than ``slots`` jobs of this user run on this machine, and be one of them.

    Those that wait come in the order in which they were submitted.
    """
    folder = _turns()
    with saying(f"The turns of jobs cannot be kept in {folder}"):
        folder.mkdir(parents=True, exist_ok=True)
    ticket = folder / f"{report.folder.name}.wait"
    with _own(ticket):
        try:
            while not _is_first(folder, ticket) or (slot := _free_slot(folder)) is None:
                report.waiting(f"waits for its turn: {slots()} at a time (${SLOTS_VARIABLE})")
                time.sleep(0.2)
        finally:
            ticket.unlink(missing_ok=True)
    with slot:
        yield


def _own(ticket: Path) -> IO[str]:
    """Return a ticket of one's own, locked as long as it is open.

    Another process may take it for that of a dead one before it is locked, and remove it: it is made anew.
    """
    while True:
        file = ticket.open("a")
        fcntl.flock(file, fcntl.LOCK_EX)
        if same_file(file.fileno(), ticket):
            return file
        file.close()


def _turns() -> Path:
    import platformdirs

    host = re.sub(r"[^A-Za-z0-9_-]", "_", socket.gethostname())
    return Path(platformdirs.user_cache_dir("intermezzo")) / "turns" / host


def _is_first(folder: Path, ticket: Path) -> bool:
    """Say whether no living job waits that was submitted earlier; tickets of the dead are removed."""
    for name in sorted(name for name in os.listdir(folder) if name.endswith(".wait")):
        if name == ticket.name:
            return True
        if (file := _lock(folder / name)) is None:
            return False
        with file:
            if same_file(file.fileno(), folder / name):
                (folder / name).unlink(missing_ok=True)
    return True


def _free_slot(folder: Path) -> IO[str] | None:
    return next((f for n in range(slots()) if (f := _lock(folder / f"{n}.lock")) is not None), None)


def _lock(path: Path) -> IO[str] | None:
    """Return a file, locked as long as it is open; ``None`` where another process has it."""
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
