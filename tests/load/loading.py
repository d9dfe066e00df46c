"""Writers, importers, apps in terminals and duckdb shells on one store for a while, and what came of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "terminal"))
sys.path.insert(0, str(HERE.parent / "queries" / "store"))

from driver import Terminal  # noqa: E402

APP_KEYS = ("j", "l", "5", "j", "1", "d", "k", "3", "1")
"""What a person at each app presses meanwhile, a key a second."""


@dataclass(slots=True)
class Load:
    """What came of it.

    Attributes:
        seconds: How long it went on.
        acknowledged: Runs that writers were told are kept.
        imported: Runs that imports said they added.
        in_store: Runs in the index at the end.
        answers: Answers that the shells gave.
        keys: Keys that were pressed in the apps.
        looks: How often the watcher looked.
        fresh: Seconds from each acknowledgement until the watcher saw the run, sorted.
        wrong: What should not be.
    """

    seconds: float = 0.0
    acknowledged: int = 0
    imported: int = 0
    in_store: int = 0
    answers: int = 0
    keys: int = 0
    looks: int = 0
    fresh: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def put_under_load(
    folder: Path, seconds: float, *, writers: int = 8, importers: int = 2, apps: int = 3, shells: int = 2
) -> Load:
    """Use a new store in a folder from many processes at once.

    Args:
        folder: An empty folder.
        seconds: How long.
        writers: Processes that write and publish.
        importers: Processes that import folders that grow.
        apps: The app, each in a pseudo-terminal of its own.
        shells: The command-line client of DuckDB: the first stays open all the time, the others open
            ``results.duckdb`` anew for every question.
    """
    from intermezzo.queries.store.layout import open_store
    from intermezzo.queries.store.publisher import publish
    from intermezzo.queries.store.writer import write_runs
    from store_samples import run

    store = open_store(folder / "store", create=True)
    write_runs(store, [(run("first", file="first"), None)])
    publish(store)
    load = Load()
    jobs = [("writer", n) for n in range(writers)] + [("importer", n) for n in range(importers)]
    processes = [_started(what, store.path, n) for what, n in [*jobs, ("watcher", 0)]]
    stop = folder / "stop"
    threads = [
        threading.Thread(target=_app, args=(store.path, folder / f"home{n}", stop, load)) for n in range(apps)
    ]
    threads += [
        threading.Thread(target=_shell, args=(store.results, n == 0, stop, load)) for n in range(shells)
    ]
    outputs: list[str] = [""] * len(processes)

    def gather(at: int) -> None:
        outputs[at] = processes[at].communicate()[0]

    threads += [threading.Thread(target=gather, args=(n,)) for n in range(len(processes))]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    stop.touch()
    for thread in threads:
        thread.join()
    load.seconds = time.monotonic() - began
    *theirs, watched = ([json.loads(line) for line in text.splitlines()] for text in outputs)
    _counted(store, load, [row for rows in theirs for row in rows], watched)
    load.wrong += [f"a process ended with {p.returncode}" for p in processes if p.returncode]
    return load


def _started(what: str, store: Path, number: int) -> subprocess.Popen[str]:
    words = [sys.executable, str(HERE / "workers.py"), what, str(store), str(number)]
    env = {**os.environ, "POLARS_MAX_THREADS": "1"}
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=env)


def _app(store: Path, home: Path, stop: Path, load: Load) -> None:
    """Be a person at the app until it is time to leave."""
    home.mkdir()
    env = {name: str(home) for name in ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")}
    words = [sys.executable, "-m", "intermezzo.tui", "--store", str(store)]
    try:
        with Terminal(words, columns=120, rows=30, env=env) as terminal:
            terminal.wait_for("xnli")
            number = 0
            while not stop.exists():
                terminal.send(APP_KEYS[number % len(APP_KEYS)])
                number += 1
                load.keys += 1
                ends = time.monotonic() + 1
                while time.monotonic() < ends:
                    terminal._read(0.2)
                if terminal.process.poll() is not None:
                    load.wrong.append(f"an app ended with {terminal.process.returncode}:\n{terminal.text}")
                    return
            if "Traceback" in terminal.text or "Something went wrong" in terminal.text:
                load.wrong.append(f"an app shows:\n{terminal.text}")
            terminal.send("1", "q")
            if (code := terminal.ended()) != 0:
                load.wrong.append(f"an app left with {code}")
    except AssertionError as error:
        load.wrong.append(f"an app: {error}")


def _shell(results: Path, stays: bool, stop: Path, load: Load) -> None:
    """Ask ``results.duckdb`` with DuckDB's own client of 1.5, once a second."""
    client = Path(sys.executable).with_name("duckdb")
    words = [str(client), "-csv", "-noheader", str(results)]
    question = "SELECT count(*) FROM runs;"
    last = 0
    if stays:
        # As a person types it: read-write, which nobody should have to think of.
        with subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as shell:
            assert shell.stdin is not None
            assert shell.stdout is not None
            while not stop.exists():
                shell.stdin.write(question + "\n")
                shell.stdin.flush()
                _answered(shell.stdout.readline().strip(), 0, load)
                time.sleep(1)
            shell.stdin.close()
        return
    first = results.stat().st_ino
    while not stop.exists() and results.stat().st_ino == first:
        time.sleep(0.1)  # the file that the other shell has open read-write
    while not stop.exists():
        asked = subprocess.run(
            [words[0], "-readonly", *words[1:], question], capture_output=True, text=True, check=False
        )
        last = _answered((asked.stdout + asked.stderr).strip(), last, load)
        time.sleep(1)


