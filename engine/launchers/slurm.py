"""Jobs on a SLURM cluster, through submitit: arrays, dependencies, states from sacct.

The store must be on a file system that all nodes share. A job that is requeued (preempted, out of time, its
node gone) goes on from its last checkpoint.
"""

from __future__ import annotations

import datetime
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from intermezzo.engine.jobs import (
    CANCELLED,
    DONE,
    FAILED,
    LOST,
    OVER,
    RUNNING,
    WAITING,
    Job,
    JobOver,
    JobSpec,
    Reporter,
    jobs_folder,
    make_job,
    note_handle,
    read_folder,
)
from intermezzo.queries.errors import Problem
from intermezzo.queries.store.layout import Store

NEEDS: Mapping[str, str] = {
    "minutes": "timeout_min",
    "cpus": "cpus_per_task",
    "memory_gb": "mem_gb",
    "gpus": "gpus_per_node",
    "partition": "slurm_partition",
    "gres": "slurm_gres",
    "account": "slurm_account",
    "qos": "slurm_qos",
    "constraint": "slurm_constraint",
    "at_once": "slurm_array_parallelism",
}
"""What a job may need -> submitit's name of it."""

USUAL: Mapping[str, Any] = {"minutes": 24 * 60, "cpus": 4, "at_once": 32}

_TIMEOUTS = 20
"""How often a job whose time is up goes back into the queue: each time it goes on where it was."""

_STATES = {
    WAITING: ("PENDING", "REQUEUED", "REQUEUE_HOLD", "RESIZING", "SUSPENDED", "CONFIGURING"),
    RUNNING: ("RUNNING", "COMPLETING", "STAGE_OUT", "SIGNALING"),
    CANCELLED: ("CANCELLED", "REVOKED"),
    FAILED: ("FAILED", "TIMEOUT", "OUT_OF_MEMORY", "NODE_FAIL", "PREEMPTED", "BOOT_FAIL", "DEADLINE"),
}
"""Our state -> how sacct's begin: it adds to some (``CANCELLED by 0``)."""


