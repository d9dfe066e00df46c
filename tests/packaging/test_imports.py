"""One copy of each module: the packages are imported by their full name everywhere."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BARE = re.compile(r"^\s*(?:from|import)\s+(?:queries|engine|tui)\b", re.MULTILINE)


def test_no_module_imports_a_second_copy() -> None:
    """From the repository root ``import tui`` would work and make a second copy of every class."""
    found = {
        str(path.relative_to(ROOT)): match.group().strip()
        for folder in ("queries", "engine", "tui", "tests")
        for path in (ROOT / folder).rglob("*.py")
        for match in [BARE.search(path.read_text())]
        if match
    }
    assert found == {}


def test_modules_stay_small() -> None:
    """A module of more than about 400 lines is two things."""
    long = {
        str(path.relative_to(ROOT)): lines
        for folder in ("queries", "engine", "tui")
        for path in (ROOT / folder).rglob("*.py")
        for lines in [path.read_text().count("\n")]
        if lines > 420
    }
    assert long == {}


def test_no_two_test_modules_share_a_name() -> None:
    """pytest imports them by their bare names, and refuses the second."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