def _answered(text: str, last: int, load: Load) -> int:
    if not text.isdigit():
        load.wrong.append(f"a shell says: {text[:300]}")
        return last
    load.answers += 1
    if int(text) < last:
        load.wrong.append(f"a shell counts {text} runs after {last}")
    return int(text)


def _counted(
    store: Any, load: Load, said: Sequence[dict[str, Any]], watched: Sequence[dict[str, Any]]
) -> None:
    """Compare what was acknowledged with what is there."""
    from intermezzo.queries.store.publisher import publish, rebuild
    from intermezzo.queries.store.reader import connect
    from intermezzo.queries.store.verify import verify

    first_seen = {row["run"]: row["at"] for row in watched if "run" in row}
    load.wrong += [row["error"] for row in watched if "error" in row]
    load.looks = sum(row.get("looks", 0) for row in watched)
    acknowledged: dict[str, float] = {}
    for row in said:
        if "error" in row:
            load.wrong.append(row["error"])
        elif "run" in row:
            acknowledged[row["run"]] = min(row["at"], acknowledged.get(row["run"], row["at"]))
        load.imported += row.get("imported", 0)
    expected = sum(row.get("expected", 0) for row in said)
    load.acknowledged = len(acknowledged)
    load.fresh = sorted(max(0.0, first_seen[r] - at) for r, at in acknowledged.items() if r in first_seen)
    publish(store)
    with connect(store) as reader:
        runs = [r for (r,) in reader.sql("SELECT run_id FROM runs").rows]
        ((scores, missing),) = reader.sql(
            "SELECT count(*), count(*) FILTER (run_id NOT IN (SELECT run_id FROM runs)) FROM scores"
        ).rows
    load.in_store = len(runs)
    checks = {
        f"{len(acknowledged.keys() - set(runs))} acknowledged runs are lost": acknowledged.keys()
        <= set(runs),
        "a run is there twice": len(runs) == len(set(runs)),
        f"{load.imported} runs imported of {expected}": load.imported == expected,
        f"{len(runs)} runs of {1 + len(acknowledged) + expected}": len(runs)
        == 1 + len(acknowledged) + expected,
        "scores without a run": missing == 0 and scores > 0,
        "tmp is not empty": not list(store.tmp.iterdir()),
        "results.duckdb was taken for changed": not list(store.path.glob("results.duckdb.kept-*")),
    }
    load.wrong += [what for what, right in checks.items() if not right]
    load.wrong += [f"damaged: {d.path}: {d.reason}" for d in verify(store)]
    if (again := rebuild(store).runs) != len(runs):
        load.wrong.append(f"built anew the index has {again} runs, not {len(runs)}")


def table(load: Load) -> list[str]:
    """Return what came of it as lines."""
    lines = [
        f"{load.seconds:,.0f} s: {load.acknowledged:,} runs acknowledged by writers, {load.imported:,} "
        f"imported, {load.in_store:,} in the index at the end",
        f"{load.answers:,} answers of duckdb shells, {load.keys:,} keys in apps, {load.looks:,} looks",
    ]
    if load.fresh:
        at = [load.fresh[min(len(load.fresh) - 1, int(len(load.fresh) * q))] for q in (0.5, 0.95, 1)]
        within = sum(f <= 2 for f in load.fresh)
        lines.append(
            f"freshness: median {at[0]:.2f} s, 95 % {at[1]:.2f} s, worst {at[2]:.2f} s; "
            f"{within:,} of {len(load.fresh):,} seen within 2 s"
        )
    return [*lines, f"{len(load.wrong)} wrong", *(f"  {line}" for line in load.wrong)]
