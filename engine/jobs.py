"""Jobs: work that goes on without the terminal, each a folder in the store that anyone may watch.

``STORE/jobs/<id>/`` has ``job.json`` (what is to be done, written first), ``state.json`` (how far it is,
always whole) and ``log.txt``. A launcher makes the folder and starts ``python -m intermezzo.engine.work``.
"""

from __future__ import annotations

import datetime
import json
import logging
import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from intermezzo.queries.errors import Problem
from intermezzo.queries.store.layout import (
    Store,
    folder_inside,
    require_writable,
    saying,
    swept_tmp,
    write_atomic,
)
from intermezzo.queries.store.workspace import lives, this_process

log = logging.getLogger("intermezzo.engine")

WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
LOST = "lost"
"""State of a job whose process ended without saying so: killed, or its machine went down."""

OVER = (DONE, FAILED, CANCELLED, LOST)

_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")
_BEGINS = 300.0
"""Seconds after which a process that has not said a word is taken for dead."""

_OFTEN = 0.25
"""Seconds between two writes of the state file."""


@dataclass(frozen=True, slots=True)
class JobSpec:
    """What is to be done.

    Attributes:
        work: Who does it, a key of ``work.WORK``.
        what: What exactly, JSON-serialisable; paths absolute.
        title: What it is called for people.
        after: Jobs that must be done before.
        needs: ``cpus``, ``gpus``, ``memory_gb``, ``minutes``, ...: a launcher takes what it knows.
    """

    work: str
    what: Mapping[str, Any]
    title: str
    after: tuple[str, ...] = ()
    needs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """A job as its folder tells it.

    Attributes:
        id: Its name.
        folder: Its folder.
        spec: What is to be done.
        launcher: Who started it.
        state: ``waiting``, ``running``, ``done``, ``failed``, ``cancelled``, ``lost``.
        done: How many of ``unit`` are done.
        total: How many there are; 0: not known.
        unit: What is counted.
        message: What happened, for people.
        process: Machine and process that does it.
        submitted: When, ISO 8601.
        started: When, or ``None``.
        ended: When, or ``None``.
        runs: Runs that it brought into the store.
        handle: The launcher's own name of it (a SLURM job id).
    """

    id: str
    folder: Path
    spec: JobSpec
    launcher: str
    state: str
    done: int = 0
    total: int = 0
    unit: str = ""
    message: str = ""
    process: str = ""
    submitted: str = ""
    started: str | None = None
    ended: str | None = None
    runs: tuple[str, ...] = ()
    handle: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state in OVER

    @property
    def log(self) -> Path:
        """File that everything it says is in."""
        return self.folder / "log.txt"


class JobOver(Problem):
    """A job that was to be cancelled ended by itself."""

    def __init__(self, job: Job, state: str) -> None:
        super().__init__(f"Job {job.id} is {state}: there is nothing to cancel.")


class Launcher(Protocol):
    """Starts jobs somewhere and knows how they fare there."""

    name: str

    def submit(self, store: Store, spec: JobSpec) -> str:
        """Make the job's folder, start it or put it in a queue, and return its id."""

    def state(self, job: Job) -> str:
        """Return the state, where this launcher knows more than the state file."""

    def cancel(self, job: Job) -> None:
        """Stop it.

        Raises:
            JobOver: It has ended before.
            Problem: It cannot be stopped from here.
        """


def jobs_folder(store: Store) -> Path:
    """Return where a store's jobs are."""
    return store.path / "jobs"


def make_job(store: Store, spec: JobSpec, launcher: str) -> Path:
    """Make a job's folder with its spec, waiting; return it."""
    require_writable(store)
    with saying(f"The job cannot be kept in {jobs_folder(store)}"):
        folder = _new_folder(store)
        (folder / "log.txt").touch()
        _put(folder / "state.json", {"state": WAITING})
        record = {"spec": asdict(spec), "launcher": launcher, "store": str(store.path), "submitted": _now()}
        _put(folder / "job.json", record)
    return folder


def _new_folder(store: Store) -> Path:
    """Make a folder whose name tells when: those submitted later stand behind those submitted earlier."""
    jobs_here = folder_inside(store, jobs_folder(store).name)
    while True:
        now = datetime.datetime.now(datetime.UTC)
        part = now.microsecond * 0x10000 // 1_000_000
        folder = jobs_here / f"{now:%Y%m%d-%H%M%S}-{part:04x}"
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder


def note_handle(folder: Path, handle: str) -> None:
    """Keep the launcher's own name of a job."""
    _put(folder / "handle.json", {"handle": handle})


