"""What ``intermezzo doctor`` looks at: each check says what it found and, if need be, what to do about it."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from intermezzo.queries.errors import Problem

State = Literal["ok", "note", "fault"]

LIBRARIES = ("textual", "duckdb", "polars", "numpy", "scipy", "plotext", "click")
"""What every use needs, in the order shown."""

_OF_EXTRA = re.compile(r"""(?P<name>[\w.-]+).*;.*\bextra\s*==\s*["'](?P<extra>[\w-]+)["']""")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at.

    Attributes:
        area: program, terminal, store, extras or cluster.
        what: What was looked at.
        state: ``ok``; ``note`` for what is worth knowing; ``fault`` for what keeps something from working.
        found: What is so.
        advice: What to do, where something is to be done.
    """

    area: str
    what: str
    state: State
    found: str
    advice: str = ""


def checks(store: Path) -> Iterator[Check]:
    """Yield all checks, those of the store at ``store`` among them."""
    yield from program()
    yield from terminal()
    yield from of_store(store)
    yield from extras()
    yield from cluster()


def program() -> Iterator[Check]:
    """Yield the versions of the program, of Python and of its libraries."""
    from intermezzo.queries.version import VERSION

    yield Check("program", "intermezzo", "ok", VERSION)
    yield Check("program", "Python", "ok", f"{platform.python_version()}, {sys.executable}")
    yield Check("program", "system", "ok", f"{platform.system()} {platform.release()}, {platform.machine()}")
    for name in LIBRARIES:
        found = _version(name)
        if found is None:
            yield Check("program", name, "fault", "not installed", "install intermezzo again")
        else:
            yield Check("program", name, "ok", found)


def terminal() -> Iterator[Check]:
    """Yield what the terminal can do."""
    from . import terminal as here

    size = shutil.get_terminal_size((0, 0))
    reason = here.usable()
    term = os.environ.get("TERM") or "not set"
    yield Check("terminal", "TERM", "note" if reason else "ok", term, reason or "")
    depth = here.depth()
    colours = "none" if depth == "none" else "16 777 216" if depth == "truecolor" else depth
    few = here.few_colours()
    yield Check("terminal", "colours", "note" if few else "ok", colours, few)
    if size.columns:
        small = size.columns < 80 or size.lines < 24
        advice = "the app is made for 80 x 24 and more" if small else ""
        yield Check("terminal", "size", "note" if small else "ok", f"{size.columns} x {size.lines}", advice)
    encoding = (sys.stdout.encoding or "unknown").lower()
    fits = encoding.replace("-", "") == "utf8"
    advice = "" if fits else "set LANG to a UTF-8 locale, such as C.UTF-8, to see names as they are"
    yield Check("terminal", "encoding", "ok" if fits else "note", encoding, advice)
    if why := here.swallowed():
        yield Check("terminal", "clipboard", "note", "copies do not arrive", why)
    elif here.in_screen():
        advice = "the terminal around it must know OSC 52; screen itself keeps nothing of it"
        yield Check("terminal", "clipboard", "ok", "copies are handed on by GNU screen", advice)
    if os.environ.get("SSH_CONNECTION"):
        yield Check("terminal", "ssh", "ok", "yes: animations are off, 30 frames a second")


def of_store(path: Path) -> Iterator[Check]:
    """Yield the state of the store at ``path``."""
    from .stores import existing_store, reading

    if not path.exists():
        yield Check(
            "store", "folder", "note", f"none at {path}", "`intermezzo import PATH` reads results into one"
        )
        return
    try:
        store = existing_store(path)
        yield Check("store", "folder", "ok", str(store.path))
        advice = "" if store.writable else f"its index is kept in {store.home}"
        yield Check("store", "writable", "ok" if store.writable else "note", _yes(store.writable), advice)
        free = shutil.disk_usage(store.path).free
        little = free < 2**30
        advice = "imports will stop when it is full; what has landed stays whole" if little else ""
        yield Check("store", "free space", "note" if little else "ok", f"{free / 2**30:,.1f} GiB", advice)
        with reading(store) as reader:
            state = reader.ask("store_state").dicts()[0]
    except Problem as problem:
        yield Check("store", "open", "fault", str(problem))
        return
    counts = f"{state['runs']:,} runs of {state['systems']:,} systems"
    yield Check("store", "holds", "ok", f"{counts}, {state['hidden']} hidden, {state['replaced']} replaced")
    for what, key, advice in (
        ("quarantined files", "quarantined", "`intermezzo show sources --status quarantined` names them"),
        ("files refused", "refused", "`intermezzo show sources --status refused` says why"),
        ("files waited for", "waiting", "they were being written: import again"),
        ("systems not known", "systems_not_known", "`intermezzo systems` lists them and takes what you know"),
    ):
        number = int(state[key])
        yield Check("store", what, "note" if number else "ok", f"{number:,}", advice if number else "")


def extras() -> Iterator[Check]:
    """Yield which extras are installed, by what they require."""
    try:
        requires = metadata.requires("intermezzo") or []
    except metadata.PackageNotFoundError:
        return
    names: dict[str, list[str]] = {}
    for line in requires:
        if need := _OF_EXTRA.match(line):
            names.setdefault(need["extra"], []).append(need["name"])
    for extra, needs in names.items():
        if extra in ("dev", "fuzz"):  # for whoever works on intermezzo
            continue
        missing = [name for name in needs if _version(name) is None]
        if missing:
            advice = f"pip install 'intermezzo[{extra}]' adds {', '.join(missing)}"
            so_far = "not installed" if len(missing) == len(needs) else "in part"
            yield Check("extras", extra, "note", so_far, advice)
        else:
            found = ", ".join(f"{name} {_version(name)}" for name in needs)
            yield Check("extras", extra, "ok", found)


def cluster() -> Iterator[Check]:
    """Yield whether SLURM can be reached from here."""
    missing = [name for name in ("sbatch", "sacct", "scancel") if shutil.which(name) is None]
    if not missing:
        yield Check("cluster", "SLURM", "ok", str(shutil.which("sbatch")))
    else:
        what = "not on this machine" if len(missing) == 3 else f"without {', '.join(missing)}"
        yield Check("cluster", "SLURM", "note", what, "only needed to run experiments on a cluster")


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _yes(answer: bool) -> str:
    return "yes" if answer else "no"
