"""Faults at every point: calls that change files are counted, and the n-th is where it happens."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import operations

HERE = Path(__file__).parent
KINDS = {"kill": 1, "torn write, kill": 2, "disk full": 3, "one EIO": 4, "read-only": 5}


def compiled(folder: Path) -> Path | None:
    """Compile the library that counts; ``None`` where there is no compiler, or no Linux."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        return None
    library = folder / "shim.so"
    words = [compiler, "-O1", "-shared", "-fPIC", "-w", "-o", str(library), str(HERE / "shim.c"), "-ldl"]
    return library if subprocess.run(words, check=False).returncode == 0 else None


class Zygote:
    """The process that forks the cases."""

    def __init__(self, library: Path, engine: bool, home: Path) -> None:
        env = {**os.environ, "LD_PRELOAD": str(library), "OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
        env |= {"HOME": str(home), "XDG_CACHE_HOME": str(home), "HF_HUB_OFFLINE": "1", "TQDM_DISABLE": "1"}
        words = [sys.executable, str(HERE / "zygote.py"), *(["engine"] if engine else [])]
        self._log = (home / "zygote.log").open("ab")
        self._process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, env=env, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()
        self._log.close()

    def ask(self, do: str, operation: str, folder: Path, **more: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {"do": do, "operation": operation, "folder": str(folder), **more}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@dataclass(slots=True)
class Tally:
    """What came of the faults at the points of one operation.

    Attributes:
        points: Calls that change files in an undisturbed run.
        cases: Faults that were tried.
        met: Those that the operation met (it was killed, or said a sentence).
        wrong: What should not be, a line each.
    """

    points: int = 0
    cases: int = 0
    met: int = 0
    wrong: list[str] = field(default_factory=list)


def chosen(points: int, most: int | None) -> list[int]:
    """Return all points, or so many of them spread evenly, the first and the last among them."""
    if most is None or points <= most:
        return list(range(1, points + 1))
    return sorted({1 + round(i * (points - 1) / (most - 1)) for i in range(most)})


def try_all(
    zygote: Zygote, operation: str, home: Path, kinds: Iterable[str], most: int | None = None
) -> Iterator[Tally]:
    """Try faults of some kinds at the points of an operation; yields the tally so far after each case.

    Args:
        zygote: Who does it.
        operation: Its name.
        home: A folder for the cases.
        kinds: Names of ``KINDS``.
        most: At most so many points a kind; ``None``: all.
    """
    # One path for all cases: what a run is called may hang on where its files were.
    before, case, disturbed = home / "before", home / "case", home / "kept"
    tally = Tally()
    case.mkdir(parents=True)
    ready = zygote.ask("prepare", operation, case)
    assert ready["code"] == 0, ready
    case.rename(before)
    shutil.copytree(before, case, symlinks=True)
    whole = zygote.ask("do", operation, case, point=0, kind=0)
    assert whole["code"] == 0, whole
    tally.points = whole["calls"]
    first = _state(zygote, operation, before, case, disturbed)
    goal = zygote.ask("state", operation, case)["state"]
    goal["jobs"] = sorted(goal.get("jobs", {}).values())
    assert not goal["damage"], goal["damage"]
    assert not goal["left"], goal["left"]
    for kind in kinds:
        for point in chosen(tally.points, most):
            shutil.rmtree(case)
            shutil.copytree(before, case, symlinks=True)
            ended = zygote.ask("do", operation, case, point=point, kind=KINDS[kind])
            tally.cases += 1
            tally.met += ended["code"] != 0
            where = f"{operation}, {kind} at call {point} of {tally.points}"
            tally.wrong += [
                f"{where}: {w}" for w in _judged(zygote, operation, case, ended, first, goal, kind)
            ]
            yield tally
    yield tally


def _state(zygote: Zygote, operation: str, before: Path, case: Path, aside: Path) -> dict[str, Any]:
    """Return what is there before anything is done, seen from the cases' own path."""
    case.rename(aside)
    shutil.copytree(before, case, symlinks=True)
    told: dict[str, Any] = zygote.ask("state", operation, case)["state"]
    shutil.rmtree(case)
    aside.rename(case)
    return told


def _judged(
    zygote: Zygote,
    operation: str,
    case: Path,
    ended: dict[str, Any],
    first: dict[str, Any],
    goal: dict[str, Any],
    kind: str,
) -> Iterator[str]:
    """Yield what is wrong after a fault, and after the same command again."""
    if "fault" in ended:
        yield "it is no sentence: " + ended["fault"].strip().splitlines()[-1] + " | " + ended["fault"][-900:]
    if ended["code"] not in (0, 3, 4, -9) or (
        kind in ("kill", "torn write, kill") and ended["code"] in (3, 4)
    ):
        yield f"it ended with {ended['code']}"
    if kind == "read-only" and ended["code"] == 3 and not ended["problem"].strip():
        yield "it said nothing"
    seen = zygote.ask("judge", operation, case)
    if "state" not in seen:
        yield f"the store cannot be opened after it: {seen.get('fault') or seen.get('problem')}"
        return
    yield from _half(seen["state"], first, goal, ended.get("problem", ""))
    yield from _lost(ended["said"], seen["state"])
    if "at_last" not in seen:
        yield f"the same again does not complete: {seen.get('fault') or seen.get('problem')}"
        return
    at_last = seen["at_last"]
    done = [state for state in at_last.pop("jobs", {}).values() if state == "done"]
    wanted = {key: value for key, value in goal.items() if key != "jobs"}
    if len(done) < goal["jobs"].count("done"):
        yield "no job is done"
    for key, value in wanted.items():
        if at_last[key] != value:
            yield f"after the same again {key} is {at_last[key]!r:.300}, not {value!r:.300}"


def _half(seen: dict[str, Any], first: dict[str, Any], goal: dict[str, Any], told: str) -> Iterator[str]:
    """Yield what is neither as before nor as after, but for what the command itself named as refused."""
    if not seen["store"]:
        return
    for key in ("damage", "quarantine", "notes", "missing texts"):
        if unsaid := [what for what in seen[key] if what.partition(":")[0] not in told]:
            yield f"{key}: {unsaid!r:.300}"
    unnamed = "no rule was taken" in told  # runs go by the names of their files
    for key in ("runs", "scores", "items"):
        for run, value in seen[key].items():
            if value not in (first.get(key, {}).get(run), goal[key].get(run)):
                wanted = goal[key].get(run, [None] * 4)
                hidden_only = key == "runs" and value[:3] == wanted[:3]
                named_only = unnamed and key == "runs" and value[::2] == wanted[::2]
                if not hidden_only and not named_only:
                    yield f"{key} of {run} are {value}: neither as before nor as after"
        for run in first.get(key, {}):
            if run not in seen[key]:
                yield f"{key} of {run} are lost"


def _lost(said: list[str], seen: dict[str, Any]) -> Iterator[str]:
    """Yield what was acknowledged and is not there."""
    for word in said:
        what, _, name = word.partition(" ")
        there = {
            "store": lambda: seen["store"],
            "run": lambda name=name: name in seen["runs"],
            "imported": lambda name=name: len(seen["runs"]) >= int(name),
            "hidden": lambda: any(run[3] for run in seen["runs"].values()),
            "claim": lambda name=name: any(c[0] == name for c in seen["claims"]),
            "verification": lambda name=name: name in seen["verifications"],
            "corrected": lambda name=name: any(c[0] == name and c[2] != "current" for c in seen["claims"]),
            "rule": lambda: "xlm-r" in seen["rules"],
            "job": lambda name=name: name in seen["jobs"],
            "trained": lambda: bool(seen["stages"]),
        }[what]
        if not there():
            yield f"acknowledged and lost: {word}"


__all__ = ["KINDS", "Tally", "Zygote", "chosen", "compiled", "operations", "try_all"]