def read_folder(folder: Path) -> Job:
    """Return the job in a folder.

    Raises:
        Problem: There is none, or it cannot be read.
    """
    made = _get(folder / "job.json")
    if made is None:
        raise Problem(f"There is no job {folder.name} in {folder.parent}.")
    state = _get(folder / "state.json") or {"state": WAITING}
    try:
        spec = made["spec"]
        _check(spec, _SPEC_TYPES)
        _check(made, _JOB_TYPES)
        _check(state, _STATE_TYPES)
        job = Job(
            folder.name,
            folder,
            JobSpec(spec["work"], spec["what"], spec["title"], tuple(spec["after"]), spec["needs"]),
            made["launcher"],
            submitted=made["submitted"],
            handle=(_get(folder / "handle.json") or {}).get("handle", ""),
            **(state | {"runs": tuple(state.get("runs", ()))}),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise Problem(f"The job in {folder} cannot be read: {error!s:.100}.") from error
    if job.state in (WAITING, RUNNING) and job.process and not lives(job.process):
        why = "its process ended without a word: killed, or no memory or disk left"
        return replace(job, state=LOST, message=why)
    if job.state == WAITING and job.launcher == "here" and not job.process and _old(job.submitted):
        return replace(job, state=LOST, message="its process never began; its log may say why")
    return job


_TIME = (str, type(None))
_SPEC_TYPES: Mapping[str, tuple[type, ...]] = {
    "work": (str,), "what": (dict,), "title": (str,), "after": (list,), "needs": (dict,)
}  # fmt: skip
_JOB_TYPES: Mapping[str, tuple[type, ...]] = {"spec": (dict,), "launcher": (str,), "submitted": (str,)}
_STATE_TYPES: Mapping[str, tuple[type, ...]] = {
    "state": (str,), "done": (int,), "total": (int,), "unit": (str,), "message": (str,), "process": (str,),
    "started": _TIME, "ended": _TIME, "runs": (list,), "handle": (str,),
}  # fmt: skip


def _check(record: Mapping[str, Any], types: Mapping[str, tuple[type, ...]]) -> None:
    """Raise ``TypeError`` where a record has not the types that a job has: files may be damaged."""
    for name, value in record.items():
        if name in types and type(value) not in types[name]:
            raise TypeError(f"{name} is {value!r:.40}")
        if isinstance(value, list) and not all(isinstance(part, str) for part in value):
            raise TypeError(f"{name} is {value!r:.40}")
        if isinstance(value, int) and abs(value) >= 2**63:
            raise TypeError(f"{name} is no number that counts")
    if record.get("state", WAITING) not in (WAITING, RUNNING, *OVER):
        raise TypeError(f"state is {record['state']!r:.40}")


def _old(submitted: str) -> bool:
    try:
        since = datetime.datetime.now(datetime.UTC) - datetime.datetime.fromisoformat(submitted)
    except (ValueError, TypeError):
        return False
    return since.total_seconds() > _BEGINS


def jobs(store: Store) -> list[Job]:
    """Return a store's jobs, the newest first; folders that cannot be read are left out."""
    found = []
    folder = jobs_folder(store)
    names = sorted(os.listdir(folder), reverse=True) if folder.is_dir() else []
    for name in names:
        if _ID.fullmatch(name):
            try:
                found.append(read_folder(folder / name))
            except Problem:
                continue
    return found


def find_job(store: Store, name: str) -> Job:
    """Return the job whose id is ``name`` or has it as its beginning or end.

    Raises:
        Problem: None or several.
    """
    every = jobs(store)
    found = [j for j in every if j.id == name] or [
        j for j in every if j.id.startswith(name) or j.id.endswith(name)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise Problem(f"{name!r} could be {len(found)} jobs, {found[0].id} the newest: give more of the id.")
    raise Problem(f"There is no job {name!r} in this store. `intermezzo jobs` lists them.")


class Reporter:
    """What the process that does a job says about it; readers always find a whole file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._state: dict[str, Any] = {"state": WAITING, "process": this_process()}
        self._last = 0.0
        self._write()

    def running(self, message: str = "") -> None:
        """Say that it has begun."""
        self._state |= {"state": RUNNING, "started": _now(), "message": message}
        self._write()

    def waiting(self, message: str) -> None:
        """Say what it waits for."""
        if self._state.get("message") != message:
            self._state["message"] = message
            self._write()

    def step(self, done: int, total: int, unit: str, message: str | None = None) -> None:
        """Say how far it is; written a few times a second at most."""
        self._state |= {"done": done, "total": total, "unit": unit}
        if message is not None:
            self._state["message"] = message
        if time.monotonic() - self._last > _OFTEN:
            self._write()

    def ran(self, *runs: str) -> None:
        """Say which runs are in the store now."""
        self._state["runs"] = list(dict.fromkeys([*self._state.get("runs", []), *runs]))
        self._write()

    def end(self, state: str, message: str) -> None:
        """Say how it ended."""
        self._state |= {"state": state, "ended": _now(), "message": message}
        self._write()

    def _write(self) -> None:
        self._last = time.monotonic()
        try:
            _put(self.folder / "state.json", self._state)
        except OSError as error:
            # A full disk: the work itself may come to its end, and says so where it does not.
            log.warning("How far this job is cannot be kept: %s.", error.strerror)


def wait_for(names: Sequence[str], folder: Path, report: Reporter) -> None:
    """Wait until other jobs of the store are done.

    Raises:
        Problem: One of them ended in another way.
    """
    for name in names:
        while not (job := read_folder(folder / name)).over:
            report.waiting(f"waits for {name}: {job.spec.title}")
            time.sleep(0.5)
        if job.state != DONE:
            raise Problem(f"{name} ({job.spec.title}) is {job.state}, and this one needs it.")


def _put(path: Path, record: Mapping[str, Any]) -> None:
    # STORE/jobs/<id>/<file>
    tmp = swept_tmp(path.parents[2])
    write_atomic(path, json.dumps(record, ensure_ascii=True, indent=1).encode(), tmp)


def _get(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
