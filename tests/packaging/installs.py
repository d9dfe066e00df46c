"""``make test-install``: wheel and sdist in environments with nothing else, on every Python that is found.

For each Python from 3.11 on: the wheel with the newest dependencies that fit. For the Python that runs
this, too: the sdist, the lowest core dependencies that ``pyproject.toml`` allows, and each extra alone.
Each environment then has to print, import, check, ask and open the app. Where the registry has no ready-
made package for a Python, that line says so and counts as left out. Ends with ``N passed, N failed, N
skipped``; exits with 1 where one failed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from source_tree import ROOT, build_wheel, copy_source, run

sys.path.insert(0, str(ROOT / "tests/terminal"))
from driver import Terminal

EXTRAS = ("slurm", "pocket", "int8", "engine")
NO_PACKAGE = "no matching distribution"
"""What pip says where a package has nothing ready-made for a Python."""


@dataclass(frozen=True)
class Case:
    """An environment to make.

    Attributes:
        what: In words.
        python: The interpreter.
        wanted: What pip is asked for.
        options: Of pip's.
    """

    what: str
    python: Path
    wanted: tuple[str, ...]
    options: tuple[str, ...] = ()


class Failed(Exception):
    """Something did not do what it should; the words say what."""


def pythons() -> list[Path]:
    """Return an interpreter of each minor version from 3.11 on: from the path and from pyenv's versions."""
    kept = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    named = [shutil.which(f"python3.{minor}") for minor in range(11, 20)]
    found = [Path(sys.executable), *(Path(p) for p in named if p), *sorted(kept.glob("3.*/bin/python3"))]
    by_version: dict[tuple[int, int], Path] = {}
    for path in found:
        said = run(path, "-c", "import sys, venv, ensurepip; print(*sys.version_info[:2])")
        if said.returncode == 0:
            major, minor = map(int, said.stdout.split())
            if (major, minor) >= (3, 11):
                by_version.setdefault((major, minor), path)
    return [by_version[version] for version in sorted(by_version)]


def lowest() -> list[str]:
    """Return the core dependencies, each at the lowest version that is allowed."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    return [re.sub(r">=([^,]+).*", r"==\1", text) for text in wanted]


def cases(wheel: Path, sdist: Path) -> Iterator[Case]:
    """Yield all environments; the extras only for the Python that runs this (torch is large)."""
    own = Path(sys.executable)
    constraints = ("--constraint", str(ROOT / "constraints.txt"))
    for python in pythons():
        yield Case("wheel, newest dependencies", python, (str(wheel),), ("--only-binary", ":all:"))
    yield Case("sdist", own, (str(sdist),), constraints)
    yield Case("lowest core dependencies", own, (str(wheel), *lowest()), ("--only-binary", ":all:"))
    for extra in EXTRAS:
        yield Case(f"wheel with {extra} alone", own, (f"{wheel}[{extra}]",), constraints)


def build_sdist(source: Path, out: Path) -> Path:
    """Build the sdist without asking any registry."""
    built = run(sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", out, source)
    if built.returncode:
        raise SystemExit(f"The sdist was not built: {built.stderr[-800:]}")
    (path,) = out.glob("*.tar.gz")
    return path


def answer(command: Sequence[str | Path], cwd: Path, codes: Sequence[int] = (0,)) -> str:
    """Run a command that has to end with one of ``codes``; return what it printed."""
    done = run(*command, cwd=cwd)
    if done.returncode not in codes:
        said = f"ended with {done.returncode}: {done.stderr[-400:]}"
        raise Failed(f"{' '.join(str(c) for c in command)} {said}")
    return done.stdout


def use(binaries: Path, place: Path) -> None:
    """Do with an installation what its users do first."""
    program = binaries / "intermezzo"
    for name in ("intermezzo", "imz"):
        answer([binaries / name, "--version"], place)
    answer([binaries / "pip", "check"], place)
    if not json.loads(answer([program, "show", "matrix", "--demo", "--format", "json"], place)):
        raise Failed("the demo's matrix is empty")
    # 1: a claim is contradicted, which is an answer
    if not json.loads(answer([program, "check", "--demo", "--format", "json"], place, (0, 1))):
        raise Failed("no claim was checked")
    answer([program, "doctor"], place)
    (place / "table.csv").write_text("system,task,language,metric,value\nours,xnli,sw,accuracy,0.7\n")
    answer([program, "import", "--store", "store", "table.csv"], place)
    said = answer(
        [program, "sql", "--store", "store", "SELECT count(*) AS n FROM scores", "--format", "json"], place
    )
    if json.loads(said) != [{"n": 1}]:
        raise Failed(f"one score was imported, and SQL counts {said}")
    with Terminal([str(program), "open", "store"], cwd=place) as terminal:
        terminal.wait_for("ours")
        terminal.send("q")
        terminal.process.wait(60)


def attempt(case: Case, folder: Path) -> str | None:
    """Make one environment and use it.

    Returns:
        Why it was left out; ``None`` where all went well.

    Raises:
        Failed: Something did not.
    """
    bare = folder / "environment"
    answer([case.python, "-m", "venv", bare], folder)
    installed = run(
        bare / "bin/pip", "install", "-qq", "--disable-pip-version-check", *case.options, *case.wanted
    )
    if NO_PACKAGE in installed.stderr.lower():
        return next(line for line in installed.stderr.splitlines() if NO_PACKAGE in line.lower())
    if installed.returncode:
        raise Failed(f"pip: {installed.stderr[-600:]}")
    place = folder / "place"
    place.mkdir()
    use(bare / "bin", place)
    return None


def main() -> int:
    """Try all; print a line each."""
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory(prefix="installs-") as folder:
        top = Path(folder)
        os.environ.update(HOME=folder, XDG_CACHE_HOME=f"{folder}/cache", XDG_STATE_HOME=f"{folder}/state")
        source = copy_source(top / "source")
        wheel, sdist = build_wheel(source, top / "wheel"), build_sdist(source, top / "sdist")
        for n, case in enumerate(cases(wheel, sdist)):
            version = answer(
                [case.python, "-c", "import platform; print(platform.python_version())"], top
            ).strip()
            place = top / str(n)
            place.mkdir()
            try:
                left_out = attempt(case, place)
                passed, skipped = passed + (left_out is None), skipped + (left_out is not None)
                print(f"Python {version}, {case.what}: {left_out or 'works'}", flush=True)
            except (Failed, AssertionError) as problem:
                failed += 1
                print(f"Python {version}, {case.what}: FAILED: {problem}", flush=True)
            shutil.rmtree(place)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
