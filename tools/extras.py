"""Install extras' requirements into this environment, without touching the installed package itself.

``pip install -e '.[engine]'`` would take the package out and put it in again under a running app.
"""

from __future__ import annotations

import fcntl
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main(stamp: Path, extras: list[str]) -> int:
    """Install what ``extras`` need, one process at a time, and touch ``stamp`` when all of it is there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [need for extra in extras for need in project["optional-dependencies"][extra]]
    with stamp.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        newest = max((ROOT / name).stat().st_mtime for name in ("pyproject.toml", "constraints.txt"))
        if stamp.exists() and stamp.stat().st_mtime >= newest:
            return 0
        command = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        done = subprocess.run([*command, "--constraint", ROOT / "constraints.txt", *wanted])
        if done.returncode == 0:
            stamp.touch()
        return done.returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