class SlurmRun:
    """What runs on the node; submitit requeues it where the node is taken away."""

    def __call__(self, folder: str) -> int:
        """Do the job in a folder; everything it says goes into its log."""
        from intermezzo.engine.work import main

        log = os.open(Path(folder) / "log.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        os.dup2(log, 1)
        os.dup2(log, 2)
        code = main(Path(folder))
        if code:
            # so that SLURM, and what depends on this job, know
            raise SystemExit(code)
        return code

    def checkpoint(self, folder: str) -> Any:
        """Return what is submitted again when the time is up: the same, which goes on where it was."""
        import submitit

        return submitit.helpers.DelayedSubmission(self, folder)


class Slurm:
    """The launcher of a SLURM cluster."""

    name = "slurm"

    def submit(self, store: Store, spec: JobSpec) -> str:
        """Queue a job."""
        return self.submit_all(store, [spec])[0]

    def submit_all(self, store: Store, specs: Sequence[JobSpec]) -> list[str]:
        """Queue jobs that wait for the same ones and need the same, as one array.

        Raises:
            Problem: They do not; SLURM or submitit is not there; SLURM refuses them.
        """
        need_slurm()
        import submitit

        first = specs[0]
        if any((s.after, dict(s.needs)) != (first.after, dict(first.needs)) for s in specs):
            raise Problem("Jobs of an array must need the same and wait for the same jobs.")
        before = [read_folder(jobs_folder(store) / name) for name in first.after]
        options = parameters(first.needs, [job for job in before if job.handle and job.state != DONE])
        # a folder of its own each time: job ids may begin anew, and an old result must not be taken for a new
        now = datetime.datetime.now(datetime.UTC)
        session = jobs_folder(store) / "submitit" / f"{now:%Y%m%d-%H%M%S}-{os.urandom(2).hex()}"
        folders = [make_job(store, spec, self.name) for spec in specs]
        try:
            executor = submitit.AutoExecutor(folder=session, cluster="slurm", slurm_max_num_timeout=_TIMEOUTS)
            executor.update_parameters(name="intermezzo", **options)
            submitted = executor.map_array(SlurmRun(), [str(folder) for folder in folders])
        except Exception as error:
            said = " ".join(str(getattr(error, "stderr", None) or error).split())[:300]
            for folder in folders:
                Reporter(folder).end(FAILED, f"SLURM did not take it: {said}")
            raise Problem(f"SLURM did not take the jobs: {said}.") from error
        for folder, job in zip(folders, submitted, strict=True):
            note_handle(folder, str(job.job_id))
        return [folder.name for folder in folders]

    def state(self, job: Job) -> str:
        """Return what SLURM says of a job that has not said itself how it ended."""
        return states([job])[job.id]

    def cancel(self, job: Job) -> None:
        """Take a job out of the queue, or end it."""
        if (state := self.state(job)) in OVER:
            raise JobOver(job, state)
        done = subprocess.run(["scancel", job.handle], capture_output=True, text=True)
        if done.returncode:
            if (state := self.state(job)) in OVER:  # it ended between the question and the command
                raise JobOver(job, state)
            raise Problem(f"SLURM did not cancel {job.id}: {' '.join(done.stderr.split())[:200]}.")
        if read_folder(job.folder).state == WAITING:
            Reporter(job.folder).end(CANCELLED, "cancelled before it began")


launcher = Slurm()


def need_slurm() -> None:
    """Raise a sentence where submitit or SLURM's commands are not there."""
    if importlib.util.find_spec("submitit") is None:
        raise Problem("Jobs on SLURM need submitit: pip install 'intermezzo[slurm]'.")
    if shutil.which("sbatch") is None:
        raise Problem(
            "There is no SLURM here (no command sbatch): run this on a login node, or say --on here."
        )


def parameters(needs: Mapping[str, Any], before: Iterable[Job] = ()) -> dict[str, Any]:
    """Return submitit's parameters.

    Args:
        needs: Some of ``NEEDS``; what is not said is as in ``USUAL``.
        before: Jobs that must end well before.

    Raises:
        Problem: SLURM knows no such need.
    """
    unknown = sorted(needs.keys() - NEEDS.keys())
    if unknown:
        raise Problem(f"A SLURM job has no {', '.join(unknown)}: {', '.join(NEEDS)}.")
    found = {NEEDS[name]: value for name, value in {**USUAL, **needs}.items()}
    more: dict[str, Any] = {"requeue": True}
    handles = [job.handle for job in before]
    if handles:
        more |= {"dependency": "afterok:" + ":".join(handles), "kill_on_invalid_dep": "yes"}
    return found | {"slurm_additional_parameters": more}


def states(jobs: Sequence[Job]) -> dict[str, str]:
    """Return the state of jobs by id, as SLURM tells of those whose own word is not the last."""
    return {job.id: job.state for job in refreshed(jobs)}


def refreshed(found: Sequence[Job]) -> list[Job]:
    """Return jobs with the state that SLURM tells of those that are its, asking it once for all.

    A job that was stopped says that it is cancelled; SLURM may have put it back into the queue since.
    """
    open_ended = (WAITING, RUNNING, LOST, CANCELLED)
    asked = {
        job.handle: job
        for job in found
        if job.launcher == Slurm.name and job.handle and job.state in open_ended
    }
    told = {asked[handle].id: word for handle, word in ask_sacct(asked).items()} if asked else {}
    return [_told(job, told[job.id]) if job.id in told else job for job in found]


def _told(job: Job, word: str) -> Job:
    # the job itself ends by writing how; that may come a moment after SLURM's word, or before
    again = read_folder(job.folder)
    state = our_state(word)
    if again.state in (DONE, FAILED) or state is None:
        return again
    if state in OVER and again.state != state:
        return replace(again, state=state, message=f"SLURM says {word}")
    return replace(again, state=state)


def ask_sacct(handles: Iterable[str]) -> dict[str, str]:
    """Return what sacct says of SLURM jobs (``12_3`` -> ``CANCELLED by 0``), of those that it knows."""
    wanted = set(handles)
    ids = sorted({handle.split("_")[0] for handle in wanted})
    command = ["sacct", "-X", "-n", "-P", "-o", "JobID,State", "-j", ",".join(ids)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return {}
    return parse_sacct(done.stdout, wanted) if done.returncode == 0 else {}


def parse_sacct(text: str, wanted: Iterable[str]) -> dict[str, str]:
    """Read sacct's lines; the waiting elements of an array stand in one, as ``12_[3-5,7]``."""
    found: dict[str, str] = {}
    wanted = set(wanted)
    for line in text.splitlines():
        job_id, _, said = line.partition("|")
        names = {job_id}
        if "_[" in job_id:
            number, _, spans = job_id.partition("_[")
            names = {f"{number}_{n}" for n in _numbers(spans.rstrip("]"))}
        for name in names & wanted:
            found[name] = said.strip()
    return found


def our_state(said: str) -> str | None:
    """Return our word for a state of sacct's; ``COMPLETED`` is ``done``."""
    word = said.strip().upper()
    if word.startswith("COMPLETED"):
        return DONE
    return next((ours for ours, theirs in _STATES.items() if word.startswith(theirs)), None)


def _numbers(spans: str) -> set[int]:
    found: set[int] = set()
    for span in spans.split("%")[0].split(","):
        first, _, last = span.partition("-")
        if first.isdigit():
            found |= set(range(int(first), int(last or first) + 1))
    return found
