"""Harlequin, the SQL explorer for terminals that the app stands beside: in an environment of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench_stores import folder

ASKED = "harlequin>=2.10"
DATABASE = "duckdb>=2.0"


def harlequin() -> Path | str:
    """Return harlequin's command, installed once; or the sentence why there is none."""
    place = folder() / "harlequin"
    command = place / "bin" / "harlequin"
    if command.exists():
        return command
    # its pins and ours need not agree: an environment of its own
    for step in (
        [sys.executable, "-m", "venv", str(place)],
        [str(place / "bin" / "python"), "-m", "pip", "install", "-qq", ASKED, DATABASE],
    ):
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip() or done.stdout.strip()).split("\n")[-1][:200]
            return f"harlequin could not be installed: {last}"
    return command


def version(command: Path) -> str:
    """Return harlequin's version and its DuckDB's."""
    code = (
        "from importlib.metadata import version as v\n"
        "print('harlequin', v('harlequin'), 'duckdb', v('duckdb'))"
    )
    asked = [command.parent / "python", "-c", code]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    return done.stdout.strip()
