"""Folders in ``tmp/`` that say whose they are, and sweeping those of the dead."""

from __future__ import annotations

import os
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

# host, boot, pid namespace, pid, start of the process, something random
_NAME = re.compile(
    r"^(?P<machine>[A-Za-z0-9_-]+\.[0-9a-f]*\.[0-9]*)\.(?P<pid>\d+)\.(?P<start>\d*)\.[0-9a-f]+$"
)


@contextmanager
def workspace(tmp: Path) -> Iterator[Path]:
    """Make a folder of this process inside ``tmp``; it is gone when the block ends, however it ends."""
    pid = os.getpid()
    folder = tmp / f"{_machine()}.{pid}.{_started(pid)}.{os.urandom(5).hex()}"
    tmp.mkdir(exist_ok=True)  # not its parents: a store that was moved away is not to be begun anew
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(tmp: Path) -> list[str]:
    """Remove the folders in ``tmp`` whose process on this machine is dead; return their names.

    Folders of another host, another container (process namespace) or with a foreign name are left alone:
    nobody here can know whether their owner lives.
    """
    swept = []
    try:
        names = os.listdir(tmp)
    except FileNotFoundError:
        return []
    for name in names:
        match = _NAME.match(name)
        if match is None or _alive(match["machine"], int(match["pid"]), match["start"]):
            continue
        shutil.rmtree(tmp / name, ignore_errors=True)
        swept.append(name)
    return swept


def this_process() -> str:
    """Return a mark of this machine and process, for ``lives``."""
    pid = os.getpid()
    return f"{_machine()}.{pid}.{_started(pid)}"


def lives(mark: str) -> bool:
    """Say whether the process of a mark lives, as far as can be known here: on another machine it does."""
    match = _NAME.match(f"{mark}.0")
    return match is not None and _alive(match["machine"], int(match["pid"]), match["start"])


def is_here(mark: str) -> bool:
    """Say whether a mark is of a process on this machine, in this container, since it was started."""
    return mark.startswith(f"{_machine()}.")


def process_id(mark: str) -> int | None:
    """Return the process id of a mark; ``None`` where it is none."""
    match = _NAME.match(f"{mark}.0")
    return int(match["pid"]) if match else None


def _alive(machine: str, pid: int, start: str) -> bool:
    host, boot, space = machine.split(".")
    my_host, my_boot, my_space = _machine().split(".")
    if host != my_host:
        return True
    if boot != my_boot:
        return not (boot and my_boot)
    if space != my_space:
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    if _read(f"/proc/{pid}/stat").rpartition(")")[2].split()[:1] == ["Z"]:
        return False  # ended, and its parent has not looked yet
    now = _started(pid)
    # The pid may have been given to another process since.
    return not (start and now) or start == now


@cache
def _machine() -> str:
    host = re.sub(r"[^A-Za-z0-9_-]", "_", socket.gethostname()) or "host"
    boot = _read("/proc/sys/kernel/random/boot_id").strip().replace("-", "")[:12]
    try:
        space = re.sub(r"\D", "", os.readlink("/proc/self/ns/pid"))
    except OSError:
        space = ""
    return f"{host}.{boot}.{space}"


def _started(pid: int) -> str:
    stat = _read(f"/proc/{pid}/stat")
    # The command name may hold spaces and brackets: count fields after its closing one.
    fields = stat.rpartition(")")[2].split()
    return fields[19] if len(fields) > 19 else ""


def _read(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""
