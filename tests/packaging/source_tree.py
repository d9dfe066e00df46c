"""What git would give a stranger, copied, and what is built of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command without this environment's Python and intermezzo variables."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "INTERMEZZO"))}
    return subprocess.run([str(c) for c in command], cwd=cwd, env=environment, text=True, capture_output=True)


def listed_files(*under: str) -> list[str] | None:
    """Return the files that git tracks or would track, ``None`` where this is no git checkout."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *under, cwd=ROOT)
    if listed.returncode:
        return None
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]


def copy_source(target: Path) -> Path:
    """Copy the listed files, leaving out links."""
    for name in listed_files() or ():
        path = ROOT / name
        if path.is_file() and not path.is_symlink():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes(path.read_bytes())
    return target


def build_wheel(source: Path, out: Path) -> Path:
    """Build the wheel without asking any registry."""
    built = run(
        sys.executable, "-m", "pip", "wheel", "-qq", "--no-deps", "--no-build-isolation", "-w", out, source
    )
    assert built.returncode == 0, built.stderr
    (path,) = out.glob("*.whl")
    return path
