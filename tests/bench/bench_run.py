"""Lets a module measure in a process of its own: it finds nothing loaded, and may fail or hang alone."""

from __future__ import annotations

import ast
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import bench_results
from bench_results import Measurement
from bench_row import BenchRow

PATIENCE = 1800.0
"""Seconds after which a module is taken to hang."""


def modules(folder: Path) -> list[str]:
    """Return the modules of a folder that measure."""
    found = (p for p in folder.glob("*.py") if not p.stem.startswith("test_"))
    return sorted(p.stem for p in found if "\ndef rows(" in p.read_text("utf-8"))


def measure(
    folder: Path,
    module: str,
    told: Callable[[BenchRow], None] = lambda _row: None,
    patience: float = PATIENCE,
) -> Measurement:
    """Let a module measure; what goes wrong there becomes a row.

    Args:
        folder: Where the module is.
        module: Its name.
        told: Told each row as it comes.
        patience: Seconds after which it is ended.
    """
    doc = ast.get_docstring(ast.parse((folder / f"{module}.py").read_text("utf-8"))) or module
    subject, _, about = doc.partition("\n")
    date, before, begun = bench_results.now(), os.getloadavg()[0], time.perf_counter()
    command = [sys.executable, str(Path(__file__).parent), "--folder", str(folder), "--rows-of", module]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout is not None
    hung = threading.Event()

    def end() -> None:
        hung.set()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(patience, end)
    timer.start()
    found: list[BenchRow] = []
    try:
        for line in process.stdout:
            found.append(bench_results.row_of(json.loads(line)))
            told(found[-1])
        code = process.wait()
    finally:
        timer.cancel()
        if process.poll() is None:
            end()
    if hung.is_set() or code:
        why = f"did not end within {patience:g} s" if hung.is_set() else f"exit code {code}"
        found.append(BenchRow("the rest of these rows", problem=why))
    return Measurement(
        module, subject.rstrip("."), about.strip(), date, bench_results.commit(folder),
        round(time.perf_counter() - begun, 1), (round(before, 2), round(os.getloadavg()[0], 2)),
        bench_results.settings(), bench_results.machine(), bench_results.versions(), tuple(found),
    )  # fmt: skip


def write_rows(folder: Path, module: str) -> None:
    """Measure in this process: a row a line of stdout as JSON; what else is printed goes to stderr."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.path.insert(0, str(folder))

    def write(row: BenchRow) -> None:
        out.write(json.dumps(asdict(row)) + "\n")
        out.flush()

    try:
        for row in importlib.import_module(module).rows():
            write(row)
    except (Exception, SystemExit) as error:
        traceback.print_exc()
        first = str(error).strip().split("\n")[0][:300]
        write(BenchRow("the rest of these rows", problem=f"{type(error).__name__}: {first}"))
